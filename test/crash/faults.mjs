// Loaded in front of the engine (`--import`): ends it, or its disk, at a chosen byte of its journal.
// Bytes and time count from its first order on (the adapter of the exchange says when), with `early-` in front from the
// first journal write on. A life that sends no order ends after 20 s.
//   CRASH=bytes:N:half   killed while the write that passes byte N is half done (a torn record)
//   CRASH=bytes:N:after  killed right behind that write: what was written ahead has not been sent
//   CRASH=time:MS        killed MS milliseconds after its first journal write
//   CRASH=full:N:M       the disk is full for M writes from byte N on; then as time:1000
//   CRASH=readonly:N     nothing can be written from byte N on; then as time:1000
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [told = '', first = '0', how = ''] = (process.env.CRASH ?? '').split(':');
const early = told.startsWith('early-');
const kind = early ? told.slice(6) : told;
const at = Number(first);
const die = () => process.kill(process.pid, 'SIGKILL');
const { openSync, writeSync } = fs;
const journals = new Set();
let written = 0;
let began = false;
let waiting = false;
let refused = 0;

fs.openSync = (path, ...rest) => {
  const fd = openSync(path, ...rest);
  if (String(path).endsWith('.mlj')) journals.add(fd);
  else journals.delete(fd);
  return fd;
};
fs.writeSync = (fd, data, offset, length, position) => {
  if (!journals.has(fd)) return writeSync(fd, data, offset, length, position);
  if (!early && globalThis.crashTrading !== true) {
    if (kind !== '' && !waiting) setTimeout(die, 20_000).unref();
    waiting = true;
    return writeSync(fd, data, offset, length, position);
  }
  if (!began && kind === 'time') setTimeout(die, at);
  began = true;
  const bytes = length ?? data.length;
  const reached = written + bytes >= at;
  if (reached && kind === 'bytes' && how === 'half') {
    writeSync(fd, data, offset, Math.floor(bytes / 2), position);
    die();
  }
  if (reached && (kind === 'readonly' || (kind === 'full' && refused < Number(how)))) {
    if (refused++ === 0) setTimeout(die, 1000);
    throw Object.assign(
      new Error(kind === 'full' ? 'ENOSPC: no space left' : 'EROFS: read-only file system'),
      {
        code: kind === 'full' ? 'ENOSPC' : 'EROFS',
      },
    );
  }
  const taken = writeSync(fd, data, offset, length, position);
  written += taken;
  if (reached && kind === 'bytes') die();
  return taken;
};
syncBuiltinESMExports();
