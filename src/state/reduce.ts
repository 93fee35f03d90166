import { scan, type OperatorFunction } from 'rxjs';

/**
 * Runs a reducer on its own: each event gives the next state. For those who compose without the engine.
 *
 * ```
 * in:           --a-----b-----|
 * reduce(f, s): --f(s,a)--f(..,b)--|
 * ```
 *
 * Errors: a throw in `step` errors the output. Completes with its input. Memory: one state.
 */
export function reduce<E, S>(step: (state: S, event: E) => S, initial: S): OperatorFunction<E, S> {
  return scan((state: S, event: E) => step(state, event), initial);
}
