import { describe, expect, it } from 'vitest';
import { dec } from '../../../src/model/decimal.js';
import { makeControl } from '../../../src/model/make.js';
import { Desk } from './desk.js';
import { again } from './model-venue.js';

const d = (n: number) => dec(n);
const control = (desk: Desk, action: 'kill' | 'release'): void =>
  desk.turn(makeControl(desk.at, action, 'ann', 'why not', 'global'));

describe('a kill of a desk whose books agree', () => {
  it('can be released once the books were compared again, and not before', async () => {
    const desk = new Desk();
    await desk.ready();
    control(desk, 'kill');
    control(desk, 'release');
    expect(desk.state.control.killed).toBe(true);
    expect((await desk.reconciler.now()).books).toBe('agree');
    control(desk, 'release');
    expect(desk.state.control.killed).toBe(false);
    const before = desk.inputs.length;
    await desk.reconciler.now();
    expect(desk.inputs.length).toBe(before);
  });
});

describe('an order that fills between two questions', () => {
  it('is not taken for one that is open again, and its fill counts once', async () => {
    const desk = new Desk();
    await desk.ready();
    desk.request('new', 'a', { quantity: d(4) });
    desk.deliver();
    const [leg] = desk.venue.legs;
    if (leg === undefined) throw new Error('no leg');
    const { venue } = desk;
    const openOrders = venue.openOrders.bind(venue);
    let stale = true;
    venue.openOrders = async () => {
      const told = await openOrders();
      // The venue fills it behind its answer, and its report comes late.
      if (stale) venue.fill(leg, d(4), d(100));
      stale = false;
      return told.map(again);
    };
    const result = await desk.reconciler.now();
    desk.deliver();
    await desk.reconciler.now();
    expect(desk.order('a')).toMatchObject({ state: 'filled' });
    expect(desk.position).toBe('4');
    expect(desk.codes.filter((code) => !code.startsWith('OPENING'))).toEqual(['MISSING_FILL applied']);
    expect(result.books).toBe('agree');
    expect(desk.illegal).toEqual([]);
  });
});

describe('a replace that cancels and places anew', () => {
  it('is not given up while its new leg may still appear behind the cancelled one', async () => {
    const desk = new Desk();
    await desk.ready();
    const first = desk.request('new', 'a', { quantity: d(4) });
    desk.deliver();
    const second = desk.send('replace', 'a', { quantity: d(6) });
    desk.outcome(second, 'replace', 'a', 'unknown');
    const [old] = desk.venue.legs;
    if (old === undefined) throw new Error('no leg');
    old.state = 'cancelled';
    desk.connection('down');
    // The new leg shows a moment after the first question.
    desk.onSleep = () => {
      if (desk.venue.asked.filter((what) => what === 'order').length < 2) return;
      desk.onSleep = undefined;
      desk.venue.place({
        action: 'new',
        clientOrderId: second,
        target: '',
        side: 'buy',
        quantity: d(6),
        limitPrice: old.limitPrice,
      });
    };
    await desk.ready();
    await desk.reconciler.now();
    expect(desk.order('a')).toMatchObject({ state: 'accepted', clientOrderId: second });
    expect(desk.order('a').quantity.toString()).toBe('6');
    expect(desk.codes).not.toContain('REOPENED_ORDER adopted');
    expect(first).not.toBe(second);
  });

  it('is over when only its cancel is found, often enough', async () => {
    const desk = new Desk();
    await desk.ready();
    desk.request('new', 'a', { quantity: d(4) });
    desk.deliver();
    const second = desk.send('replace', 'a', { quantity: d(6) });
    desk.outcome(second, 'replace', 'a', 'unknown');
    const [old] = desk.venue.legs;
    if (old === undefined) throw new Error('no leg');
    old.state = 'cancelled';
    desk.connection('down');
    expect((await desk.ready()).books).toBe('agree');
    expect(desk.order('a').state).toBe('cancelled');
  });
});

describe('a request that is still on its way', () => {
  it('is not given up before the venue would refuse it as too old', async () => {
    const desk = new Desk({ grace: '5s' });
    const life = 30_000_000;
    Object.assign(desk.venue, { requestLife: life });
    await desk.ready();
    const sent = desk.at;
    const id = desk.send('new', 'a', { quantity: d(4) });
    desk.outcome(id, 'new', 'a', 'unknown');
    desk.connection('down');
    // It was held up for 20 s, and comes while it is asked for.
    desk.onSleep = () => {
      if (desk.at - sent < 20_000_000 || desk.venue.arrived.length > 0) return;
      const { side, quantity, limitPrice } = desk.order('a');
      desk.venue.receive({ action: 'new', clientOrderId: id, target: '', side, quantity, limitPrice });
    };
    await desk.ready();
    expect(desk.venue.arrived).toEqual([id]);
    expect(desk.order('a').state).toBe('accepted');
  });
});

describe('an order of the venue that cannot be taken over', () => {
  it('stands open for as long as it is there', async () => {
    const desk = new Desk();
    await desk.ready();
    desk.venue.place({
      action: 'new',
      clientOrderId: 'web1',
      target: '',
      side: 'buy',
      quantity: d(4),
      limitPrice: d(90),
    });
    const { venue } = desk;
    const openOrders = venue.openOrders.bind(venue);
    venue.openOrders = async () =>
      (await openOrders()).map((told) => Object.assign(again(told), { quantity: undefined }));
    expect((await desk.reconciler.now()).books).toBe('open');
    expect((await desk.reconciler.now()).books).toBe('open');
    expect(desk.state.readiness.withheld('venue', false)).toContain('UNKNOWN_ORDER');
    const [leg] = venue.legs;
    if (leg !== undefined) leg.state = 'cancelled';
    expect((await desk.reconciler.now()).books).toBe('agree');
  });
});
