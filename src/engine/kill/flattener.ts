import { setTimeout as sleep } from 'node:timers/promises';
import { makeControl } from '../../model/make.js';
import { inScope, scopeText, type Scope } from '../../model/scope.js';
import type { ControlAnswer } from '../control-turns.js';
import type { Engine } from '../engine.js';
import { monotonicMs } from '../guard.js';
import { FLATTEN } from './exits.js';

export interface FlattenAnswer extends ControlAnswer {
  readonly scope: string;
  readonly flat: boolean;
  /** Exits asked for: the first, and what was asked again. */
  readonly rounds: number;
  /** Positions that are not closed. */
  readonly left: readonly {
    readonly account: string;
    readonly instrument: string;
    readonly quantity: string;
  }[];
}

const ROUNDS = 5;
/** An exit that is still open after so long is asked for once more (what it may still fill is not). */
const ROUND_MS = 2_000;

/**
 * Closes the positions of a scope: cancels its open orders and sends reduce-only exits, in front of risk like
 * everything else. They pass while trading is paused, killed or disarmed. What is left after a round is asked for
 * again, at most five times; each round is an event of its own, so that it replays. Never rejects.
 */
export async function flatten(
  engine: Engine,
  scope: Scope,
  actor: string,
  reason: string,
  waitMs: number = ROUNDS * ROUND_MS,
): Promise<FlattenAnswer> {
  const until = monotonicMs() + waitMs;
  let first: ControlAnswer | undefined;
  for (let round = 1; ; round++) {
    const target = scopeText(scope);
    const event = makeControl(engine.sequencer.at, 'flatten', actor, reason, target, `${round}/${ROUNDS}`);
    const reduced = engine.controls.expect(event);
    engine.command(event);
    const answer = await reduced;
    first ??= answer;
    const end = Math.min(until, monotonicMs() + ROUND_MS);
    while (engine.running && !done(engine, scope) && monotonicMs() < end) await sleep(20);
    const left = leftOf(engine, scope);
    if (left.length === 0 || round === ROUNDS || monotonicMs() >= until || !engine.running) {
      const flat = left.length === 0;
      if (!flat) {
        const what = left.map(({ instrument, quantity }) => `${quantity} ${instrument}`).join(', ');
        engine.options.log.error(`flatten (${target}): not flat after ${round} rounds: ${what}`);
      }
      return { ...first, scope: target, flat, rounds: round, left };
    }
  }
}

/** Flat, or nothing is at work any more. */
function done(engine: Engine, scope: Scope): boolean {
  if (leftOf(engine, scope).length === 0) return true;
  for (const order of engine.state.orders.open()) {
    if (inScope(scope, order.account, '') && (order.strategy === FLATTEN || order.state === 'pending_cancel'))
      return false;
  }
  return true;
}

function leftOf(engine: Engine, scope: Scope): FlattenAnswer['left'] {
  return engine.state.portfolio
    .positions()
    .filter(({ account, quantity }) => !quantity.isZero() && inScope(scope, account, ''))
    .map(({ account, instrument, quantity }) => ({ account, instrument, quantity: quantity.toString() }));
}
