import type { Channel, FaultBoard } from '../faults/fault-board.js';
import type { MarketPlayer, MarketState } from '../market/player.js';
import type { Exchange } from '../types.js';

export interface ConnectionInfo {
  readonly id: number;
  readonly channel: Channel;
  readonly ip: string;
  readonly openedAt: string;
  /** A half-open one: neither read nor written any more. */
  readonly frozen: boolean;
  readonly sent: number;
  readonly received: number;
  /** Streams, or accounts whose user events it gets. */
  readonly subscriptions: readonly string[];
}

export interface EmulatorState {
  readonly symbols: readonly string[];
  readonly accounts: readonly string[];
  readonly market: MarketState | undefined;
  readonly clockSkewMs: number;
  readonly connections: number;
  /** WebSocket connections asked for since the start. */
  readonly connectionsAttempted: number;
  readonly faults: number;
  readonly injected: number;
}

/** What can be steered from outside, in the same process or by the control endpoint. */
export interface ControlTarget {
  readonly exchange: Exchange;
  /** Undefined when nobody plays a market. */
  readonly market: MarketPlayer | undefined;
  readonly faults: FaultBoard;
  state(): EmulatorState;
  connectionList(): readonly ConnectionInfo[];
  /** Cuts all WebSocket connections (of a channel); returns how many. */
  cut(channel?: Channel): number;
  /** Closes the servers, waits, and opens them on the same port. The exchange keeps its state. */
  restart(downMs?: number): Promise<void>;
  close(): Promise<void>;
}
