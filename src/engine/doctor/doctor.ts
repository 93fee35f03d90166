import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Log } from '../../model/component.js';
import { nodeFiles, type FilePort } from '../../sinks/file-port.js';
import type { CheckedTopology } from '../../topology/checked.js';
import { CONTROL_DEFAULTS, listenOf } from '../../topology/control-schema.js';
import { checkBroker } from '../check/broker.js';
import { Findings, type Finding } from '../check/finding.js';
import { isAlive, readAddress } from '../control/address.js';
import { controlFiles } from '../control/surface.js';
import { journalFolder } from '../recover/past.js';
import { safetyFiles } from '../safety.js';
import { checkDisk, checkNode, checkPort } from './machine.js';
import { checkJournal, checkLatch, checkLocks, checkPermissions } from './records.js';

export interface DoctorOptions {
  /** Undefined: only what does not need one. */
  readonly topology: CheckedTopology | undefined;
  /** As they are written on a command line, for the commands that mend. */
  readonly topologyFiles: string;
  /** Further files that hold secrets: those of `--env-file` and of `*_FILE` variables. */
  readonly secretFiles: readonly string[];
  readonly log: Log;
  /** Default: the disk. */
  readonly files?: FilePort;
  /** Default: that of this process. */
  readonly nodeVersion?: string;
  readonly onFinding?: (finding: Finding) => void;
}

/** Looks for what keeps an engine from running, and says which command mends it. Changes nothing. */
export async function examine(options: DoctorOptions): Promise<readonly Finding[]> {
  const { topology, files = nodeFiles, nodeVersion = process.versions.node, secretFiles } = options;
  const all: Finding[] = [];
  const about = (name: string): Findings =>
    new Findings(name, (finding) => {
      all.push(finding);
      options.onFinding?.(finding);
    });
  checkNode(about('machine'), nodeVersion);
  if (topology === undefined) {
    checkDisk(about('machine'), process.cwd(), files);
    checkPermissions(about('files'), secretFiles, []);
    return all;
  }
  const state = safetyFiles(topology);
  const control = controlFiles(state.folder);
  const journal = journalFolder(topology);
  const audits = pathsOf(topology, 'audit');
  for (const folder of new Set([
    state.folder,
    ...(journal === undefined ? [] : [journal]),
    ...audits.map(dirname),
  ]))
    checkDisk(about('files'), folder, files);
  checkPermissions(
    about('files'),
    [control.tokens, control.operator, ...secretFiles],
    [state.latch, state.arming, control.address],
  );
  const accounts = join(state.folder, 'accounts');
  checkLocks(
    about('files'),
    [...(journal === undefined ? [] : [join(journal, topology.name)]), ...audits, ...locksIn(accounts)],
    files,
  );
  checkLatch(about('safety'), state.folder, state.latch, options.topologyFiles, files);
  if (journal !== undefined) checkJournal(about('journal'), journal, topology.name);
  await checkPorts(about('ports'), topology, control.address);
  for (const broker of topology.brokers)
    if (!broker.spec.simulated) await checkBroker(about(broker.name), broker, topology, options.log);
  return all;
}

const pathsOf = (topology: CheckedTopology, type: string): readonly string[] =>
  topology.sinks
    .filter(({ spec }) => spec.type === type)
    .map(({ config }) => resolve(topology.baseDir, String(config['path'])));

function locksIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.lock'))
      .map((name) => join(folder, name.slice(0, -'.lock'.length)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []; // no account was ever locked
    throw error;
  }
}

async function checkPorts(found: Findings, topology: CheckedTopology, addressFile: string): Promise<void> {
  const address = readAddress(addressFile);
  const running =
    address === undefined || !isAlive(address) ? undefined : `the running engine (pid ${address.pid})`;
  const settings = topology.control ?? (topology.mode === 'live' ? CONTROL_DEFAULTS : undefined);
  const listen = settings === undefined ? undefined : listenOf(settings.listen);
  if (listen !== undefined) await checkPort(found, 'control', listen, running);
  for (const { name, spec, config } of topology.sinks) {
    const metrics = spec.type === 'prometheus' ? listenOf(String(config['listen'])) : undefined;
    if (metrics !== undefined) await checkPort(found, name, metrics, running);
  }
}
