import { MillraceError } from '../model/reason.js';
import { builtInStrategy, loadStrategy, strategyParams, type LoadedStrategy } from '../strategies/load.js';
import type { CheckedOperator, CheckedTopology } from './checked.js';
import { runs } from './components/operators/strategy.js';
import { diagnostic, type Diagnostic } from './diagnostic.js';
import { importModule } from './import-module.js';
import type { StrategyInfo } from './spec.js';

/** A topology whose strategies are loaded, or what is wrong with them. */
export interface StrategiesResult {
  readonly topology: CheckedTopology;
  /** E113 for each that cannot be used. */
  readonly diagnostics: readonly Diagnostic[];
}

const strategyNodes = (topology: CheckedTopology): readonly CheckedOperator[] =>
  topology.operators.filter(({ spec }) => spec.type === 'strategy');

/** Binds loaded strategies, by what `use:` says, to the nodes that run them. */
export function bindStrategies(
  topology: CheckedTopology,
  loaded: ReadonlyMap<string, LoadedStrategy>,
): CheckedTopology {
  const operators = topology.operators.map((op): CheckedOperator => {
    const strategy = op.spec.type === 'strategy' ? loaded.get(String(op.config.use)) : undefined;
    return strategy === undefined ? op : { ...op, spec: { ...op.spec, make: runs(strategy.definition) } };
  });
  return { ...topology, operators, strategies: loaded };
}

/** Loads the code of every strategy, once, and checks its parameters, without running it. */
export async function tryStrategies(topology: CheckedTopology): Promise<StrategiesResult> {
  const loaded = new Map(topology.strategies);
  const diagnostics: Diagnostic[] = [];
  for (const { name, config, place } of strategyNodes(topology)) {
    const use = String(config.use);
    try {
      const strategy = loaded.get(use) ?? (await loadStrategy(use, topology.baseDir, importModule));
      loaded.set(use, strategy);
      strategyParams(strategy.definition, config.params);
    } catch (error) {
      const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      const help =
        error instanceof Error && 'help' in error && error.help !== '' ? String(error.help) : undefined;
      diagnostics.push(
        diagnostic('E113', place, `strategy "${name}" cannot be used: ${message.replace(/\.$/, '')}.`, help),
      );
    }
  }
  return { topology: bindStrategies(topology, loaded), diagnostics };
}

/** The same for those who want to run it: throws INVALID_CONFIGURATION with every mistake. */
export async function loadStrategies(topology: CheckedTopology): Promise<CheckedTopology> {
  const { topology: result, diagnostics } = await tryStrategies(topology);
  const [first] = diagnostics;
  if (first === undefined) return result;
  throw new MillraceError(
    'INVALID_CONFIGURATION',
    diagnostics.map(({ message }) => message).join('\n'),
    first.help ?? '`millrace plan FILE` shows where it stands.',
  );
}

/** Names, versions and source hashes of the strategies of a topology. Those from files must be loaded. */
export function strategyInfo(topology: CheckedTopology): readonly StrategyInfo[] {
  return strategyNodes(topology).map(({ name, config }) => {
    const use = String(config.use);
    const loaded = topology.strategies?.get(use) ?? builtInStrategy(use);
    if (loaded === undefined)
      throw new MillraceError(
        'STRATEGY_INIT_FAILED',
        `strategy ${use} of "${name}" is not loaded`,
        'await loadStrategies(topology) before the engine is made',
      );
    return { name, use, version: loaded.definition.version, sourceHash: loaded.hash };
  });
}
