import { expect, test } from 'vitest';
import { ZERO, dec } from '../../../src/model/decimal.js';
import { makeExecution } from '../../../src/model/make.js';
import type { Place } from '../../../src/operators/strategy/place.js';
import { Desk, type DeskOptions } from './desk.js';

const scripts = {
  b: (place: Place) =>
    place.bracket({ side: 'buy', quantity: 10, takeProfit: 110, stopLoss: { stopPrice: 95 } }),
  small: (place: Place) =>
    place.bracket({ side: 'buy', quantity: 3, takeProfit: 120, stopLoss: { stopPrice: 90 } }),
  sell: (place: Place, [quantity = '']: readonly string[]) => place.market({ side: 'sell', quantity }),
  stop: (place: Place) => place.stop({ side: 'buy', quantity: 5, stopPrice: 105 }),
};
const open = (more: DeskOptions = {}): Promise<Desk> =>
  new Desk({ scripts, manage: { exits: 'one', stops: 'emulated', reduce_only: 'drop' }, ...more }).open();

let fills = 0;
/** A fill the venue tells of an order, however late. */
function fill(desk: Desk, orderKey: string, quantity: number, price: number): void {
  const order = desk.engine.state.orders.get(orderKey);
  if (order === undefined) throw new Error(`no order ${orderKey}`);
  const { clientOrderId, venueOrderId, instrument, ix, side } = order;
  desk.feed(
    makeExecution('fills', desk.at, {
      ...{ broker: 'sim', account: 'sim', report: 'fill', clientOrderId, venueOrderId, instrument, ix, side },
      execId: `late-${String(++fills)}`,
      fill: {
        ...{ quantity: dec(quantity), price: dec(price), fee: ZERO, feeCurrency: 'USD', liquidity: 'taker' },
      },
      ...{
        cumulative: undefined,
        quantity: undefined,
        limitPrice: undefined,
        stopPrice: undefined,
        reason: '',
      },
    }),
  );
}

test('the order manager finds, changes and cancels what is held here', async () => {
  const desk = await open();
  const { orders } = desk.engine;
  desk.quote(100, 101).trade(100.5, 'b').quote(100, 101);
  expect(orders.get('s-3')?.stopPrice?.toString()).toBe('95');
  expect(orders.open().map(({ orderKey }) => orderKey)).toEqual(['s-2', 's-3', 's-2.1']);
  expect(orders.byStatus('accepted').map(({ orderKey }) => orderKey)).toEqual(['s-2', 's-3', 's-2.1']);

  expect((await orders.modify('s-3', { stopPrice: 95.3 })).reason).toMatch(/^PRICE_TICK/);
  expect((await orders.modify('s-3', { stopPrice: 97 })).accepted).toBe(true);
  desk.trade(96);
  expect(desk.position.toString()).toBe('0');
  expect(desk.order('s-3')?.state).toBe('filled');
  expect((await orders.cancel('s-3')).reason).toMatch(/^ORDER_CLOSED/);
  expect(desk.verify()).toBe(undefined);
});

test('a held stop that the order manager cancelled never fires', async () => {
  const desk = await open();
  const { orders } = desk.engine;
  desk.quote(100, 101).trade(100.5, 'stop');
  expect(desk.held).toEqual(['s-1 accepted 0/5']);
  expect((await orders.cancel('s-1', { actor: 'ann' })).accepted).toBe(true);
  desk.quote(110, 111).trade(110.5).wait(5_000);
  expect([desk.position.toString(), desk.held, desk.order('s-1')?.state]).toEqual(['0', [], 'cancelled']);
  expect(desk.verify()).toBe(undefined);
});

test.each([
  ['cancelAll', (desk: Desk) => desk.engine.orders.cancelAll()],
  ['cancelSymbol', (desk: Desk) => desk.engine.orders.cancelSymbol('BTC')],
])('%s leaves nothing held and nothing at the venue', async (_name, cancel) => {
  const desk = await open();
  desk.quote(100, 101).trade(100.5, 'b').quote(100, 101).trade(100.5, 'stop');
  const answers = await cancel(desk);
  expect(answers.map(({ orderKey, accepted }) => [orderKey, accepted])).toEqual([
    ['s-2', true],
    ['s-3', true],
    ['s-4', true],
  ]);
  desk.wait(100);
  expect([desk.held, desk.working]).toEqual([[], []]);
  desk.quote(90, 91).trade(90).quote(120, 121).trade(120).wait(5_000);
  expect(desk.position.toString()).toBe('10');
  expect(desk.verify()).toBe(undefined);
});

