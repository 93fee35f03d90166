import type { OperatorFunction } from 'rxjs';
import type { Side } from '../../model/instrument.js';
import { operate } from '../../streams/operate.js';
import type { Indicator, IndicatorFactory } from './indicator.js';

interface Keyed {
  readonly ix: number;
}

/** The indicator's value for each bar, per instrument, from the first full window on. Memory: one indicator an instrument. */
export function withIndicator<E extends Keyed>(
  factory: IndicatorFactory<E>,
): OperatorFunction<E, { readonly event: E; readonly value: number }> {
  return operate((out) => {
    const made: (Indicator<E> | undefined)[] = [];
    return {
      next: (event) => {
        const indicator = (made[event.ix] ??= factory());
        const value = indicator.update(event);
        if (indicator.ready) out.next({ event, value });
      },
    };
  });
}

interface Pair {
  readonly fast: Indicator;
  readonly slow: Indicator;
  /** 1 fast above slow, -1 below, 0 not known yet. */
  side: number;
}

/**
 * `buy` when the fast indicator crosses above the slow one, `sell` when below, per instrument, on closes. The first
 * comparison only sets the side.
 *
 * ```
 * bars:  b--b--b--b--b--|
 * out:   ---------B--S--|     B buy, S sell
 * ```
 */
export function crossover<E extends Keyed & { readonly close: number }>(
  fast: IndicatorFactory,
  slow: IndicatorFactory,
): OperatorFunction<E, Side> {
  return operate((out) => {
    const pairs: (Pair | undefined)[] = [];
    return {
      next: (bar) => {
        const pair = (pairs[bar.ix] ??= { fast: fast(), slow: slow(), side: 0 });
        const gap = pair.fast.update(bar.close) - pair.slow.update(bar.close);
        if (!(gap > 0 || gap < 0)) return;
        const before = pair.side;
        pair.side = gap > 0 ? 1 : -1;
        if (before !== 0 && before !== pair.side) out.next(gap > 0 ? 'buy' : 'sell');
      },
    };
  });
}
