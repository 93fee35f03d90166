import { setTimeout as sleep } from 'node:timers/promises';
import { filter, map } from 'rxjs';
import { z } from 'zod';
import type { Engine } from '../../src/engine/engine.js';
import type { Operations } from '../../src/engine/operations.js';
import { run } from '../../src/engine/run.js';
import { defineStrategy } from '../../src/operators/strategy/definition.js';
import { topology } from '../../src/topology/build.js';
import { LIMITS } from '../topology.js';
import { ASK_BELOW, endWithParent, say, type ClientTask } from './messages.js';

/** The engine under measurement: a live session with everything that belongs to one. `node wire-engine.js TASK`. */
const task = JSON.parse(process.argv[2] ?? '{}') as ClientTask;
const { symbol } = task;

const answers = defineStrategy({
  name: 'answers',
  version: '1.0.0',
  params: z.strictObject({}),
  run: ({ quotes$, place }) =>
    quotes$.pipe(
      filter(({ bidSize }) => bidSize < ASK_BELOW),
      map(({ bid, bidSize }) =>
        place.limit({ side: 'buy', quantity: bidSize, limitPrice: bid, timeInForce: 'ioc' }),
      ),
    ),
});

const checked = topology('wire', {
  mode: 'live',
  portfolio: { base_currency: 'USDT', marks: 'mid' },
  control: { listen: 'off' },
  state_dir: `${task.folder}/state`,
})
  .broker('venue', 'binance', {
    environment: 'custom',
    urls: { rest: task.rest, streams: task.stream, ws_api: task.wsApi },
    api_key: task.apiKey,
    secret: task.secret,
    instruments: [symbol],
  })
  .source('market', 'market_data', { broker: 'venue', instruments: [symbol], emit: ['quote'] })
  .source('fills', 'executions', { broker: 'venue' })
  .operator('ticks', 'normalize', ['market'], { filters: { crossed: true } })
  .operator('answers', 'strategy', ['ticks', 'fills'], { use: answers })
  .operator('risk', 'risk', ['answers'], {
    limits: {
      ...LIMITS,
      max_order_value: '100000 USDT',
      max_daily_loss: '50000 USDT',
      max_open_orders: 1_000,
    },
  })
  .operator('pace', 'throttle', ['risk'], { orders: '5000/s', messages: '5000/s' })
  .sink('orders', 'orders', ['pace'], { broker: 'venue' })
  .sink('journal', 'journal', ['*'], { path: `${task.folder}/journal`, durability: task.durability })
  .check();

const by = { actor: 'bench', reason: 'measurement' };
const end = new AbortController();

/** Arms the account once the books agree; ready when nothing withholds an order any more. */
async function arm(engine: Engine, operations: Operations): Promise<void> {
  for (let waited = 0; waited < 20_000; waited += 20) {
    await sleep(20);
    if (engine.halted !== undefined) throw engine.halted;
    const { control, readiness } = engine.state;
    if (!engine.running || readiness.withheld('venue', false) !== '') continue;
    if (control.armed('venue')) return;
    const { refused } = await operations.arm('venue', by);
    if (refused !== undefined) throw new Error(`cannot arm: ${refused}`);
  }
  throw new Error(`not ready: ${engine.state.readiness.withheld('venue', false)}`);
}

const failed = (error: unknown): void =>
  say({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });

let operations: Operations | undefined;
endWithParent(() => end.abort());
try {
  await run(checked, {
    live: true,
    resume: 'never',
    signal: end.signal,
    log: {
      info: () => undefined,
      warn: (message) => process.stderr.write(`${message}\n`),
      error: (message) => process.stderr.write(`${message}\n`),
    },
    onOperations: (given) => {
      operations = given;
    },
    onOpen: (engine) => {
      if (operations === undefined) throw new Error('no operations');
      arm(engine, operations).then(() => say({ type: 'ready' }), failed);
    },
  });
} catch (error) {
  failed(error);
}
process.exit();
