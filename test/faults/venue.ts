import { startBinanceEmulator, type BinanceEmulator } from '../../src/emulators/binance/emulator.js';
import type { PublicTrade } from '../../src/emulators/binance/event-types.js';
import { SYMBOLS } from './topology.js';

export interface CampaignVenue {
  readonly emulator: BinanceEmulator;
  /** Every public trade since the start, by symbol. */
  readonly trades: ReadonlyMap<string, readonly PublicTrade[]>;
}

/** An emulated Binance whose own limits do not get in the way, and that remembers all public trades. */
export async function startVenue(seed: number, rate: number): Promise<CampaignVenue> {
  const emulator = await startBinanceEmulator({
    seed,
    symbols: SYMBOLS,
    market: { type: 'flow', rate },
    paused: true,
    account: { balances: { USDT: '50000000', BTC: '500', ETH: '5000', SOL: '50000' } },
    limits: {
      weightPerMinute: 1_000_000,
      rawPer5Minutes: 10_000_000,
      ordersPer10Seconds: 100_000,
      banAfter: 1_000_000,
    },
    connections: { connectsPer5Min: 1_000_000, pingMs: 400, pongTimeoutMs: 2_000, messagesPerSecond: 100 },
  });
  const trades = new Map<string, PublicTrade[]>(SYMBOLS.map((symbol) => [symbol, []]));
  emulator.exchange.onMarket((event) => {
    if (event.kind === 'trade') trades.get(event.symbol)?.push(event);
  });
  emulator.market?.resume();
  return { emulator, trades };
}
