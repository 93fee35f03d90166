/**
 * Does memory stay flat? Millions of events with many orders through the whole loop, without files: the heap is
 * measured after a collection every tenth of the way, beside what State, throttle and timers hold.
 *
 *   node --expose-gc --import tsx bench/memory.ts [events]     or: vite-node / the built dist
 *
 * Exits with 1 when the heap of the last half grew by more than 10 % and 8 MB.
 */
import { filter, map, merge, mergeMap, of } from 'rxjs';
import { z } from 'zod';
import { Engine } from '../src/engine/engine.js';
import { makeQuote, makeTrade, receivedAt } from '../src/model/make.js';
import { seededRandom } from '../src/model/random.js';
import type { InputEvent } from '../src/model/event.js';
import { defineStrategy } from '../src/operators/strategy/definition.js';
import { topology } from '../src/topology/build.js';

const TOTAL = Number(process.argv[2] ?? 2_000_000);
const BATCH = 1_000;
const INSTRUMENTS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', 'PERP'];

/** Quotes all day by replacing one order, and trades, cancels and lets expire thousands of others. */
const busy = defineStrategy({
  name: 'busy',
  version: '1.0.0',
  params: z.strictObject({}),
  run: ({ trades$, quotes$, orders$, place, state, random, timer, at }) => {
    let maker = '';
    const round = (price: number): number => Math.round(price * 10) / 10;
    return merge(
      quotes$.pipe(
        filter((quote) => quote.instrument === 'BTCUSDT' && random() < 0.05),
        map((quote) => {
          const order = state.order(maker);
          if (order !== undefined && order.closedAt === undefined)
            return place.replace(maker, { limitPrice: round(quote.bid * 0.9 + random()) });
          const fresh = place.limit({ side: 'buy', quantity: 0.5, limitPrice: round(quote.bid * 0.9) });
          maker = fresh.orderKey;
          return fresh;
        }),
      ),
      trades$.pipe(
        filter(() => random() < 0.04),
        map((trade) => {
          const side = state.position(trade.instrument).gt(0) ? 'sell' : 'buy';
          return place.market({ side, quantity: 0.01, instrument: trade.instrument });
        }),
      ),
      trades$.pipe(
        filter(() => random() < 0.03),
        map((trade) =>
          place.limit({
            side: 'buy',
            quantity: 0.01,
            instrument: trade.instrument,
            limitPrice: round(trade.price * 0.97),
            expireAt: at() + 3_000_000,
          }),
        ),
      ),
      orders$.pipe(
        filter((order) => order.state === 'accepted' && order.orderKey !== maker && random() < 0.3),
        mergeMap((order) => timer(50).pipe(mergeMap(() => of(order)))),
        filter((order) => state.order(order.orderKey)?.closedAt === undefined),
        map((order) => place.cancel(order.orderKey)),
      ),
    );
  },
});

const engine = new Engine(
  topology('memory', {
    instruments: Object.fromEntries(
      INSTRUMENTS.map((symbol) => [
        symbol,
        {
          asset_class: symbol === 'PERP' ? 'crypto_perp' : 'crypto_spot',
          base: symbol.slice(0, 3),
          quote: 'USDT',
          tick_size: 0.1,
          lot_size: 0.001,
        },
      ]),
    ),
    portfolio: { base_currency: 'USDT' },
  })
    .broker('sim', 'paper', {
      prices: 'market',
      cash: { USDT: 10_000_000 },
      latency: '20ms',
      fees: { maker: '1 bps', taker: '1 bps' },
    })
    .source('market', 'synthetic', { instruments: { BTCUSDT: { price: 1_000 } }, events: 1 })
    .source('fills', 'executions', { broker: 'sim' })
    .operator('busy', 'strategy', ['market', 'fills'], { use: busy })
    .operator('risk', 'risk', ['busy'], {
      limits: { max_open_orders: 200, duplicate_window: '10s', max_position: 5 },
    })
    .operator('pace', 'throttle', ['risk'], {
      orders: ['20/s', '600/min'],
      cancels: '40/s',
      messages: '60/s',
      max_queue: 100,
    })
    .sink('orders', 'orders', ['pace'], { broker: 'sim' })
    .check(),
  { session: 'memory', log: { info: console.log, warn: console.warn, error: console.error } },
);

const random = seededRandom(5);
const prices = [1_000, 300, 50, 1_000];
let now = Date.UTC(2025, 0, 6) * 1_000;

function event(): InputEvent {
  now += 1_000 + Math.floor(random() * 18_000);
  const ix = Math.floor(random() * INSTRUMENTS.length);
  const before = prices[ix] as number;
  // pulled back to where it began, so that prices stay in range however long the run
  const price = (prices[ix] =
    before * (1 + (random() - 0.5) * 0.001) + ([1_000, 300, 50, 1_000][ix] as number) * 1e-4 - before * 1e-4);
  const shown = Math.round(price * 10) / 10;
  const symbol = INSTRUMENTS[ix] as string;
  return receivedAt(
    random() < 0.5
      ? makeTrade('market', now, symbol, ix, shown, 1, 1, '')
      : makeQuote('market', now, symbol, ix, shown, 1, Math.round(shown * 10 + 1) / 10, 1),
    now,
  );
}

const collect = (globalThis as { gc?: () => void }).gc;
if (collect === undefined) throw new Error('run with --expose-gc');

await engine.open();
engine.start(now);
const heaps: number[] = [];
for (let done = 0; done < TOTAL;) {
  for (let i = 0; i < TOTAL / 10; i += BATCH, done += BATCH)
    engine.feed(Array.from({ length: BATCH }, event));
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  collect();
  const heap = process.memoryUsage().heapUsed / 1e6;
  heaps.push(heap);
  const { kinds } = engine.counters;
  console.log(
    `${done} events  heap ${heap.toFixed(1)} MB  open ${engine.state.orders.openCount()}  queued ${engine.state.queue.size}  dispatched ${kinds['dispatch'] ?? 0}  executions ${kinds['execution'] ?? 0}  denied ${kinds['denied'] ?? 0}`,
  );
}
const half = heaps[Math.floor(heaps.length / 2) - 1] as number;
const last = heaps[heaps.length - 1] as number;
console.log(`second half: ${(last - half).toFixed(1)} MB`);
await engine.close();
process.exit(last - half > Math.max(8, half / 10) ? 1 : 0);
