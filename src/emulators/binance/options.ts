import type { AccountConfig, LimitConfig } from './config.js';
import type { FaultInput } from './faults/spec.js';
import type { EmulatedSymbol } from './known-symbols.js';
import type { FlowStyle } from './market/flow-market.js';
import type { ConnectionRules } from './net/connections.js';
import type { AnswerOrder } from './ws-api-server.js';

/**
 * Where depth snapshots end in the diff stream. `live`: where they are taken, mostly inside the range of the next diff
 * (`U <= lastUpdateId + 1 <= u`). `aligned`: just before the next diff (`U = lastUpdateId + 1`). `mixed`: now so, now so.
 */
export type SnapshotPlace = 'live' | 'aligned' | 'mixed';

export interface TestAccount {
  readonly apiKey?: string;
  /** HMAC secret. */
  readonly apiSecret?: string;
  /** Free balances by asset, decimal text. */
  readonly balances?: Readonly<Record<string, string>>;
  /** Commission as a fraction, decimal text; default `0.001`. */
  readonly makerCommission?: string;
  readonly takerCommission?: string;
}

export type EmulatedMarket =
  | {
      readonly type: 'flow';
      /** Events per second, all symbols together; 50. */
      readonly rate?: number;
      /** `orders` (default), or `quotes` for measurements: every event changes the best prices. */
      readonly style?: FlowStyle;
    }
  | {
      readonly type: 'capture';
      readonly files: readonly string[];
      /** Multiples of real time; 1. */
      readonly pace?: number;
    }
  /** Nobody: tests bring levels and trades by the exchange's market port. */
  | { readonly type: 'none' };

/** Options of an emulated Binance spot exchange; all have defaults. */
export interface BinanceEmulatorOptions {
  /** Address to listen on; 127.0.0.1. */
  readonly host?: string;
  /** Port of the venue; 0: any free one. */
  readonly port?: number;
  readonly controlPort?: number;
  /** Seed of the market, of faults and of generated ids; 1. */
  readonly seed?: number;
  /** Names (`BTCUSDT`, `BTCUSDT=61000`), or all rules. */
  readonly symbols?: readonly (string | EmulatedSymbol)[];
  readonly market?: EmulatedMarket;
  /** The market waits for the control endpoint. */
  readonly paused?: boolean;
  /** The test account. Key and secret are random unless given. */
  readonly account?: TestAccount;
  /** More accounts. */
  readonly accounts?: readonly AccountConfig[];
  readonly limits?: LimitConfig;
  readonly connections?: Partial<ConnectionRules>;
  readonly faults?: readonly FaultInput[];
  /** Answers of the WebSocket API against the user events they cause; `answer_first`. */
  readonly answerOrder?: AnswerOrder;
  readonly snapshots?: SnapshotPlace;
  /** TLS with a certificate made at the start. */
  readonly tls?: boolean;
}
