import { describe, expect, it } from 'vitest';
import { dec } from '../../../src/model/decimal.js';
import { Desk } from './desk.js';

const d = (n: number) => dec(n);

describe('the gate', () => {
  it('is shut until the session is ready and the books were compared, and again when the session goes down', async () => {
    const desk = new Desk();
    expect(desk.state.readiness.withheld('venue', false)).toBe('the session is not ready');
    desk.connection('up');
    expect(desk.state.readiness.withheld('venue', true)).toBe('the session is up');
    desk.connection('ready');
    expect(desk.state.readiness.withheld('', true)).toBe('its books were not reconciled yet');
    expect((await desk.reconciler.now()).books).toBe('agree');
    expect(desk.state.readiness.withheld('venue', false)).toBe('');
    desk.connection('down');
    expect(desk.state.readiness.withheld('venue', false)).toBe('the session is down');
  });

  it.each(['openOrders', 'positions', 'accountState', 'serverTime'])(
    'stays shut when %s fails: a failed query is never an empty answer',
    async (query) => {
      const desk = new Desk();
      desk.venue.failing = query;
      expect((await desk.ready()).books).toBe('failed');
      expect(desk.state.readiness.of('venue')?.books).toBe('failed');
      expect(desk.state.readiness.withheld('venue', true)).toBe(
        `books could not be compared: timeout: ${query} timed out`,
      );
      desk.venue.failing = undefined;
      expect((await desk.reconciler.now()).books).toBe('agree');
    },
  );

  it('does not close for one failed periodic query, but for as many in a row as `attempts`', async () => {
    const desk = new Desk({ attempts: 3 });
    await desk.ready();
    desk.venue.failing = 'openOrders';
    for (let i = 0; i < 2; i++) await desk.reconciler.now();
    expect(desk.state.readiness.withheld('venue', false)).toBe('');
    await desk.reconciler.now();
    expect(desk.state.readiness.withheld('venue', false)).toContain('openOrders timed out');
  });
});

