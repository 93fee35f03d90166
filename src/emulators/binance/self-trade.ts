import type { Decimal } from '../../model/decimal.js';
import type { Meeting } from '../../matching/index.js';
import type { Micros } from '../../model/time.js';
import type { SpotOrder } from './order.js';
import { amount, wireTime } from './text.js';
import type { TimeUnit } from './types.js';

/** A trade that did not happen because both orders belong to one account or group. */
export interface PreventedMatch {
  readonly id: number;
  readonly taker: SpotOrder;
  readonly maker: SpotOrder;
  readonly price: Decimal;
  readonly takerQuantity: Decimal;
  readonly makerQuantity: Decimal;
  readonly at: Micros;
}

/** What the taker's mode says about two orders that meet. Orders of the market itself (undefined) always trade. */
export function meeting(taker: SpotOrder | undefined, maker: SpotOrder | undefined): Meeting {
  if (taker === undefined || maker === undefined || !related(taker, maker)) return 'trade';
  switch (taker.stp) {
    case 'NONE':
      return 'trade';
    case 'EXPIRE_TAKER':
      return 'end_taker';
    case 'EXPIRE_MAKER':
      return 'end_maker';
    case 'EXPIRE_BOTH':
      return 'end_both';
    case 'DECREMENT':
      return 'decrement';
  }
}

function related(a: SpotOrder, b: SpotOrder): boolean {
  return (
    a.account === b.account ||
    (a.account.tradeGroupId !== -1 && a.account.tradeGroupId === b.account.tradeGroupId)
  );
}

/** One entry of `myPreventedMatches`. */
export function preventedJson(p: PreventedMatch, unit: TimeUnit): Readonly<Record<string, unknown>> {
  return {
    symbol: p.taker.symbol.name,
    preventedMatchId: p.id,
    takerOrderId: p.taker.orderId,
    makerSymbol: p.maker.symbol.name,
    makerOrderId: p.maker.orderId,
    tradeGroupId: p.taker.account.tradeGroupId,
    selfTradePreventionMode: p.taker.stp,
    price: amount(p.price),
    ...(p.takerQuantity.isZero() ? {} : { takerPreventedQuantity: amount(p.takerQuantity) }),
    ...(p.makerQuantity.isZero() ? {} : { makerPreventedQuantity: amount(p.makerQuantity) }),
    transactTime: wireTime(p.at, unit),
  };
}
