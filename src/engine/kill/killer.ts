import { setTimeout as sleep } from 'node:timers/promises';
import { EXTERNAL_STRATEGY } from '../../model/reconciliation.js';
import { GLOBAL, parseScope, scopeText, type Scope } from '../../model/scope.js';
import type { ControlAnswer } from '../control-turns.js';
import type { Engine } from '../engine.js';
import { monotonicMs } from '../guard.js';
import { MANUAL_STRATEGY } from '../order-request.js';
import { FLATTEN } from './exits.js';
import type { KeptLatches, Kept } from './latches.js';
import { messageOf } from './latches.js';
import { askVenues, openInState, type OpenAtVenue } from './venue.js';

/** What a kill did, step by step. */
export interface KillAnswer extends ControlAnswer {
  readonly scope: string;
  /** Where the latch is kept, at the time of this answer. */
  readonly latch: Kept;
  /** True: every venue said that no order of the scope is open. */
  readonly verified: boolean;
  /** Why it is not verified; empty when it is. Cancels are then repeated in the background. */
  readonly why: string;
  /** What venues said is still open. */
  readonly open: readonly OpenAtVenue[];
  /** `clean`, `not needed`, or why positions could not be compared. */
  readonly reconciliation: string;
}

/** A kill as `status` shows it, until it is released. */
export interface KillState {
  readonly scope: string;
  readonly actor: string;
  readonly reason: string;
  latch: Kept;
  verified: boolean;
  why: string;
  attempts: number;
}

/** Whose orders no strategy node has. */
const OWN_STRATEGIES: ReadonlySet<string> = new Set([FLATTEN, MANUAL_STRATEGY, EXTERNAL_STRATEGY]);

/** Compares the books with every venue; resolves to why they are not clean, or an empty text. */
export type Reconcile = (brokers: readonly string[]) => Promise<string>;

export interface KillerOptions {
  readonly engine: Engine;
  readonly latches: KeptLatches;
  /** Absent: nothing here is reconciled. */
  readonly reconcile: Reconcile | undefined;
}

const FIRST_ASK_MS = 50;
const SLOWEST_ASK_MS = 30_000;
/** Cancels that did not help for so long are sent once more. */
const AGAIN_MS = 1_000;

/**
 * The kill switch. In this order: the gate closes, synchronously; the event is posted, and its turn purges the queue and
 * cancels open orders through risk and throttle like any other cancel; the latch is written and synced; venues are
 * asked until they say that nothing is open; books are compared. What cannot be verified in time is said so, and goes
 * on in the background.
 */
export class Killer {
  readonly #o: KillerOptions;
  readonly kills: Map<string, KillState> = new Map();
  #closed = false;

  constructor(options: KillerOptions) {
    this.#o = options;
  }

