import { configure } from 'rxjs-marbles';

type Configured = ReturnType<typeof configure>;
/** `marbles((m) => ...)` of rxjs-marbles, in run mode: frames are milliseconds of virtual time. */
export type Marbles = Configured['marbles'];

/**
 * Binds rxjs-marbles to your test runner's deep equality, so that a failing diagram shows your runner's own diff:
 *
 * ```ts
 * export const marbles = makeMarbles((actual, expected) => expect(actual).toStrictEqual(expected));
 * ```
 */
export function makeMarbles(assertDeepEqual: (actual: unknown, expected: unknown) => void): Marbles {
  return configure({ run: true, frameworkMatcher: true, assertDeepEqual }).marbles;
}
