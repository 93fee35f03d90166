import type { CheckedTopology } from '../../topology/checked.js';
import { run as runEngine } from '../run.js';
import type { RunOptions as EngineRunOptions } from '../run-options.js';
import type { RunSummary } from '../summary.js';

export type RunOptions = Pick<
  EngineRunOptions,
  'log' | 'session' | 'resume' | 'signal' | 'live' | 'forMs' | 'reload' | 'onControl'
>;

/** Runs a topology from open to close. To look, steer or hear meanwhile, use `createEngine`. */
export function run(topology: CheckedTopology, options: RunOptions = {}): Promise<RunSummary> {
  return runEngine(topology, options);
}
