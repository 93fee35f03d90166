import { Decimal } from '../../../model/decimal.js';
import type { InstrumentStatus, OrderType, TimeInForce } from '../../../model/instrument.js';
import type { InstrumentInput } from '../../../model/instruments.js';
import { BrokerError } from '../../broker.js';
import type { BinanceMarket } from '../environments.js';
import type { SymbolRules } from '../orders/symbol-rules.js';
import { fieldsOfFilters } from './filters.js';
import {
  exchangeInfoSchema,
  spotSymbol,
  statusSchema,
  usdmSymbol,
  type SpotSymbol,
  type UsdmSymbol,
} from './symbol-schema.js';

/** What `exchangeInfo` says. */
export interface VenueListing {
  readonly instruments: readonly InstrumentInput[];
  /** By the venue's symbol. */
  readonly rules: ReadonlyMap<string, SymbolRules>;
  /** Symbols left out because their rules cannot be read, each with the reason. */
  readonly refused: readonly { readonly symbol: string; readonly reason: string }[];
}

/** Status of an instrument, with the venue's own word where it says more. */
export interface SymbolStatus {
  readonly status: InstrumentStatus;
  readonly reason: string;
}

const STATUSES: Readonly<Record<string, InstrumentStatus>> = {
  TRADING: 'open',
  PRE_TRADING: 'pre_open',
  PENDING_TRADING: 'pre_open',
  AUCTION_MATCH: 'auction',
  HALT: 'halted',
  BREAK: 'halted',
  /** Open orders can be cancelled, nothing new is taken. */
  CANCEL_ONLY: 'halted',
  POST_TRADING: 'closed',
  END_OF_DAY: 'closed',
  CLOSE: 'closed',
  PRE_DELIVERING: 'closed',
  DELIVERING: 'closed',
  DELIVERED: 'closed',
  PRE_SETTLE: 'closed',
  SETTLING: 'closed',
};

const RESTING: readonly TimeInForce[] = ['gtc', 'ioc', 'fok'];

/** The venue's order types in ours. A market order ends at once, so `gtc` and `ioc` mean the same for it. */
const TYPES: Readonly<Record<string, readonly [OrderType, readonly TimeInForce[]]>> = {
  LIMIT: ['limit', RESTING],
  MARKET: ['market', ['gtc', 'ioc']],
  STOP_LOSS: ['stop', ['gtc']],
  TAKE_PROFIT: ['stop', ['gtc']],
  STOP_LOSS_LIMIT: ['stop_limit', RESTING],
  TAKE_PROFIT_LIMIT: ['stop_limit', RESTING],
  STOP_MARKET: ['stop', ['gtc']],
  TAKE_PROFIT_MARKET: ['stop', ['gtc']],
  STOP: ['stop_limit', RESTING],
  TRAILING_STOP_MARKET: ['trailing_stop', ['gtc']],
};

/** `open`, or what stands in the way. Words nobody knows are `unknown`, so nothing is traded on them. */
export function statusOf(word: string): SymbolStatus {
  const status = STATUSES[word] ?? 'unknown';
  return { status, reason: status === 'open' ? '' : `the venue says ${word}` };
}

/** Status by the venue's symbol. Throws a BrokerError `schema` when the answer cannot be read. */
export function statusesIn(answer: unknown): ReadonlyMap<string, SymbolStatus> {
  return new Map(
    symbolsIn(answer).map((raw) => {
      const result = statusSchema.safeParse(raw);
      if (!result.success) throw new BrokerError('schema', 'a symbol of exchangeInfo cannot be read', true);
      return [result.data.symbol, statusOf(result.data.status)];
    }),
  );
}

/**
 * The instruments of an `exchangeInfo` answer under the venue's own symbols, with every filter. Throws a BrokerError
 * `schema` when it is no such answer; single symbols that cannot be read are left out and told.
 */
