import { describe, expect, it } from 'vitest';
import { dec } from '../../src/model/decimal.js';
import { Bench, fillOf, intentOf, report } from '../state/support.js';
import { Desk } from '../engine/reconcile/desk.js';

const cancel = intentOf('cancel');

/** Defects of the systems Millrace takes over from, by their number in the list; each stays mended. */
describe('defects of order management', () => {
  it('3: a fill while a cancel is out, and one after the cancel was confirmed, both count', () => {
    const b = new Bench().working().dispatch(cancel, 'x1').fill('e1', 4);
    expect([b.orderState, b.position]).toEqual(['pending_cancel', '4']);
    b.apply(report('cancelled', { clientOrderId: 'x1' })).fill('e2', 2);
    expect([b.orderState, b.position]).toEqual(['cancelled', '6']);
  });

  it('4: a fill told again, as a cumulative total, and by every reconciliation, counts once', async () => {
    const b = new Bench().working().fill('e1', 4).fill('e1', 4);
    b.apply(report('fill', { fill: fillOf(4, 100), cumulative: dec(4) }));
    expect(b.position).toBe('4');
    const desk = new Desk();
    await desk.ready();
    desk.request('new', 'a');
    const [leg] = desk.venue.legs;
    if (leg !== undefined) desk.venue.fill(leg, dec(4), dec(100));
    desk.venue.outgoing = [];
    for (let i = 0; i < 3; i++) await desk.reconciler.now();
    expect([desk.position, desk.order('a').filled.toString()]).toEqual(['4', '4']);
  });

  it('6: a report before the answer to the submit is matched by client id; one that only has the venue’s id waits', () => {
    const intent = intentOf('new');
    const b = new Bench().approve(intent).dispatch(intent, 'c1').fill('e1', 4);
    expect([b.orderState, b.position]).toEqual(['partially_filled', '4']);
    b.fill('e2', 3, 100, { clientOrderId: '', venueOrderId: 'v1' });
    expect([b.position, b.state.orders.get('k1')?.filled.toString(), b.anomalies]).toEqual(['7', '4', 0]);
    b.apply(report('accepted', { venueOrderId: 'v1' }));
    expect([b.position, b.state.orders.get('k1')?.filled.toString()]).toEqual(['7', '7']);
  });

  it('6: a report nobody explains is told in the end, and its fill counts', () => {
    const b = new Bench().working();
    b.fill('e9', 3, 100, { clientOrderId: '', venueOrderId: 'v9' });
    expect([b.position, b.anomalies]).toEqual(['3', 0]);
    b.turn(b.at + 6_000_000);
    b.apply(report('accepted', { venueOrderId: 'v1', execId: 'a2' }));
    expect(b.anomalies).toBe(1);
  });

  it('7: an order whose outcome nobody knows keeps its key and its exposure until the venue was asked', async () => {
    const desk = new Desk();
    await desk.ready();
    const id = desk.send('new', 'a');
    desk.outcome(id, 'new', 'a', 'unknown');
    expect([desk.order('a').state, desk.state.orders.exposed('main', 0, 'buy').toString()]).toEqual([
      'unknown',
      '10',
    ]);
    await desk.reconciler.now();
    expect([desk.order('a').state, desk.venue.arrived]).toEqual(['rejected', []]);
  });

  it('8: a failed query is not an empty answer: no order is closed, no balance becomes zero', async () => {
    const desk = new Desk();
    await desk.ready();
    desk.request('new', 'a');
    desk.deliver();
    for (const query of ['openOrders', 'fills', 'positions', 'accountState']) {
      desk.venue.failing = query;
      desk.connection('down');
      expect((await desk.ready()).books).toBe('failed');
      expect(desk.order('a').state).toBe('accepted');
      expect(desk.state.portfolio.owned('main', 'USDT').toString()).toBe('1000000');
      expect(desk.state.readiness.withheld('venue', false)).not.toBe('');
    }
  });

  it('8: an order the venue does not have is found, and asked for before it is closed', async () => {
    const desk = new Desk();
    await desk.ready();
    desk.request('new', 'a');
    desk.deliver();
    desk.venue.legs.length = 0;
    await desk.reconciler.now();
    expect(desk.order('a').state).toBe('cancelled');
    expect(desk.venue.asked.filter((what) => what === 'order')).toHaveLength(3);
  });

  it('10: books are compared again after every reconnect, before anything leaves', async () => {
    const desk = new Desk();
    await desk.ready();
    desk.request('new', 'a');
    desk.deliver();
    desk.connection('down');
    for (const leg of desk.venue.openLegs()) desk.venue.fill(leg, dec(10), dec(99));
    desk.venue.outgoing = [];
    desk.connection('ready');
    expect(desk.state.readiness.withheld('venue', true)).not.toBe('');
    await desk.reconciler.now();
    expect([desk.state.readiness.withheld('venue', true), desk.position]).toEqual(['', '10']);
  });

  it('19: a replace is followed by the local order, and the first acknowledgement is kept', () => {
    const b = new Bench().working();
    const acknowledged = b.state.orders.get('k1')?.acceptedAt;
    const wish = intentOf('replace', { quantity: dec(12), limitPrice: dec(101) });
    b.turn(b.at + 1_000_000);
    b.approve(wish).dispatch(wish, 'p1');
    expect(b.orderState).toBe('pending_replace');
    b.apply(report('replaced', { clientOrderId: 'p1', quantity: dec(12), limitPrice: dec(101) }));
    const order = b.state.orders.get('k1');
    expect([order?.quantity.toString(), order?.limitPrice?.toString(), order?.acceptedAt]).toEqual([
      '12',
      '101',
      acknowledged,
    ]);
  });
});

describe('fills the venue takes back or corrects', () => {
  it('a busted fill leaves order and position, once, also when the bust overtakes it', () => {
    const b = new Bench().working().fill('e1', 4, 100).fill('e2', 2, 100);
    b.apply(report('bust', { execId: 'e1' }))
      .apply(report('bust', { execId: 'e1' }))
      .fill('e1', 4, 100);
    expect([b.position, b.state.orders.get('k1')?.filled.toString(), b.exposed()]).toEqual(['2', '2', '8']);
    b.apply(report('bust', { execId: 'e3' })).fill('e3', 1, 100);
    expect(b.position).toBe('2');
  });

  it('a corrected fill has the new figures, fee included', () => {
    const b = new Bench().working();
    b.apply(report('fill', { execId: 'e1', fill: fillOf(4, 100, 1) }));
    b.apply(report('correct', { execId: 'e1', fill: fillOf(3, 110, 2) }));
    b.apply(report('correct', { execId: 'e1', fill: fillOf(3, 110, 2) }));
    const order = b.state.orders.get('k1');
    expect([b.position, order?.filled.toString(), order?.averagePrice.toString()]).toEqual(['3', '3', '110']);
    expect(b.state.portfolio.cash('main', 'USDT').toString()).toBe(String(100_000 - 330 - 2));
  });

  it('an overfill is told and counted', () => {
    const b = new Bench().working().fill('e1', 12);
    expect([b.orderState, b.position, b.anomalies]).toEqual(['filled', '12', 1]);
  });
});
