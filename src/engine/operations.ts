import type { ControlAction } from '../model/event.js';
import { makeControl } from '../model/make.js';
import { GLOBAL, scopeText, type Scope } from '../model/scope.js';
import { snapshotOf, type ControlAnswer } from './control-turns.js';
import type { Engine } from './engine.js';
import { flatten, type FlattenAnswer } from './kill/flattener.js';
import type { KillAnswer, Killer, Reconcile } from './kill/killer.js';
import { messageOf, type KeptLatches, type Kept } from './kill/latches.js';
import { parametersText } from '../state/parameters.js';
import { nextParameters } from './reload/parameters.js';

/** Who asks, and why. Both are recorded. */
export interface By {
  readonly actor: string;
  readonly reason: string;
}

export interface ReleaseAnswer extends ControlAnswer {
  /** Where it is still remembered that nothing is latched: a disk that fails leaves the latch for the next start. */
  readonly latch: Kept;
  /** What comparing the books said: `clean`, `not needed`, or why not. */
  readonly reconciliation: string;
}

export interface OperationsOptions {
  readonly engine: Engine;
  readonly killer: Killer;
  readonly latches: KeptLatches;
  readonly reconcile: Reconcile | undefined;
  /** Takes the sentinel file of a scope away; throws when it cannot. */
  readonly removeSentinel: (scope: Scope) => void;
  /** The operator was heard from. */
  readonly heard: (actor: string) => void;
}

/**
 * What an operator can do, one function each: posts a control event with actor and reason and resolves only after it
 * was reduced, with its position and what it changed. All of it is recorded, so all of it replays. None rejects: what
 * was not done is `refused`, with the reason.
 */
export class Operations {
  readonly #o: OperationsOptions;

  constructor(options: OperationsOptions) {
    this.#o = options;
  }