export function listingFrom(answer: unknown, market: BinanceMarket, venue = 'binance'): VenueListing {
  const instruments: InstrumentInput[] = [];
  const rules = new Map<string, SymbolRules>();
  const refused: { symbol: string; reason: string }[] = [];
  for (const raw of symbolsIn(answer)) {
    try {
      const one = market === 'spot' ? spotFrom(spotSymbol.parse(raw)) : usdmFrom(usdmSymbol.parse(raw));
      instruments.push({ ...one.instrument, venue });
      rules.set(one.rules.symbol, one.rules);
    } catch (error) {
      refused.push({ symbol: nameOf(raw), reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { instruments, rules, refused };
}

function symbolsIn(answer: unknown): readonly unknown[] {
  const result = exchangeInfoSchema.safeParse(answer);
  if (result.success) return result.data.symbols;
  throw new BrokerError('schema', 'the answer to exchangeInfo has no list of symbols', true);
}

interface One {
  readonly instrument: InstrumentInput;
  readonly rules: SymbolRules;
}

function spotFrom(s: SpotSymbol): One {
  const types = new Set(s.orderTypes);
  const trailingStop = s.allowTrailingStop && types.has('STOP_LOSS');
  const { status } = s.isSpotTradingAllowed ? statusOf(s.status) : { status: 'halted' as const };
  return {
    instrument: {
      ...namesOf(s),
      assetClass: 'crypto_spot',
      settle: s.quoteAsset,
      shortable: false,
      orderTypes: typesOf(s.orderTypes, trailingStop),
      status,
      ...fieldsOfFilters(s.filters, unit(s.quotePrecision), unit(s.baseAssetPrecision)),
    },
    rules: {
      symbol: s.symbol,
      orderTypes: types,
      trailingStop,
      cancelReplace: s.cancelReplaceAllowed,
      amend: s.amendAllowed,
    },
  };
}

function usdmFrom(s: UsdmSymbol): One {
  const types = new Set(s.orderTypes);
  return {
    instrument: {
      ...namesOf(s),
      assetClass: s.contractType === 'PERPETUAL' ? 'crypto_perp' : 'future',
      settle: s.marginAsset,
      shortable: true,
      orderTypes: typesOf(s.orderTypes, false),
      initialMargin: new Decimal(s.requiredMarginPercent).div(100),
      maintenanceMargin: new Decimal(s.maintMarginPercent).div(100),
      status: statusOf(s.status).status,
      ...fieldsOfFilters(s.filters, unit(s.quotePrecision), unit(s.baseAssetPrecision)),
    },
    rules: {
      symbol: s.symbol,
      orderTypes: types,
      trailingStop: types.has('TRAILING_STOP_MARKET'),
      cancelReplace: false,
      amend: true,
    },
  };
}

function namesOf(s: {
  readonly symbol: string;
  readonly baseAsset: string;
  readonly quoteAsset: string;
}): Pick<InstrumentInput, 'venueSymbol' | 'base' | 'quote'> & { readonly symbol: string } {
  return { symbol: s.symbol, venueSymbol: s.symbol, base: s.baseAsset, quote: s.quoteAsset };
}

function typesOf(
  names: readonly string[],
  trailing: boolean,
): Partial<Record<OrderType, readonly TimeInForce[]>> {
  const types: Partial<Record<OrderType, readonly TimeInForce[]>> = {};
  for (const name of names) {
    const known = TYPES[name];
    if (known !== undefined) types[known[0]] = known[1];
  }
  if (trailing) types.trailing_stop = ['gtc'];
  // No types at all would mean every type: a venue that names none that we know takes none.
  return Object.keys(types).length === 0 ? { limit: [] } : types;
}

/** 10^-decimals as text. */
function unit(decimals: number): string {
  return decimals === 0 ? '1' : `0.${'0'.repeat(decimals - 1)}1`;
}

function nameOf(raw: unknown): string {
  const result = statusSchema.safeParse(raw);
  return result.success ? result.data.symbol : 'a symbol without a name';
}
