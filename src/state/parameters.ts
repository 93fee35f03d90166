import type { Hasher } from './hash.js';

/** Parameters of a strategy that were changed while it ran. */
export interface StrategyParameters {
  /** 1 for the first change of a session. */
  readonly version: number;
  /** What the configuration says, as canonical JSON: another configuration is not overridden. */
  readonly from: string;
  /** All parameters in force, as JSON. */
  readonly parameters: string;
}

/** The text of a `set_parameter` event: {@link StrategyParameters} as JSON. */
export const parametersText = ({ version, from, parameters }: StrategyParameters): string =>
  JSON.stringify({ version, from, parameters });

export function parseParameters(text: string): StrategyParameters | undefined {
  try {
    return checked(JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

function checked(value: unknown): StrategyParameters | undefined {
  const { version, from, parameters } = (value ?? {}) as Partial<Record<keyof StrategyParameters, unknown>>;
  if (!Number.isInteger(version) || typeof from !== 'string' || typeof parameters !== 'string')
    return undefined;
  return { version: version as number, from, parameters };
}

/** Strategies' parameters by node, each with its version, so that two operators cannot overwrite each other unseen. */
export class Parameters {
  readonly all: Map<string, StrategyParameters> = new Map();

  version(strategy: string): number {
    return this.all.get(strategy)?.version ?? 0;
  }

  /** Why it is not taken; undefined: it was. */
  set(strategy: string, next: StrategyParameters | undefined): string | undefined {
    if (next === undefined) return 'the parameters cannot be read';
    const version = this.version(strategy);
    if (next.version !== version + 1)
      return `the parameters of ${strategy} were changed meanwhile: they are at version ${version}`;
    this.all.set(strategy, next);
    return undefined;
  }

  /** All of them or none. */
  setAll(next: Readonly<Record<string, StrategyParameters>>): string | undefined {
    const entries = Object.entries(next);
    const late = entries.find(([strategy, { version }]) => version !== this.version(strategy) + 1);
    if (late !== undefined) return `the parameters of ${late[0]} were changed meanwhile; do it again`;
    for (const [strategy, value] of entries) this.all.set(strategy, value);
    return undefined;
  }

  hash(hasher: Hasher): void {
    for (const strategy of [...this.all.keys()].sort())
      hasher.str(strategy).str(this.all.get(strategy)?.parameters ?? '');
  }
}
