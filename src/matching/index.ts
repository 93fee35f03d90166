export { VenueAccount, type AccountRules } from './account.js';
export { DepthBook, Levels } from './depth.js';
export { MatchingEngine, type MatchingSetup } from './engine.js';
export { feeOf, NO_TOTALS, type OrderTotals } from './fees.js';
export type { Ledger } from './ledger.js';
export {
  DEFAULT_BAR_RULES,
  DEFAULT_MATCHING,
  type BarRules,
  type BarSide,
  type FeeSchedule,
  type MatchingOptions,
  type Slippage,
} from './options.js';
export {
  VenueOrder,
  type CancelRequest,
  type MatchReport,
  type OrderPhase,
  type OrderRequest,
  type ReplaceRequest,
  type VenueFill,
} from './order.js';
export { sessionAt, type SessionWindow } from './session.js';
