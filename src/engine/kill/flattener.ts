import { setTimeout as sleep } from 'node:timers/promises';
import { makeControl } from '../../model/make.js';
import { inScope, scopeText, type Scope } from '../../model/scope.js';
import type { ControlAnswer } from '../control-turns.js';
import type { Engine } from '../engine.js';
import { monotonicMs } from '../guard.js';
import { FLATTEN } from './exits.js';

export interface FlattenAnswer extends ControlAnswer {
  readonly scope: string;
  /** No position and no open order is left. */
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
    if (isFlat(engine, scope) || round === ROUNDS || monotonicMs() >= until || !engine.running) {
      const flat = isFlat(engine, scope);
      if (!flat) {
        const what = left.map(({ instrument, quantity }) => `${quantity} ${instrument}`);
        const open = openOf(engine, scope);
        if (open > 0) what.push(`${open} orders that may still fill`);
        engine.options.log.error(`flatten (${target}): not flat after ${round} rounds: ${what.join(', ')}`);
      }
      return { ...first, scope: target, flat, rounds: round, left };
    }
  }
}

/** No position is left, and no order that could make one. */
function isFlat(engine: Engine, scope: Scope): boolean {
  return leftOf(engine, scope).length === 0 && openOf(engine, scope) === 0;
}

function openOf(engine: Engine, scope: Scope): number {
  return [...engine.state.orders.open()].filter(({ account }) => inScope(scope, account, '')).length;
}

/** Flat, or nothing is at work any more. */
function done(engine: Engine, scope: Scope): boolean {
  if (isFlat(engine, scope)) return true;
  for (const order of engine.state.orders.open()) {
    const { account, strategy, state } = order;
    const works = strategy === FLATTEN || state === 'pending_cancel' || state === 'unknown';
    if (inScope(scope, account, '') && works) return false;
  }
  return true;
}

function leftOf(engine: Engine, scope: Scope): FlattenAnswer['left'] {
  return engine.state.portfolio
    .positions()
    .filter(({ account, quantity }) => !quantity.isZero() && inScope(scope, account, ''))
    .map(({ account, instrument, quantity }) => ({ account, instrument, quantity: quantity.toString() }));
}
