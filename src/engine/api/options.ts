import type { Log } from '../../model/component.js';
import type { RecoverySettings } from '../../topology/recovery-schema.js';
import type { OrderManager } from '../order-manager.js';
import type { ConfigurationOptions } from './configuration.js';

export interface LiveEngineOptions extends ConfigurationOptions {
  /** Default: nothing is logged. */
  readonly log?: Log;
  /** Needed, beside `mode: live`, to send real orders. */
  readonly live?: boolean;
  readonly session?: string;
  readonly resume?: RecoverySettings['resume'];
  /** Ends each run by itself after this wall time. */
  readonly forMs?: number;
  /** Least wall time between two dashboards; default 250 ms. */
  readonly dashboardEveryMs?: number;
}

/** What a program may do with orders; see `OrderManager`. */
export type Orders = Omit<OrderManager, 'saw' | 'turn' | 'close'>;
