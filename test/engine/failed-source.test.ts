import { map, take } from 'rxjs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { makeQuote, receivedAt } from '../../src/model/make.js';
import { MillraceError } from '../../src/model/reason.js';
import { defineStrategy } from '../../src/operators/strategy/definition.js';
import { topology } from '../../src/topology/build.js';
import { defineSource } from '../../src/topology/spec.js';
import { run } from '../../src/engine/run.js';
import type { Engine } from '../../src/engine/engine.js';

const failing = defineSource({
  type: 'failing',
  summary: 'Quotes, then an error.',
  config: z.strictObject({}),
  examples: [],
  reload: 'restart',
  emits: ['quote'],
  make: (_, { name, instruments }) => ({
    type: 'pull',
    pace: Infinity,
    *batches() {
      const { symbol, ix } = instruments.all[0]!;
      for (let at = 1_000_000; at < 5_000_000; at += 1_000_000)
        yield [receivedAt(makeQuote(name, at, symbol, ix, 99, 10, 101, 10), at)];
      throw new MillraceError('BAD_INPUT', 'the source broke');
    },
  }),
});

const rests = defineStrategy({
  name: 'rests',
  version: '1.0.0',
  params: z.strictObject({}),
  run: ({ quotes$, place }) =>
    quotes$.pipe(
      take(1),
      map(() => place.limit({ side: 'buy', quantity: 1, limitPrice: 50 })),
    ),
});

test('a source that fails ends the run in order: open orders are cancelled, the failure is told', async () => {
  let engine: Engine | undefined;
  const checked = topology('failing', {
    mode: 'replay',
    instruments: { SPY: {} },
    shutdown: { open_orders: 'cancel' },
  })
    .use(failing)
    .broker('sim', 'paper', { prices: 'market', cash: { USD: 1000 } })
    .source('market', 'failing')
    .source('fills', 'executions', { broker: 'sim' })
    .operator('rests', 'strategy', ['market', 'fills'], { use: rests })
    .operator('risk', 'risk', ['rests'], {})
    .operator('pace', 'throttle', ['risk'], {})
    .sink('orders', 'orders', ['pace'], { broker: 'sim' })
    .check();
  const summary = await run(checked, { onOpen: (opened) => (engine = opened) });
  expect(summary).toMatchObject({ ended: 'failed', drained: true, error: { code: 'BAD_INPUT' } });
  expect(engine?.state.orders.byState('cancelled').map((order) => order.orderKey)).toEqual(['rests-1']);
  expect(engine?.state.orders.openCount()).toBe(0);
});
