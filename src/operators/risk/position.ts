import { Decimal, dec } from '../../model/decimal.js';
import type { Intent } from '../../model/intent.js';
import {
  OK,
  defineCheck,
  deny,
  finite,
  show,
  type CheckContext,
  type Denial,
  type Ok,
  type RiskCheck,
} from './check.js';
import { positionQuantity, projectedPosition, workingOthers } from './exposure.js';
import { decimalLimit } from './limits.js';
import { noPrice, positiveEquity, toBase } from './money.js';

/** Absolute size the side of the order may reach: zero when all of it only closes the other side. */
function reached(intent: Intent, ctx: CheckContext): Decimal {
  const projected = projectedPosition(intent, ctx);
  return intent.side === 'buy' ? Decimal.max(0, projected) : Decimal.max(0, projected.neg());
}

/** Position and every working order of the side together, in base units. */
export const maxPosition: RiskCheck = defineCheck(
  { id: 'max_position', codes: ['MAX_POSITION'], options: ['limits.max_position'], exits: 'pass' },
  (intent, ctx) => {
    const limit = decimalLimit(ctx, 'max_position');
    if (limit === undefined || reached(intent, ctx).lte(limit)) return OK;
    return deny('MAX_POSITION', {
      position: positionQuantity(intent, ctx.state),
      working: workingOthers(intent, intent.side, ctx.state),
      order: ctx.quantity,
      limit,
    });
  },
);

/** The same, valued, as a fraction of equity. */
export const maxPositionPercent: RiskCheck = defineCheck(
  {
    id: 'max_position_percent',
    codes: ['MAX_POSITION_PERCENT', 'NO_REFERENCE_PRICE', 'NO_EQUITY', 'NO_EXCHANGE_RATE'],
    options: ['limits.max_position_percent'],
    exits: 'pass',
  },
  (intent, ctx) => {
    const limit = decimalLimit(ctx, 'max_position_percent');
    return limit === undefined ? OK : positionPercent(intent, ctx, limit, 'MAX_POSITION_PERCENT', {});
  },
);

/** Shared with the regime overlay. Valued at the order's price or at the mark, whichever is higher. */
export function positionPercent(
  intent: Intent,
  ctx: CheckContext,
  limit: Decimal,
  code: 'MAX_POSITION_PERCENT' | 'REGIME_POSITION_PERCENT',
  details: Readonly<Record<string, string>>,
): Ok | Denial {
  const quantity = reached(intent, ctx);
  if (quantity.isZero()) return OK;
  if (ctx.price === undefined) return noPrice(intent);
  const mark = ctx.state.market.mark(ctx.instrument.ix);
  const price = ctx.price.value.abs();
  const worst = Number.isFinite(mark) ? Decimal.max(price, dec(mark).abs()) : price;
  const value = toBase(
    quantity.times(worst).times(ctx.instrument.multiplier),
    ctx.instrument.quote,
    ctx.state.portfolio,
  );
  if ('ok' in value) return value;
  const equity = positiveEquity(intent, ctx);
  if ('ok' in equity) return equity;
  const fraction = finite(value.div(equity), 'fraction');
  if (fraction.lte(limit)) return OK;
  return deny(code, {
    ...details,
    value: show(value),
    equity: show(equity),
    fraction: show(fraction),
    limit,
  });
}

/** The order and the working sells do not go short where that is not allowed. */
export const shortAllowed: RiskCheck = defineCheck(
  { id: 'short_allowed', codes: ['SHORT_NOT_ALLOWED'], options: ['limits.short'], exits: 'pass' },
  (intent, ctx) => {
    if (intent.side === 'buy' || (ctx.limits.short !== 'deny' && ctx.instrument.shortable)) return OK;
    const position = positionQuantity(intent, ctx.state);
    // A resting reduce-only order cannot turn the position around: stop and target of a long may stand together.
    if (intent.reduceOnly && ctx.quantity.lte(position)) return OK;
    const projected = projectedPosition(intent, ctx);
    if (projected.gte(0)) return OK;
    return deny('SHORT_NOT_ALLOWED', { instrument: intent.instrument, position, projected });
  },
);
