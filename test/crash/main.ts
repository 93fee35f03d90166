import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../../src/model/random.js';
import { compare } from './compare.js';
import { Desk } from './desk.js';
import { Venue } from './venue.js';

/**
 * `npm run test:crash -- [--kills N] [--seed S] [--keep]`: the built engine, live on the Binance emulator through the
 * Binance adapter, each in a process of its own. It is killed again and again: at any time, in the middle of a journal
 * write, right before and right behind an order's way out. Sometimes its disk is full or read-only before. In the end
 * nothing may be lost, sent twice or counted twice, to the last digit.
 */
const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const kills = option('kills', 30);
const seed = option('seed', Date.now() & 0xffff);
const random = seededRandom(seed);

/** Where the next life ends. */
function fault(): string {
  const early = random() < 0.2 ? 'early-' : '';
  const dice = random();
  const bytes = early === '' ? Math.floor(random() * 20_000) : 1_000 + Math.floor(random() * 20_000);
  if (dice < 0.25) return `${early}time:${10 + Math.floor(random() * 700)}`;
  if (dice < 0.5) return `send:${1 + Math.floor(random() * 12)}:${random() < 0.5 ? 'before' : 'after'}`;
  if (dice < 0.72) return `${early}bytes:${bytes}:half`;
  if (dice < 0.92) return `${early}bytes:${bytes}:after`;
  if (dice < 0.96) return `${early}full:${bytes}:${5 + Math.floor(random() * 40)}`;
  return `${early}readonly:${bytes}`;
}

async function main(folder: string): Promise<boolean> {
  const venue = await Venue.start(seed);
  try {
    const desk = new Desk(folder, venue);
    await desk.armAndKill();
    let brokenDisk = false;
    for (let killed = 2; killed <= kills; killed++) {
      const crash = fault();
      brokenDisk ||= /full|readonly/.test(crash);
      const { code, signal, text } = await desk.live(crash);
      if (signal !== 'SIGKILL') {
        console.error(`life ${killed} (${crash}) ended by itself, code ${code}, signal ${signal}:\n${text}`);
        return false;
      }
      await venue.countRequests();
      if (process.stderr.isTTY || killed % 10 === 0) console.error(`killed ${killed} of ${kills} (${crash})`);
    }
    const last = await desk.live('', ['--for', '5s']);
    await venue.pause();
    await venue.countRequests();
    const { wrong, told } = await compare(folder, venue, brokenDisk);
    for (const problem of wrong) console.error(`WRONG: ${problem}`);
    console.log(`${kills} kills, seed ${seed}: ${told}`);
    if (last.signal !== null || wrong.length > 0) console.error(last.text);
    return wrong.length === 0;
  } finally {
    venue.end();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'millrace-crash-'));
const good = await main(folder);
if (good && !process.argv.includes('--keep')) rmSync(folder, { recursive: true, force: true });
else console.error(`kept: ${folder}`);
process.exitCode = good ? 0 : 1;
