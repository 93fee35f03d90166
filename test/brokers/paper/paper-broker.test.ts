import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../src/brokers/broker.js';
import { Decimal, dec, ZERO } from '../../../src/model/decimal.js';
import type { Order } from '../../../src/model/order.js';
import { paperSpec } from '../../../src/topology/components/brokers/paper.js';
import { parse } from 'yaml';
import { Rig } from './rig.js';

describe('paper broker', () => {
  it('answers on later turns: outcome, report, fill, balances', async () => {
    const rig = new Rig({ fees: { maker: '10 bps', taker: '10 bps' } });
    await rig.broker.open();
    rig.quote(1_000, 99, 100);
    rig.send();
    expect(rig.loop.turns).toEqual([]);
    rig.loop.to(1_000);
    expect(rig.said()).toEqual([
      '@1000 sent c1',
      '@1000 accepted c1',
      '@1000 fill c1 10@100 fee 1',
      '@1000 account 98999 USD',
    ]);
    expect(rig.emitted).toEqual([]);
    const [, accepted, fill] = rig.loop.turns;
    expect(accepted).toMatchObject({
      kind: 'execution',
      source: 'sim',
      broker: 'sim',
      account: 'sim',
      instrument: 'AAA',
      ix: 0,
      side: 'buy',
      ts: 1_000,
      venueOrderId: 's1-0-1',
    });
    expect(fill).toMatchObject({
      execId: 's1-0-e2',
      cumulative: dec(10),
      fill: { liquidity: 'taker', feeCurrency: 'USD' },
    });
  });

  it('takes its latency both ways: the price at arrival counts', async () => {
    const rig = new Rig({ latency: '40us', report_latency: '10us' });
    await rig.broker.open();
    rig.quote(1_000, 99, 100);
    rig.send();
    rig.quote(1_030, 101, 102);
    rig.quote(1_045, 103, 104);
    expect(rig.said()).toEqual(['@1000 sent c1']);
    rig.loop.to(1_100);
    expect(rig.said()).toEqual([
      '@1050 accepted c1',
      '@1050 fill c1 10@102 fee 0',
      '@1050 account 98980 USD',
    ]);
  });

  it('keeps requests in order under jitter, the same for the same seed', async () => {
    const play = async (seed: number): Promise<string[]> => {
      const rig = new Rig({ latency: '1ms', latency_jitter: '5ms', reject_probability: 0.3 }, seed);
      await rig.broker.open();
      rig.quote(1_000, 99, 100);
      for (let i = 0; i < 20; i++) {
        rig.send({ quantity: dec(1) });
        rig.loop.to(1_000 + i * 100);
      }
      rig.loop.to(1_000_000);
      return rig.said();
    };
    const first = await play(7);
    expect(await play(7)).toEqual(first);
    expect(await play(8)).not.toEqual(first);
    const answers = first.filter((w) => /accepted|rejected/.test(w)).map((w) => w.split(' ')[2]);
    expect(answers).toEqual(Array.from({ length: 20 }, (_, i) => `c${i + 1}`));
    expect(first.some((w) => w.endsWith('simulated rejection'))).toBe(true);
  });

  it('cancels and replaces by leg; refusals carry the id of the request', async () => {
    const rig = new Rig();
    await rig.broker.open();
    rig.quote(1_000, 99, 101);
    const a = rig.send({ type: 'limit', limitPrice: dec(95) });
    const b = rig.send({
      action: 'replace',
      target: a,
      type: 'limit',
      limitPrice: dec(96),
      quantity: dec(12),
    });
    rig.send({ action: 'cancel', target: 'nobody' });
    rig.send({ action: 'cancel', target: b });
    rig.loop.to(1_001);
    expect(rig.said().filter((w) => !w.includes('sent'))).toEqual([
      '@1000 accepted c1',
      '@1000 replaced c2',
      '@1000 cancel_rejected c3 ORDER_NOT_FOUND: client_order_id=nobody',
      '@1000 cancelled c2',
    ]);
    expect(rig.loop.turns.find((e) => e.kind === 'execution' && e.report === 'replaced')).toMatchObject({
      quantity: dec(12),
      limitPrice: dec(96),
    });
  });

  it('ends orders by its own timer', async () => {
    const rig = new Rig();
    await rig.broker.open();
    rig.quote(1_000, 99, 101);
    rig.send({ type: 'limit', limitPrice: dec(95), timeInForce: 'gtd', expireAt: 5_000 });
    rig.send({ type: 'limit', limitPrice: dec(95), timeInForce: 'gtd', expireAt: 3_000 });
    rig.loop.to(2_000);
    rig.said();
    rig.loop.to(10_000);
    expect(rig.said()).toEqual(['@3001 expired c2 time in force gtd', '@5001 expired c1 time in force gtd']);
  });

  it('answers queries truthfully', async () => {
    const rig = new Rig({ fill_history: 2 });
    await expect(async () => rig.broker.openOrders()).rejects.toThrow('broker sim is not open');
    await rig.broker.open();
    expect((await rig.broker.accountState()).balances.map((b) => b.free.toString())).toEqual(['100000']);
    rig.quote(1_000, 99, 100);
    rig.send({ type: 'limit', limitPrice: dec(90) });
    rig.send({ quantity: dec(3) });
    rig.loop.to(1_001);
    expect(
      (await rig.broker.openOrders()).map((e) => [
        e.report,
        e.clientOrderId,
        e.quantity?.toString(),
        e.cumulative?.toString(),
      ]),
    ).toEqual([['accepted', 'c1', '10', '0']]);
    expect(await rig.broker.positions()).toEqual([
      { account: 'sim', instrument: 'AAA', quantity: '3', averagePrice: '100' },
    ]);
    expect((await rig.broker.fills({ since: 1_000, instruments: ['AAA'] })).length).toBe(1);
    expect((await rig.broker.fills({ since: 1_001, instruments: ['AAA'] })).length).toBe(0);
    for (let i = 1; i < 4; i++) {
      rig.quote(1_000 + i * 10, 99, 100);
      rig.send({ quantity: dec(1) });
    }
    rig.loop.to(2_000);
    expect((await rig.broker.fills({ since: 1_020, instruments: ['AAA'] })).length).toBe(2);
    await expect(rig.broker.fills({ since: 1_000, instruments: ['AAA'] })).rejects.toThrow(BrokerError);
    expect(await rig.broker.serverTime()).toBe(2_000);
    expect(await firstValueFrom(rig.broker.connection$)).toMatchObject({ state: 'ready', name: 'sim' });
    await expect(firstValueFrom(rig.broker.market())).rejects.toThrow('without market data');
  });

  it('refuses what is not a command', async () => {
    const rig = new Rig();
    await rig.broker.open();
    rig.commands.next({ command: { kind: 'command' } as never, dispatch: {} as never, order: {} as Order });
    expect(rig.errors).toMatchObject([{ code: 'COMMAND_FORGED' }]);
    expect(rig.loop.turns).toEqual([]);
  });

  it('closes everything at stop-out', async () => {
    const rig = new Rig(
      {
        cash: { USDT: 1_000 },
        leverage: 10,
        margin: { initial: '100%', maintenance: '50%', stop_out: '50%' },
      },
      1,
      { assetClass: 'crypto_perp', quote: 'USDT', lotSize: 1 },
    );
    await rig.broker.open();
    rig.quote(1_000, 100, 100);
    rig.send({ quantity: dec(90) });
    rig.send({ side: 'sell', type: 'limit', limitPrice: dec(120) });
    rig.loop.to(1_001);
    rig.said();
    rig.quote(1_010, 92, 92); // equity 280, maintenance 414
    expect(rig.said()).toEqual([]);
    rig.quote(1_020, 91, 91); // equity 190, maintenance 409.5
    const words = rig.said();
    expect(words).toEqual([
      '@1020 cancelled c2',
      expect.stringMatching(/^@1020 accepted s1-0-stopout-/),
      expect.stringMatching(/^@1020 fill s1-0-stopout-\w+ 90@91 fee 0$/),
      '@1020 account 190 USDT',
    ]);
    expect(await rig.broker.positions()).toEqual([]);
  });

  it('takes over cash, positions and open orders after a restart', async () => {
    const order = {
      clientOrderId: 'old-1',
      account: 'sim',
      broker: 'sim',
      state: 'partially_filled',
      ix: 0,
      side: 'sell',
      type: 'limit',
      quantity: dec(10),
      filled: dec(4),
      limitPrice: dec(105),
      stopPrice: undefined,
      trailingOffset: undefined,
      timeInForce: 'gtc',
      expireAt: undefined,
      postOnly: false,
      reduceOnly: false,
    } as unknown as Order;
    const position = {
      account: 'sim',
      instrument: 'AAA',
      ix: 0,
      quantity: dec(6),
      averagePrice: dec(100),
      realizedPnl: ZERO,
      fees: ZERO,
      openedAt: 0,
    };
    const rig = new Rig(
      {},
      1,
      {},
      {
        seq: 9,
        orders: { open: () => [order, { ...order, broker: 'other' }] } as never,
        portfolio: {
          currencies: () => ['USD'],
          cash: () => new Decimal(500),
          positions: () => [position],
        } as never,
      },
    );
    rig.loop.to(50);
    await rig.broker.open();
    expect((await rig.broker.openOrders()).map((e) => e.clientOrderId)).toEqual(['old-1']);
    rig.quote(1_000, 106, 107);
    expect(rig.said()).toEqual(['@1000 fill old-1 6@105 fee 0', '@1000 account 1130 USD']);
    expect(await rig.broker.positions()).toEqual([]);
  });
});

