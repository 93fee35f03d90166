import { describe, expect, it } from 'vitest';
import { dec } from '../../../src/model/decimal.js';
import { fold } from '../../../src/operators/throttle/fold.js';
import { intentOf } from './support.js';

const created = intentOf('new', { timeInForce: 'ioc', postOnly: true, tag: 'first' });
const replaced = intentOf('replace', { quantity: dec(3), limitPrice: dec(90), timeInForce: 'day', cause: 7 });
const cancelled = intentOf('cancel');

describe('dominance', () => {
  it('lets anything enter an empty place', () => {
    for (const intent of [created, replaced, cancelled]) {
      expect(fold(undefined, intent)).toEqual({ result: 'enter', intent });
    }
  });

  it('new + replace is the new order with the new terms; its flags and time in force stay', () => {
    const folded = fold(created, replaced);
    expect(folded).toEqual({
      result: 'update',
      folded: true,
      intent: { ...created, quantity: dec(3), limitPrice: dec(90), cause: 7 },
    });
  });

  it('follows the table for every other pair', () => {
    expect(fold(created, cancelled)).toEqual({ result: 'annihilate' });
    expect(fold(created, created)).toEqual({ result: 'discard' });
    expect(fold(replaced, created)).toEqual({ result: 'discard' });
    const later = { ...replaced, quantity: dec(5) };
    expect(fold(replaced, later)).toEqual({ result: 'update', folded: false, intent: later });
    expect(fold(replaced, cancelled)).toEqual({ result: 'update', folded: false, intent: cancelled });
    for (const incoming of [created, replaced, cancelled]) {
      expect(fold(cancelled, incoming)).toEqual({ result: 'discard' });
    }
  });
});
