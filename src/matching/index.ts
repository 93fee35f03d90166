export { VenueAccount, type AccountRules } from './account.js';
export { MatchingEngine } from './engine.js';
export { DEFAULT_BAR_RULES, DEFAULT_MATCHING, type BarRules, type MatchingOptions } from './options.js';
export type { MatchReport, OrderRequest } from './order.js';