  /**
   * Kills; resolves when it is verified, or after `waitMs` without. Never rejects. An account or strategy that is not
   * here is a typing mistake: everything is killed, so that the kill is not lost.
   */
  async kill(asked: Scope, actor: string, why: string, waitMs: number): Promise<KillAnswer> {
    const { engine, latches } = this.#o;
    const known = isHere(engine, asked);
    const scope = known ? asked : GLOBAL;
    const reason = known ? why : `${why} (there is no ${scopeText(asked)}: everything is killed)`;
    const event = engine.halts.kill(scope, actor, reason);
    const reduced = engine.controls.expect(event);
    engine.command(event);
    const latch = latches.add(event);
    if (latch.on !== 'disk') engine.options.log.error(`the kill is latched in memory only: ${latch.why}`);
    const state: KillState = {
      scope: scopeText(scope),
      actor,
      reason,
      latch,
      verified: false,
      why: '',
      attempts: 0,
    };
    this.kills.set(state.scope, state);
    const [answer, verified] = await Promise.all([
      reduced,
      // A kill asked for before the start turn has nothing to cancel yet.
      engine.running
        ? this.#verify(scope, state, waitMs)
        : reduced.then(() => this.#verify(scope, state, waitMs)),
    ]);
    const reconciliation = await this.#reconcile(verified.verified);
    if (!verified.verified) void this.#goOn(scope, state);
    return { ...answer, scope: state.scope, latch, ...verified, reconciliation };
  }

  /** What a protection or signal does: the same, and nobody waits for the answer. */
  killNow(scope: Scope, actor: string, reason: string): void {
    void this.kill(scope, actor, reason, 10_000).then((answer) => {
      const { log } = this.#o.engine.options;
      const said = `killed (${answer.scope}) by ${actor}: ${reason}; latch: ${answer.latch.on}`;
      if (answer.verified) log.warn(`${said}; the venue has no open order left`);
      else log.error(`${said}; NOT VERIFIED: ${answer.why}`);
    });
  }

  /** A latch from before this session: trading is killed from its first turn, and cancels are verified once it runs. */
  restore(): void {
    const { engine, latches } = this.#o;
    for (const { scope, actor, reason, since } of latches.entries) {
      const parsed = parseScope(scope) ?? GLOBAL;
      const event = engine.halts.kill(parsed, actor, `latched since ${since}: ${reason}`);
      engine.command(event);
      const latch: Kept = { on: 'disk' };
      const state: KillState = {
        scope,
        actor,
        reason,
        latch,
        verified: false,
        why: 'not asked yet',
        attempts: 0,
      };
      this.kills.set(scope, state);
    }
  }

  /** Asks the venue about kills that were restored; call it once the engine runs. */
  verifyRestored(): void {
    for (const state of this.kills.values()) {
      if (!state.verified && state.attempts === 0) void this.#goOn(parseScope(state.scope) ?? GLOBAL, state);
    }
  }

  close(): void {
    this.#closed = true;
  }

  async #verify(
    scope: Scope,
    state: KillState,
    waitMs: number,
  ): Promise<Pick<KillAnswer, 'verified' | 'why' | 'open'>> {
    const until = monotonicMs() + waitMs;
    let pause = FIRST_ASK_MS;
    let cancelled = monotonicMs();
    for (;;) {
      const check = await askVenues(this.#o.engine, scope);
      state.attempts++;
      const unsure = check.verified && openInState(this.#o.engine, scope);
      const why = unsure ? 'the fate of some of our orders is not known yet' : check.why;
      state.verified = check.verified && !unsure;
      state.why = why;
      if (state.verified || this.#closed || monotonicMs() >= until || this.#released(state)) {
        return { verified: state.verified, why, open: check.open };
      }
      await sleep(Math.min(pause, Math.max(1, until - monotonicMs())), undefined, { ref: false });
      pause = Math.min(SLOWEST_ASK_MS, pause * 2);
      if (monotonicMs() - cancelled >= AGAIN_MS) {
        cancelled = monotonicMs();
        this.#again(scope, state);
      }
    }
  }

  /** Cancels once more, as an event of its own, so that it replays. */
  #again(scope: Scope, state: KillState): void {
    const { engine } = this.#o;
    if (!engine.running || this.#closed || this.#released(state)) return;
    engine.command(engine.halts.kill(scope, state.actor, `${state.reason} (cancels repeated)`, 'retry'));
  }

  async #goOn(scope: Scope, state: KillState): Promise<void> {
    const { log } = this.#o.engine.options;
    const { verified } = await this.#verify(scope, state, Infinity);
    if (verified) log.warn(`kill (${state.scope}): the venue has no open order left`);
  }

  #released(state: KillState): boolean {
    return this.kills.get(state.scope) !== state;
  }

  async #reconcile(verified: boolean): Promise<string> {
    const { engine, reconcile } = this.#o;
    const brokers = engine.state.readiness.names();
    if (brokers.length === 0 || reconcile === undefined) return 'not needed';
    if (!verified) return 'waits until open orders are verified';
    try {
      const why = await reconcile(brokers);
      return why === '' ? 'clean' : why;
    } catch (error) {
      return messageOf(error);
    }
  }
}

/** The scope names something that is here. */
function isHere({ state, graph }: Engine, scope: Scope): boolean {
  if (scope.kind === 'global') return true;
  const { name } = scope;
  if (scope.kind === 'account') return state.portfolio.accounts().includes(name);
  if (graph.strategies.has(name) || OWN_STRATEGIES.has(name)) return true;
  return [...state.orders.open()].some(({ strategy }) => strategy === name);
}
