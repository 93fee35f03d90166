import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endure, growth } from './endurance.js';

/**
 * `npm run test:endurance -- [--minutes M] [--rate R] [--disconnects N]`: memory and sockets of the engine on a feed of R
 * changes of the best prices a second, or over N cuts of all connections. Fails when either of them grows.
 */
const number = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const folder = mkdtempSync(join(tmpdir(), 'millrace-endurance-'));
const disconnects = number('disconnects', 0);
const result = await endure({
  folder,
  disconnects,
  rate: number('rate', disconnects > 0 ? 50 : 2_000),
  length: number('minutes', 10) * 60_000,
});
const grown = growth(result.samples);
const heap = result.samples.map(({ megabytes }) => megabytes.toFixed(1)).join(' ');
console.log(
  `${result.perSecond.toFixed(0)} turns/s, ${result.disconnects} disconnects; heap in MiB: ${heap}; grown by ${grown.megabytes.toFixed(2)} MiB and ${grown.sockets} sockets`,
);
if (result.failure !== '') console.error(`FAILED: ${result.failure}`);
const flat = result.failure === '' && grown.megabytes < 8 && grown.sockets <= 0;
if (flat) rmSync(folder, { recursive: true, force: true });
process.exit(flat ? 0 : 1);
