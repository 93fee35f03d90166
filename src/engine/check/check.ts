import type { Log } from '../../model/component.js';
import type { CheckedTopology } from '../../topology/checked.js';
import { loadStrategies } from '../../topology/load-strategies.js';
import { accountOf, realBrokers } from '../state-config.js';
import { checkBroker } from './broker.js';
import { failure } from './failure.js';
import { checkFiles } from './files.js';
import { Findings, type Finding } from './finding.js';

export interface CheckOptions {
  readonly log: Log;
  /** Told each finding as it is made. */
  readonly onFinding?: (finding: Finding) => void;
}

/**
 * Everything that can be known before a run without changing anything: strategies load, folders can be written, and each
 * real venue answers, knows the key, the instruments and the account. Never throws.
 */
export async function checkTopology(
  topology: CheckedTopology,
  { log, onFinding }: CheckOptions,
): Promise<readonly Finding[]> {
  const all: Finding[] = [];
  const about = (name: string): Findings =>
    new Findings(name, (finding) => {
      all.push(finding);
      onFinding?.(finding);
    });
  const strategies = about('strategies');
  try {
    await loadStrategies(topology);
    const names = topology.operators.filter(({ spec }) => spec.type === 'strategy').map(({ name }) => name);
    strategies.ok('load', names.length === 0 ? 'none' : names.join(', '));
  } catch (error) {
    failure(strategies, error, 'load');
  }
  checkFiles(about('files'), topology);
  for (const broker of topology.brokers) {
    const found = about(broker.name);
    if (broker.spec.simulated) found.ok('simulated', 'nothing to connect to');
    else await checkBroker(found, broker, topology, log);
  }
  if (topology.mode === 'live')
    for (const broker of realBrokers(topology)) {
      const account = accountOf(broker);
      about('arming').ok(
        account,
        'starts disarmed: only cancels and exits leave',
        `millrace arm ${account} --reason …`,
      );
    }
  return all;
}
