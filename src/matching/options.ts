import type { Decimal } from '../model/decimal.js';

/** Which price series of bars an order is judged on. `quote`: ask bars for buys, bid bars for sells. */
export type BarSide = 'trade' | 'quote';

/**
 * How orders fill against bars. A bar tells only four prices, so each rule says which of them is believed.
 * An order is judged only on bars that end after it arrived. When the wanted series never comes, the other is used.
 */
export interface BarRules {
  /** Market orders: at the newest close at once, or at the open of the next bar that starts at or after arrival. */
  readonly market: 'close' | 'next_open';
  readonly limit: {
    readonly basis: BarSide;
    /** `limit`: at the limit. `open`: at the open when it is better. `range`: at the bar's far end when the whole bar is better. */
    readonly price: 'limit' | 'open' | 'range';
    /** A limit that could trade at the newest close: trades on arrival, or is first judged on the next bar. */
    readonly marketable: 'immediate' | 'next_bar';
  };
  readonly stop: {
    readonly basis: BarSide;
    /** `stop`: at the stop. `open`: at the open when the bar opened through the stop. `close`: at the worse of stop and close. */
    readonly price: 'stop' | 'open' | 'close';
  };
  readonly stopLimit: {
    readonly basis: BarSide;
    /** Bars after the trigger: judged like a limit order, or by their close only. The trigger bar always by its close. */
    readonly after: 'limit' | 'close';
  };
  readonly trailingStop: { readonly basis: BarSide; readonly price: 'stop' | 'open' | 'close' };
  /** `skip`: nothing fills on a bar that ends at or after the session close. */
  readonly atClose: 'fill' | 'skip';
  /** Part of a bar's volume that may fill; undefined: no limit. */
  readonly participation: number | undefined;
}

/** Adverse change of the price of every fill that takes liquidity. */
export interface Slippage {
  readonly value: Decimal;
  readonly unit: 'ticks' | 'bps';
}

/** What the venue charges. Either fractions of notional, or an amount per unit with bounds per order. */
export type FeeSchedule =
  | { readonly type: 'notional'; readonly maker: Decimal; readonly taker: Decimal }
  | {
      readonly type: 'per_unit';
      readonly perUnit: Decimal;
      /** Least fee of one order. */
      readonly minimum: Decimal;
      /** Greatest fee of one order as a fraction of its notional. */
      readonly maximum: Decimal | undefined;
    };

export interface MatchingOptions {
  /** Kinds of market events orders fill against. */
  readonly use: {
    readonly quote: boolean;
    readonly trade: boolean;
    readonly book: boolean;
    readonly bar: boolean;
  };
  /** A resting limit fills when the market touches its price, or only when it trades through it. */
  readonly limit: 'touch' | 'penetrate';
  /** Resting limits wait until the quantity shown at their price when they arrived has traded or gone. */
  readonly queue: boolean;
  /** `displayed`: no more fills than the market shows or trades. A book is always walked by its sizes. */
  readonly liquidity: 'unlimited' | 'displayed';
  /** Smaller partial fills do not happen; the last of an order always may. */
  readonly minFill: Decimal | undefined;
  /** Which ticks trigger stops and move trailing stops. */
  readonly trigger: 'any' | 'quote' | 'trade';
  /** What a trailing stop without a stop price starts from. */
  readonly trailingReference: 'last' | 'quote';
  /** A market order that arrives outside the session of its instrument. */
  readonly afterClose: 'next_open' | 'wait' | 'reject' | 'immediate';
  /** Whether resting orders fill on prices from outside the session. */
  readonly outsideSession: 'rest' | 'match';
  /** Reject prices off the tick and quantities off the lot. */
  readonly checkIncrements: boolean;
  readonly bars: BarRules;
  readonly slippage: Slippage | undefined;
  readonly fees: FeeSchedule | undefined;
}

export const DEFAULT_BAR_RULES: BarRules = {
  market: 'close',
  limit: { basis: 'trade', price: 'open', marketable: 'immediate' },
  stop: { basis: 'trade', price: 'open' },
  stopLimit: { basis: 'trade', after: 'limit' },
  trailingStop: { basis: 'quote', price: 'close' },
  atClose: 'fill',
  participation: undefined,
};

export const DEFAULT_MATCHING: MatchingOptions = {
  use: { quote: true, trade: true, book: true, bar: true },
  limit: 'touch',
  queue: false,
  liquidity: 'unlimited',
  minFill: undefined,
  trigger: 'any',
  trailingReference: 'last',
  afterClose: 'next_open',
  outsideSession: 'rest',
  checkIncrements: true,
  bars: DEFAULT_BAR_RULES,
  slippage: undefined,
  fees: undefined,
};
