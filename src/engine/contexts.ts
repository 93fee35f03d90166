import type { ComponentContext } from '../model/component.js';
import { hashSeed, seededRandom } from '../model/random.js';
import type { Event } from '../model/record.js';
import type { OperatorContext } from '../operators/context.js';
import type { EventScheduler } from '../streams/event-scheduler.js';
import type { CheckedOperator } from '../topology/checked.js';
import type { EndOfTurn } from './end-of-turn.js';
import type { Engine } from './engine.js';

/** What every component may know of its surroundings. */
export function componentContext(engine: Engine, name: string): ComponentContext {
  const { topology, options } = engine;
  return {
    name,
    mode: topology.mode,
    baseDir: topology.baseDir,
    instruments: engine.instruments,
    log: options.log,
    session: options.session,
    configurationHash: topology.configurationHash,
    build: options.info?.build ?? '',
    seed: hashSeed(`${topology.seed}:${name}`),
  };
}

/** What one operator of the graph gets: everything in it is legal inside a turn. */
export function operatorContext(
  engine: Engine,
  scheduler: EventScheduler,
  endOfTurn: EndOfTurn,
  op: CheckedOperator,
  emit: (port: string, event: Event) => void,
  inputs: OperatorContext['inputs'],
): OperatorContext & ComponentContext {
  const base = componentContext(engine, op.name);
  return {
    ...base,
    inputs,
    state: engine.state,
    scheduler: scheduler.forNode(op.name),
    at: () => engine.driver.at,
    random: seededRandom(base.seed),
    record: (child) => engine.driver.record(child, op.name),
    emit,
    endOfTurn: (flush) => endOfTurn.add(flush),
    halt: (code, reason) => engine.driver.halt(code, reason),
  };
}
