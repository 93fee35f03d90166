import type { OperatorFunction, Subscriber } from 'rxjs';
import type { BarEvent } from '../model/event.js';
import { makeRegime } from '../model/make.js';
import type { Event } from '../model/record.js';
import { Stage, stage } from '../streams/operate.js';

export type Regime = 'bull' | 'neutral' | 'bear' | 'crisis';

export interface RegimeOptions {
  /** Bars looked back. Default 20, at least 2. */
  readonly window?: number;
  /** Return over the window, as a fraction, from which the market counts as `bull` (or, below minus it, `bear`). Default 0.02. */
  readonly trend?: number;
  /** Standard deviation of one bar's log returns over the window from which it is a `crisis`. Default 0.02. */
  readonly volatility?: number;
  /** A regime is left only when its measure falls below threshold x (1 - hysteresis). Default 0.25. */
  readonly hysteresis?: number;
  /** Bars a new regime must last before it is announced. Default 1. */
  readonly confirm?: number;
  /** Bars used. Default trade and mid. */
  readonly basis?: readonly BarEvent['basis'][];
}

interface Track {
  /** Ring of closes. */
  readonly closes: Float64Array;
  count: number;
  regime: Regime | '';
  candidate: Regime | '';
  held: number;
}

class RegimeStage extends Stage<Event, Event> {
  readonly #window: number;
  readonly #trend: number;
  readonly #volatility: number;
  readonly #keep: number;
  readonly #confirm: number;
  readonly #basis: readonly string[];
  readonly #tracks: (Track | undefined)[] = [];

  constructor(out: Subscriber<Event>, options: RegimeOptions) {
    super(out);
    this.#window = Math.max(2, options.window ?? 20);
    this.#trend = options.trend ?? 0.02;
    this.#volatility = options.volatility ?? 0.02;
    this.#keep = 1 - (options.hysteresis ?? 0.25);
    this.#confirm = Math.max(1, options.confirm ?? 1);
    this.#basis = options.basis ?? ['trade', 'mid'];
  }

  protected override push(event: Event): void {
    if (event.kind !== 'bar' || !(event.close > 0) || !this.#basis.includes(event.basis)) return;
    const track = (this.#tracks[event.ix] ??= {
      closes: new Float64Array(this.#window + 1),
      count: 0,
      regime: '',
      candidate: '',
      held: 0,
    });
    track.closes[track.count++ % (this.#window + 1)] = event.close;
    if (track.count > this.#window) this.#judge(track, event);
  }

  #judge(track: Track, bar: BarEvent): void {
    const size = this.#window + 1;
    const oldest = track.count % size;
    const first = track.closes[oldest] as number;
    let sum = 0;
    let squares = 0;
    let last = first;
    for (let i = 1; i < size; i++) {
      const close = track.closes[(oldest + i) % size] as number;
      const change = Math.log(close / last);
      sum += change;
      squares += change * change;
      last = close;
    }
    const mean = sum / this.#window;
    const deviation = Math.sqrt(Math.max(0, (squares - this.#window * mean * mean) / (this.#window - 1)));
    const trend = last / first - 1;
    const next = this.#classify(track.regime, trend, deviation);
    if (next === track.regime) {
      track.candidate = '';
      return;
    }
    track.held = next === track.candidate ? track.held + 1 : 1;
    track.candidate = next;
    if (track.held < this.#confirm) return;
    const previous = track.regime;
    track.regime = next;
    track.candidate = '';
    this.out.next(
      makeRegime(
        bar.ts,
        bar.instrument,
        bar.ix,
        next,
        previous,
        this.#confidence(next, trend, deviation),
        'thresholds',
      ),
    );
  }

  #classify(current: Regime | '', trend: number, deviation: number): Regime {
    if (deviation >= this.#volatility * (current === 'crisis' ? this.#keep : 1)) return 'crisis';
    if (trend >= this.#trend * (current === 'bull' ? this.#keep : 1)) return 'bull';
    if (-trend >= this.#trend * (current === 'bear' ? this.#keep : 1)) return 'bear';
    return 'neutral';
  }

  /** How far the measure is beyond its threshold: 0 at the edge of leaving, 1 at twice the threshold. */
  #confidence(regime: Regime, trend: number, deviation: number): number {
    const share = Math.max(Math.abs(trend) / this.#trend, deviation / this.#volatility);
    if (regime === 'neutral') return Math.min(1, Math.max(0, 1 - share));
    const own = regime === 'crisis' ? deviation / this.#volatility : Math.abs(trend) / this.#trend;
    return Math.min(1, Math.max(0, own / 2));
  }
}

/**
 * Bars -> regime changes by thresholds of volatility (`crisis`) and trend (`bull`, `bear`), else `neutral`.
 *
 * ```
 * bars:    b--b--b--b--b--b--|
 * regime:  ------N--------U--|     N the first regime, once the window is full; then changes only
 * ```
 *
 * Errors and completion pass through; nothing is held back. Memory: `window` + 1 closes an instrument.
 */
export function regime(options: RegimeOptions = {}): OperatorFunction<Event, Event> {
  return stage<Event, Event>((out) => new RegimeStage(out, options));
}
