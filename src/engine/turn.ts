import type { ClockEvent, InputEvent } from '../model/event.js';
import { makeClock, makeHalt } from '../model/make.js';
import { MillraceError, reasonText } from '../model/reason.js';
import type { Event } from '../model/record.js';
import { redact } from '../model/secrets.js';
import type { Micros } from '../model/time.js';
import type { State } from '../state/state.js';
import type { EventScheduler } from '../streams/event-scheduler.js';
import { enterTurn, leaveTurn, monotonicMs, takeThrown } from './guard.js';
import type { TurnTimes } from './histogram.js';
import { callbackFailed } from './unhandled.js';

/** What the turn drives: the compiled graph, and what happens after the graph is done. */
export interface TurnStages {
  /** Delivers an input to the graph; for `control` start and stop, connects and completes it. */
  deliver(event: InputEvent): void;
  /** Releases joins, then end-of-turn work (the queue), until nothing is left to do. */
  settle(): void;
  /** The turn is complete: journal, sinks. */
  frame(input: InputEvent, children: readonly Event[]): void;
  /** After the frame: hand over to brokers. */
  after(): void;
  /** Trading is halting: close the gate now, before anything else. */
  closeGate(code: string, reason: string): void;
}

interface Stamped {
  seq: number;
  sub: number;
  at: Micros;
  source: string;
}

/** One turn in 64 is timed; timing every one would cost more than many a turn. */
const TIME_EVERY = 64;

/**
 * One event is one turn: stamp, reduce into State, run the graph, settle, frame, hand over. Owns try/catch: whatever
 * is thrown closes the gate first, then is recorded, and the turn is still framed.
 */
export class TurnDriver {
  readonly #state: State;
  readonly #scheduler: EventScheduler;
  readonly #stages: TurnStages;
  readonly #times: TurnTimes;
  readonly #children: Event[] = [];
  #seq = 0;
  #sub = 0;
  #at: Micros = 0;
  #childCount = 0;
  #clockTurns = 0;
  #halted: MillraceError | undefined;
  #wall: () => Micros;
  #inTurn = false;

  constructor(
    state: State,
    scheduler: EventScheduler,
    stages: TurnStages,
    times: TurnTimes,
    wall: () => Micros,
  ) {
    this.#state = state;
    this.#scheduler = scheduler;
    this.#stages = stages;
    this.#times = times;
    this.#wall = wall;
  }

  get seq(): number {
    return this.#seq;
  }
  get at(): Micros {
    return this.#at;
  }
  get figures(): { readonly children: number; readonly clockTurns: number } {
    return { children: this.#childCount, clockTurns: this.#clockTurns };
  }
  /** The first violation that halted trading, if any. */
  get halted(): MillraceError | undefined {
    return this.#halted;
  }

  /** Positions go on behind `seq`: a State of an earlier process was taken over. */
  continueAt(seq: number, at: Micros): void {
    this.#seq = seq;
    this.#at = at;
    this.#scheduler.at = at;
  }

  /** One input. Never throws. */
  turn(event: InputEvent, at: Micros): void {
    const timed = (this.#seq & (TIME_EVERY - 1)) === 0;
    const t0 = timed ? monotonicMs() : 0;
    const stamped = event as unknown as Stamped;
    stamped.at = this.#at = at;
    stamped.seq = ++this.#seq;
    this.#sub = 0;
    this.#scheduler.at = at;
    this.#state.setTurn(this.#seq, at);
    this.#inTurn = true;
    enterTurn();
    try {
      this.#stages.deliver(event);
      this.#stages.settle();
    } catch (error) {
      this.fail(error);
    }
    leaveTurn();
    const thrown = takeThrown();
    for (let i = 0; i < thrown.length; i++) this.fail(callbackFailed(thrown[i]));
    this.#stages.frame(event, this.#children);
    if (this.#children.length > 0) {
      this.#childCount += this.#children.length;
      this.#children.length = 0;
    }
    this.#inTurn = false;
    if (timed) this.#times.add(monotonicMs() - t0);
    this.#stages.after();
  }

  /** One clock turn: `now()` is the due time. */
  clock(due: Micros): void {
    this.turn(makeClock(due, this.#wall()), due);
  }

  /** Runs the deadlines of a clock turn. Part of `deliver` for clock events. */
  fire(event: ClockEvent): void {
    this.#clockTurns++;
    this.#scheduler.fire(event.at);
  }

  /** The only door for children: stamp, fold into State, add to the frame. */
  record(child: Event, source: string): void {
    if (!this.#inTurn) throw new MillraceError('INVARIANT', `${child.kind} was recorded outside a turn`);
    const stamped = child as unknown as Stamped;
    stamped.seq = this.#seq;
    stamped.sub = ++this.#sub;
    stamped.at = this.#at;
    if (stamped.source === '') stamped.source = source;
    this.#children.push(child);
    this.#state.apply(child);
    if (this.#state.changed) this.drain();
  }

  /** Records what the fold changed: orders, positions, anomalies. */
  drain(): void {
    for (const change of this.#state.takeChanges()) {
      const stamped = change as unknown as Stamped;
      stamped.seq = this.#seq;
      stamped.sub = ++this.#sub;
      stamped.at = this.#at;
      if (stamped.source === '') stamped.source = 'state';
      this.#children.push(change);
    }
  }

  /** Children recorded so far in this turn. */
  get children(): readonly Event[] {
    return this.#children;
  }

  /** Halts trading: gate first, then the record. Inside a turn only. */
  halt(code: string, reason: string): void {
    this.#stages.closeGate(code, reason);
    this.record(makeHalt(code, reason), 'engine');
  }

  /** Something threw inside the turn. */
  fail(error: unknown): void {
    const known = error instanceof MillraceError ? error : undefined;
    const code = known?.code ?? 'INVARIANT';
    const message = redact(error instanceof Error ? error.message : String(error));
    this.#stages.closeGate(code, message);
    this.#halted ??= known ?? new MillraceError('INVARIANT', message, '', { cause: error });
    this.record(makeHalt(code, reasonText(code, { error: message })), 'engine');
  }
}
