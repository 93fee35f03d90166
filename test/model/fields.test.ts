import { expect, it } from 'vitest';
import { decimal, money } from '../../src/model/fields.js';

it.each([
  [0.00000001, '0.00000001'],
  [1e-10, '0.0000000001'],
  ['0.0000000001', '0.0000000001'],
  [-3, '-3'],
  [1e21, '1000000000000000000000'],
])('the decimal %s is exact without quotes', (written, text) => {
  expect(decimal().parse(written).toFixed()).toBe(text);
});

it.each([NaN, Infinity, '1e-8', '1,5', ''])('%s is not a decimal', (written) => {
  expect(decimal().safeParse(written).success).toBe(false);
});

it('money needs its currency', () => {
  expect(money().safeParse(500).error?.issues[0]?.message).toBe(
    'an amount with its currency, for example 500 USDT, 1500 USD',
  );
});
