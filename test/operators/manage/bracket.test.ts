import { expect, test } from 'vitest';
import { Desk } from './desk.js';

const bracket = {
  scripts: {
    bracket: (place) =>
      place.bracket({
        side: 'buy',
        quantity: 10,
        limitPrice: 100,
        takeProfit: 110,
        stopLoss: { stopPrice: 95 },
      }),
  },
} satisfies ConstructorParameters<typeof Desk>[0];

test('exits are sized by what the entry really filled, and the target takes the stop away', async () => {
  const desk = await new Desk(bracket).open();
  desk.quote(100, 101, 1_000).trade(100.5, 'bracket');
  expect(desk.working).toEqual(['s-1 buy 10 limit 100']);
  expect(desk.held).toEqual(['s-2 inactive 0/10', 's-3 inactive 0/10']);
  desk.quote(99, 100, 4);
  expect(desk.position.toString()).toBe('4');
  expect(desk.working).toEqual(['s-1 buy 6 limit 100', 's-3.1 sell 4 stop 95', 's-2.1 sell 4 limit 110']);
  desk.quote(99, 100, 6);
  expect(desk.working).toEqual(['s-3.1 sell 10 stop 95', 's-2.1 sell 10 limit 110']);
  desk.quote(110, 111, 3);
  expect(desk.working).toEqual(['s-3.1 sell 7 stop 95', 's-2.1 sell 7 limit 110']);
  desk.quote(110, 111, 7);
  expect(desk.working).toEqual([]);
  expect(desk.held).toEqual([]);
  expect(desk.position.toString()).toBe('0');
  expect([desk.order('s-2')?.state, desk.order('s-3')?.state]).toEqual(['filled', 'cancelled']);
  expect(desk.codes('denied')).toEqual([]);
  expect(desk.verify()).toBe(undefined);
});

test('without a manage operator nothing of a bracket goes out', async () => {
  const desk = await new Desk({ ...bracket, manage: false }).open();
  desk.quote(100, 101).trade(100.5, 'bracket');
  expect(desk.codes('denied')).toEqual(['LINKED_UNSUPPORTED', 'LINKED_UNSUPPORTED', 'LINKED_UNSUPPORTED']);
  expect(desk.working).toEqual([]);
});
