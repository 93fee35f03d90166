import { expect, test } from 'vitest';
import { OrderIds } from '../../src/matching/order-ids.js';
import type { VenueOrder } from '../../src/matching/order.js';

test('an order that is replaced all day answers to its newest ids, and to none once it closed', () => {
  const ids = new OrderIds();
  const order = {} as VenueOrder;
  for (let n = 1; n <= 1_000; n++) ids.add(`c${n}`, order);
  expect([ids.open('c1000'), ids.open('c745'), ids.open('c744')]).toEqual([order, order, undefined]);
  ids.close(order);
  expect([ids.open('c1000'), ids.open('c745')]).toEqual([undefined, undefined]);
  expect(ids.missing('c744')).toBe('ORDER_CLOSED: client_order_id=c744');
});
