import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Venue } from './venue.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '..', '..');

const topology = ({ ready }: Venue): string => `
version: 1
name: crash
mode: live
state_dir: ./state
portfolio: { base_currency: USDT, marks: mid }
accounts: { desk: { balances: derived } }
brokers:
  binance:
    type: binance
    environment: custom
    urls: { rest: '${ready.rest}', streams: '${ready.stream}', ws_api: '${ready.wsApi}' }
    api_key: \${secret:BINANCE_API_KEY}
    secret: \${secret:BINANCE_SECRET}
    account: desk
    instruments: [BTCUSDT, ETHUSDT]
    recv_window: 500ms
    timeouts: { order: 1s, request: 3s }
    reconnect: { initial: 50ms, max: 1s }
sources:
  market: { type: market_data, broker: binance, instruments: [BTCUSDT, ETHUSDT], emit: [quote] }
  fills: { type: executions, broker: binance }
operators:
  busy: { type: strategy, use: '${join(here, 'strategy.ts')}', inputs: [market, fills] }
  risk: { type: risk, inputs: [busy], limits: { max_open_orders: 20, max_order_value: 100000 USDT } }
  pace: { type: throttle, inputs: [risk], orders: [40/s, 80/10s] }
sinks:
  orders: { type: orders, broker: binance, inputs: [pace] }
  journal: { type: journal, path: ./journal, delivery: required, flush: 10ms }
  audit: { type: audit, inputs: ['*'], path: ./audit.jsonl, delivery: required }
recovery: { snapshot_events: 1000 }
# A request is refused by the venue when it comes later than recv_window: behind that time "not found" is an answer.
reconcile: { grace: 700ms, not_found_polls: 2, settle: 20ms, retry_initial: 100ms, timeout: 3s }
shutdown: { drain: 10s, open_orders: cancel }
control: { listen: '127.0.0.1:0' }
`;

/** How one life ended. */
export interface LifeEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly text: string;
}

/** The built engine, a process a life, in a folder of its own. */
export class Desk {
  readonly folder: string;
  readonly #venue: Venue;

  constructor(folder: string, venue: Venue) {
    this.folder = folder;
    this.#venue = venue;
    mkdirSync(join(folder, 'state'), { recursive: true });
    writeFileSync(join(folder, 'topology.yaml'), topology(venue));
  }

  /** One life: `crash` says how it ends, see faults.mjs. */
  live(crash: string, args: readonly string[] = [], killed?: AbortSignal): Promise<LifeEnd> {
    const { apiKey, apiSecret } = this.#venue.ready.account;
    const main = join(root, process.env['MILLRACE_DIST'] ?? 'dist', 'cli', 'main.js');
    const child = spawn(
      process.execPath,
      [
        '--import',
        join(here, 'faults.mjs'),
        main,
        'run',
        join(this.folder, 'topology.yaml'),
        '--live',
        ...args,
      ],
      {
        env: {
          ...process.env,
          CRASH: crash,
          NO_COLOR: '1',
          BINANCE_API_KEY: apiKey,
          BINANCE_SECRET: apiSecret,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data: Buffer) => (text += data.toString()));
    const limit = setTimeout(() => child.kill('SIGTERM'), 60_000);
    killed?.addEventListener('abort', () => child.kill('SIGKILL'));
    return new Promise((resolve) =>
      child.on('close', (code, signal) => {
        clearTimeout(limit);
        resolve({ code, signal, text });
      }),
    );
  }

  /** The first life: armed by its control surface, killed once that is remembered and an order was sent. */
  async armAndKill(): Promise<LifeEnd> {
    const abort = new AbortController();
    const life = this.live('', [], abort.signal);
    try {
      await this.#arm();
      await until(async () => {
        await this.#venue.countRequests();
        return this.#venue.placed.size > 0 && existsSync(join(this.folder, 'state', 'crash.arming.json'));
      });
    } catch (error) {
      abort.abort();
      throw new Error(`${String(error)}\n${(await life).text}`, { cause: error });
    }
    abort.abort();
    return life;
  }

  async #arm(): Promise<void> {
    const state = join(this.folder, 'state');
    await until(async () => {
      if (!existsSync(join(state, 'control.json'))) return false;
      const { url } = JSON.parse(readFileSync(join(state, 'control.json'), 'utf8')) as {
        readonly url: string;
      };
      const token = readFileSync(join(state, 'operator.token'), 'utf8').trim();
      const response = await fetch(new URL('/v1/arm', url), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ account: 'desk', reason: 'crash test' }),
      });
      return response.ok;
    });
  }
}

async function until(done: () => Promise<boolean>, ms = 20_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await done())) {
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain for ${String(done)}`);
    await sleep(20);
  }
}
