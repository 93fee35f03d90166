import { performance } from 'node:perf_hooks';
import { startBinanceEmulator } from '../../src/emulators/binance/index.js';
import { endWithParent, say, type Block, type BlockResult, type ClientTask } from './messages.js';

/**
 * The venue of the wire-to-wire measurement, in a process of its own: `node wire-venue.js TASKS`. It is the emulator; its
 * quotes are played here, and the arrival of an order is noted before anything reads it.
 */
const tasks = JSON.parse(process.argv[2] ?? '[]') as readonly Pick<
  ClientTask,
  'apiKey' | 'secret' | 'symbol'
>[];
const BID = 60_000;
/** Ids are quantities from 0.10001 to 0.99999 in lots, none with a zero at its end: all of the same length. */
const FIRST_ID = 10_001;
const IDS = 80_000;
const PATIENCE_MS = 2_000;
const ANSWER = /"quantity":"0\.(\d+)"/;

const emulator = await startBinanceEmulator({
  symbols: tasks.map(({ symbol }) => ({
    symbol,
    baseAsset: symbol.slice(0, -4),
    quoteAsset: 'USDT',
    price: BID,
    filters: { tickSize: '0.01000000', stepSize: '0.00001000' },
  })),
  market: { type: 'none' },
  accounts: tasks.map(({ apiKey, secret, symbol }) => ({
    id: symbol,
    keys: [{ apiKey, secret }],
    balances: { USDT: '1000000' },
  })),
  limits: { ordersPer10Seconds: 1_000_000, ordersPerDay: 10_000_000, weightPerMinute: 10_000_000 },
});
const { exchange, wsApiServer } = emulator;
for (const { symbol } of tasks) exchange.market.levels(symbol, [BID, 5], [BID + 1, 5], true);

/** By id: when its quote was written, and when the answer came; in microseconds. */
const sent = new Map<number, number>();
const arrived = new Map<number, number>();
let fields = '';
let bytes = 0;
const micros = (): number => performance.now() * 1_000;

const handle = wsApiServer.message.bind(wsApiServer);
wsApiServer.message = (connection, text): void => {
  const at = micros();
  const id = Number(ANSWER.exec(text)?.[1] ?? NaN);
  if (sent.has(id)) {
    arrived.set(id, at);
    if (fields === '') {
      fields = [...text.matchAll(/"(\w+)":/g)].map(([, name]) => name).join(' ');
      bytes = text.length;
    }
  }
  handle(connection, text);
};

/** The newest request of an account that the venue did not take. */
const refusedOf = (account: string): string => {
  const entry = exchange.journal().findLast((e) => e.accountId === account && e.status >= 400);
  return entry === undefined ? '' : `${entry.call}: status ${entry.status}, code ${entry.code ?? 0}`;
};

let nextId = 0;
let count = 0;

async function play({ symbol, rate, quotes, every }: Block): Promise<BlockResult> {
  sent.clear();
  arrived.clear();
  fields = '';
  let asked: number[] = [];
  const quote = (): void => {
    count++;
    if (count % every !== 0) {
      exchange.market.levels(symbol, [BID, 1 + (count % 997) / 100], []);
      return;
    }
    const id = FIRST_ID + nextId;
    nextId = (nextId + (id % 10 === 9 ? 2 : 1)) % IDS;
    asked.push(id);
    exchange.market.levels(symbol, [BID, Number(`0.${id}`)], []);
  };
  await new Promise<void>((done) => {
    const start = performance.now();
    let played = 0;
    const step = (): void => {
      const due = Math.min(quotes, Math.floor(((performance.now() - start) / 1_000) * rate));
      asked = [];
      const written = asked;
      // Runs before the emulator lets go of what it wrote in this turn of the host.
      process.nextTick(() => {
        const at = micros();
        for (const id of written) sent.set(id, at);
      });
      // A venue that fell behind does not catch up in one go.
      const until = Math.min(due, played + Math.max(1, Math.ceil(rate / 100)));
      for (; played < until; played++) quote();
      if (played < quotes) setTimeout(step, 1);
      else done();
    };
    setTimeout(step, 1);
  });
  const patience = performance.now() + PATIENCE_MS;
  do await new Promise((done) => setTimeout(done, 20));
  while (arrived.size < sent.size && performance.now() < patience);
  const took = [...arrived].map(([id, at]) => at - (sent.get(id) ?? NaN));
  return { micros: took, unanswered: sent.size - arrived.size, fields, bytes, refused: refusedOf(symbol) };
}

process.on('message', (block: Block) => {
  play(block).then(
    (result) => say({ type: 'block', result }),
    (error: unknown) => say({ type: 'failed', reason: String(error) }),
  );
});
endWithParent(() => void emulator.close().then(() => process.exit()));
say({ type: 'venue', rest: emulator.rest, stream: emulator.stream, wsApi: emulator.wsApi });
