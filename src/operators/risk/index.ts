export {
  OK,
  defineCheck,
  denialText,
  deny,
  type Check,
  type CheckContext,
  type CheckInfo,
  type Denial,
  type Ok,
  type RiskCheck,
} from './check.js';
export * from './activity.js';
export * from './account-limits.js';
export { cashCovered } from './cash.js';
export { CHECKS, checksWith, regimeLimits } from './checks.js';
export { correlationExposure, correlationOf } from './correlation.js';
export { checkContext, evaluate, type Approval, type RiskOptions, type RiskScope } from './evaluate.js';
export { isExit } from './exposure.js';
export * from './gates.js';
export { industryExposure, sectorExposure } from './groups.js';
export { instrumentKnown, instrumentTradable, orderTerms } from './instrument.js';
export type { CorrelationLimit, InstrumentLimits, RegimeOverlay, RiskLimits } from './limits.js';
export * from './losses.js';
export * from './market.js';
export { normalizeIntent, type Normalization } from './normalize.js';
export { notionalBounds, referencePriced } from './notional.js';
export { orderKey } from './order-key.js';
export * from './order-size.js';
export { maxPosition, maxPositionPercent, shortAllowed } from './position.js';
export { priceValid } from './price-valid.js';
export { referencePrice, type ReferencePrice } from './price.js';
export { quantityValid } from './quantity-valid.js';
export { reduceOnly } from './reduce-only.js';
export { regimeExposure, regimeOrderNotional, regimeOrderTerms, regimePositionPercent } from './regime.js';
export { risk } from './risk.js';
export { selfTrade } from './self-trade.js';
export { sessionOpen } from '../../model/session.js';
