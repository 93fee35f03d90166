import type { StrategyDefinition } from '../operators/strategy/definition.js';
import { buyAndHold } from './buy-and-hold.js';
import { emaCross } from './ema-cross.js';
import { stopOnFill } from './stop-on-fill.js';
import { trailingStop } from './trailing-stop.js';

/** Built-in strategies by name. */
export const BUILT_IN_STRATEGIES: ReadonlyMap<string, StrategyDefinition> = new Map(
  [emaCross, buyAndHold, stopOnFill, trailingStop].map((one) => [one.name, one]),
);

export { buyAndHold, emaCross, stopOnFill, trailingStop };
