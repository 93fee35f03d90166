import type { JournalHeader } from '../../sinks/journal/index.js';
import type { CheckedTopology } from '../../topology/checked.js';
import { strategyInfo } from '../../topology/load-strategies.js';
import { buildVersion } from '../session-info.js';

/** What changed since a journal was written, so that feeding it again would prove nothing; undefined: nothing did. */
export function mismatch(header: JournalHeader, topology: CheckedTopology): string | undefined {
  const build = buildVersion();
  if (header.build !== build) return `the build changed (${header.build} to ${build})`;
  if (header.configurationHash !== topology.configurationHash) return 'the configuration changed';
  const now = strategyInfo(topology);
  for (const { name, sourceHash } of header.strategies) {
    if (now.find((strategy) => strategy.name === name)?.sourceHash !== sourceHash)
      return `strategy "${name}" changed`;
  }
  return undefined;
}
