import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec } from '../../src/model/decimal.js';
import { makeDenied, makeQueued, makeSuperseded } from '../../src/model/make.js';
import { Bench, BTC, fillOf, intentOf, report, T0 } from './support.js';

const wish = (quantity: number, limitPrice = 100) =>
  intentOf('replace', { quantity: dec(quantity), limitPrice: dec(limitPrice) });
const cancel = intentOf('cancel');

describe('order life', () => {
  it('goes from approval to fill and reserves exposure all the way', () => {
    const b = new Bench();
    const intent = intentOf('new');
    b.approve(intent);
    expect([b.orderState, b.exposed()]).toEqual(['initialized', '10']);
    expect(b.state.orders.exposedNotional('main', 0, 'buy').toString()).toBe('1000');
    b.apply(makeQueued(intent, 'rate'));
    expect(b.orderState).toBe('queued');
    b.dispatch(intent, 'c1');
    expect([b.orderState, b.state.orders.get('k1')?.inFlight?.action]).toEqual(['submitted', 'new']);
    b.outcome('c1', 'new', 'sent');
    expect(b.orderState).toBe('submitted');
    b.apply(report('accepted', { venueOrderId: 'v1' }));
    expect([b.orderState, b.state.orders.get('k1')?.inFlight]).toEqual(['accepted', undefined]);
    b.fill('e1', 4);
    expect([b.orderState, b.exposed(), b.position]).toEqual(['partially_filled', '6', '4']);
    b.fill('e2', 6, 110);
    expect([b.orderState, b.exposed(), b.position]).toEqual(['filled', '0', '10']);
    expect(b.state.orders.get('k1')?.averagePrice.toString()).toBe('106');
    expect(b.changes.map((c) => c.kind)).toEqual(['order', 'position']);
    expect([...b.state.orders.open()]).toEqual([]);
    expect(b.state.orders.byVenueOrderId('sim', 'v1')?.orderKey).toBe('k1');
  });

  it('never takes an order id of the venue for that of another instrument', () => {
    const b = new Bench({}, [BTC, { ...BTC, symbol: 'ETHUSDT', base: 'ETH' }]).working();
    b.fill('e1', 1);
    const other = {
      instrument: 'ETHUSDT',
      ix: 1,
      clientOrderId: 'lost',
      side: 'sell',
      venueOrderId: 'v1',
    } as const;
    b.fill('e2', 3, 50, other);
    expect([b.position, b.state.orders.get('k1')?.filled.toString()]).toEqual(['1', '1']);
    expect(b.state.portfolio.position('main', 1)?.quantity.toString()).toBe('-3');
    expect(b.state.orders.byVenueOrderId('sim', 'v1', 'BTCUSDT')?.orderKey).toBe('k1');
    expect(b.state.orders.byVenueOrderId('sim', 'v1', 'ETHUSDT')).toBe(undefined);
    expect(b.state.orders.byVenueOrderId('sim', 'v1')?.orderKey).toBe('k1');
  });

  it('gives exposure back on denial, withdrawal, not sent and rejection', () => {
    const intent = intentOf('new');
    const denied = new Bench().approve(intent).apply(makeDenied(intent, 'QUEUE_FULL', 'QUEUE_FULL', 'queue'));
    expect([denied.orderState, denied.exposed()]).toEqual(['denied', '0']);
    const gone = new Bench().approve(intent).apply(makeSuperseded(intent, 'annihilated', 'cancel'));
    expect([gone.orderState, gone.exposed()]).toEqual(['cancelled', '0']);
    const unsent = new Bench().approve(intent).dispatch(intent, 'c1').outcome('c1', 'new', 'not_sent');
    expect([unsent.orderState, unsent.exposed()]).toEqual(['rejected', '0']);
    const refused = new Bench()
      .approve(intent)
      .dispatch(intent, 'c1')
      .apply(report('rejected', { reason: 'no' }));
    expect([refused.orderState, refused.exposed(), refused.state.orders.get('k1')?.reason]).toEqual([
      'rejected',
      '0',
      'no',
    ]);
  });

  it('reserves the largest of current, approved and in-flight quantity of a replace', () => {
    const b = new Bench().working();
    b.approve(wish(25));
    expect([b.exposed(), b.state.orders.exposureOf('k1').toString()]).toEqual(['25', '25']);
    b.approve(wish(15)).apply(makeSuperseded(wish(25), 'updated', 'replace'));
    expect(b.exposed()).toBe('15');
    b.dispatch(wish(15), 'c2');
    expect([b.orderState, b.exposed()]).toEqual(['pending_replace', '15']);
    b.fill('e1', 3);
    expect([b.orderState, b.exposed()]).toEqual(['pending_replace', '12']);
    b.apply(report('replace_rejected', { clientOrderId: 'c2' }));
    expect([b.orderState, b.exposed()]).toEqual(['partially_filled', '7']);
  });

  it('drops the wish of a replace that is denied behind risk or beaten by a cancel', () => {
    const b = new Bench()
      .working()
      .approve(wish(25))
      .apply(makeDenied(wish(25), 'X', 'X', 'queue'));
    expect([b.orderState, b.exposed()]).toEqual(['accepted', '10']);
    b.approve(wish(25)).apply(makeSuperseded(wish(25), 'annihilated', 'cancel'));
    expect(b.exposed()).toBe('10');
  });

  it('updates a queued new order by a folded replace', () => {
    const b = new Bench().approve(intentOf('new')).approve(wish(4, 90), 90);
    b.apply(makeSuperseded(intentOf('new'), 'updated', 'replace'));
    const order = b.state.orders.get('k1');
    expect([order?.quantity.toString(), order?.limitPrice?.toString(), b.exposed()]).toEqual([
      '4',
      '90',
      '4',
    ]);
  });

  it('defect 19: replaced terms become the order, and the first acknowledgement is kept', () => {
    const b = new Bench().working();
    const first = b.state.orders.get('k1')?.acceptedAt;
    b.at += 5_000_000;
    b.dispatch(wish(20, 99), 'c2').apply(report('replaced', { clientOrderId: 'c2', venueOrderId: 'v2' }));
    const order = b.state.orders.get('k1');
    expect([order?.state, order?.quantity.toString(), order?.limitPrice?.toString()]).toEqual([
      'accepted',
      '20',
      '99',
    ]);
    expect([order?.clientOrderId, order?.venueOrderId, order?.acceptedAt]).toEqual(['c2', 'v2', first]);
    b.apply(report('cancelled', { clientOrderId: 'c1' }));
    expect(b.orderState).toBe('accepted');
    b.fill('late', 2, 100, { clientOrderId: 'c1' });
    expect([b.orderState, b.position]).toEqual(['partially_filled', '2']);
  });

  it('defect 3: a cancel that lost the race leaves a filled order and no anomaly', () => {
    const b = new Bench().working().dispatch(cancel, 'x1');
    expect(b.orderState).toBe('pending_cancel');
    b.fill('e1', 4);
    expect([b.orderState, b.anomalies]).toEqual(['pending_cancel', 0]);
    b.fill('e2', 6);
    expect([b.orderState, b.position, b.anomalies]).toEqual(['filled', '10', 0]);
    b.apply(report('cancel_rejected', { clientOrderId: 'x1' }));
    expect([b.orderState, b.anomalies]).toEqual(['filled', 0]);
  });

  it('defect 3: late fills after cancelled reach the position; the last one makes the order filled', () => {
    const b = new Bench().working().apply(report('cancelled')).fill('e1', 4);
    expect([b.orderState, b.position, b.anomalies, b.exposed()]).toEqual(['cancelled', '4', 0, '0']);
    b.fill('e2', 6);
    expect([b.orderState, b.position, b.anomalies]).toEqual(['filled', '10', 0]);
  });

  it('takes a fill of a rejected order and an overfill as anomalies that still reach the position', () => {
    const b = new Bench().working().apply(report('rejected')).fill('e1', 4);
    expect([b.orderState, b.position, b.anomalies]).toEqual(['rejected', '4', 1]);
    const over = new Bench().working().fill('e1', 12);
    expect([over.orderState, over.position, over.anomalies]).toEqual(['filled', '12', 1]);
  });

  it('returns to the previous state when a cancel or replace is refused, also by a plain rejection', () => {
    const b = new Bench()
      .working()
      .fill('e1', 1)
      .dispatch(cancel, 'x1')
      .apply(report('rejected', { clientOrderId: 'x1' }));
    expect(b.orderState).toBe('partially_filled');
    b.dispatch(wish(20), 'c2').outcome('c2', 'replace', 'not_sent');
    expect([b.orderState, b.exposed()]).toEqual(['partially_filled', '9']);
  });

  it('lets a cancel pass a new order in flight, and keeps both requests apart', () => {
    const intent = intentOf('new');
    const b = new Bench().approve(intent).dispatch(intent, 'c1').dispatch(cancel, 'x1');
    expect([b.orderState, b.state.orders.get('k1')?.inFlight?.action]).toEqual(['pending_cancel', 'new']);
    b.apply(report('cancel_rejected', { clientOrderId: 'x1', reason: 'unknown order' }));
    expect(b.orderState).toBe('submitted');
    b.apply(report('accepted'));
    expect([b.orderState, b.state.orders.get('k1')?.inFlight]).toEqual(['accepted', undefined]);
  });

  it('defect 30: keeps a request in flight until it is answered', () => {
    const b = new Bench().approve(intentOf('new')).dispatch(intentOf('new'), 'c1');
    expect(b.state.takeInFlightCleared()).toBe(false);
    b.outcome('c1', 'new', 'sent');
    expect([b.state.orders.get('k1')?.inFlight?.action, b.state.takeInFlightCleared()]).toEqual([
      'new',
      false,
    ]);
    b.apply(report('accepted'));
    expect([b.state.orders.get('k1')?.inFlight, b.state.takeInFlightCleared()]).toEqual([undefined, true]);
    expect(b.state.takeInFlightCleared()).toBe(false);
  });

  it('leaves unknown by any later report', () => {
    const unsure = () =>
      new Bench().approve(intentOf('new')).dispatch(intentOf('new'), 'c1').outcome('c1', 'new', 'unknown');
    expect([unsure().orderState, unsure().exposed()]).toEqual(['unknown', '10']);
    expect(unsure().apply(report('accepted')).orderState).toBe('accepted');
    expect(unsure().fill('e1', 3).orderState).toBe('partially_filled');
    expect(unsure().fill('e1', 10).orderState).toBe('filled');
    expect(unsure().apply(report('rejected')).orderState).toBe('rejected');
    const doubt = new Bench().working().dispatch(cancel, 'x1').outcome('x1', 'cancel', 'unknown');
    expect(doubt.orderState).toBe('unknown');
    expect(doubt.fill('e1', 3).orderState).toBe('unknown');
    expect(doubt.apply(report('accepted')).orderState).toBe('partially_filled');
    const replaced = new Bench().working().dispatch(wish(20), 'c2').outcome('c2', 'replace', 'unknown');
    expect(replaced.apply(report('accepted', { quantity: dec(20) })).orderState).toBe('accepted');
    expect(replaced.state.orders.get('k1')?.quantity.toString()).toBe('20');
  });

  it('waits for the answer of a larger replace before it calls the order filled', () => {
    const b = new Bench().working().dispatch(wish(15), 'c2').fill('e1', 10);
    expect([b.orderState, b.exposed()]).toEqual(['pending_replace', '5']);
    const kept = b.state.hash();
    expect(kept).toHaveLength(16);
    b.apply(report('replace_rejected', { clientOrderId: 'c2' }));
    expect(b.orderState).toBe('filled');
  });

  it('tells a report that fits nothing and changes nothing', () => {
    const b = new Bench().approve(intentOf('new')).apply(report('cancelled', { clientOrderId: 'nobody' }));
    expect([b.orderState, b.anomalies]).toEqual(['initialized', 1]);
    const orphan = new Bench().fill('e9', 2, 100, { clientOrderId: 'nobody' });
    expect([orphan.position, orphan.anomalies]).toEqual(['2', 1]);
    orphan.fill('e9', 2, 100, { clientOrderId: 'nobody' });
    expect([orphan.position, orphan.anomalies]).toEqual(['2', 0]);
  });

  it('forgets the oldest closed orders but not their execution ids', () => {
    const b = new Bench({ closedOrders: 1 });
    for (const key of ['a', 'b']) {
      const intent = intentOf('new', { orderKey: key });
      b.approve(intent).dispatch(intent, key).fill(`e-${key}`, 10, 100, { clientOrderId: key });
    }
    expect([b.state.orders.get('a'), b.state.orders.byClientOrderId('a')]).toEqual([undefined, undefined]);
    expect(b.state.orders.get('b')?.state).toBe('filled');
    b.fill('e-a', 10, 100, { clientOrderId: 'a' });
    expect(b.position).toBe('20');
  });
});

