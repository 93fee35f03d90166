import { dec } from '../model/decimal.js';
import type { MarketEvent } from '../model/event.js';
import type { Instrument } from '../model/instrument.js';
import type { Intent, TrailingOffset } from '../model/intent.js';
import type { Micros } from '../model/time.js';
import type { Hasher } from './hash.js';
import type { MarketView } from './view.js';

/** Price that sets a stop off: the last trade, the side of the quote the exit would meet, or the middle of the quote. */
export type TriggerSource = 'last' | 'bid_ask' | 'mid';

/** One stop watched here instead of at the venue. Plain data: part of State. */
export interface Watch {
  readonly source: TriggerSource;
  /** 1: set off at or above the stop; -1: at or below it. */
  readonly sign: number;
  /** Price it is set off at; NaN until a trailing stop hangs on its first price. */
  stop: number;
  readonly offset: TrailingOffset | undefined;
  /** Price a trailing stop hangs on. */
  reference: number;
  /** A trailing stop does not begin before the market reached this price; NaN: at once. */
  readonly activation: number;
  active: boolean;
  triggered: boolean;
  triggeredAt: Micros;
  /** Price that set it off; beyond the stop after a gap. */
  price: number;
}

/** Metadata of an intent that says how its stop is watched. */
export const TRIGGER_SOURCE = 'trigger_source';
export const ACTIVATION = 'activation';

export function watchOf(intent: Intent): Watch {
  const { metadata, side, stopPrice, trailingOffset } = intent;
  const source = metadata?.[TRIGGER_SOURCE];
  const towards = metadata?.['trigger'] === 'take_profit' ? -1 : 1;
  const activation = metadata?.[ACTIVATION] === undefined ? NaN : Number(metadata[ACTIVATION]);
  return {
    source: source === 'bid_ask' || source === 'mid' ? source : 'last',
    sign: (side === 'buy' ? 1 : -1) * towards,
    stop: stopPrice?.toNumber() ?? NaN,
    offset: intent.type === 'trailing_stop' ? trailingOffset : undefined,
    reference: NaN,
    activation,
    active: Number.isNaN(activation),
    triggered: false,
    triggeredAt: 0,
    price: NaN,
  };
}

/**
 * One price of the market. True when it sets the stop off. A trailing stop first follows a better price; it never
 * moves away from the market.
 */
export function seePrice(watch: Watch, price: number, instrument: Instrument, at: Micros): boolean {
  if (!Number.isFinite(price) || (price <= 0 && !instrument.allowsNegativePrice)) return false;
  if (!watch.active) {
    // A sell stop trails from the moment the market rose to the activation, a buy stop from when it fell to it.
    if ((price - watch.activation) * watch.sign > 0) return false;
    watch.active = true;
  }
  if ((price - watch.stop) * watch.sign >= 0) {
    watch.triggered = true;
    watch.triggeredAt = at;
    watch.price = price;
    return true;
  }
  const { offset } = watch;
  if (offset !== undefined && !((price - watch.reference) * watch.sign >= 0)) {
    const next = stopFor(price, offset, watch.sign, instrument);
    if (Number.isNaN(watch.stop) || (next - watch.stop) * watch.sign < 0) watch.stop = next;
    watch.reference = price;
  }
  return false;
}

/** Exact: computed in decimals, and only when a trailing stop moves. */
function stopFor(price: number, offset: TrailingOffset, sign: number, { tickSize }: Instrument): number {
  const base = dec(price);
  const distance =
    offset.unit === 'price'
      ? offset.value
      : offset.unit === 'ticks'
        ? offset.value.times(tickSize)
        : base.times(offset.value).div(10_000);
  return base.plus(distance.times(sign)).toNumber();
}

/**
 * The price an event brings for a stop, NaN when it brings none. A bar counts with its extreme on the side of the
 * stop, since the market was there. Where nothing was ever traded, a stop on the last trade goes by the quote.
 */
export function priceFor(watch: Watch, event: MarketEvent, market: MarketView): number {
  const { ix } = event;
  switch (event.kind) {
    case 'trade':
      return watch.source === 'last' ? event.price : NaN;
    case 'bar':
      if (event.basis !== 'trade') return quoted(watch, ix, market);
      if (watch.source !== 'last') return NaN;
      return (watch.sign > 0 ? event.high - watch.stop : watch.stop - event.low) >= 0
        ? watch.sign > 0
          ? event.high
          : event.low
        : event.close;
    case 'quote':
    case 'book':
      return quoted(watch, ix, market);
    default:
      return NaN;
  }
}

function quoted(watch: Watch, ix: number, market: MarketView): number {
  if (watch.source === 'mid') return (market.bid(ix) + market.ask(ix)) / 2;
  if (watch.source === 'last' && market.tradeAt(ix) > 0) return NaN;
  // An exit that sells meets the bid, one that buys the ask; `sign` is turned for a take-profit, the side is not.
  return watch.sign < 0 ? market.bid(ix) : market.ask(ix);
}

export function hashWatch(hasher: Hasher, w: Watch): void {
  hasher.str(w.source).num(w.sign).num(w.stop).num(w.reference).num(w.activation);
  hasher.bool(w.active).bool(w.triggered).num(w.triggeredAt).num(w.price);
}
