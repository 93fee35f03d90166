/** What plays the market of an exchange: a seeded order flow or a recorded capture. */
export interface MarketPlayer {
  /** Brings the first book; nothing moves yet. */
  prepare(): Promise<void>;
  /** Begins, or goes on after a pause. */
  resume(): void;
  pause(): void;
  /** Plays so many events now, paused or not. Returns how many there were. */
  step(count: number): Promise<number>;
  /** Events per second of a flow; speed of a capture in multiples of real time. */
  setRate(rate: number): void;
  /** Moves a symbol to another price. Throws RangeError when the market cannot do that. */
  setPrice(symbol: string, price: number): void;
  state(): MarketState;
  stop(): Promise<void>;
}

export interface MarketState {
  readonly type: 'flow' | 'capture';
  readonly running: boolean;
  readonly rate: number;
  /** Events played so far. */
  readonly played: number;
  /** A capture that is at its end. */
  readonly ended: boolean;
}
