import type { MarketStream } from './stream.js';

/** Each time a stream stays silent its next time-out is twice as long, at most this many times the first. */
const LONGEST = 16;

interface Watched {
  taken: number;
  since: number;
  attempt: number;
}

/** Sees streams that say nothing while their socket lives. */
export class SilenceWatch {
  readonly #watched = new WeakMap<MarketStream, Watched>();

  /**
   * How often the stream has been silent in a row, when it just became so again; 0: all is well; -1: it just speaks
   * again. `carried`: a socket carries it now; other streams are not silent, but lost.
   */
  check(stream: MarketStream, carried: boolean, nowMs: number): number {
    let w = this.#watched.get(stream);
    if (w === undefined) {
      w = { taken: -1, since: nowMs, attempt: 0 };
      this.#watched.set(stream, w);
    }
    if (w.taken !== stream.taken || !carried) {
      const spoke = w.taken !== stream.taken && w.attempt > 0;
      w.taken = stream.taken;
      w.since = nowMs;
      if (spoke) w.attempt = 0;
      return spoke ? -1 : 0;
    }
    if (stream.silence === 0 || nowMs - w.since < stream.silence * Math.min(LONGEST, 2 ** w.attempt))
      return 0;
    w.since = nowMs;
    return ++w.attempt;
  }
}
