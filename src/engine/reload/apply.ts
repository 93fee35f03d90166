import type { ControlEvent } from '../../model/event.js';
import { makeLog } from '../../model/make.js';
import { reasonText } from '../../model/reason.js';
import { parametersText } from '../../state/parameters.js';
import { parseReloaded } from '../../state/reloaded.js';
import type { Engine } from '../engine.js';
import { configuredParameters } from './parameters.js';

/** Inside the turn of `set_parameter`, after State took it: the strategy begins afresh with its parameters. */
export function reconfigure(engine: Engine, strategy: string, text: string): void {
  const now = engine.state.control.parameters.all.get(strategy);
  if (now === undefined || parametersText(now) !== text) return;
  apply(engine, strategy, now.parameters);
}

/** The same for all strategies a `reload` named. */
export function reconfigureAll(engine: Engine, event: ControlEvent): void {
  const next = parseReloaded(event.value);
  if (next === undefined || engine.state.control.configurationHash !== next.hash) return;
  for (const [strategy, value] of Object.entries(next.parameters))
    reconfigure(engine, strategy, parametersText(value));
}

/** Parameters changed before a restart stay so in a new session, unless its configuration says something new. */
export function reconfigureAgain(engine: Engine): void {
  for (const [strategy, { from, parameters }] of engine.state.control.parameters.all)
    if (configuredParameters(engine.topology, strategy) === from) apply(engine, strategy, parameters);
}

function apply(engine: Engine, strategy: string, parameters: string): void {
  try {
    engine.graph.strategies.get(strategy)?.reconfigure(JSON.parse(parameters) as unknown);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const text = reasonText('CONTROL_REFUSED', { action: 'set_parameter', target: strategy, why });
    engine.driver.record(makeLog('warn', 'CONTROL_REFUSED', text), 'engine');
  }
}
