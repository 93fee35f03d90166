import { MillraceError } from '../../model/reason.js';
import type { SymbolConfig } from './config.js';

/** A symbol of the emulator with the price its market begins at. */
export interface EmulatedSymbol extends SymbolConfig {
  readonly price: number;
}

interface Rules {
  readonly price: number;
  readonly tick: string;
  readonly step: string;
}

/** Increments as the venue had them in 2026; prices are only a place to begin. */
const KNOWN: Readonly<Record<string, Rules>> = {
  BTCUSDT: { price: 60_000, tick: '0.01000000', step: '0.00001000' },
  BTCUSDC: { price: 60_000, tick: '0.01000000', step: '0.00001000' },
  ETHUSDT: { price: 2_600, tick: '0.01000000', step: '0.00010000' },
  ETHBTC: { price: 0.043, tick: '0.00001000', step: '0.00010000' },
  BNBUSDT: { price: 550, tick: '0.01000000', step: '0.00100000' },
  BNBBTC: { price: 0.0092, tick: '0.00000100', step: '0.00100000' },
  SOLUSDT: { price: 150, tick: '0.01000000', step: '0.00100000' },
  XRPUSDT: { price: 0.55, tick: '0.00010000', step: '0.10000000' },
  ADAUSDT: { price: 0.35, tick: '0.00010000', step: '0.10000000' },
  DOGEUSDT: { price: 0.12, tick: '0.00001000', step: '1.00000000' },
};
const OTHER: Rules = { price: 100, tick: '0.01000000', step: '0.00100000' };
const QUOTES = ['USDT', 'USDC', 'FDUSD', 'TUSD', 'BTC', 'ETH', 'BNB', 'EUR', 'TRY'];
/** Usual value of one order of the market, in the quote asset; 2000 where it is worth about a dollar. */
const ORDER_VALUE: Readonly<Record<string, number>> = { BTC: 0.03, ETH: 0.8, BNB: 4, TRY: 60_000 };

export const DEFAULT_SYMBOLS: readonly string[] = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'ETHBTC'];

/**
 * A symbol by its name, `BTCUSDT` or `BTCUSDT=61000` with the price to begin at. A pair the emulator does not know gets
 * usual rules. Throws MillraceError `INVALID_CONFIGURATION` when its quote asset cannot be told.
 */
export function emulatedSymbol(text: string): EmulatedSymbol {
  const [name = '', given] = text.split('=');
  const symbol = name.toUpperCase();
  const quoteAsset = QUOTES.find((quote) => symbol.length > quote.length && symbol.endsWith(quote));
  const price = given === undefined ? undefined : Number(given);
  if (quoteAsset === undefined)
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `${symbol} is not a pair the emulator can read`,
      `end it with one of ${QUOTES.join(', ')}`,
    );
  if (price !== undefined && !(price > 0 && price < Infinity))
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `${text}: the price must be above zero`,
      'write BTCUSDT=61000',
    );
  const rules = KNOWN[symbol] ?? OTHER;
  const { tick, step } = rules;
  return {
    symbol,
    baseAsset: symbol.slice(0, -quoteAsset.length),
    quoteAsset,
    filters: {
      minPrice: tick,
      tickSize: tick,
      minQty: step,
      stepSize: step,
      minNotional: quoteAsset in ORDER_VALUE ? '0.00010000' : '5.00000000',
    },
    price: price ?? rules.price,
  };
}

/** Usual size of one order of a symbol's market, in its base asset. */
export function orderSize({ quoteAsset, price }: EmulatedSymbol): number {
  return (ORDER_VALUE[quoteAsset] ?? 2_000) / price;
}
