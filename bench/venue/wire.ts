import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { Child } from './child.js';
import type { BlockResult, ClientTask } from './messages.js';
import { median, summary, type Summary } from './percentiles.js';

/** One of the three who answer quotes. */
type Who = 'bare' | 'os' | 'fsync';
const EVERY = 100;
/** Before anything is measured each side sends 3,000 orders, so that both run compiled code. */
const WARM = { laps: 2, rate: 2_500, quotes: 7_500, every: 5 } as const;

export interface WireRow {
  readonly who: Who;
  readonly rate: number;
  readonly figures: Summary;
  readonly unanswered: number;
}

export interface WireResult {
  readonly rows: readonly WireRow[];
  /** Microseconds of one `fdatasync` behind an append of the size of an order's turns, on the disk of the journals. */
  readonly fdatasync: Summary;
  /** Per rate: lowest and highest median of a block of the bare client; how quiet the machine was. */
  readonly noise: Readonly<Record<number, readonly [number, number]>>;
}

/**
 * From the write of a quote to the arrival of the order that answers it, in the venue's process: the engine against a
 * bare client, in alternating blocks, so that a slow stretch of the machine slows both.
 */
export async function wire(node: string, say: (text: string) => void): Promise<WireResult> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-wire-'));
  const names: readonly Who[] = ['bare', 'os', 'fsync'];
  const symbols: Readonly<Record<Who, string>> = { bare: 'AAAUSDT', os: 'BBBUSDT', fsync: 'CCCUSDT' };
  const keys = names.map((who) => ({
    symbol: symbols[who],
    apiKey: `${who}-key-`.padEnd(64, 'k'),
    secret: `${who}-secret-`.padEnd(64, 's'),
  }));
  const children: Child[] = [];
  const start = (script: string, argument: unknown): Child => {
    const child = new Child(script, argument, node);
    children.push(child);
    return child;
  };
  try {
    const venue = start('./wire-venue.js', keys);
    const { rest, stream, wsApi } = await venue.next('venue');
    for (const [i, who] of names.entries()) {
      const task: ClientTask = {
        ...{ rest, stream, wsApi, apiKey: keys[i]?.apiKey ?? '', secret: keys[i]?.secret ?? '' },
        symbol: symbols[who],
        durability: who === 'fsync' ? 'fsync' : 'os',
        folder: join(folder, who),
      };
      await start(who === 'bare' ? './wire-bare.js' : './wire-engine.js', task).next('ready');
    }
    const play = async (who: Who, rate: number, quotes: number, every = EVERY): Promise<BlockResult> => {
      venue.send({ symbol: symbols[who], rate, quotes, every });
      const { result } = await venue.next('block');
      if (result.refused !== '') throw new Error(`the venue refused an order of ${who}: ${result.refused}`);
      if (result.micros.length === 0) throw new Error(`${who} answered no quote at all`);
      return result;
    };
    say('warming up');
    const shapes = new Set<string>();
    for (let lap = 0; lap < WARM.laps; lap++)
      for (const who of names) shapes.add((await play(who, WARM.rate, WARM.quotes, WARM.every)).fields);
    if (shapes.size !== 1) throw new Error(`the orders differ: ${[...shapes].join(' | ')}`);

    const took = new Map<string, number[]>();
    const lost = new Map<string, number>();
    const medians = new Map<number, number[]>();
    const syncs: number[] = [];
    const measure = async (who: Who, rate: number, seconds: number): Promise<void> => {
      const result = await play(who, rate, rate * seconds);
      const key = `${who} ${rate}`;
      took.set(key, [...(took.get(key) ?? []), ...result.micros]);
      lost.set(key, (lost.get(key) ?? 0) + result.unanswered);
      if (who === 'bare') medians.set(rate, [...(medians.get(rate) ?? []), median(result.micros)]);
    };
    const plan: readonly (readonly [rate: number, rounds: number, seconds: number, who: readonly Who[]])[] = [
      [10_000, 6, 2, ['bare', 'os', 'fsync']],
      [1_000, 4, 8, ['bare', 'os']],
    ];
    for (const [rate, rounds, seconds, who] of plan) {
      for (let round = 0; round < rounds; round++) {
        say(`${rate.toLocaleString('en-US')} quotes/s: round ${round + 1} of ${rounds}`);
        const order = round % 2 === 0 ? who : [...who].reverse();
        for (const name of order) await measure(name, rate, seconds);
        if (who.includes('fsync')) syncs.push(...syncTimes(folder));
      }
    }
    const rows = plan.flatMap(([rate, , , who]) =>
      who.map((name): WireRow => {
        const key = `${name} ${rate}`;
        return { who: name, rate, figures: summary(took.get(key) ?? []), unanswered: lost.get(key) ?? 0 };
      }),
    );
    const noise = Object.fromEntries(
      [...medians].map(([rate, of]) => [rate, [Math.min(...of), Math.max(...of)] as const]),
    );
    return { rows, fdatasync: summary(syncs), noise };
  } finally {
    await Promise.all(children.map((child) => child.end()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Appends as an order does, one `fdatasync` each. */
function syncTimes(folder: string): number[] {
  const file = openSync(join(folder, 'sync'), 'a');
  const bytes = Buffer.alloc(2_048, 1);
  try {
    return Array.from({ length: 20 }, () => {
      writeSync(file, bytes);
      const start = process.hrtime.bigint();
      fdatasyncSync(file);
      return Number(process.hrtime.bigint() - start) / 1_000;
    });
  } finally {
    closeSync(file);
  }
}
