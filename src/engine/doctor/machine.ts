import { statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { appendAll, type FilePort } from '../../sinks/file-port.js';
import type { Findings } from '../check/finding.js';
import { messageOf } from '../kill/latches.js';

const MIB = 1024 * 1024;
const LITTLE = 1024 * MIB;
const PROBE_BYTES = 64 * 1024;
const OLDEST = [20, 19] as const;

/** `version`: as `process.versions.node` tells it. */
export function checkNode(found: Findings, version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) found.ok('node', `Node ${version}`);
  else found.fail('node', `Node ${version} is too old: ${OLDEST.join('.')} is needed`, 'nvm install 22');
}

/** Really writes a small file, so that a full, read-only or forbidden disk is found whatever it says of itself. */
export function checkDisk(found: Findings, folder: string, files: FilePort): void {
  const there = existing(folder, files);
  const path = join(there, `.millrace-doctor-${process.pid}`);
  try {
    const file = files.create(path);
    try {
      appendAll(file, new Uint8Array(PROBE_BYTES));
      file.sync();
    } finally {
      file.close();
      files.remove(path);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'ENOSPC' || code === 'EDQUOT')
      found.fail('disk', `${there} is full: nothing can be recorded`, `du -xh ${there} | sort -h | tail -20`);
    else if (code === 'EROFS')
      found.fail(
        'disk',
        `${there} is read-only`,
        `mount -o remount,rw $(df --output=target ${there} | tail -1)`,
      );
    else
      found.fail(
        'disk',
        `${there} cannot be written: ${messageOf(error)}`,
        `sudo chown -R $(id -u) ${there}`,
      );
    return;
  }
  const { bavail, bsize } = statfsSync(there);
  const free = bavail * bsize;
  const text = `${folder}: ${Math.round(free / MIB)} MiB free`;
  if (free < LITTLE) found.warn('disk', text, `du -xh ${there} | sort -h | tail -20`);
  else found.ok('disk', text);
}

function existing(folder: string, files: FilePort): string {
  let at = folder;
  while (!files.exists(at) && dirname(at) !== at) at = dirname(at);
  return at;
}

/** Tries to listen there. `usedBy`: an engine of ours that listens there already. */
export async function checkPort(
  found: Findings,
  what: string,
  { host, port }: { readonly host: string; readonly port: number },
  usedBy: string | undefined,
): Promise<void> {
  if (port === 0) return;
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
  if (error === undefined) found.ok('port', `${what}: ${host}:${port} is free`);
  else if (usedBy !== undefined) found.ok('port', `${what}: ${host}:${port} is used by ${usedBy}`);
  else if (error.code === 'EADDRINUSE')
    found.fail(
      'port',
      `${what}: ${host}:${port} is in use by another program`,
      `ss -ltnp 'sport = :${port}'`,
    );
  else found.fail('port', `${what}: ${host}:${port} cannot be used: ${error.message}`, 'ip address');
}