describe('orders', () => {
  it('a fill, a cancel and an acknowledgement that were never told are found', async () => {
    const desk = new Desk();
    await desk.ready();
    for (const key of ['a', 'b', 'c']) desk.request('new', key);
    desk.deliver();
    const [a, b] = desk.venue.legs;
    if (a === undefined || b === undefined) throw new Error('no legs');
    desk.venue.fill(a, d(4), d(100));
    desk.venue.expire(b);
    desk.request('new', 'e');
    desk.venue.outgoing = [];
    desk.connection('down');
    expect((await desk.ready()).books).toBe('agree');
    expect(['a', 'b', 'c', 'e'].map((key) => desk.order(key).state)).toEqual([
      'partially_filled',
      'expired',
      'accepted',
      'accepted',
    ]);
    expect(desk.position).toBe('4');
    expect(desk.codes.filter((code) => !code.startsWith('OPENING')).sort()).toEqual([
      'MISSING_FILL applied',
      'UNRECORDED_STATE applied',
      'UNRECORDED_STATE applied',
    ]);
    const before = desk.inputs.length;
    await desk.reconciler.now();
    expect(desk.inputs.length).toBe(before);
  });

  it('an order whose outcome is unknown is asked for; not found often enough, it is rejected', async () => {
    const desk = new Desk();
    await desk.ready();
    const lost = desk.send('new', 'lost');
    desk.outcome(lost, 'new', 'lost', 'unknown');
    const arrived = desk.request('new', 'arrived');
    desk.outcome(arrived, 'new', 'arrived', 'unknown');
    desk.venue.outgoing = [];
    desk.venue.asked.length = 0;
    await desk.reconciler.now();
    expect(desk.order('lost').state).toBe('rejected');
    expect(desk.order('lost').reason).toContain('the venue does not know it: asked 3 times over 5 s');
    expect(desk.order('arrived').state).toBe('accepted');
    expect(desk.venue.asked.filter((what) => what === 'order')).toHaveLength(3);
  });

  it('an order that is found while it is asked for again is not given up', async () => {
    const desk = new Desk();
    await desk.ready();
    const id = desk.send('new', 'late');
    desk.outcome(id, 'new', 'late', 'unknown');
    let sleeps = 0;
    desk.onSleep = () => {
      // the venue takes the request between the first and the second question
      if (++sleeps === 3)
        desk.venue.place({
          action: 'new',
          clientOrderId: id,
          target: '',
          side: 'buy',
          quantity: d(10),
          limitPrice: d(100),
        });
    };
    await desk.reconciler.now();
    expect(desk.order('late').state).toBe('accepted');
  });

  it('a cancel and a replace that were lost are taken back, one that was carried out is confirmed', async () => {
    const desk = new Desk();
    await desk.ready();
    for (const key of ['cancel', 'replace', 'done']) desk.request('new', key);
    desk.deliver();
    const cancel = desk.send('cancel', 'cancel');
    desk.outcome(cancel, 'cancel', 'cancel', 'unknown');
    const replace = desk.send('replace', 'replace', { quantity: d(20) });
    desk.outcome(replace, 'replace', 'replace', 'unknown');
    desk.request('replace', 'done', { quantity: d(15) });
    desk.venue.outgoing = [];
    desk.pass(6_000);
    await desk.reconciler.now();
    expect(
      ['cancel', 'replace', 'done'].map((key) => [
        desk.order(key).state,
        desk.order(key).quantity.toString(),
      ]),
    ).toEqual([
      ['accepted', '10'],
      ['accepted', '10'],
      ['accepted', '15'],
    ]);
    expect(desk.codes.filter((code) => code.startsWith('REQUEST'))).toEqual([
      'REQUEST_LOST corrected',
      'REQUEST_LOST corrected',
    ]);
  });

  it('terms that differ are set from the venue', async () => {
    const desk = new Desk();
    await desk.ready();
    desk.request('new', 'a');
    desk.deliver();
    const [leg] = desk.venue.legs;
    if (leg !== undefined) Object.assign(leg, { quantity: d(7), limitPrice: d(99) });
    await desk.reconciler.now();
    expect([desk.order('a').quantity.toString(), desk.order('a').limitPrice?.toString()]).toEqual([
      '7',
      '99',
    ]);
    expect(desk.codes).toContain('ORDER_TERMS corrected');
  });

  it('an unknown order is adopted: cancellable, counted as exposure, owned by `external`', async () => {
    const desk = new Desk();
    await desk.ready();
    const leg = desk.venue.place({
      action: 'new',
      clientOrderId: 'web_1',
      target: '',
      side: 'sell',
      quantity: d(3),
      limitPrice: d(120),
    });
    await desk.reconciler.now();
    const order = desk.order('external:venue:BTCUSDT:v1');
    expect([order.state, order.strategy, order.type, order.limitPrice?.toString()]).toEqual([
      'accepted',
      'external',
      'limit',
      '120',
    ]);
    expect(desk.state.orders.exposed('main', 0, 'sell').toString()).toBe('3');
    desk.venue.fill(leg, d(1), d(120));
    desk.deliver();
    expect([desk.order('external:venue:BTCUSDT:v1').filled.toString(), desk.position]).toEqual(['1', '-1']);
    desk.request('cancel', 'external:venue:BTCUSDT:v1');
    desk.deliver();
    expect(desk.order('external:venue:BTCUSDT:v1').state).toBe('cancelled');
    const before = desk.inputs.length;
    await desk.reconciler.now();
    expect(desk.inputs.length).toBe(before);
  });

  it.each([
    ['ignore', 'agree', 'UNKNOWN_ORDER ignored'],
    ['halt', 'open', 'UNKNOWN_ORDER open'],
  ] as const)('unknown_orders: %s', async (policy, books, code) => {
    const desk = new Desk({ unknown_orders: policy });
    await desk.ready();
    desk.venue.place({
      action: 'new',
      clientOrderId: 'web_1',
      target: '',
      side: 'sell',
      quantity: d(3),
      limitPrice: d(120),
    });
    for (let i = 0; i < 2; i++) expect((await desk.reconciler.now()).books).toBe(books);
    expect(desk.codes.filter((text) => text.startsWith('UNKNOWN'))).toEqual([code]);
    if (policy === 'ignore') return;
    for (const leg of desk.venue.openLegs()) leg.state = 'cancelled';
    expect((await desk.reconciler.now()).books).toBe('agree');
  });

  it('an order we hold for closed that the venue has open is open again', async () => {
    const desk = new Desk();
    await desk.ready();
    const id = desk.send('new', 'a');
    desk.outcome(id, 'new', 'a', 'not_sent');
    expect(desk.order('a').state).toBe('rejected');
    desk.venue.place({
      action: 'new',
      clientOrderId: id,
      target: '',
      side: 'buy',
      quantity: d(10),
      limitPrice: d(100),
    });
    await desk.reconciler.now();
    expect([desk.order('a').state, desk.state.orders.exposed('main', 0, 'buy').toString()]).toEqual([
      'accepted',
      '10',
    ]);
    expect(desk.codes).toContain('REOPENED_ORDER adopted');
  });

  it('what the venue counts but does not list is inferred once, and gives way to the named fill', async () => {
    const desk = new Desk();
    await desk.ready();
    desk.request('new', 'a');
    desk.deliver();
    const [leg] = desk.venue.legs;
    if (leg === undefined) throw new Error('no leg');
    desk.venue.fill(leg, d(4), d(98), d(1));
    desk.venue.unlisted.add('t1');
    desk.venue.outgoing = [];
    const result = await desk.reconciler.now();
    expect([desk.position, desk.order('a').averagePrice.toString()]).toEqual(['4', '100']);
    expect(desk.breaks.find(({ code }) => code === 'INFERRED_FILL')?.key).toBe('inferred:BTCUSDT:v1:4');
    expect([result.books, result.open]).toEqual(['open', ['USDT']]);
    await desk.reconciler.now();
    expect(desk.codes.filter((code) => code.startsWith('INFERRED'))).toHaveLength(1);
    desk.venue.unlisted.clear();
    expect((await desk.reconciler.now()).books).toBe('agree');
    expect([
      desk.position,
      desk.order('a').averagePrice.toString(),
      desk.order('a').filled.toString(),
    ]).toEqual(['4', '98', '4']);
  });

  it('fills of ours the venue does not count are a break', async () => {
    const desk = new Desk();
    await desk.ready();
    desk.request('new', 'a');
    const [leg] = desk.venue.legs;
    if (leg === undefined) throw new Error('no leg');
    desk.venue.fill(leg, d(4), d(100));
    desk.deliver();
    leg.filled = d(3);
    const result = await desk.reconciler.now();
    expect([result.books, result.open]).toEqual(['open', ['a']]);
  });

  it('is not deceived by what happens between question and answer', async () => {
    const desk = new Desk();
    await desk.ready();
    desk.request('new', 'a');
    desk.deliver();
    let n = 0;
    desk.onSleep = () => {
      const [leg] = desk.venue.legs;
      if (leg !== undefined && n++ === 1) {
        desk.venue.fill(leg, d(1), d(100));
        desk.deliver();
      }
    };
    await desk.reconciler.now();
    expect(desk.codes.filter((code) => !code.startsWith('OPENING'))).toEqual([]);
    expect(desk.venue.asked.filter((what) => what === 'openOrders').length).toBe(3);
  });
});

