import { expect, it } from 'vitest';
import { Subject } from 'rxjs';
import { z } from 'zod';
import { Engine } from '../../../src/engine/engine.js';
import { dec } from '../../../src/model/decimal.js';
import type { ConnectionEvent, InputEvent } from '../../../src/model/event.js';
import { makeConnection, makeExecution, makeQuote } from '../../../src/model/make.js';
import { fromJson, toJson } from '../../../src/sinks/journal/index.js';
import { topology } from '../../../src/topology/build.js';
import { defineBroker, defineSource } from '../../../src/topology/spec.js';
import { ModelVenue } from './model-venue.js';

const START = 1_736_150_400_000_000;

it('nothing leaves for a real broker before its books were compared, and a replay repeats every decision', async () => {
  const venue = new ModelVenue(START);
  const connection$ = new Subject<ConnectionEvent>();
  Object.assign(venue, { connection$ });
  const real = defineBroker({
    type: 'model',
    summary: 'A real broker.',
    config: z.strictObject({ account: z.string().default('main') }),
    examples: [],
    reload: 'restart',
    simulated: false,
    make: () => venue,
  });
  const feed = defineSource({
    type: 'quotes',
    summary: 'Quotes.',
    config: z.strictObject({}),
    examples: [],
    reload: 'restart',
    emits: ['quote'],
    pushed: true,
    make: () => ({ type: 'push', events$: new Subject<InputEvent>() }),
  });
  const checked = topology('gate', {
    mode: 'live',
    portfolio: { base_currency: 'USDT' },
    instruments: {
      BTCUSDT: { asset_class: 'crypto_spot', base: 'BTC', quote: 'USDT', tick_size: 0.1, lot_size: 0.001 },
    },
    reconcile: { settle: '1ms', grace: '20ms', retry_initial: '1h', retry_max: '1h' },
  })
    .use(real, feed)
    .broker('venue', 'model')
    .source('ticks', 'quotes')
    .source('fills', 'executions', { broker: 'venue' })
    .operator('ema', 'strategy', ['ticks'], { use: 'ema-cross', params: { quantity: 1 } })
    .operator('risk', 'risk', ['ema'], { limits: { max_order_quantity: 5 } })
    .operator('pace', 'throttle', ['risk'])
    .sink('orders', 'orders', ['pace'], { broker: 'venue' })
    .sink('journal', 'journal', [], { path: './never-opened' })
    .check({ baseDir: '/nowhere' });
  const frames: { readonly input: string; readonly hash: string }[] = [];
  let now = START;
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const engine = new Engine(checked, {
    session: 'gate',
    log,
    withoutSinks: true,
    wall: () => (now += 1_000),
  });
  const saw = engine.orders.saw.bind(engine.orders);
  engine.orders.saw = (input, children) => {
    saw(input, children);
    frames.push({ input: JSON.stringify(toJson(input)), hash: engine.state.hash() });
  };
  await engine.open();
  engine.start(START);
  engine.command(control('arm', 'main'));
  engine.post(makeQuote('ticks', START, 'BTCUSDT', 0, 100, 10, 101, 10));
  const order = { instrument: 'BTCUSDT', side: 'buy', type: 'limit', quantity: 1, limitPrice: 99 } as const;
  expect((await engine.orders.submit(order)).reason).toBe(
    'BROKER_NOT_READY: reason="the session is not ready"',
  );
  connection$.next(makeConnection('venue', START, 'venue', 'ready', 0, ''));
  expect((await engine.orders.submit(order)).reason).toContain('its books were not reconciled yet');
  const [result] = await engine.reconcile();
  expect(result?.books).toBe('agree');
  const taken = await engine.orders.submit(order);
  expect(taken).toMatchObject({ accepted: true, reason: '' });
  const { clientOrderId = '' } = engine.orders.get(taken.orderKey) ?? {};
  engine.post(
    makeExecution('venue', now, {
      ...{
        broker: 'venue',
        account: 'main',
        report: 'accepted',
        clientOrderId,
        venueOrderId: 'v1',
        execId: 'a1',
      },
      ...{ instrument: 'BTCUSDT', ix: 0, side: 'buy', fill: undefined, cumulative: undefined },
      ...{ quantity: undefined, limitPrice: undefined, stopPrice: undefined, reason: '' },
    }),
  );
  venue.move('USDT', dec(-5));
  expect((await engine.reconcile())[0]?.books).toBe('open');
  await engine.close();
  expect(engine.orders.get(taken.orderKey)?.state).toBe('cancelled');

  const again = new Engine(checked, {
    session: 'gate',
    log,
    verify: { instruments: engine.instruments.all, onFrame: () => undefined },
  });
  for (const { input, hash } of frames) {
    again.feed([fromJson(JSON.parse(input)) as InputEvent]);
    expect(again.state.hash()).toBe(hash);
  }
});

function control(action: 'arm', target: string): Parameters<Engine['command']>[0] {
  const head = { kind: 'control', seq: 0, sub: 0, at: 0, ts: START, source: 'control' } as const;
  return { ...head, action, actor: 'ann', reason: 'test', target, value: '' };
}
