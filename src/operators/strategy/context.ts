import type { Observable, SchedulerLike } from 'rxjs';
import type { Decimal } from '../../model/decimal.js';
import type {
  BarEvent,
  BookEvent,
  ExecutionEvent,
  Fill,
  LogLevel,
  QuoteEvent,
  RegimeEvent,
  TradeEvent,
} from '../../model/event.js';
import type { Instrument } from '../../model/instrument.js';
import type { Order } from '../../model/order.js';
import type { Event } from '../../model/record.js';
import type { Micros } from '../../model/time.js';
import type { StateView } from '../../state/view.js';
import type { TimeOperators } from '../time.js';
import type { Memory } from './persist.js';
import type { Place } from './place.js';

/** A fill of an own order. */
export type FillEvent = ExecutionEvent & { readonly fill: Fill };

/** What a strategy may read of State, for its own account; values are live, read them when needed. */
export interface StrategyState {
  /** Signed quantity; zero when flat. */
  position(instrument?: string): Decimal;
  averagePrice(instrument?: string): Decimal;
  /** In base currency; undefined while a price or an exchange rate is missing. */
  equity(): Decimal | undefined;
  cash(currency?: string): Decimal;
  /** Own open orders, oldest first. */
  openOrders(instrument?: string): Order[];
  order(orderKey: string): Order | undefined;
  /** Everything else, read-only. */
  readonly view: StateView;
}

/** What a strategy gets: streams in, intents out. Time operators are bound to engine time. */
export interface StrategyContext extends TimeOperators {
  /** Name in the topology; prefix of its order keys. */
  readonly name: string;
  /** Everything its inputs deliver, in order. */
  readonly events$: Observable<Event>;
  readonly trades$: Observable<TradeEvent>;
  readonly quotes$: Observable<QuoteEvent>;
  readonly books$: Observable<BookEvent>;
  readonly bars$: Observable<BarEvent>;
  readonly regime$: Observable<RegimeEvent>;
  /** Own fills; needs an `executions` source in `inputs`. */
  readonly fills$: Observable<FillEvent>;
  /** Own execution reports, fills included. */
  readonly executions$: Observable<ExecutionEvent>;
  /** Own orders after each change. */
  readonly orders$: Observable<Order>;
  readonly place: Place;
  readonly state: StrategyState;
  readonly instruments: readonly Instrument[];
  /** Instrument by symbol. Throws, naming the known ones, when there is none. */
  readonly instrument: (symbol?: string) => Instrument;
  readonly scheduler: SchedulerLike;
  /** Engine time in microseconds. */
  readonly at: () => Micros;
  /** Seeded, in [0, 1). */
  readonly random: () => number;
  /** Journals a line. */
  readonly log: (level: LogLevel, message: string) => void;
  /** Journals a point for a chart, at the last price unless given. */
  readonly mark: (
    label: string,
    options?: { readonly instrument?: string; readonly price?: number; readonly note?: string },
  ) => void;
  /**
   * What it needs to go on after a restart that cannot feed it its past again: after a stop in order, or a changed build or
   * configuration. Call it at once in `run`; in a new session `restore` is called inside this call. A snapshot of another
   * version of the strategy, or of other parameters, is not given back: then it begins anew, with its warm-up.
   */
  readonly persist: <T>(memory: Memory<T>) => void;
  /** Counts an error as if the strategy had thrown it, without ending its stream. */
  readonly fail: (error: unknown) => void;
}
