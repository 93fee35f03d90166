import type { InstrumentInput } from '../../../model/instruments.js';
import { orderSize, type EmulatedSymbol } from '../known-symbols.js';
import type { EmulatedMarket } from '../options.js';
import type { Exchange } from '../types.js';
import { CaptureMarket } from './capture-market.js';
import type { FlowSymbol } from './flow-book.js';
import { FlowMarket } from './flow-market.js';
import type { MarketPlayer } from './player.js';

/** The market the options ask for; undefined for none. */
export function makeMarket(
  exchange: Exchange,
  symbols: readonly EmulatedSymbol[],
  market: EmulatedMarket,
  seed: number,
): MarketPlayer | undefined {
  switch (market.type) {
    case 'flow':
      return new FlowMarket(exchange, {
        symbols: symbols.map(flowSymbol),
        seed,
        rate: market.rate ?? 50,
        style: market.style ?? 'orders',
      });
    case 'capture':
      return new CaptureMarket(exchange, {
        files: market.files,
        instruments: symbols.map(instrument),
        pace: market.pace ?? 1,
      });
    case 'none':
      return undefined;
  }
}

function flowSymbol(s: EmulatedSymbol): FlowSymbol {
  return {
    symbol: s.symbol,
    price: s.price,
    tick: Number(s.filters?.tickSize ?? '0.01'),
    lot: Number(s.filters?.stepSize ?? '0.00001'),
    size: orderSize(s),
  };
}

function instrument(s: EmulatedSymbol): InstrumentInput {
  return {
    symbol: s.symbol,
    venue: 'binance',
    venueSymbol: s.symbol,
    assetClass: 'crypto_spot',
    base: s.baseAsset,
    quote: s.quoteAsset,
  };
}
