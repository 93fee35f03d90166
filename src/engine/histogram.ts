/** Counts by powers of two of nanoseconds: 3 ns an observation, enough for p50 to p99.9. */
export class TurnTimes {
  readonly counts: number[] = new Array<number>(48).fill(0);
  count = 0;
  seconds = 0;

  /** One observation, in milliseconds. */
  add(ms: number): void {
    const ns = ms * 1e6;
    const bucket =
      ns < 1
        ? 0
        : Math.min(
            47,
            32 -
              Math.clz32(Math.min(ns, 0xffffffff)) +
              (ns > 0xffffffff ? Math.ceil(Math.log2(ns / 0xffffffff)) : 0),
          );
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.count++;
    this.seconds += ms / 1000;
  }
}
