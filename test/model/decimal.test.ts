import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, isMultiple } from '../../src/model/decimal.js';

describe('isMultiple', () => {
  it('says of every tick and lot what the remainder says', () => {
    const steps = ['0.01', '1', '10', '0.00000001', '0.0000001', '0.05', '0.25', '5', '1000', '0.1', '12.5'];
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
        fc.integer({ min: -12, max: 3 }),
        fc.constantFrom(...steps),
        fc.boolean(),
        (digits, exponent, step, whole) => {
          const any = dec(`${digits}e${exponent}`);
          const value = whole ? any.times(step) : any;
          expect(isMultiple(value, dec(step))).toBe(value.mod(step).isZero());
        },
      ),
    );
  });

  it('takes zero for a multiple of everything', () => {
    expect(isMultiple(dec(0), dec('0.01'))).toBe(true);
    expect(isMultiple(dec('-0'), dec('0.05'))).toBe(true);
  });
});
