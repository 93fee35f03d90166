import { Decimal, dec } from '../../model/decimal.js';
import type { Instrument } from '../../model/instrument.js';
import type { Intent } from '../../model/intent.js';
import type { Micros } from '../../model/time.js';
import type { MarketView } from '../../state/view.js';

export type PriceOrigin = 'limit' | 'stop' | 'trailing' | 'bid' | 'ask' | 'last' | 'entry';

/** What an order is valued at, in quote currency. */
export interface ReferencePrice {
  readonly value: Decimal;
  readonly number: number;
  readonly origin: PriceOrigin;
}

/** The market price an order is compared with, and when it was learnt. */
export interface MarketPrice {
  readonly number: number;
  readonly at: Micros;
  readonly origin: 'bid' | 'ask' | 'mid' | 'last';
}

const usable = (price: number, instrument: Instrument): boolean =>
  Number.isFinite(price) && (price > 0 || instrument.allowsNegativePrice);

/** Price a market order would meet: ask for a buy, bid for a sell, else the last trade; undefined when unknown. */
export function touchPrice(
  intent: Intent,
  instrument: Instrument,
  market: MarketView,
): MarketPrice | undefined {
  const buy = intent.side === 'buy';
  const touch = buy ? market.ask(instrument.ix) : market.bid(instrument.ix);
  if (usable(touch, instrument)) {
    return { number: touch, at: market.quoteAt(instrument.ix), origin: buy ? 'ask' : 'bid' };
  }
  return lastPrice(instrument, market);
}

/** Middle of the quote, else the last trade; undefined when unknown. */
export function middlePrice(instrument: Instrument, market: MarketView): MarketPrice | undefined {
  const bid = market.bid(instrument.ix);
  const ask = market.ask(instrument.ix);
  if (usable(bid, instrument) && usable(ask, instrument)) {
    return { number: (bid + ask) / 2, at: market.quoteAt(instrument.ix), origin: 'mid' };
  }
  return lastPrice(instrument, market);
}

function lastPrice(instrument: Instrument, market: MarketView): MarketPrice | undefined {
  const last = market.last(instrument.ix);
  if (!usable(last, instrument)) return undefined;
  return { number: last, at: market.tradeAt(instrument.ix), origin: 'last' };
}

/**
 * Values an order at the worst price it can reasonably be filled at:
 * a market order at the touch, else the last trade; a limit buy at its limit; a limit sell at its limit or at the bid
 * if that is higher; a stop at its trigger (a buy at the ask if that is higher); a stop-limit at the higher of both
 * its prices; a trailing stop at the trigger its offset gives now. Undefined when none is known.
 */
export function referencePrice(
  intent: Intent,
  instrument: Instrument,
  market: MarketView,
): ReferencePrice | undefined {
  const touch = touchPrice(intent, instrument, market);
  switch (intent.type) {
    case 'market':
      return touch === undefined
        ? undefined
        : reference(dec(touch.number), touch.origin === 'mid' ? 'last' : touch.origin);
    case 'limit':
      if (intent.limitPrice === undefined) return undefined;
      return intent.side === 'sell'
        ? higher(intent.limitPrice, 'limit', touch)
        : reference(intent.limitPrice, 'limit');
    case 'stop':
      if (intent.stopPrice === undefined) return undefined;
      return intent.side === 'buy'
        ? higher(intent.stopPrice, 'stop', touch)
        : reference(intent.stopPrice, 'stop');
    case 'stop_limit': {
      const { limitPrice, stopPrice } = intent;
      if (limitPrice === undefined || stopPrice === undefined) return undefined;
      return reference(Decimal.max(limitPrice, stopPrice), 'limit');
    }
    case 'trailing_stop':
      return trailingPrice(intent, instrument, touch);
  }
}

function reference(value: Decimal, origin: PriceOrigin): ReferencePrice {
  return { value, number: value.toNumber(), origin };
}

function higher(price: Decimal, origin: PriceOrigin, touch: MarketPrice | undefined): ReferencePrice {
  if (touch === undefined || touch.origin === 'last' || touch.origin === 'mid' || price.gte(touch.number)) {
    return reference(price, origin);
  }
  return reference(dec(touch.number), touch.origin);
}

function trailingPrice(
  intent: Intent,
  instrument: Instrument,
  touch: MarketPrice | undefined,
): ReferencePrice | undefined {
  if (intent.stopPrice !== undefined) return reference(intent.stopPrice, 'trailing');
  const offset = intent.trailingOffset;
  if (offset === undefined || touch === undefined) return undefined;
  const base = dec(touch.number);
  const distance =
    offset.unit === 'price'
      ? offset.value
      : offset.unit === 'ticks'
        ? offset.value.times(instrument.tickSize)
        : base.times(offset.value).div(10_000);
  const trigger = intent.side === 'buy' ? base.plus(distance) : base.minus(distance);
  // An offset wider than the price itself would value the order at nothing: fall back to the market price.
  return reference(trigger.gt(0) || instrument.allowsNegativePrice ? trigger : base, 'trailing');
}
