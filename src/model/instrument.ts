import type { Decimal } from './decimal.js';

export type AssetClass =
  'equity' | 'etf' | 'crypto_spot' | 'crypto_perp' | 'future' | 'option' | 'fx' | 'index';
export type OrderType = 'market' | 'limit' | 'stop' | 'stop_limit' | 'trailing_stop';
/** `opg` and `cls` are market-on-open and market-on-close (or limit, by order type). */
export type TimeInForce = 'day' | 'gtc' | 'ioc' | 'fok' | 'gtd' | 'opg' | 'cls';
export type Side = 'buy' | 'sell';
export type InstrumentStatus = 'open' | 'pre_open' | 'auction' | 'halted' | 'closed' | 'unknown';

/** A weekly trading session in local time of `zone`, e.g. 09:30-16:00 on weekdays. Times are minutes after midnight. */
export interface SessionCalendar {
  readonly zone: string;
  /** ISO weekdays 1 (Monday) to 7 (Sunday) on which the session is held. */
  readonly days: readonly number[];
  readonly open: number;
  readonly close: number;
  /** `YYYY-MM-DD` dates without a session. */
  readonly holidays: readonly string[];
}

/** What one can trade, with the venue's rules for it. Prices and quantities are Decimals: they bound obligations. */
export interface Instrument {
  /** Name used everywhere inside Millrace, unique in a topology. */
  readonly symbol: string;
  /** Dense index, given by the instrument table; the position in every keyed array. */
  readonly ix: number;
  readonly venue: string;
  /** The venue's own name for it. */
  readonly venueSymbol: string;
  readonly assetClass: AssetClass;
  readonly base: string;
  /** Currency of prices. */
  readonly quote: string;
  /** Currency of profit, loss, fees and margin. */
  readonly settle: string;
  readonly tickSize: Decimal;
  readonly lotSize: Decimal;
  readonly minQuantity: Decimal;
  readonly maxQuantity: Decimal | undefined;
  readonly minNotional: Decimal | undefined;
  readonly maxNotional: Decimal | undefined;
  /** Bounds of limit and stop prices. */
  readonly minPrice: Decimal | undefined;
  readonly maxPrice: Decimal | undefined;
  /** Where the venue has other bounds for market orders than for limit orders; both sets hold for them. */
  readonly marketLotSize: Decimal | undefined;
  readonly marketMinQuantity: Decimal | undefined;
  readonly marketMaxQuantity: Decimal | undefined;
  readonly pricePrecision: number;
  readonly quantityPrecision: number;
  /** Money per one price unit of one contract; 1 for shares and spot. */
  readonly multiplier: Decimal;
  readonly allowsNegativePrice: boolean;
  readonly shortable: boolean;
  /** Initial and maintenance margin as fractions of notional (before account leverage). */
  readonly initialMargin: Decimal;
  readonly maintenanceMargin: Decimal;
  readonly session: SessionCalendar | undefined;
  /** Order types the venue takes, each with its times in force. Empty: every combination. */
  readonly orderTypes: Readonly<Partial<Record<OrderType, readonly TimeInForce[]>>>;
  /** Further rules as the venue states them, for those who know the venue: `PERCENT_PRICE.multiplierUp` and the like. */
  readonly venueRules: Readonly<Record<string, string>>;
  readonly sector: string | undefined;
  readonly industry: string | undefined;
  readonly status: InstrumentStatus;
}