describe('money', () => {
  it('opening balances are taken as they are, and are neither profit nor loss', async () => {
    const desk = new Desk();
    desk.venue.move('BTC', d(2));
    await desk.ready();
    expect(desk.codes).toEqual(['OPENING_BALANCE adopted', 'OPENING_BALANCE adopted']);
    const p = desk.state.portfolio;
    expect([p.cash('main', 'BTC').toString(), p.owned('main', 'USDT').toString()]).toEqual(['2', '1000000']);
    expect(p.startEquity('main')).toBe(undefined);
  });

  it('a fee in the coin bought is no break', async () => {
    const desk = new Desk();
    await desk.ready();
    desk.request('new', 'a');
    const [leg] = desk.venue.legs;
    if (leg === undefined) throw new Error('no leg');
    desk.venue.fill(leg, d(4), d(100), dec('0.004'), 'BTC');
    desk.deliver();
    expect((await desk.reconciler.now()).books).toBe('agree');
    expect(desk.state.portfolio.owned('main', 'BTC').toString()).toBe('3.996');
  });

  it('a withdrawal is a break: open, until it is acknowledged, and then not told again', async () => {
    const desk = new Desk();
    await desk.ready();
    desk.venue.move('USDT', d(-500));
    expect((await desk.reconciler.now()).books).toBe('open');
    expect(desk.state.readiness.withheld('venue', true)).toContain(
      'BALANCE USDT (ours 1000000, theirs 999500)',
    );
    await desk.reconciler.now();
    expect(desk.codes.filter((code) => code === 'BALANCE open')).toHaveLength(1);
    desk.acknowledge();
    expect(desk.state.readiness.withheld('venue', false)).toBe('');
    const before = desk.inputs.length;
    expect((await desk.reconciler.now()).books).toBe('agree');
    expect(desk.inputs.length).toBe(before);
    desk.venue.move('USDT', d(-1));
    expect((await desk.reconciler.now()).books).toBe('open');
  });

  it('an operator takes the venue’s figure over', async () => {
    const desk = new Desk();
    await desk.ready();
    desk.venue.move('USDT', d(-500));
    await desk.reconciler.now();
    desk.acknowledge('adopt');
    expect(desk.state.portfolio.owned('main', 'USDT').toString()).toBe('999500');
    expect((await desk.reconciler.now()).books).toBe('agree');
  });

  it.each([
    ['halt', true, 'open'],
    ['reduce', false, 'open'],
    ['warn', false, 'agree'],
  ] as const)('on_break: %s', async (policy, exitsWait, books) => {
    const desk = new Desk({ on_break: policy });
    await desk.ready();
    desk.venue.move('USDT', d(-500));
    expect((await desk.reconciler.now()).books).toBe(books);
    expect(desk.state.readiness.withheld('venue', true) !== '').toBe(exitsWait);
  });

  it('a difference within the tolerance is none', async () => {
    const desk = new Desk({ balance_tolerance: { USDT: 1 } });
    await desk.ready();
    desk.venue.move('USDT', dec('-0.9'));
    expect((await desk.reconciler.now()).books).toBe('agree');
  });

  it.each([
    ['adopt', '5', 'agree'],
    ['ignore', '0', 'agree'],
    ['halt', '0', 'open'],
  ] as const)('opening_positions: %s', async (policy, held, books) => {
    const desk = new Desk({ opening_positions: policy });
    desk.venue.held = [{ account: 'main', instrument: 'ACME', quantity: '5', averagePrice: '20' }];
    for (let i = 0; i < 2; i++) expect((await desk.ready()).books).toBe(books);
    expect((desk.state.portfolio.position('main', 1)?.quantity ?? d(0)).toString()).toBe(held);
    if (policy === 'halt') desk.acknowledge('adopt');
    desk.venue.held = [{ account: 'main', instrument: 'ACME', quantity: '6', averagePrice: '20' }];
    expect((await desk.reconciler.now()).books).toBe('open');
  });
});
