// Loaded in front of the engine (`--import`): ends it, or its disk, at a chosen point of its life.
// Bytes and time count from its first order request on, with `early-` in front from its first journal write on. A life
// that sends no order ends after 20 s.
//   CRASH=send:N:before  killed when order request N is about to leave: it is written ahead, and was never sent
//   CRASH=send:N:after   killed as soon as order request N has left: its answer is never heard
//   CRASH=bytes:N:half   killed while the journal write that passes byte N is half done (a torn record)
//   CRASH=bytes:N:after  killed right behind that write
//   CRASH=time:MS        killed after so many milliseconds
//   CRASH=full:N:M       the disk is full for M journal writes from byte N on; then as time:1000
//   CRASH=readonly:N     the journal cannot be written from byte N on; then as time:1000
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { WebSocket } from 'ws';

const [told = '', first = '0', how = ''] = (process.env.CRASH ?? '').split(':');
const early = told.startsWith('early-');
const kind = early ? told.slice(6) : told;
const at = Number(first);
const die = () => process.kill(process.pid, 'SIGKILL');
const { openSync, writeSync } = fs;
const send = WebSocket.prototype.send;
const journals = new Set();
let written = 0;
let requests = 0;
let began = false;
let refused = 0;

function begin() {
  if (began) return;
  began = true;
  if (kind === 'time') setTimeout(die, at);
}
if (kind !== '') setTimeout(die, 20_000).unref();

WebSocket.prototype.send = function (data, ...rest) {
  if (typeof data !== 'string' || !/"method":"order\./.test(data) || /"order\.status"/.test(data))
    return send.call(this, data, ...rest);
  begin();
  if (kind !== 'send' || ++requests !== at) return send.call(this, data, ...rest);
  if (how === 'before') return die();
  return send.call(this, data, die);
};

fs.openSync = (path, ...rest) => {
  const fd = openSync(path, ...rest);
  if (String(path).endsWith('.mlj')) journals.add(fd);
  else journals.delete(fd);
  return fd;
};
fs.writeSync = (fd, data, offset, length, position) => {
  if (journals.has(fd) && early) begin();
  if (!journals.has(fd) || !began) return writeSync(fd, data, offset, length, position);
  const bytes = length ?? data.length;
  const reached = written + bytes >= at;
  if (reached && kind === 'bytes' && how === 'half') {
    writeSync(fd, data, offset, Math.floor(bytes / 2), position);
    die();
  }
  if (reached && (kind === 'readonly' || (kind === 'full' && refused < Number(how)))) {
    if (refused++ === 0) setTimeout(die, 1000);
    const [code, text] = kind === 'full' ? ['ENOSPC', 'no space left'] : ['EROFS', 'read-only file system'];
    throw Object.assign(new Error(`${code}: ${text}`), { code });
  }
  const taken = writeSync(fd, data, offset, length, position);
  written += taken;
  if (reached && kind === 'bytes') die();
  return taken;
};
syncBuiltinESMExports();
