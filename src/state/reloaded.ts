import { dec, type Decimal } from '../model/decimal.js';
import { parseParameters, parametersText, type Parameters, type StrategyParameters } from './parameters.js';

/** What a `reload` event carries: all a replay needs to be where the running engine went. */
export interface Reloaded {
  /** sha256 of the resolved configuration. */
  readonly hash: string;
  /** The resolved configuration as YAML, secrets as `***`. */
  readonly configuration: string;
  /** By strategy node. */
  readonly parameters: Readonly<Record<string, StrategyParameters>>;
  /** By name, as under `limits:`. */
  readonly limits: Readonly<Record<string, Decimal>>;
}

export function reloadedText({ hash, configuration, parameters, limits }: Reloaded): string {
  return JSON.stringify({
    hash,
    configuration,
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, parametersText(value)]),
    ),
    limits: Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, value.toString()])),
  });
}

/** Undefined: this is no text of a reload. */
export function parseReloaded(text: string): Reloaded | undefined {
  try {
    const { hash, configuration, parameters, limits } = JSON.parse(text) as Record<string, unknown>;
    if (typeof hash !== 'string' || typeof configuration !== 'string') return undefined;
    const strategies: Record<string, StrategyParameters> = {};
    for (const [name, value] of Object.entries((parameters ?? {}) as Record<string, string>)) {
      const parsed = parseParameters(value);
      if (parsed === undefined) return undefined;
      strategies[name] = parsed;
    }
    const amounts = Object.entries((limits ?? {}) as Record<string, string>).map(
      ([name, value]) => [name, dec(value)] as const,
    );
    return { hash, configuration, parameters: strategies, limits: Object.fromEntries(amounts) };
  } catch {
    return undefined;
  }
}

export interface SavedTakenOver {
  readonly hash: string;
  readonly limits: readonly string[];
  readonly strategies: readonly string[];
}

/** What reloads of this session changed. A new session begins with what its own configuration says. */
export class TakenOver {
  /** Of the configuration taken over last; empty: that of the start. */
  hash = '';
  readonly limits: Set<string> = new Set();
  readonly strategies: Set<string> = new Set();

  /** All of it or nothing; why nothing. What was read stands in place of what was configured. */
  take(
    text: string,
    parameters: Parameters,
    tightened: Map<string, Decimal>,
    configured: Map<string, Decimal>,
  ): string | undefined {
    const next = parseReloaded(text);
    if (next === undefined) return 'the configuration in it cannot be read';
    const refused = parameters.setAll(next.parameters);
    if (refused !== undefined) return refused;
    for (const [name, value] of Object.entries(next.limits)) {
      tightened.delete(name);
      configured.set(name, value);
      this.limits.add(name);
    }
    for (const strategy of Object.keys(next.parameters)) this.strategies.add(strategy);
    this.hash = next.hash;
    return undefined;
  }

  /** A new session begins. */
  clear(parameters: Parameters, configured: Map<string, Decimal>): void {
    for (const name of this.limits) configured.delete(name);
    for (const strategy of this.strategies) parameters.all.delete(strategy);
    this.hash = '';
    this.limits.clear();
    this.strategies.clear();
  }

  save(): SavedTakenOver {
    return { hash: this.hash, limits: [...this.limits], strategies: [...this.strategies] };
  }

  load({ hash, limits, strategies }: SavedTakenOver): void {
    this.hash = hash;
    for (const name of limits) this.limits.add(name);
    for (const name of strategies) this.strategies.add(name);
  }
}
