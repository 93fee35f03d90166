import type { Micros } from '../../model/time.js';

/** Unit of times in answers and events: milliseconds unless the client asks for microseconds. */
export type TimeUnit = 'ms' | 'us';

export type UserEventType =
  'executionReport' | 'outboundAccountPosition' | 'balanceUpdate' | 'listStatus' | 'eventStreamTerminated';

/** An event of an account's user data stream, fixed at the time it happened. */
export interface UserEvent {
  readonly type: UserEventType;
  readonly at: Micros;
  /** The event as it goes on the wire (what stands under `event`). */
  body(unit: TimeUnit): Readonly<Record<string, unknown>>;
}

/** A trade as everybody sees it. Prices and quantities are text with 8 decimals. */
export interface PublicTrade {
  readonly kind: 'trade';
  readonly symbol: string;
  /** Contiguous per symbol. */
  readonly id: number;
  readonly price: string;
  readonly quantity: string;
  readonly at: Micros;
  readonly buyerIsMaker: boolean;
  readonly isBestMatch: boolean;
}

/** Trades of one taking order at one price together; follows the last of its trades. */
export interface PublicAggTrade {
  readonly kind: 'aggTrade';
  readonly symbol: string;
  /** Contiguous per symbol. */
  readonly id: number;
  readonly price: string;
  readonly quantity: string;
  readonly firstTradeId: number;
  readonly lastTradeId: number;
  readonly at: Micros;
  readonly buyerIsMaker: boolean;
  readonly isBestMatch: boolean;
}

/** Levels that changed, absolute quantities, `0.00000000` removes: one diff of the public book. */
export interface PublicDepth {
  readonly kind: 'depth';
  readonly symbol: string;
  /** First and last update id in it; `first` is the `last` before plus 1. */
  readonly first: number;
  readonly last: number;
  readonly bids: readonly (readonly [price: string, quantity: string])[];
  readonly asks: readonly (readonly [price: string, quantity: string])[];
  readonly at: Micros;
}

/** The best prices changed. `0.00000000` when a side is empty. */
export interface PublicTop {
  readonly kind: 'top';
  readonly symbol: string;
  readonly updateId: number;
  readonly bid: string;
  readonly bidQuantity: string;
  readonly ask: string;
  readonly askQuantity: string;
  readonly at: Micros;
}

export type PublicEvent = PublicTrade | PublicAggTrade | PublicDepth | PublicTop;

export interface DepthSnapshot {
  readonly lastUpdateId: number;
  /** Best first. */
  readonly bids: readonly (readonly [price: string, quantity: string])[];
  readonly asks: readonly (readonly [price: string, quantity: string])[];
}

/** A candle as REST and streams tell it. */
export interface Kline {
  readonly openTime: Micros;
  /** Last microsecond of it. */
  readonly closeTime: Micros;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly quoteVolume: string;
  readonly trades: number;
  readonly takerBase: string;
  readonly takerQuote: string;
  /** -1 when it has no trade. */
  readonly firstTradeId: number;
  readonly lastTradeId: number;
}