describe('paper component', () => {
  it.each(paperSpec.examples)('example %#', (example) => {
    const { type, ...options } = parse(example) as Record<string, unknown>;
    expect(type).toBe('paper');
    const config = paperSpec.config.parse(options);
    expect(paperSpec.reads?.(config)).toEqual([options['prices']]);
  });

  it.each([
    [{ slippage: '3' }, 'an adverse price change in ticks or bps'],
    [{ latency: 40 }, 'a duration with a unit'],
    [{ colour: 'red' }, 'Unrecognized key'],
    [{ fees: { maker: '1 bps' } }, 'Invalid input'],
    [{ leverage: 0 }, 'a number above zero'],
  ])('refuses %o', (wrong, message) => {
    const result = paperSpec.config.safeParse({ prices: 'ticks', cash: { USD: 1 }, ...wrong });
    expect(result.error?.message).toContain(message);
  });
});

it('keeps one timer for each expiry, however many orders share it', async () => {
  const rig = new Rig();
  await rig.broker.open();
  rig.quote(1_000, 99, 100);
  const limit = { type: 'limit', limitPrice: dec(90), timeInForce: 'gtd' } as const;
  rig.send({ ...limit, expireAt: 1_000_000 });
  for (let i = 1; i <= 50; i++) {
    rig.send({ ...limit, expireAt: 1_000 + i * 100 });
    rig.loop.to(1_000 + i * 100 + 50);
  }
  expect(rig.said().filter((line) => line.includes('expired')).length).toBe(50);
  expect(rig.loop.waiting).toBe(1);
});
