export { BinanceBroker, type BinanceSurroundings } from './broker.js';
export type { BinanceEndpoints, BinanceEnvironment, BinanceMarket } from './environments.js';
export {
  binanceOptions,
  type BinanceBookOptions,
  type BinanceCredentials,
  type BinanceLimitOptions,
  type BinanceOptions,
  type BinanceOptionsInput,
  type BinanceRotation,
  type BinanceTimeouts,
} from './options.js';
export { cancelEverything } from './panic.js';
export { readPermissions, type BinancePermissions } from './permissions.js';
