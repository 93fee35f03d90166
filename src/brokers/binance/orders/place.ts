import type { Intent } from '../../../model/intent.js';
import type { Params } from '../wire.js';
import { refuse, type Mapped } from './request.js';
import type { SymbolRules } from './symbol-rules.js';
import { badClientOrderId, plainText } from './text.js';

/** The venue's type and the parameters it goes with. */
type Terms =
  | { readonly ok: true; readonly type: string; readonly params: Params }
  | { readonly ok: false; readonly reason: string };

const no = (reason: string): Terms => ({ ok: false, reason });
const GTC_ONLY = 'gtc is its only time in force at Binance';

/**
 * A new order as the venue takes it, or why it cannot be taken exactly so. Nothing is ever changed on the way.
 *
 * | intent | Binance |
 * |---|---|
 * | market, gtc or ioc | MARKET: what is there fills, the rest expires |
 * | limit gtc, ioc, fok | LIMIT |
 * | limit gtc, post-only | LIMIT_MAKER |
 * | stop gtc | STOP_LOSS; with metadata `trigger: take_profit` TAKE_PROFIT |
 * | stop_limit gtc, ioc, fok | STOP_LOSS_LIMIT; with metadata `trigger: take_profit` TAKE_PROFIT_LIMIT |
 * | trailing_stop gtc, offset in whole bps | STOP_LOSS with trailingDelta |
 *
 * A `stop` triggers at or above its price for a buy, at or below it for a sell, wherever the market is: that is
 * STOP_LOSS. The opposite direction (TAKE_PROFIT) is asked for by name and never guessed from prices, because a guess
 * made while the market crosses the stop would turn an order into its contrary.
 */
export function placeRequest(intent: Intent, clientOrderId: string, rules: SymbolRules): Mapped {
  const terms = orderParams(intent, clientOrderId, rules, stopFamily(intent));
  return terms.ok
    ? { ok: true, request: { method: 'order.place', params: terms.params } }
    : refuse(terms.reason);
}

/** Direction of a stop: with the market against its owner, or with it. */
export type StopFamily = 'STOP_LOSS' | 'TAKE_PROFIT';

/** `STOP_LOSS`, `TAKE_PROFIT`, or what the intent says and nobody knows. */
export function stopFamily(intent: Pick<Intent, 'metadata'>): string {
  const trigger = intent.metadata?.['trigger'];
  if (trigger === undefined || trigger === 'stop') return 'STOP_LOSS';
  return trigger === 'take_profit' ? 'TAKE_PROFIT' : trigger;
}

/** Parameters that a new order and the new half of a cancel-replace share. */
export function orderParams(
  intent: Intent,
  clientOrderId: string,
  rules: SymbolRules,
  family: string,
): Terms {
  const badId = badClientOrderId(clientOrderId);
  if (badId !== '') return no(badId);
  const missing = notAtVenue(intent);
  if (missing !== '') return no(missing);
  const quantity = plainText(intent.quantity);
  if (quantity === undefined)
    return no(`quantity ${intent.quantity.toString()} cannot be written as Binance asks`);
  const terms = typeTerms(intent, rules, family);
  if (!terms.ok) return terms;
  if (!rules.orderTypes.has(terms.type))
    return no(`${rules.symbol} takes no ${terms.type} orders at Binance`);
  return {
    ok: true,
    type: terms.type,
    params: {
      symbol: rules.symbol,
      side: intent.side === 'buy' ? 'BUY' : 'SELL',
      type: terms.type,
      ...terms.params,
      quantity,
      newClientOrderId: clientOrderId,
      newOrderRespType: 'FULL',
    },
  };
}

/** What the venue does not have at all. */
function notAtVenue(intent: Intent): string {
  const { type, timeInForce, links } = intent;
  if (links !== undefined)
    return 'Binance orders are sent one by one here: linked orders (bracket, OCO) are not supported';
  if (timeInForce === 'day' || timeInForce === 'gtd' || timeInForce === 'opg' || timeInForce === 'cls')
    return `Binance spot has no time in force ${timeInForce}: use gtc, ioc or fok`;
  const resting = type !== 'market' && timeInForce === 'gtc';
  if (intent.reduceOnly && resting)
    return 'Binance spot cannot keep a resting order reduce-only: leave reduce_only out, or use a market or ioc order';
  if (intent.postOnly && (type !== 'limit' || timeInForce !== 'gtc'))
    return `Binance takes post-only for limit orders with gtc, not for ${type} with ${timeInForce}`;
  return '';
}

function typeTerms(intent: Intent, rules: SymbolRules, family: string): Terms {
  const { type, timeInForce } = intent;
  switch (type) {
    case 'market':
      if (timeInForce === 'fok')
        return no('a Binance market order may fill in part: fok needs a limit order');
      return { ok: true, type: 'MARKET', params: {} };
    case 'limit':
      return limitTerms(intent);
    case 'stop':
    case 'stop_limit':
      return stopTerms(intent, family);
    case 'trailing_stop':
      return trailingTerms(intent, rules);
  }
}

function limitTerms(intent: Intent): Terms {
  const price = priceText(intent.limitPrice);
  if (price === undefined) return no('a limit order needs a limit price that Binance can take');
  if (intent.postOnly) return { ok: true, type: 'LIMIT_MAKER', params: { price } };
  return { ok: true, type: 'LIMIT', params: { timeInForce: intent.timeInForce.toUpperCase(), price } };
}

function stopTerms(intent: Intent, family: string): Terms {
  if (family !== 'STOP_LOSS' && family !== 'TAKE_PROFIT')
    return no(`metadata trigger is "${family}": write stop or take_profit`);
  const stopPrice = priceText(intent.stopPrice);
  if (stopPrice === undefined) return no('a stop order needs a stop price that Binance can take');
  if (intent.type === 'stop') {
    if (intent.timeInForce !== 'gtc') return no(`a stop order becomes a market order: ${GTC_ONLY}`);
    return { ok: true, type: family, params: { stopPrice } };
  }
  const price = priceText(intent.limitPrice);
  if (price === undefined) return no('a stop-limit order needs a limit price that Binance can take');
  const timeInForce = intent.timeInForce.toUpperCase();
  return { ok: true, type: `${family}_LIMIT`, params: { timeInForce, price, stopPrice } };
}

function trailingTerms(intent: Intent, rules: SymbolRules): Terms {
  const { trailingOffset: offset } = intent;
  if (!rules.trailingStop) return no(`${rules.symbol} takes no trailing stops at Binance`);
  if (intent.timeInForce !== 'gtc') return no(`a trailing stop becomes a market order: ${GTC_ONLY}`);
  if (intent.stopPrice !== undefined || intent.limitPrice !== undefined)
    return no('a Binance trailing stop starts from the market: leave stop and limit price out');
  if (offset?.unit !== 'bps' || !offset.value.isInteger() || offset.value.lte(0))
    return no('a Binance trailing stop needs its offset in whole bps');
  return { ok: true, type: 'STOP_LOSS', params: { trailingDelta: offset.value.toNumber() } };
}

function priceText(price: Intent['limitPrice']): string | undefined {
  return price === undefined || price.lte(0) ? undefined : plainText(price);
}
