import type { TopologyInput } from './configuration.js';
import { LiveEngine } from './live-engine.js';
import type { LiveEngineOptions } from './options.js';

/** Makes an engine of a topology: checked, in the making, or as YAML or JSON text; or of none yet. */
export function createEngine(topology?: TopologyInput, options: LiveEngineOptions = {}): LiveEngine {
  return new LiveEngine(topology, options);
}
