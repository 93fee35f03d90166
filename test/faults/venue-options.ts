import type { BinanceEmulatorOptions } from '../../src/emulators/binance/options.js';

export const SYMBOLS: readonly string[] = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'];

/** Money enough, and limits that do not get in the way. */
export const VENUE_LIMITS: BinanceEmulatorOptions = {
  account: { balances: { USDT: '50000000', BTC: '500', ETH: '5000', SOL: '50000' } },
  limits: {
    weightPerMinute: 1_000_000,
    rawPer5Minutes: 10_000_000,
    ordersPer10Seconds: 100_000,
    banAfter: 1_000_000,
  },
  connections: { connectsPer5Min: 1_000_000, pingMs: 400, pongTimeoutMs: 2_000, messagesPerSecond: 100 },
};
