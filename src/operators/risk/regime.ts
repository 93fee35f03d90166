import { OK, defineCheck, deny, show, type CheckContext, type RiskCheck } from './check.js';
import type { RegimeOverlay } from './limits.js';
import { compare, orderNotional } from './money.js';
import { positionPercent } from './position.js';

/** Regime of the instrument, `unknown` while none is known, and its overlay if there is one. */
export function overlayOf(ctx: CheckContext): {
  readonly regime: string;
  readonly overlay: RegimeOverlay | undefined;
} {
  const known = ctx.state.market.regime(ctx.instrument.ix);
  const regime = known === '' ? 'unknown' : known;
  return { regime, overlay: Object.hasOwn(ctx.regimes, regime) ? ctx.regimes[regime] : undefined };
}

/** New exposure is allowed now. With overlays but no regime yet, only an overlay `unknown` lets orders through. */
export const regimeExposure: RiskCheck = defineCheck(
  {
    id: 'regime_exposure',
    codes: ['REGIME_NEW_EXPOSURE'],
    options: ['regimes.*.allow_new_exposure'],
    exits: 'pass',
  },
  (_intent, ctx) => {
    if (Object.keys(ctx.regimes).length === 0) return OK;
    const { regime, overlay } = overlayOf(ctx);
    if (overlay === undefined) return regime === 'unknown' ? deny('REGIME_NEW_EXPOSURE', { regime }) : OK;
    return overlay.allow_new_exposure === false ? deny('REGIME_NEW_EXPOSURE', { regime }) : OK;
  },
);

/** Market orders, and immediate-or-cancel or fill-or-kill orders, are allowed now. */
export const regimeOrderTerms: RiskCheck = defineCheck(
  {
    id: 'regime_order_terms',
    codes: ['REGIME_ORDER_TYPE', 'REGIME_TIME_IN_FORCE'],
    options: ['regimes.*.allow_market_orders', 'regimes.*.allow_aggressive_tif'],
    exits: 'pass',
  },
  (intent, ctx) => {
    const { regime, overlay } = overlayOf(ctx);
    if (overlay?.allow_market_orders === false && intent.type === 'market') {
      return deny('REGIME_ORDER_TYPE', { regime, type: intent.type });
    }
    const aggressive = intent.timeInForce === 'ioc' || intent.timeInForce === 'fok';
    if (overlay?.allow_aggressive_tif === false && aggressive) {
      return deny('REGIME_TIME_IN_FORCE', { regime, time_in_force: intent.timeInForce });
    }
    return OK;
  },
);

/** The order's value under the regime's limit. */
export const regimeOrderNotional: RiskCheck = defineCheck(
  {
    id: 'regime_order_notional',
    codes: ['REGIME_ORDER_NOTIONAL', 'NO_REFERENCE_PRICE', 'NO_EXCHANGE_RATE'],
    options: ['regimes.*.max_order_notional'],
    exits: 'pass',
  },
  (intent, ctx) => {
    const { regime, overlay } = overlayOf(ctx);
    if (overlay?.max_order_notional === undefined) return OK;
    const notional = orderNotional(intent, ctx);
    if ('ok' in notional) return notional;
    const value = { amount: notional, currency: ctx.instrument.quote };
    const c = compare(value, overlay.max_order_notional, ctx.state.portfolio);
    if ('ok' in c) return c;
    if (c.value.lte(c.limit)) return OK;
    return deny('REGIME_ORDER_NOTIONAL', {
      regime,
      value: show(c.value),
      limit: c.limit,
      currency: c.currency,
    });
  },
);

/** The position's part of equity under the regime's limit. */
export const regimePositionPercent: RiskCheck = defineCheck(
  {
    id: 'regime_position_percent',
    codes: ['REGIME_POSITION_PERCENT', 'NO_REFERENCE_PRICE', 'NO_EQUITY', 'NO_EXCHANGE_RATE'],
    options: ['regimes.*.max_position_pct'],
    exits: 'pass',
  },
  (intent, ctx) => {
    const { regime, overlay } = overlayOf(ctx);
    const limit = overlay?.max_position_pct;
    return limit === undefined
      ? OK
      : positionPercent(intent, ctx, limit, 'REGIME_POSITION_PERCENT', { regime });
  },
);
