import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Block, BlockResult, ClientTask, Said } from './messages.js';
import { median, summary, type Summary } from './percentiles.js';

/** One of the three who answer quotes. */
type Who = 'bare' | 'os' | 'fsync';
const EVERY = 100;

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

class Child {
  readonly #process: ChildProcess;
  readonly #said: Said[] = [];
  #wake: () => void = () => undefined;

  constructor(script: string, argument: unknown, node: string) {
    const path = fileURLToPath(new URL(script, import.meta.url));
    this.#process = fork(path, [JSON.stringify(argument)], { execPath: node, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const heard = (said: Said): void => {
      this.#said.push(said);
      this.#wake();
    };
    this.#process.on('message', heard);
    this.#process.on('exit', (code) => heard({ type: 'failed', reason: `${script} ended with ${code ?? 'a signal'}` }));
  }

  async next<T extends Said['type']>(type: T, waitMs = 60_000): Promise<Extract<Said, { type: T }>> {
    if (this.#said.length === 0) {
      await new Promise<void>((done, fail) => {
        const timer = setTimeout(() => fail(new Error(`nothing was heard for ${waitMs} ms`)), waitMs);
        this.#wake = () => {
          clearTimeout(timer);
          done();
        };
      });
    }
    const said = this.#said.shift();
    if (said?.type === 'failed') throw new Error(said.reason);
    if (said?.type !== type) throw new Error(`expected ${type}, heard ${said?.type ?? 'nothing'}`);
    return said as Extract<Said, { type: T }>;
  }

  send(block: Block): void {
    this.#process.send(block);
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((done) => this.#process.once('exit', done));
    if (this.#process.connected) this.#process.disconnect();
    const force = setTimeout(() => this.#process.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(force);
  }
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
    for (const who of [...names, ...names]) shapes.add((await play(who, 4_000, 10_000, 10)).fields);
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
      [1_000, 8, 2.5, ['bare', 'os']],
      [10_000, 10, 1, ['bare', 'os', 'fsync']],
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