test.each(['kill', 'flatten'] as const)(
  'after a %s no fill that comes late makes an exit',
  async (action) => {
    const desk = await open();
    desk.quote(100, 101).trade(100.5, 'b').quote(100, 101).trade(111).quote(111, 112);
    expect([desk.position.toString(), desk.held]).toEqual(['0', []]);
    desk.trade(111, 'small').quote(111, 112).control(action).wait(100);
    const left = action === 'kill' ? 3 : 0;
    expect([desk.position.toString(), desk.held, desk.working]).toEqual([String(left), [], []]);
    // Of the entry whose exits were done, of the one whose exits were ended, and of an exit.
    fill(desk, 's-1', 2, 100);
    fill(desk, 's-4', 1, 111);
    fill(desk, 's-2.1', 1, 110);
    desk.quote(80, 81).trade(80).quote(130, 131).trade(130).wait(10_000);
    expect([desk.position.toString(), desk.held, desk.working]).toEqual([String(left + 2), [], []]);
    if (action === 'kill') {
      desk.trade(130, 'stop');
      expect(desk.codes('denied').at(-1)).toBe('LATCHED');
      expect(desk.held).toEqual([]);
    }
    expect(desk.verify()).toBe(undefined);
  },
);

test('an exit that just leaves and a flatten close the position once', async () => {
  const slow = { latency: '400ms', report_latency: '400ms' };
  const desk = await open({ paper: slow });
  desk.quote(100, 101).trade(100.5, 'b').wait(1_000).quote(100, 101).wait(2_000);
  expect(desk.position.toString()).toBe('10');
  desk.quote(94, 94.5).trade(94).wait(1_000).trade(94);
  expect(desk.working.some((text) => text.startsWith('s-3.1 sell 10 market'))).toBe(true);
  desk.control('flatten');
  for (let i = 0; i < 10; i++) desk.quote(94, 94.5, 1_000 + i).wait(1_000);
  expect([desk.position.toString(), desk.held, desk.working]).toEqual(['0', [], []]);
  expect(desk.verify()).toBe(undefined);
});

test('a fill of an entry that comes after its exits were done is protected and closed', async () => {
  const desk = await open();
  desk.quote(100, 101).trade(100.5, 'b').quote(100, 101).trade(111).quote(111, 112);
  expect([desk.position.toString(), desk.held]).toEqual(['0', []]);
  desk.quote(100, 101);
  fill(desk, 's-1', 2, 100);
  expect(desk.position.toString()).toBe('2');
  expect(desk.held.length).toBe(2);
  expect(desk.working).toEqual(['s-2.2 sell 2 limit 110']);
  fill(desk, 's-2.2', 2, 110);
  expect([desk.position.toString(), desk.held]).toEqual(['0', []]);
  expect(desk.verify()).toBe(undefined);
});

test('what the exits of one entry filled too much hides nothing of another entry', async () => {
  const desk = await open();
  desk.quote(100, 101).trade(100.5, 'b').quote(100, 101).trade(100.5, 'small').quote(100, 101);
  expect(desk.position.toString()).toBe('13');
  desk.trade(94).quote(100, 101).wait(2_000);
  expect(desk.position.toString()).toBe('3');
  // The target of the first had filled as well, and the report was late: 7 short of what the second bought.
  fill(desk, 's-2.1', 10, 110);
  expect(desk.codes('log')).toContain('LINKED_RACE');
  desk.quote(100, 101).wait(2_000).quote(100, 101);
  expect(desk.position.toString()).toBe('3');
  expect(desk.working).toEqual(['s-5.1 sell 3 limit 120']);
  desk.trade(89).quote(89, 90).wait(3_000).quote(89, 90).wait(2_000);
  expect([desk.position.toString(), desk.held, desk.working]).toEqual(['0', [], []]);
  expect(desk.verify()).toBe(undefined);
});

test('what somebody else closed is missed by the oldest entry; exits never come to more than the position', async () => {
  const desk = await open();
  desk.quote(100, 101).trade(100.5, 'b').quote(100, 101).trade(100.5, 'small').quote(100, 101);
  desk.trade(100.5, 'sell 6').quote(100, 101);
  expect(desk.position.toString()).toBe('7');
  expect(desk.working).toEqual(['s-2.1 sell 4 limit 110', 's-5.1 sell 3 limit 120']);
  desk.trade(100.5, 'sell 4').quote(100, 101).wait(3_000);
  expect(desk.working).toEqual(['s-5.1 sell 3 limit 120']);
  desk.trade(89).quote(89, 90).wait(3_000);
  expect([desk.position.toString(), desk.held, desk.working]).toEqual(['0', [], []]);
  expect(desk.verify()).toBe(undefined);
});
