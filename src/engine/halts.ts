import type { ControlEvent } from '../model/event.js';
import { makeControl } from '../model/make.js';
import { MillraceError, reasonText, type ErrorCode } from '../model/reason.js';
import { scopeText, type Scope } from '../model/scope.js';
import type { Engine } from './engine.js';

/** What stops trading from outside the events: the gate closes now, before anything else, then it becomes an input. */
export class Halts {
  readonly #engine: Engine;
  /** Halts and kills whose turn has not come yet: the gate stays closed until then. */
  underway = 0;
  /** Kills whose turn has not come yet. */
  readonly #kills = new Set<ControlEvent>();
  /** The first failure outside a turn; undefined while all is well. */
  first: MillraceError | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Something outside the events went wrong. */
  failure(code: ErrorCode, reason: string, help = ''): void {
    const { outbox, options, sequencer, running, early } = this.#engine;
    outbox.closeGate(code, reason);
    this.first ??= new MillraceError(code, reason, help);
    options.log.error(reasonText(code, { reason }));
    this.underway++;
    const halt = makeControl(sequencer.at, 'halt', 'engine', reasonText(code, { reason }));
    if (!running) early.push(halt);
    else if (!sequencer.post(halt)) sequencer.enqueue(halt);
  }

  /** A halt that is no failure of the engine. */
  asked(actor: string, reason: string): void {
    const engine = this.#engine;
    engine.outbox.closeGate('TRADING_HALTED', reason);
    this.underway++;
    engine.command(makeControl(engine.sequencer.at, 'halt', actor, reason));
  }

  /**
   * A kill: the gate of its scope closes now; the event is returned to be posted. `retry` says that the latch is known
   * and orders are cancelled once more.
   */
  kill(scope: Scope, actor: string, reason: string, value: '' | 'retry' = ''): ControlEvent {
    const { outbox, sequencer } = this.#engine;
    outbox.closeScope(scope, reason);
    const event = makeControl(sequencer.at, 'kill', actor, reason, scopeText(scope), value);
    this.#kills.add(event);
    this.underway++;
    return event;
  }

  /** The turn of a halt or kill is here. */
  taken(event: ControlEvent): void {
    if (event.action === 'kill' && !this.#kills.delete(event)) return;
    this.underway = Math.max(0, this.underway - 1);
  }

  /** A kill of this scope is on its way. */
  killUnderway(scope: Scope): boolean {
    const text = scopeText(scope);
    return [...this.#kills].some(({ target }) => target === text);
  }
}
