import { bars, normalize, reduce } from 'millrace/operators';
import type { Event, MarketEvent } from 'millrace';
import { filter, map, type Observable } from 'rxjs';

/** Money and volume traded so far. */
export interface Vwap {
  readonly money: number;
  readonly volume: number;
}

const step = (state: Vwap, event: Event): Vwap =>
  event.kind === 'bar'
    ? { money: state.money + event.close * event.volume, volume: state.volume + event.volume }
    : state;

/** Operators without the engine: market events in, the volume-weighted price after every bar out. */
export function vwapOf(market$: Observable<MarketEvent>): Observable<number> {
  return market$.pipe(
    normalize({ filters: { crossed: true } }),
    bars({ ticks: 2 }),
    reduce(step, { money: 0, volume: 0 }),
    filter(({ volume }) => volume > 0),
    map(({ money, volume }) => money / volume),
  );
}