  /** Lets new orders of a live account out. The account is typed, so that nobody arms the wrong one. */
  arm(account: string, by: By): Promise<ControlAnswer> {
    return this.#control('arm', by, account);
  }
  /** Without an account: all of them. */
  disarm(by: By, account: string = ''): Promise<ControlAnswer> {
    return this.#control('disarm', by, account);
  }
  /** No new orders until `resume`; open orders stay, exits and cancels pass. */
  pause(by: By): Promise<ControlAnswer> {
    return this.#control('pause', by);
  }
  resume(by: By): Promise<ControlAnswer> {
    return this.#control('resume', by);
  }
  /** Only orders that reduce a position, until `resume`. */
  reduce(by: By): Promise<ControlAnswer> {
    return this.#control('reduce', by);
  }
  /** Closes the gate, latches, cancels open orders and verifies it. Positions stay: see {@link flatten}. */
  kill(by: By, scope: Scope = GLOBAL, waitMs: number = 10_000): Promise<KillAnswer> {
    this.#o.heard(by.actor);
    return this.#o.killer.kill(scope, by.actor, by.reason, waitMs);
  }
  /** Closes positions, whatever the trading state. Positions are kept by account, so a strategy has none of its own. */
  async flatten(by: By, scope: Scope = GLOBAL, waitMs?: number): Promise<FlattenAnswer> {
    this.#o.heard(by.actor);
    const { engine } = this.#o;
    const accounts = engine.state.portfolio.accounts();
    const known = scope.kind === 'global' || (scope.kind === 'account' && accounts.includes(scope.name));
    if (known) return flatten(engine, scope, by.actor, by.reason, waitMs);
    const refused = this.#refused(
      scope.kind === 'account'
        ? `there is no account "${scope.name}"; these are: ${accounts.join(', ')}`
        : 'positions are kept by account, not by strategy: flatten its account',
    );
    return { ...refused, scope: scopeText(scope), flat: false, rounds: 0, left: [] };
  }

  /**
   * Clears a kill latch; trading stays halted until `resume`. The books of every real broker are compared first, if
   * that was not done since the kill.
   */
  async release(by: By, scope: Scope = GLOBAL): Promise<ReleaseAnswer> {
    const { engine, killer, latches, reconcile } = this.#o;
    this.#o.heard(by.actor);
    const target = scopeText(scope);
    const latch = latches.entry(target);
    const kill = killer.kills.get(target);
    const kept: Kept = { on: 'disk' };
    if (by.reason.trim() === '') {
      return { ...this.#refused('a release needs a reason'), latch: kept, reconciliation: '' };
    }
    try {
      this.#o.removeSentinel(scope);
    } catch (error) {
      const why = `the sentinel file cannot be removed: ${messageOf(error)}; remove it by hand, then release`;
      return { ...this.#refused(why), latch: kept, reconciliation: '' };
    }
    let reconciliation = 'not needed';
    const brokers = engine.state.readiness.names();
    if (brokers.length > 0 && reconcile !== undefined) {
      reconciliation = await reconcile(brokers).then((why) => why || 'clean', messageOf);
    }
    const answer = await this.#control('release', by, target);
    if (answer.refused !== undefined) return { ...answer, latch: kept, reconciliation };
    if (killer.kills.get(target) === kill) killer.kills.delete(target);
    return { ...answer, latch: latch === undefined ? kept : latches.remove(latch), reconciliation };
  }

  /** Tightens a limit: `max_position`, `max_position.BTCUSDT`. */
  setLimit(name: string, value: string, by: By): Promise<ControlAnswer> {
    return this.#control('set_limit', by, name, value);
  }
  /** Raises a limit: for admins, with a reason. */
  loosenLimit(name: string, value: string, by: By): Promise<ControlAnswer> {
    return this.#control('loosen_limit', by, name, value);
  }
  /**
   * Gives a strategy other parameters; those not named stay. It begins afresh with them, its warm-up too. `version`: of
   * the parameters the change is based on.
   */
  setParameters(
    strategy: string,
    changes: Readonly<Record<string, unknown>>,
    by: By,
    version?: number,
  ): Promise<ControlAnswer> {
    const next = nextParameters(this.#o.engine, strategy, changes, version);
    if (typeof next === 'string') return Promise.resolve(this.#refused(next));
    return this.#control('set_parameter', by, strategy, parametersText(next));
  }
  enableStrategy(strategy: string, by: By): Promise<ControlAnswer> {
    return this.#ofStrategy('strategy_enable', strategy, by);
  }
  /** Stops a strategy; its open orders stay. */
  disableStrategy(strategy: string, by: By): Promise<ControlAnswer> {
    return this.#ofStrategy('strategy_disable', strategy, by);
  }
  /** `target`: a broker whose differences are accepted, or `protection:NAME` that shall not fire again until it cleared. */
  acknowledge(target: string, by: By, value: string = ''): Promise<ControlAnswer> {
    return this.#control('acknowledge', by, target, value);
  }

  /** Compares the books with the venues now. Resolves to why they are not clean, or an empty text. */
  async reconcile(by: By, brokers?: readonly string[]): Promise<string> {
    this.#o.heard(by.actor);
    const { engine, reconcile } = this.#o;
    const asked = brokers ?? engine.state.readiness.names();
    if (reconcile === undefined || asked.length === 0) return '';
    return reconcile(asked).catch(messageOf);
  }

  /** The operator is there: the dead man's switch starts again. Not recorded; what follows from its absence is. */
  heartbeat(actor: string): void {
    this.#o.heard(actor);
  }

  #ofStrategy(action: ControlAction, strategy: string, by: By): Promise<ControlAnswer> {
    const known = [...this.#o.engine.graph.strategies.keys()];
    if (known.includes(strategy)) return this.#control(action, by, strategy);
    return Promise.resolve(
      this.#refused(`there is no strategy "${strategy}"; these are: ${known.join(', ')}`),
    );
  }

  #control(action: ControlAction, by: By, target = '', value = ''): Promise<ControlAnswer> {
    this.#o.heard(by.actor);
    const { engine } = this.#o;
    const event = makeControl(engine.sequencer.at, action, by.actor, by.reason, target, value);
    const reduced = engine.controls.expect(event);
    engine.command(event);
    return reduced;
  }

  /** Refused before anything was recorded. */
  #refused(why: string): ControlAnswer {
    const now = snapshotOf(this.#o.engine.state.control);
    return { seq: 0, before: now, after: now, refused: why };
  }
}
