export { VenueAccount, type AccountRules } from './account.js';
export type { Meeting } from './crossing.js';
export { MatchingEngine } from './engine.js';
export { DEFAULT_BAR_RULES, DEFAULT_MATCHING, type BarRules, type MatchingOptions } from './options.js';
export type { MatchReport, OrderRequest } from './order.js';
export { DepthBook, Levels } from './depth.js';
export type { Ledger } from './ledger.js';
