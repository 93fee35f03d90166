export { Ema, Kama, Sma, Wilder, ema, kama, sma, wilder } from './averages.js';
export { Adx, adx } from './directional.js';
export {
  averagePrice,
  typicalPrice,
  type Candle,
  type Indicator,
  type IndicatorFactory,
} from './indicator.js';
export { crossover, withIndicator } from './operators.js';
export { Macd, Rsi, Stochastic, macd, rsi, stochastic } from './oscillators.js';
export { fromTradingSignals, type TradingSignal } from './trading-signals.js';
export { Atr, BollingerBands, KeltnerChannels, atr, bollinger, keltner, trueRange } from './volatility.js';
export { Obv, Vwap, obv, vwap } from './volume.js';
