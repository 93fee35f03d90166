import { expect } from 'vitest';
import { makeMarbles, type Marbles } from '../../src/testing/marbles.js';

/** rxjs-marbles with vitest's diff. */
export const marbles: Marbles = makeMarbles((actual, expected) => {
  expect(actual).toStrictEqual(expected);
});
