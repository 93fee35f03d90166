/** Prices as whole ticks and quantities as whole lots: exact while they are counted, exact text when they are told. */
export class Grid {
  readonly #scale: number;
  readonly #size: number;

  /** `size`: the tick or the lot. */
  constructor(size: number) {
    const scale = Math.round(1 / size);
    this.#size = size;
    this.#scale = Math.abs(scale * size - 1) < 1e-9 ? scale : 0;
  }

  toNumber(units: number): number {
    return this.#scale > 0 ? units / this.#scale : units * this.#size;
  }

  toUnits(value: number): number {
    return Math.round(this.#scale > 0 ? value * this.#scale : value / this.#size);
  }
}
