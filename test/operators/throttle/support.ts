import { Subject } from 'rxjs';
import { mintApproved, type Approved, type Command } from '../../../src/model/command.js';
import { ZERO, dec } from '../../../src/model/decimal.js';
import type { DeniedEvent } from '../../../src/model/event.js';
import { InstrumentTable } from '../../../src/model/instruments.js';
import type { Intent } from '../../../src/model/intent.js';
import { makeControl, makeDenied, makeDispatch } from '../../../src/model/make.js';
import type { Event } from '../../../src/model/record.js';
import { parseRate, type Rate } from '../../../src/model/units.js';
import type { OperatorContext } from '../../../src/operators/context.js';
import { throttle, type ThrottleOptions } from '../../../src/operators/throttle/throttle.js';
import { State } from '../../../src/state/state.js';
import { EventScheduler } from '../../../src/streams/event-scheduler.js';
import { BTC, T0, intentOf } from '../../state/support.js';

export function rates(...texts: string[]): Rate[] {
  return texts.map((text) => {
    const rate = parseRate(text);
    if (rate === undefined) throw new Error(`not a rate: ${text}`);
    return rate;
  });
}

/** A throttle in a loop of turns: records are folded into State, commands dispatched at once, as the engine does. */
export class Loop {
  readonly state: State;
  readonly scheduler: EventScheduler = new EventScheduler();
  readonly records: Event[] = [];
  readonly sent: { readonly at: number; readonly command: Command; readonly id: string }[] = [];
  /** What risk says when asked again; undefined: yes. */
  refuse: (intent: Intent) => string | undefined = () => undefined;
  asked = 0;
  /** Error notification of the throttle, if any. */
  failure: unknown = undefined;
  at: number = T0;
  #seq = 0;
  #ids = 0;
  #dirty = false;
  #flush: () => void = () => undefined;
  readonly #in = new Subject<Event>();

  constructor(options: Partial<ThrottleOptions> = {}) {
    const instruments = new InstrumentTable([BTC]);
    this.state = new State(
      { baseCurrency: 'USDT', accounts: [{ name: 'main', cash: { USDT: 1e6 } }] },
      instruments,
    );
    const record = (event: Event): void => {
      this.records.push(event);
      this.state.apply(event);
      this.state.takeChanges();
    };
    const context: OperatorContext = {
      name: 'pace',
      inputs: [],
      instruments,
      state: this.state,
      scheduler: this.scheduler,
      at: () => this.at,
      random: () => 0,
      record,
      emit: (_port, event) => record(event),
      endOfTurn: (flush) => {
        this.#flush = flush;
        return { touch: () => (this.#dirty = true) };
      },
      halt: (code) => {
        throw new Error(code);
      },
    };
    const all = {
      orders: [],
      cancels: [],
      messages: [],
      onLimit: 'defer',
      maxQueue: 1000,
      ...options,
    } as const;
    const take = (event: Event): void => {
      record(event);
      const command = event as Command;
      const id = `id${++this.#ids}`;
      this.sent.push({ at: this.at, command, id });
      const target = this.state.orders.get(command.intent.orderKey)?.clientOrderId ?? '';
      record(makeDispatch(id, target, 'sim', command.intent));
    };
    this.#in
      .pipe(throttle(all)(context))
      .subscribe({ next: take, error: (error: unknown) => (this.failure = error) });
  }

  /** One turn in which risk approves these intents. */
  approve(...intents: Intent[]): this {
    return this.turn(() => {
      for (const intent of intents) {
        const approved = this.#approved(intent);
        this.records.push(approved);
        this.state.apply(approved);
        this.state.takeChanges();
        this.#in.next(approved);
      }
    });
  }

  apply(event: Event): this {
    return this.turn(() => {
      this.state.apply(event);
      this.state.takeChanges();
    });
  }

  control(action: 'kill' | 'pause' | 'resume' | 'release'): this {
    return this.apply(makeControl(T0, action, 'op', 'test'));
  }

  next(event: Event): void {
    this.#in.next(event);
  }

  /** Moves engine time forward, with a clock turn for every deadline on the way. */
  advance(micros: number): this {
    const end = this.at + micros;
    for (;;) {
      const due = this.scheduler.nextDue();
      if (due > end) break;
      this.at = this.scheduler.at = due;
      this.turn(() => this.scheduler.fire(due));
    }
    this.at = this.scheduler.at = end;
    return this;
  }

  turn(work: () => void): this {
    this.scheduler.at = this.at;
    this.state.setTurn(++this.#seq, this.at);
    work();
    if (this.state.takeInFlightCleared()) this.#dirty = true;
    while (this.#dirty) {
      this.#dirty = false;
      this.#flush();
    }
    return this;
  }

  /** Sent so far, as `action key`. */
  get log(): string[] {
    return this.sent.map(({ command }) => `${command.action} ${command.intent.orderKey}`);
  }

  of<K extends Event['kind']>(kind: K): Extract<Event, { kind: K }>[] {
    return this.records.filter((record): record is Extract<Event, { kind: K }> => record.kind === kind);
  }

  #approved(intent: Intent): Approved {
    return mintApproved(
      intent,
      intent.action === 'cancel' ? ZERO : dec(100),
      (again): Approved | DeniedEvent => {
        this.asked++;
        const code = this.refuse(again);
        return code === undefined ? this.#approved(again) : makeDenied(again, code, code, 'risk');
      },
    );
  }
}

export { intentOf };
