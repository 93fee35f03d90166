import type { AccountEvent, MarketEvent } from '../../model/event.js';
import type { Order } from '../../model/order.js';
import type { RegimeEvent } from '../../model/child-event.js';
import type { MillraceError } from '../../model/reason.js';
import type { Micros } from '../../model/time.js';
import type { EngineStats } from '../../topology/spec.js';
import type { Trade } from '../order-manager.js';
import type { Dashboard } from './dashboard.js';

/** What a program is told before the first event. */
export interface EngineStart {
  readonly session: string;
  readonly symbols: readonly string[];
  /** Lengths of the bars it makes or asks for, such as `1m`; empty without bars. */
  readonly intervals: readonly string[];
  /** Journal that is gone on from; empty: none. */
  readonly previousDataPath: string;
}

/** Something a program should know, with a stable code. */
export interface EngineProblem {
  /** One of `ERRORS` or `DENIALS`. */
  readonly code: string;
  readonly message: string;
  readonly source: string;
  readonly orderKey: string;
  readonly seq: number;
  readonly at: Micros;
}

export interface StrategyProblem {
  readonly strategy: string;
  readonly code: 'STRATEGY_FAILED' | 'STRATEGY_DISABLED';
  readonly message: string;
}

export type EngineRunStatus = 'prefetching' | 'gap_filling' | 'running' | 'stopping' | 'stopped';
export type Link = 'connected' | 'disconnected';

export interface ProviderStatus {
  readonly marketData: Link;
  readonly trading: Link;
}

export const DATA_CATEGORIES = ['market_data', 'trades', 'orders', 'marks', 'logs', 'stats'] as const;
export type DataCategory = (typeof DATA_CATEGORIES)[number];

export interface DataChange {
  readonly session: string;
  readonly categories: readonly DataCategory[];
  /** The last one of a run: everything is written. */
  readonly finalized: boolean;
  /** From 1, without gaps. */
  readonly sequence: number;
}

/**
 * What a program may hear of one run. All are called between turns, never inside one, in the order things happened. A
 * returned promise is watched: its rejection counts as a throw.
 *
 * | callback | when it throws |
 * | --- | --- |
 * | `onEngineStart` | the run ends before its first event with CALLBACK_FAILED |
 * | `onMarketData` | the gate closes at once, trading halts and the run ends with CALLBACK_FAILED |
 * | every other | counted, told to `onError` as CALLBACK_FAILED; the run goes on |
 */
export interface EngineCallbacks {
  readonly onEngineStart?: (start: EngineStart) => unknown;
  /** Always, also after a start that failed. Without an error the run ended as it should. */
  readonly onEngineStop?: (error: MillraceError | undefined) => unknown;
  readonly onMarketData?: (session: string, event: MarketEvent) => unknown;
  /** An order is about to leave: it is written down and handed to its broker. */
  readonly onOrderPlaced?: (order: Order) => unknown;
  /** An order is filled completely; `onTrade` tells every fill. */
  readonly onOrderFilled?: (order: Order) => unknown;
  readonly onTrade?: (trade: Trade) => unknown;
  readonly onRegimeChange?: (change: RegimeEvent) => unknown;
  readonly onError?: (problem: EngineProblem) => unknown;
  /** `data`: the event the strategy was given. */
  readonly onStrategyError?: (data: object, problem: StrategyProblem) => unknown;
  /** About once a second while something happens, and at the end. */
  readonly onStatsUpdate?: (stats: EngineStats) => unknown;
  readonly onStatusUpdate?: (status: EngineRunStatus) => unknown;
  /** Bars of the past are fetched; `total` is 100. */
  readonly onPrefetchProgress?: (symbol: string, current: number, total: number, message: string) => unknown;
  readonly onProviderStatusChange?: (status: ProviderStatus) => unknown;
  /** What there is more of since the last call; at most ten times a second, and once at the end. */
  readonly onLiveDataChanged?: (change: DataChange) => unknown;
  readonly onDashboardUpdate?: (dashboard: Dashboard) => unknown;
  readonly onOrderChanged?: () => unknown;
  readonly onBalanceChanged?: (account: AccountEvent | undefined) => unknown;
  readonly onBuyingPowerChanged?: () => unknown;
  readonly onAssetsChanged?: () => unknown;
}
