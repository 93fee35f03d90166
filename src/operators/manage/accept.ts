import type { Decimal } from '../../model/decimal.js';
import type { Instrument } from '../../model/instrument.js';
import type { Intent } from '../../model/intent.js';
import { isClosed } from '../../model/order.js';
import { reasonText } from '../../model/reason.js';
import type { EmulatedView } from '../../state/emulated-view.js';
import { WATCHED } from '../../state/emulated.js';
import type { EmulatedOrder } from '../../state/emulated-order.js';
import { TRIGGER_SOURCE } from '../../state/trigger-watch.js';
import type { StateView } from '../../state/view.js';
import type { ManageOptions } from './options.js';

const STOPS: ReadonlySet<string> = new Set(['stop', 'stop_limit', 'trailing_stop']);

/** Whether a stop waits here: by the settings, and by what the venue takes for the instrument. */
export function watchedHere(intent: Intent, state: StateView, options: ManageOptions): boolean {
  if (!STOPS.has(intent.type)) return false;
  if (options.stops !== 'auto') return options.stops === 'emulated';
  if (options.exits === 'one' && intent.links?.oco !== undefined) return true;
  const types = state.instruments.at(intent.ix)?.orderTypes ?? {};
  return Object.keys(types).length > 0 && types[intent.type] === undefined;
}

/** True when the node takes the intent in instead of passing it on. */
export function isHeld(intent: Intent, state: StateView, options: ManageOptions): boolean {
  const { links } = intent;
  if (links?.oco !== undefined || links?.parent !== undefined) return true;
  return watchedHere(intent, state, options);
}

/** The intent as it is held: marked when its stop is watched here. */
export function prepared(intent: Intent, state: StateView, options: ManageOptions): Intent {
  if (!watchedHere(intent, state, options)) return intent;
  const source = intent.metadata?.[TRIGGER_SOURCE] ?? options.trigger;
  return { ...intent, metadata: { ...intent.metadata, [WATCHED]: 'yes', [TRIGGER_SOURCE]: source } };
}

/** Why an intent cannot be held: a reason with its code, or ''. `coming`: its entry goes out in this turn. */
export function refusal(
  intent: Intent,
  state: StateView,
  emulated: EmulatedView | undefined,
  options: ManageOptions,
  coming: Intent | undefined,
): string {
  const no = (why: string): string => reasonText('LINKED_UNSUPPORTED', { order_key: intent.orderKey, why });
  const { type, timeInForce, links } = intent;
  if (emulated === undefined) return no('there is no State to keep it in');
  const latch = state.control.latchOver(intent.account, intent.strategy);
  // Held now, it would fire once the kill is released, or as an exit before.
  if (latch !== undefined) return reasonText('LATCHED', { scope: latch.scope, reason: latch.reason });
  const instrument = state.instruments.at(intent.ix);
  if (instrument?.symbol !== intent.instrument)
    return reasonText('INSTRUMENT_UNKNOWN', { instrument: intent.instrument });
  if (emulated.get(intent.orderKey) !== undefined || state.orders.get(intent.orderKey) !== undefined)
    return reasonText('DUPLICATE_ORDER', { order_key: intent.orderKey });
  if (type === 'market' && links?.oco !== undefined)
    return no('a market order fills at once and links nothing');
  const bad = badTerms(intent, instrument);
  if (bad !== '') return bad;
  if (watchedHere(intent, state, options) && timeInForce !== 'gtc' && timeInForce !== 'gtd')
    return no(`a stop watched here takes gtc or gtd, not ${timeInForce}`);
  if (timeInForce === 'ioc' || timeInForce === 'fok')
    return no(`${timeInForce} fills at once and cannot wait`);
  const source = intent.metadata?.[TRIGGER_SOURCE];
  if (source !== undefined && !['last', 'bid_ask', 'mid'].includes(source))
    return no(`trigger_source is "${source}": write last, bid_ask or mid`);
  return linkRefusal(intent, state, emulated, coming, no);
}

/** Why quantity or prices of an order cannot be held: a reason with its code, or ''. Also of a replace. */
export function badTerms(intent: Intent, instrument: Instrument): string {
  const { type, limitPrice, stopPrice, trailingOffset, quantity } = intent;
  if (!usable(quantity, false)) return reasonText('QUANTITY_INVALID', { quantity });
  if (!quantity.mod(instrument.lotSize).isZero())
    return reasonText('QUANTITY_LOT', { quantity, lot: instrument.lotSize });
  const negative = instrument.allowsNegativePrice;
  const prices = [
    ...(type === 'limit' || type === 'stop_limit' ? [limitPrice] : []),
    ...(type === 'stop' || type === 'stop_limit' ? [stopPrice] : []),
  ];
  if (type === 'trailing_stop' && trailingOffset === undefined)
    return reasonText('PRICE_MISSING', { type, what: 'trailing offset' });
  if (prices.some((price) => price === undefined)) return reasonText('PRICE_MISSING', { type });
  for (const price of prices) {
    if (price === undefined || !usable(price, negative)) return reasonText('PRICE_INVALID', { price });
    if (!price.mod(instrument.tickSize).isZero())
      return reasonText('PRICE_TICK', { price, tick: instrument.tickSize });
  }
  return '';
}

function linkRefusal(
  { links, ix, account, reduceOnly, side }: Intent,
  state: StateView,
  emulated: EmulatedView,
  coming: Intent | undefined,
  no: (why: string) => string,
): string {
  if (links?.parent !== undefined) {
    const parent = coming ?? state.orders.get(links.parent) ?? emulated.get(links.parent)?.order;
    if (parent === undefined)
      return reasonText('ORDER_NOT_FOUND', { order_key: links.parent, what: 'parent' });
    if (reduceOnly && (parent.ix !== ix || parent.account !== account || parent.side === side))
      return no('an exit is of the same account and instrument as its entry, on the other side');
  }
  if (links?.oco === undefined) return '';
  for (const other of emulated.open()) {
    if (other.intent.links?.oco !== links.oco || other.intent.account !== account) continue;
    if (other.intent.ix !== ix || other.intent.side !== side || other.intent.links.parent !== links.parent)
      return no('orders of one oco group are of one instrument, side and entry');
  }
  return '';
}

/** Why an order that is held, by whichever node, cannot be changed or cancelled so: a reason with its code, or ''. */
export function changeRefusal(intent: Intent, held: EmulatedOrder, instrument: Instrument): string {
  if (isClosed(held.order.state) || held.ended !== '')
    return reasonText('ORDER_CLOSED', { order_key: held.key, state: held.order.state });
  return intent.action === 'replace' ? badTerms({ ...intent, type: held.intent.type }, instrument) : '';
}

function usable(value: Decimal, negative: boolean): boolean {
  return value.isFinite() && (negative || value.gt(0));
}
