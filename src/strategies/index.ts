import type { StrategyDefinition } from '../operators/strategy/definition.js';
import { bollingerBreakout } from './bollinger-breakout.js';
import { buyAndHold } from './buy-and-hold.js';
import { emaCross } from './ema-cross.js';
import { grid } from './grid.js';
import { guard } from './guard.js';
import { macdTrend } from './macd-trend.js';
import { marketMaker } from './market-maker.js';
import { pairsSpread } from './pairs-spread.js';
import { regimeSwitch } from './regime-switch.js';
import { rsiReversion } from './rsi-reversion.js';
import { stopOnFill } from './stop-on-fill.js';
import { trailingStop } from './trailing-stop.js';
import { twap } from './twap.js';
import { vwap } from './vwap.js';

/** Built-in strategies by name. */
export const BUILT_IN_STRATEGIES: ReadonlyMap<string, StrategyDefinition> = new Map(
  [
    buyAndHold,
    emaCross,
    rsiReversion,
    macdTrend,
    bollingerBreakout,
    grid,
    pairsSpread,
    twap,
    vwap,
    marketMaker,
    regimeSwitch,
    guard,
    stopOnFill,
    trailingStop,
  ].map((one) => [one.name, one]),
);

export {
  bollingerBreakout,
  buyAndHold,
  emaCross,
  grid,
  guard,
  macdTrend,
  marketMaker,
  pairsSpread,
  regimeSwitch,
  rsiReversion,
  stopOnFill,
  trailingStop,
  twap,
  vwap,
};
