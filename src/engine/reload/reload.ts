import { makeControl } from '../../model/make.js';
import type { StrategyParameters } from '../../state/parameters.js';
import { reloadedText } from '../../state/reloaded.js';
import { canonicalJson } from '../../topology/canonical.js';
import type { CheckedTopology } from '../../topology/checked.js';
import { formatText } from '../../topology/diagnostic.js';
import type { LoadResult } from '../../topology/load.js';
import { tryStrategies } from '../../topology/load-strategies.js';
import type { ControlAnswer } from '../control-turns.js';
import type { Engine } from '../engine.js';
import type { By } from '../operations.js';
import { configuredParameters, problemWith } from './parameters.js';
import { planReload, type ReloadPlan } from './plan.js';

export interface ReloadAnswer extends Partial<ControlAnswer> {
  readonly changes: readonly string[];
  /** Hash of the configuration that was read. */
  readonly configurationHash: string;
  /** True: only asked for. */
  readonly dryRun: boolean;
  readonly refused?: string;
}

/**
 * Takes over what changed in the files of the topology while it runs. The files are read, linted and compiled first, and
 * compared with what runs; then one control event, with all that a replay needs, changes everything in one turn. Nodes
 * that did not change are not touched. What cannot change while running refuses the whole, with every reason.
 */
export class Reload {
  readonly #engine: Engine;
  readonly #load: () => Promise<LoadResult>;
  #current: CheckedTopology;

  constructor(engine: Engine, load: () => Promise<LoadResult>) {
    this.#engine = engine;
    this.#load = load;
    this.#current = engine.topology;
  }

  /** Never rejects: what was not done is `refused`. */
  async run(by: By, dryRun: boolean): Promise<ReloadAnswer> {
    const none = { changes: [], configurationHash: '', dryRun };
    let next: CheckedTopology;
    try {
      const read = await this.#load();
      if (read.topology === undefined) return { ...none, refused: formatText(read.diagnostics, read.texts) };
      const loaded = await tryStrategies(read.topology);
      if (loaded.diagnostics.length > 0)
        return { ...none, refused: formatText(loaded.diagnostics, read.texts) };
      next = loaded.topology;
    } catch (error) {
      return { ...none, refused: error instanceof Error ? error.message : String(error) };
    }
    const plan = planReload(this.#current, next, this.#engine.state);
    const { changes } = plan;
    const answer = { changes, configurationHash: next.configurationHash, dryRun };
    const refused = [...plan.refused, ...secrets(next, plan)];
    if (refused.length > 0) return { ...answer, refused: refused.join('\n') };
    if (dryRun || changes.length === 0) return answer;
    const reduced = await this.#post(next, plan, by);
    if (reduced.refused === undefined) this.#current = next;
    return { ...answer, ...reduced };
  }

  #post(next: CheckedTopology, plan: ReloadPlan, { actor, reason }: By): Promise<ControlAnswer> {
    const engine = this.#engine;
    const parameters: Record<string, StrategyParameters> = {};
    for (const [strategy, params] of Object.entries(plan.parameters)) {
      parameters[strategy] = {
        version: engine.state.control.parameters.version(strategy) + 1,
        from: configuredParameters(engine.topology, strategy) ?? '{}',
        parameters: canonicalJson(params),
      };
    }
    const value = reloadedText({
      hash: next.configurationHash,
      configuration: next.configurationText,
      parameters,
      limits: plan.limits,
    });
    const event = makeControl(engine.sequencer.at, 'reload', actor, reason, '', value);
    const reduced = engine.controls.expect(event);
    engine.command(event);
    return reduced;
  }
}

function secrets(next: CheckedTopology, { parameters }: ReloadPlan): readonly string[] {
  return Object.entries(parameters).flatMap(([strategy, params]) => {
    const wrong = problemWith(next, strategy, params);
    return wrong === undefined ? [] : [`${strategy}: ${wrong}`];
  });
}
