import { readFileSync } from 'node:fs';
import { loadStrategy } from '../strategies/load.js';
import type { CheckedTopology } from '../topology/checked.js';
import type { SessionInfo, StrategyInfo } from '../topology/spec.js';
import { wallMs } from './guard.js';

/** Version of this build, from its package. */
export function buildVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

/** What a journal must know to say later whether a session can be replayed exactly. */
export function sessionInfo(topology: CheckedTopology, session: string): SessionInfo {
  return {
    originalSession: session,
    build: buildVersion(),
    configurationHash: topology.configurationHash,
    configuration: topology.configurationText,
    strategies: strategyInfo(topology),
    baseDir: topology.baseDir,
    startedAt: wallMs() * 1000,
  };
}

/** Names, versions and source hashes of the strategies of a topology. */
export function strategyInfo(topology: CheckedTopology): readonly StrategyInfo[] {
  return topology.operators
    .filter((op) => op.spec.type === 'strategy')
    .map((op) => {
      const use = String(op.config['use']);
      const loaded = loadStrategy(use, topology.baseDir);
      return { name: op.name, use, version: loaded.definition.version, sourceHash: loaded.hash };
    });
}
