import type { BarEvent } from '../model/event.js';
import type { Hasher } from './hash.js';

interface Series {
  /** Bars of one length and basis only: the first kind seen of the instrument. */
  readonly every: number;
  readonly basis: string;
  readonly ring: Float64Array;
  close: number;
  count: number;
}

export interface SavedSeries extends Series {
  readonly ix: number;
}

/** Simple returns from one closed bar to the next, by instrument; the newest `size` of each. */
export class ReturnSamples {
  readonly #size: number;
  readonly #series: (Series | undefined)[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  /** False when the bar is of another length or basis than the instrument's samples. */
  add(bar: BarEvent): boolean {
    let series = this.#series[bar.ix];
    if (series === undefined) {
      series = {
        every: bar.every,
        basis: bar.basis,
        ring: new Float64Array(this.#size),
        close: bar.close,
        count: 0,
      };
      this.#series[bar.ix] = series;
      return true;
    }
    if (series.every !== bar.every || series.basis !== bar.basis) return false;
    if (this.#size > 0 && series.close !== 0) {
      series.ring[series.count % this.#size] = bar.close / series.close - 1;
      series.count++;
    }
    series.close = bar.close;
    return true;
  }

  newest(ix: number, n: number): readonly number[] {
    const series = this.#series[ix];
    if (series === undefined) return [];
    const length = Math.min(n, series.count, this.#size);
    const out: number[] = [];
    for (let i = series.count - length; i < series.count; i++)
      out.push(series.ring[i % this.#size] as number);
    return out;
  }

  save(): readonly SavedSeries[] {
    const saved: SavedSeries[] = [];
    this.#series.forEach((series, ix) => {
      if (series !== undefined) saved.push({ ...series, ix, ring: series.ring.slice() });
    });
    return saved;
  }

  /** Series kept in another size begin anew. */
  load(saved: readonly SavedSeries[]): void {
    for (const { ix, ...series } of saved)
      if (series.ring.length === this.#size) this.#series[ix] = { ...series, ring: series.ring.slice() };
  }

  hash(hasher: Hasher): void {
    this.#series.forEach((series, ix) => {
      if (series === undefined) return;
      hasher.int(ix).num(series.every).str(series.basis).num(series.close).num(series.count);
      hasher.nums(series.ring, Math.min(series.count, this.#size));
    });
  }
}
