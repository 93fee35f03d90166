import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Broker } from '../../../src/brokers/broker.js';
import type { Engine } from '../../../src/engine/engine.js';
import { lockAccounts } from '../../../src/engine/recover/locks.js';
import { memoryLog, tempFolder } from '../../support/run-topology.js';

/** As much of an engine as a lock asks about: its real brokers and where it keeps its state. */
function desk(folder: string, session: string, account: string, environment = 'live'): Engine {
  const name = 'venue';
  const config = { environment };
  return {
    topology: {
      baseDir: folder,
      stateDir: './state',
      brokers: [{ name, spec: { type: 'venue', simulated: false }, config }],
      sinks: [{ spec: { type: 'orders' }, broker: name, inputs: [] }],
    },
    options: { session },
    brokers: new Map([[name, { venue: 'venue', account } as Broker]]),
  } as unknown as Engine;
}

describe('two engines on one account', () => {
  it('are refused with the name of the first, until it ends; another account is free', () => {
    const folder = tempFolder();
    const log = memoryLog();
    const release = lockAccounts(desk(folder, 'one', 'main'), log);
    expect(() => lockAccounts(desk(folder, 'two', 'main'), log)).toThrow(
      /account main of venue.*is in use by session one, process \d+/,
    );
    lockAccounts(desk(folder, 'two', 'other'), log)();
    lockAccounts(desk(folder, 'two', 'main', 'testnet'), log)();
    release();
    lockAccounts(desk(join(folder, '.'), 'two', 'main'), log)();
  });
});
