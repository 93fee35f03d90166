import { performance } from 'node:perf_hooks';
import { WebSocket, type RawData } from 'ws';
import { BinanceBroker, binanceOptions } from '../../src/brokers/binance/index.js';
import { run } from '../../src/engine/run.js';
import { InstrumentTable } from '../../src/model/instruments.js';
import { normalize } from '../../src/operators/normalize/normalize.js';
import { topology } from '../../src/topology/build.js';
import { endWithParent, say } from './messages.js';

/** Who reads what the sender floods: `node intake-client.js TASK`. */
export interface IntakeTask {
  readonly who: 'bare' | 'adapter' | 'engine';
  readonly mix: 'top' | 'depth';
  readonly rest: string;
  readonly stream: string;
  readonly wsApi: string;
  readonly folder: string;
}

const task = JSON.parse(process.argv[2] ?? '{}') as IntakeTask;
const WARM_MS = 1_700;
const MEASURE_MS = 1_000;
const symbol = 'BTCUSDT';
const emit = task.mix === 'top' ? (['trade', 'quote'] as const) : (['trade', 'quote', 'book'] as const);
const ignore = (): undefined => undefined;
const log = { info: ignore, warn: ignore, error: (text: string) => process.stderr.write(`${text}\n`) };
const failed = (error: unknown): void => say({ type: 'failed', reason: String(error) });

/** Messages read so far, and a check that they were used. */
interface Reading {
  readonly read: () => number;
  readonly used: () => number;
}

/** `ws` and `JSON.parse`, nothing else. */
function bare(): Reading {
  let count = 0;
  const socket = new WebSocket(`${task.stream}/stream`, { perMessageDeflate: false });
  socket.on('message', (data: RawData) => {
    if (typeof JSON.parse((data as Buffer).toString('utf8')) === 'object') count++;
  });
  socket.on('error', failed);
  return { read: () => count, used: () => count };
}

/** The adapter and the normalize operator behind it. */
async function adapter(): Promise<Reading> {
  const instruments = new InstrumentTable();
  const { rest, stream: streams, wsApi } = task;
  const broker = new BinanceBroker(
    binanceOptions({
      name: 'venue',
      account: 'venue',
      environment: 'custom',
      endpoints: { rest, streams, wsApi },
    }),
    { instruments, log, bad: ignore, wall: () => Date.now() * 1_000, symbols: [symbol] },
  );
  await broker.open();
  for (const input of await broker.instruments()) instruments.add(input);
  let used = 0;
  broker
    .market({ source: 'market', instruments: [symbol], emit })
    .pipe(normalize({ instruments, filters: { crossed: true } }))
    .subscribe({ next: () => used++, error: failed });
  return { read: () => messagesOf(broker), used: () => used };
}

/** A whole engine: turns, State, a journal of everything; nobody trades. */
function engine(): Promise<Reading> {
  const checked = topology('intake', { mode: 'paper', control: { listen: 'off' } })
    .broker('venue', 'binance', {
      environment: 'custom',
      urls: { rest: task.rest, streams: task.stream, ws_api: task.wsApi },
      instruments: [symbol],
    })
    .source('market', 'market_data', { broker: 'venue', instruments: [symbol], emit: [...emit] })
    .operator('ticks', 'normalize', ['market'], { filters: { crossed: true } })
    .sink('journal', 'journal', ['*'], { path: task.folder })
    .check();
  return new Promise((ready) => {
    run(checked, {
      log,
      onOpen: (e) => {
        const venue = e.brokers.get('venue') as BinanceBroker;
        ready({ read: () => messagesOf(venue), used: () => e.driver.seq });
      },
    }).catch(failed);
  });
}

function messagesOf(broker: BinanceBroker): number {
  return broker.figures().find(({ name }) => name === 'feed_messages')?.value ?? NaN;
}

const make = { bare, adapter, engine }[task.who];
endWithParent(() => process.exit());
try {
  const { read, used } = await make();
  // Timers wait while a flood is read, so the time that really passed counts.
  setTimeout(() => {
    const [from, usedFrom, start, cpu] = [read(), used(), performance.now(), process.cpuUsage()];
    setTimeout(() => {
      const [count, usedCount] = [read() - from, used() - usedFrom];
      const seconds = (performance.now() - start) / 1_000;
      const { user, system } = process.cpuUsage(cpu);
      if (!(count > 0) || usedCount < count * 0.99)
        failed(`${count} messages were read and ${usedCount} used`);
      else say({ type: 'rate', perSecond: count / seconds, perCpuSecond: count / ((user + system) / 1e6) });
    }, MEASURE_MS);
  }, WARM_MS);
} catch (error) {
  failed(error);
}
