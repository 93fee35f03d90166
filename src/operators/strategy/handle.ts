import type { OperatorFunction } from 'rxjs';
import type { Event } from '../../model/record.js';
import type { SavedStrategy } from './persist.js';

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
  /** Before it starts: what {@link snapshot} gave in the session this one goes on from. */
  remember(saved: SavedStrategy): void;
  /** It begins, or began, with what it was given to remember. */
  readonly restored: boolean;
  /**
   * What it wants kept, between turns or after its stop. Undefined: it keeps nothing, is disabled, or a timer of it is
   * pending. Throws what the strategy throws, and INVALID_CONFIGURATION for what is no plain data.
   */
  snapshot(): SavedStrategy | undefined;
}

export type StrategyOperator = OperatorFunction<Event, Event> & { readonly handle: StrategyHandle };

/** The handle of an operator made by `strategy()`, or undefined for any other. */
export function strategyHandle(operator: OperatorFunction<Event, Event>): StrategyHandle | undefined {
  return (operator as Partial<StrategyOperator>).handle;
}
