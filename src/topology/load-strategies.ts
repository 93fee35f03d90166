import { loadStrategy, strategyParams } from '../strategies/load.js';
import type { CheckedTopology } from './checked.js';
import { diagnostic, type Diagnostic } from './diagnostic.js';

export interface PlannedStrategy {
  readonly node: string;
  readonly name: string;
  readonly version: string;
  /** Of its source and relative imports: the journal's header carries it. */
  readonly hash: string;
}

/** Loads the code of every strategy and checks its parameters, without running it. E113 for each that cannot be used. */
export function loadStrategies(topology: CheckedTopology): {
  readonly strategies: readonly PlannedStrategy[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const strategies: PlannedStrategy[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { name, spec, config, place } of topology.operators) {
    if (spec.type !== 'strategy' || typeof config.use !== 'string') continue;
    try {
      const { definition, hash } = loadStrategy(config.use, topology.baseDir);
      strategyParams(definition, config.params);
      strategies.push({ node: name, name: definition.name, version: definition.version, hash });
    } catch (error) {
      const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      const help =
        error instanceof Error && 'help' in error && error.help !== '' ? String(error.help) : undefined;
      diagnostics.push(
        diagnostic('E113', place, `strategy "${name}" cannot be used: ${message.replace(/\.$/, '')}.`, help),
      );
    }
  }
  return { strategies, diagnostics };
}
