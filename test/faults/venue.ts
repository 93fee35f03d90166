import { startBinanceEmulator, type BinanceEmulator } from '../../src/emulators/binance/emulator.js';
import type { PublicTrade } from '../../src/emulators/binance/event-types.js';
import { SYMBOLS, VENUE_LIMITS } from './venue-options.js';

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
    ...VENUE_LIMITS,
  });
  const trades = new Map<string, PublicTrade[]>(SYMBOLS.map((symbol) => [symbol, []]));
  emulator.exchange.onMarket((event) => {
    if (event.kind === 'trade') trades.get(event.symbol)?.push(event);
  });
  emulator.market?.resume();
  return { emulator, trades };
}
