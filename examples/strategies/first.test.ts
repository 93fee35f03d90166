import { barOf, makeMarbles, strategyTest } from 'millrace/testing';
import { expect, test } from 'vitest';
import first from './first.js';

const marbles = makeMarbles((actual, expected) => expect(actual).toStrictEqual(expected));

const up = barOf(101, { open: 100 });
const down = barOf(99, { open: 100 });
const flat = barOf(100, { open: 100 });

test(
  'acts on a change of direction, and on nothing else',
  strategyTest(marbles, first, {
    params: { quantity: 2 },
    market: 'u-f-u-d-d-u-|',
    values: { u: up, d: down, f: flat },
    orders: 'b-----s---b-|',
    intents: { b: 'buy 2 TEST market', s: 'sell 2 TEST market' },
  }),
);
