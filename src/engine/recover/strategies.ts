import type { SavedStrategy } from '../../operators/strategy/persist.js';
import type { Engine } from '../engine.js';

/** What strategies want kept, by node name; one that cannot say it is told in the log and left out. */
export function strategiesOf(engine: Engine): ReadonlyMap<string, SavedStrategy> {
  const kept = new Map<string, SavedStrategy>();
  for (const [name, strategy] of engine.graph.strategies) {
    try {
      const saved = strategy.snapshot();
      if (saved !== undefined) kept.set(name, saved);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      engine.options.log.warn(`strategy "${name}" gave no snapshot: ${message}`);
    }
  }
  return kept;
}

/** Says which strategies go on from a snapshot, and how far it lies behind the State they go on with. */
export function announceRestored(engine: Engine): void {
  const { log, strategies } = engine.options;
  for (const [name, strategy] of engine.graph.strategies) {
    const saved = strategies?.get(name);
    if (saved === undefined) continue;
    const behind = engine.driver.seq - saved.seq;
    const gap = behind > 1 ? `, ${behind} turns it has not seen are left out` : '';
    log.info(
      strategy.restored
        ? `strategy "${name}" goes on from its snapshot behind turn ${saved.seq}${gap}`
        : `strategy "${name}" begins anew: its snapshot is of another version or other parameters`,
    );
  }
}
