import {
  duplicateIntent,
  maxOpenOrders,
  maxOpenOrdersPerInstrument,
  ordersPerMinute,
  ordersPerSecond,
} from './activity.js';
import { marginCovered, maxGrossExposure, maxLeverage, maxNetExposure } from './account-limits.js';
import { cashCovered } from './cash.js';
import { OK, defineCheck, type Check, type RiskCheck } from './check.js';
import { correlationExposure } from './correlation.js';
import {
  accountArmed,
  accountKnown,
  brokerReady,
  linksManaged,
  notDryRun,
  notLatched,
  notRecovering,
  strategyEnabled,
  tradingState,
} from './gates.js';
import { industryExposure, sectorExposure } from './groups.js';
import { instrumentKnown, instrumentTradable, orderTerms } from './instrument.js';
import { dailyLoss, dailyLossPercent, maxDrawdown, rollingLoss } from './losses.js';
import { postOnly, priceCollar, staleQuote } from './market.js';
import { notionalBounds, referencePriced } from './notional.js';
import { orderKey } from './order-key.js';
import { maxOrderQuantity, maxOrderValue } from './order-size.js';
import { maxPosition, maxPositionPercent, shortAllowed } from './position.js';
import { priceValid } from './price-valid.js';
import { quantityValid } from './quantity-valid.js';
import { reduceOnly } from './reduce-only.js';
import {
  overlayOf,
  regimeExposure,
  regimeOrderNotional,
  regimeOrderTerms,
  regimePositionPercent,
} from './regime.js';
import { selfTrade } from './self-trade.js';

/** Is it a sound order, and may it go out at all? */
const SOUND: readonly RiskCheck[] = [
  instrumentKnown,
  orderKey,
  linksManaged,
  accountKnown,
  notRecovering,
  brokerReady,
  strategyEnabled,
  notLatched,
  tradingState,
  accountArmed,
  instrumentTradable,
  orderTerms,
  priceValid,
  quantityValid,
  referencePriced,
  notionalBounds,
];

/** Is it within the limits? Each is off unless `limits` sets it, so a regime can set them again. */
const LIMITS: readonly RiskCheck[] = [
  staleQuote,
  priceCollar,
  selfTrade,
  maxOrderQuantity,
  maxOrderValue,
  shortAllowed,
  maxPosition,
  maxPositionPercent,
  maxGrossExposure,
  maxNetExposure,
  maxLeverage,
  marginCovered,
  cashCovered,
  sectorExposure,
  industryExposure,
  correlationExposure,
  maxOpenOrders,
  maxOpenOrdersPerInstrument,
  ordersPerSecond,
  ordersPerMinute,
  duplicateIntent,
  dailyLoss,
  dailyLossPercent,
  maxDrawdown,
  rollingLoss,
];

/** The limits of the current regime's overlay, beside the general ones; denies with the code of the limit. */
export const regimeLimits: RiskCheck = defineCheck(
  { id: 'regime_limits', codes: [], options: ['regimes.*.limits'], exits: 'checked' },
  (intent, ctx) => {
    const { regime, overlay } = overlayOf(ctx);
    if (overlay?.limits === undefined) return OK;
    const within = { ...ctx, limits: overlay.limits };
    for (const check of LIMITS) {
      const answer = check(intent, within);
      if (!answer.ok) return { ...answer, details: { regime, ...answer.details } };
    }
    return OK;
  },
);

const REGIMES: readonly RiskCheck[] = [
  regimeExposure,
  regimeOrderTerms,
  regimeOrderNotional,
  regimePositionPercent,
  regimeLimits,
];

/**
 * Every built-in check in the order they are asked. The first denial is the answer; the order is part of the
 * interface, because the code a user sees depends on it. Checks of your own are asked before the last, the dry run.
 */
export const CHECKS: readonly RiskCheck[] = [
  ...SOUND,
  postOnly,
  reduceOnly,
  ...LIMITS,
  ...REGIMES,
  notDryRun,
];

/** The built-in checks with those of a user: asked after every built-in one but the dry run. */
export function checksWith(own: readonly (Check | RiskCheck)[] = []): readonly RiskCheck[] {
  if (own.length === 0) return CHECKS;
  return [...CHECKS.slice(0, -1), ...own.map(asRiskCheck), notDryRun];
}

function asRiskCheck(check: Check | RiskCheck): RiskCheck {
  const info =
    'info' in check
      ? check.info
      : { id: check.name || 'custom', codes: [], options: [], exits: 'checked' as const };
  return defineCheck(info, check);
}
