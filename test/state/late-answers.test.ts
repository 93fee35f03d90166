import { describe, expect, it } from 'vitest';
import { dec } from '../../src/model/decimal.js';
import { Bench, fillOf, intentOf, report } from './support.js';

const wish = (quantity: number, limitPrice = 100) =>
  intentOf('replace', { quantity: dec(quantity), limitPrice: dec(limitPrice) });
const cancel = intentOf('cancel');
const order = (b: Bench) => b.state.orders.get('k1');

describe('answers that are out of date', () => {
  it('a refused cancel told twice never refuses the order', () => {
    const b = new Bench().working().dispatch(cancel, 'x1');
    b.apply(report('rejected', { clientOrderId: 'x1', execId: 'r1' }));
    expect(b.orderState).toBe('accepted');
    b.apply(report('rejected', { clientOrderId: 'x1', execId: 'r1' }));
    b.apply(report('rejected', { clientOrderId: 'x1', execId: 'r2' }));
    expect([b.orderState, b.exposed()]).toEqual(['accepted', '10']);
  });

  it('the refusal of an earlier cancel leaves the newer one in flight', () => {
    const b = new Bench().working().dispatch(cancel, 'x1').outcome('x1', 'cancel', 'unknown');
    expect(b.orderState).toBe('unknown');
    b.dispatch(cancel, 'x2');
    b.apply(report('cancel_rejected', { clientOrderId: 'x1' }));
    expect([b.orderState, order(b)?.inFlight?.clientOrderId]).toEqual(['pending_cancel', 'x2']);
    b.apply(report('cancel_rejected', { clientOrderId: 'x2' }));
    expect([b.orderState, order(b)?.inFlight]).toEqual(['accepted', undefined]);
  });

  it('a confirmation told again does not answer the next replace', () => {
    const b = new Bench().working().approve(wish(12)).dispatch(wish(12), 'p1');
    b.apply(report('replaced', { clientOrderId: 'p1', quantity: dec(12), execId: 'r1' }));
    b.approve(wish(20)).dispatch(wish(20), 'p2');
    b.apply(report('replaced', { clientOrderId: 'p1', quantity: dec(12), execId: 'r1' }));
    b.apply(report('replaced', { clientOrderId: 'p1', quantity: dec(12) }));
    expect([b.orderState, order(b)?.inFlight?.clientOrderId, b.exposed()]).toEqual([
      'pending_replace',
      'p2',
      '20',
    ]);
    b.apply(report('replaced', { clientOrderId: 'p2', quantity: dec(20) }));
    expect([b.orderState, order(b)?.clientOrderId, order(b)?.inFlight]).toEqual([
      'accepted',
      'p2',
      undefined,
    ]);
  });

  it('a late confirmation of an earlier replace leaves the newer one in flight', () => {
    const b = new Bench()
      .working()
      .approve(wish(12))
      .dispatch(wish(12), 'p1')
      .outcome('p1', 'replace', 'unknown');
    b.apply(report('accepted', { execId: 'asked again' }));
    expect([b.orderState, b.exposed()]).toEqual(['accepted', '10']);
    b.approve(wish(15)).dispatch(wish(15), 'p2');
    b.apply(report('replaced', { clientOrderId: 'p1', quantity: dec(12) }));
    expect([b.orderState, order(b)?.quantity.toString(), b.exposed()]).toEqual([
      'pending_replace',
      '12',
      '15',
    ]);
  });

  it('an acknowledgement told again says nothing about a doubtful request', () => {
    const b = new Bench().approve(intentOf('new')).dispatch(intentOf('new'), 'c1');
    b.apply(report('accepted', { execId: 'a1' }));
    b.dispatch(cancel, 'x1').outcome('x1', 'cancel', 'unknown');
    b.apply(report('accepted', { execId: 'a1' }));
    expect(b.orderState).toBe('unknown');
  });

  it('a replace is valued at the higher price until it is answered', () => {
    const notional = (b: Bench) => b.state.orders.exposedNotional('main', 0, 'buy').toString();
    const asked = () => new Bench().working().approve(wish(10, 50), dec(50)).dispatch(wish(10, 50), 'p1');
    expect(notional(asked())).toBe('1000');
    expect(notional(asked().apply(report('replaced', { clientOrderId: 'p1' })))).toBe('500');
    expect(notional(asked().apply(report('replace_rejected', { clientOrderId: 'p1' })))).toBe('1000');
    expect(notional(asked().outcome('p1', 'replace', 'not_sent'))).toBe('1000');
  });
});

describe('fills that cannot be counted', () => {
  it.each([
    ['no fill', { fill: undefined }],
    ['no number', { fill: fillOf(NaN, 100) }],
    ['nothing filled', { fill: fillOf(0, 100) }],
    ['below zero', { fill: fillOf(-1, 100) }],
    ['no price', { fill: fillOf(1, NaN) }],
    ['no fee', { fill: fillOf(1, 100, NaN) }],
    ['no total', { fill: fillOf(1, 100), cumulative: dec(NaN) }],
    ['an unknown order', { fill: fillOf(NaN, 100), clientOrderId: 'other' }],
    ['an unknown instrument', { fill: fillOf(1, 100), clientOrderId: 'other', instrument: 'NONE', ix: 99 }],
  ])('%s: nothing is counted and trading halts', (_what, fields) => {
    const b = new Bench().working().apply(report('fill', { execId: 'e1', ...fields }));
    expect(b.changes.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['log', 'halt']));
    expect(b.state.control.trading).toBe('halted');
    expect([order(b)?.filled.toString(), b.state.portfolio.equity('main')?.toString()]).toEqual([
      '0',
      '100000',
    ]);
  });
});

it('a venue that counts more fills than were told is not believed silently', () => {
  const b = new Bench().working().fill('e1', 3);
  b.apply(report('cancelled', { cumulative: dec(3) }));
  expect([b.orderState, b.anomalies]).toEqual(['cancelled', 0]);
  const c = new Bench().working().fill('e1', 3);
  c.apply(report('cancelled', { cumulative: dec(5) }));
  expect([c.orderState, c.anomalies]).toEqual(['cancelled', 1]);
  c.fill('e2', 2);
  expect([c.position, c.anomalies]).toEqual(['5', 0]);
});

it('an order that is replaced all day does not grow', () => {
  const b = new Bench().working();
  for (let n = 1; n <= 2_000; n++) {
    b.approve(wish(10)).dispatch(wish(10), `p${n}`);
    b.apply(report('replaced', { clientOrderId: `p${n}`, venueOrderId: `v${n}`, execId: `r${n}` }));
  }
  expect([b.orderState, order(b)?.clientOrderId]).toEqual(['accepted', 'p2000']);
  expect(b.state.orders.byClientOrderId('p1')).toBe(undefined);
  expect(b.state.orders.byVenueOrderId('sim', 'v1')).toBe(undefined);
  const record = b.state.orders.record('k1');
  expect([record?.ids.size, record?.venueIds.length, record?.oldLegs.size]).toEqual([256, 256, 255]);
  b.apply(report('fill', { clientOrderId: 'p1990', execId: 'e1', fill: fillOf(3, 100) }));
  expect([b.position, b.exposed()]).toEqual(['3', '7']);
});
