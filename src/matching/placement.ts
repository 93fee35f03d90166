import { reasonText } from '../model/reason.js';
import type { Micros } from '../model/time.js';
import type { VenueMarket } from './market.js';
import type { MatchingOptions } from './options.js';
import type { OrderRequest, VenueOrder } from './order.js';

/** Decides where a new order waits and when it is over. Empty, or the reason it cannot be placed. */
export function placement(
  m: VenueMarket,
  o: VenueOrder,
  request: OrderRequest,
  now: Micros,
  options: MatchingOptions,
): string {
  if (o.timeInForce === 'day') o.expireAt = m.session(now).close;
  if (o.timeInForce === 'gtd') o.expireAt = request.expireAt ?? Infinity;
  if (o.timeInForce === 'opg') return waitFor(o, 'open', m.nextOpen(now));
  if (o.timeInForce === 'cls') return waitFor(o, 'close', m.session(now).close);
  if (o.type === 'limit') return '';
  if (o.type !== 'market') {
    o.phase = 'trigger';
    return '';
  }
  o.phase = 'market';
  if (!m.tradable) return reasonText('INSTRUMENT_NOT_TRADABLE', { instrument: m.instrument.symbol });
  if (m.isOpen(now)) {
    if (options.bars.market === 'next_open' && (m.fromBar || (!m.hasQuotes && !m.hasTrades))) o.phase = 'bar';
    return '';
  }
  if (options.afterClose === 'immediate') return '';
  const cannotWait = o.timeInForce === 'ioc' || o.timeInForce === 'fok';
  if (options.afterClose === 'reject' || cannotWait)
    return reasonText('MARKET_CLOSED', { instrument: m.instrument.symbol });
  return options.afterClose === 'wait' ? '' : waitFor(o, 'open', m.nextOpen(now));
}

function waitFor(o: VenueOrder, phase: 'open' | 'close', due: Micros): string {
  o.phase = phase;
  o.due = due;
  return '';
}
