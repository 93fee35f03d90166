import { dirname, join, resolve } from 'node:path';
import { nodeFiles, type FilePort } from '../../sinks/file-port.js';
import { takeLock } from '../../sinks/lock.js';
import type { Log } from '../../topology/spec.js';
import type { Engine } from '../engine.js';
import { realBrokers } from '../state-config.js';

const plain = (text: string): string => text.replaceAll(/[^A-Za-z0-9_.-]/g, '_');

/**
 * Takes a lock in `state_dir` for every real account that orders are sent to, so that two engines never trade one
 * account. Throws INVALID_CONFIGURATION naming who holds it. Returns what releases them.
 */
export function lockAccounts(engine: Engine, log: Log, files: FilePort = nodeFiles): () => void {
  const { topology, options } = engine;
  const taken: (() => void)[] = [];
  const release = (): void => {
    for (const free of taken.splice(0)) free();
  };
  try {
    for (const { name, config } of realBrokers(topology)) {
      const broker = engine.brokers.get(name);
      if (broker === undefined) continue;
      const environment = typeof config['environment'] === 'string' ? config['environment'] : '';
      const file = [broker.venue, environment, broker.account]
        .filter((part) => part !== '')
        .map(plain)
        .join('-');
      const path = join(resolve(topology.baseDir, topology.stateDir), 'accounts', file);
      files.makeFolder(dirname(path));
      taken.push(
        takeLock({
          files,
          path,
          what: `account ${broker.account} of ${broker.venue}:`,
          session: options.session,
          log,
        }),
      );
    }
  } catch (error) {
    release();
    throw error;
  }
  return release;
}
