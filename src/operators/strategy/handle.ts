import type { OperatorFunction } from 'rxjs';
import type { Event } from '../../model/record.js';

/** Counters of one strategy: plain fields, read on scrape. */
export interface StrategyStats {
  readonly name: string;
  readonly definition: string;
  readonly version: string;
  /** Events delivered to it. The engine measures their time outside. */
  evaluations: number;
  errors: number;
  intents: number;
  /** Intents held back: during warm-up, and while disabled. */
  muted: number;
  enabled: boolean;
}

/** What the engine holds of a running strategy. */
export interface StrategyHandle {
  readonly stats: StrategyStats;
  /** Set by the engine: called once when `max_errors` is reached, so that it can record the control event. */
  onDisable: (name: string, reason: string) => void;
  /** Stops it for good: its stream is released and it emits nothing more until `enable`. */
  disable(reason: string): void;
  /** Runs it afresh with a clean error count. Call it inside a turn. */
  enable(): void;
  /** Runs it afresh, warm-up included, with these parameters. Throws what its schema says. Call it inside a turn. */
  reconfigure(params: unknown): void;
}

export type StrategyOperator = OperatorFunction<Event, Event> & { readonly handle: StrategyHandle };

/** The handle of an operator made by `strategy()`, or undefined for any other. */
export function strategyHandle(operator: OperatorFunction<Event, Event>): StrategyHandle | undefined {
  return (operator as Partial<StrategyOperator>).handle;
}
