import { existsSync, readFileSync } from 'node:fs';
import type { CheckedTopology } from '../topology/checked.js';
import { strategyInfo } from '../topology/load-strategies.js';
import type { SessionInfo } from '../topology/spec.js';
import { wallMs } from './guard.js';

/** Version of this build: of the nearest package above this file. */
export function buildVersion(): string {
  let folder = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) {
    const above = new URL('..', folder);
    if (above.href === folder.href) return 'unknown';
    folder = above;
  }
  return (JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as { readonly version: string })
    .version;
}

/** What a journal must know to say later whether a session can be replayed exactly. */
export function sessionInfo(
  topology: CheckedTopology,
  session: string,
  past: Pick<SessionInfo, 'originalSession' | 'life' | 'opening'> = {
    originalSession: session,
    life: 1,
    opening: '',
  },
): SessionInfo {
  return {
    ...past,
    topology: topology.name,
    build: buildVersion(),
    configurationHash: topology.configurationHash,
    configuration: topology.configurationText,
    strategies: strategyInfo(topology),
    baseDir: topology.baseDir,
    startedAt: wallMs() * 1000,
  };
}
