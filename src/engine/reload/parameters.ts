import { redact } from '../../model/secrets.js';
import type { StrategyParameters } from '../../state/parameters.js';
import { builtInStrategy, strategyParams } from '../../strategies/load.js';
import { canonicalJson } from '../../topology/canonical.js';
import type { CheckedTopology } from '../../topology/checked.js';
import type { Engine } from '../engine.js';

/** What a configuration says about the parameters of a strategy, as canonical JSON; undefined: it has no such strategy. */
export function configuredParameters(topology: CheckedTopology, strategy: string): string | undefined {
  const node = topology.operators.find(({ name, spec }) => spec.type === 'strategy' && name === strategy);
  return node === undefined ? undefined : canonicalJson(node.config['params'] ?? {});
}

/** Parameters in force, as JSON, and their version. */
export function parametersInForce(
  engine: Engine,
  strategy: string,
): { readonly version: number; readonly parameters: string } {
  const configured = configuredParameters(engine.topology, strategy) ?? '{}';
  const changed = engine.state.control.parameters.all.get(strategy);
  const version = changed?.version ?? 0;
  return { version, parameters: changed?.from === configured ? changed.parameters : configured };
}

/** What a strategy runs with after these changes; or why it cannot. */
export function nextParameters(
  engine: Engine,
  strategy: string,
  changes: Readonly<Record<string, unknown>>,
  based: number | undefined,
): StrategyParameters | string {
  const known = [...engine.graph.strategies.keys()];
  if (!known.includes(strategy)) return `there is no strategy "${strategy}"; these are: ${known.join(', ')}`;
  const now = parametersInForce(engine, strategy);
  if (based !== undefined && based !== now.version)
    return `the parameters of ${strategy} were changed meanwhile: they are at version ${now.version}, not ${based}`;
  const merged = { ...(JSON.parse(now.parameters) as Record<string, unknown>), ...changes };
  const parameters = canonicalJson(merged);
  if (parameters === now.parameters) return `${strategy} runs with these parameters already`;
  const wrong = problemWith(engine.topology, strategy, merged);
  if (wrong !== undefined) return wrong;
  return {
    version: now.version + 1,
    from: configuredParameters(engine.topology, strategy) ?? '{}',
    parameters,
  };
}

/** What the schema of the strategy says against it; undefined: nothing. They are recorded, so they hold no secret. */
export function problemWith(
  topology: CheckedTopology,
  strategy: string,
  params: unknown,
): string | undefined {
  const text = JSON.stringify(params);
  if (redact(text) !== text) return 'parameters are recorded, so they may not hold a secret';
  const node = topology.operators.find(({ name }) => name === strategy);
  const written = node?.config['use'];
  const use = typeof written === 'string' ? written : '';
  const definition = (topology.strategies?.get(use) ?? builtInStrategy(use))?.definition;
  if (definition === undefined) return `strategy ${use} is not loaded`;
  try {
    strategyParams(definition, params);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