describe('defect 4: fills are counted once', () => {
  it('by execution id, and other figures under the same id are told', () => {
    const b = new Bench().working().fill('e1', 4).fill('e1', 4);
    expect([b.position, b.changes.length]).toEqual(['4', 0]);
    b.fill('e1', 5);
    expect([b.position, b.anomalies]).toEqual(['4', 1]);
  });

  it('by cumulative quantity, which sets and never adds', () => {
    const b = new Bench().working();
    const total = (cumulative: number) =>
      b.apply(report('fill', { fill: fillOf(cumulative, 100), cumulative: dec(cumulative) }));
    total(4);
    total(4);
    total(7);
    expect(b.position).toBe('7');
    b.fill('e1', 4).fill('e2', 3).fill('e3', 2);
    expect(b.position).toBe('9');
  });

  it('in any interleaving and duplication: position = sum of distinct fills', () => {
    const fills = fc.uniqueArray(
      fc.record({ id: fc.string({ minLength: 1, maxLength: 3 }), quantity: fc.integer({ min: 1, max: 9 }) }),
      {
        selector: (f) => f.id,
        minLength: 1,
        maxLength: 8,
      },
    );
    const others = fc.array(
      fc.constantFrom(
        'accepted',
        'cancelled',
        'expired',
        'rejected',
        'cancel_rejected',
        'replace_rejected',
        'replaced',
        'triggered',
        'inactive',
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(
        fills,
        others,
        fc.infiniteStream(fc.nat(1_000_000)),
        fc.boolean(),
        (distinct, noise, random, cancelling) => {
          const b = new Bench();
          const total = distinct.reduce((sum, f) => sum + f.quantity, 0);
          const intent = intentOf('new', { quantity: dec(total) });
          b.approve(intent).dispatch(intent, 'c1');
          if (cancelling) b.dispatch(cancel, 'x1');
          const next = (): number => random.next().value as number;
          const steps = [
            ...distinct.map((f) => () => b.fill(f.id, f.quantity)),
            ...distinct.map((f) => () => b.fill(f.id, f.quantity)),
            ...noise.map((kind) => () => b.apply(report(kind))),
          ]
            .map((run) => ({ run, key: next() }))
            .sort((x, y) => x.key - y.key);
          for (const { run } of steps) run();
          expect(b.position).toBe(String(total));
          expect(b.state.orders.get('k1')?.filled.toString()).toBe(String(total));
          const closed = !['submitted', 'accepted', 'unknown'].includes(b.orderState);
          expect(closed).toBe(true);
          expect(b.exposed()).toBe('0');
        },
      ),
      { numRuns: 300 },
    );
    expect(T0).toBeGreaterThan(0);
  });
});
