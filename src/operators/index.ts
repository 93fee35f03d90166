/**
 * `millrace/operators`: every operator of the loop as a plain RxJS operator, for those who compose without YAML.
 * Some need no State (`normalize`, `book`, `bars`, `regime`, `conflate`, `delay`): they are `OperatorFunction`s. The
 * order path (`strategy`, `risk`, `throttle`) takes an {@link OperatorContext} first.
 */
export type { OperatorContext } from './context.js';

// ---- market data --------------------------------------------------------------------------------------------------
export { bars, type BarsFrom, type BarsOptions } from './bars/bars.js';
export { book, type BookOptions } from './book/book.js';
export { conflate, type ConflateOptions } from './conflate.js';
export { delay, type DelayOptions } from './delay.js';
export {
  normalize,
  type DropReason,
  type NormalizeFilters,
  type NormalizeOptions,
} from './normalize/normalize.js';
export { regime, type Regime, type RegimeOptions } from './regime.js';
export { timeOperators, type TimeOperators } from './time.js';

// ---- the order path -----------------------------------------------------------------------------------------------
export { strategy } from './strategy/strategy.js';
export type { StrategyOperator } from './strategy/handle.js';
export type { StrategyOptions } from './strategy/options.js';
export * from './manage/index.js';
export * from './route/index.js';
export * from './risk/index.js';
export { throttle, type ThrottleOptions } from './throttle/throttle.js';
export type { LaneRates } from './throttle/lanes.js';
export { fold, type Fold } from './throttle/fold.js';
export { bucketRule, newBucket, readyAt, takeToken, type BucketRule } from './throttle/token-bucket.js';

// ---- State without the engine -------------------------------------------------------------------------------------
export { reduce } from '../state/reduce.js';
export { State } from '../state/state.js';
export type { AccountConfig, DayRoll, MarkRule, RateConfig, StateConfig } from '../state/config.js';

// ---- making operators of one's own --------------------------------------------------------------------------------
export { Stage, operate, stage, type Handlers } from '../streams/operate.js';
