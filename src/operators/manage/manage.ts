import type { OperatorFunction, Subscriber, Subscription } from 'rxjs';
import type { Intent } from '../../model/intent.js';
import { makeDenied, makeIntent, makeLog, makeQueued } from '../../model/make.js';
import { reasonText } from '../../model/reason.js';
import type { Event } from '../../model/record.js';
import type { Micros } from '../../model/time.js';
import type { EmulatedOrder } from '../../state/emulated-order.js';
import { HELD } from '../../state/emulated.js';
import { operate } from '../../streams/operate.js';
import type { OperatorContext } from '../context.js';
import { changeRefusal, isHeld, prepared, refusal } from './accept.js';
import { decide, type Hands } from './decide.js';
import { LINKED, heldIntent } from './intents.js';
import { MANAGE_DEFAULTS, type ManageOptions } from './options.js';
import { Shares } from './shares.js';

/** Rounds of deciding in one turn: a step can be refused at once and call for another. */
const ROUNDS = 8;

/**
 * Linked orders and emulated stops, in front of risk: brackets, OCO and OTO groups, stops and trailing stops the venue
 * lacks. Takes them in, keeps them in State, and emits the orders that work for them, each an intent that risk sees.
 *
 * ```
 * intents   -(e t s)------------------     e: entry 10; t: target, s: stop, both waiting for e
 * fills     ----------4----6-------10-     of e, of e, of t
 * manage    -e--------(T S)-(T' S')-(C)-   T, S: exits for 4; T', S': replaced to 10; C: the stop is cancelled
 * ```
 *
 * Everything else passes as it came. An entry and its exits that come in one turn go out together or not at all. What
 * cannot be emulated is denied `LINKED_UNSUPPORTED` on the port `denied`. It acts at the end of a turn in which an
 * intent came, an order it minds changed, or a stop was set off, and wakes by itself when an attempt is due again.
 * While the engine recovers it sends nothing.
 *
 * Errors: none of its own. Completes with its input; what it holds stays in State. Memory: in State, see `Emulated`.
 */
export function manage(
  options: Partial<ManageOptions> = {},
): (context: OperatorContext) => OperatorFunction<Event, Event> {
  return (context) =>
    operate<Event, Event>((out) => {
      const desk = new Desk({ ...MANAGE_DEFAULTS, ...options }, context, out);
      return { next: (event) => desk.add(event), teardown: () => desk.stop() };
    });
}

class Desk {
  readonly #options: ManageOptions;
  readonly #context: OperatorContext;
  readonly #out: Subscriber<Event>;
  readonly #hook: { touch(): void };
  /** Entries of this turn, each with the exits that came so far. */
  readonly #entries = new Map<string, { readonly entry: Intent; readonly exits: Intent[] }>();
  #seen = -1;
  #timer: Subscription | undefined;
  #timerAt: Micros = Infinity;
  #wake: Micros = Infinity;
  readonly #hands: Hands;

  constructor(options: ManageOptions, context: OperatorContext, out: Subscriber<Event>) {
    this.#options = options;
    this.#context = context;
    this.#out = out;
    this.#hook = context.endOfTurn(() => this.#flush());
    this.#hands = {
      send: (intent) => this.#out.next(makeIntent(intent)),
      end: (held, reason) => this.#record(heldIntent(held, 'cancel', reason, context.state.seq)),
      log: (level, code, details) => context.record(makeLog(level, code, reasonText(code, details))),
      halt: (code, reason) => context.halt(code, reason),
      wait: (until) => {
        if (until > context.at()) this.#wake = Math.min(this.#wake, until);
      },
    };
  }

  add(event: Event): void {
    if (event.kind !== 'intent') {
      // Orders, fills and prices are in State already; they only say that it is time to look.
      if ((this.#context.state.emulated?.version ?? -1) !== this.#seen) this.#hook.touch();
      return;
    }
    const { intent } = event;
    if (intent.action === 'new') this.#new(event, intent);
    else this.#change(event, intent);
  }

  stop(): void {
    this.#timer?.unsubscribe();
  }

  #new(event: Event, intent: Intent): void {
    const { links, route } = intent;
    if (links !== undefined && this.#options.native.includes(route)) {
      this.#out.next(makeIntent({ ...intent, links: { ...links, native: true } }));
      return;
    }
    const entry = links?.parent === undefined ? undefined : this.#entries.get(links.parent);
    if (links?.bracket !== undefined) {
      this.#entries.set(intent.orderKey, { entry: intent, exits: [] });
      this.#hook.touch();
    } else if (entry !== undefined) {
      entry.exits.push(intent);
      if (entry.exits.length >= (entry.entry.links?.bracket ?? 0)) this.#release(entry.entry, entry.exits);
    } else if (isHeld(intent, this.#context.state, this.#options)) this.#hold(intent);
    else this.#out.next(event);
  }

  /** A replace or cancel: of what is held here, or passed on. */
  #change(event: Event, intent: Intent): void {
    const held = this.#context.state.emulated?.get(intent.orderKey);
    if (held === undefined || held.kind !== 'emulated' || held.node !== this.#context.name) {
      this.#out.next(event);
      return;
    }
    const instrument = this.#context.state.instruments.at(held.intent.ix);
    const wrong = instrument === undefined ? '' : changeRefusal(intent, held, instrument);
    if (wrong !== '') this.#deny(intent, wrong);
    else this.#record(intent);
    this.#hook.touch();
  }

  #hold(intent: Intent): void {
    const wrong = this.#refusal(intent, undefined);
    if (wrong === '') this.#record(prepared(intent, this.#context.state, this.#options));
    else this.#deny(intent, wrong);
    this.#hook.touch();
  }

  /** An entry with all its exits: when one of them cannot be held, nothing goes out. */
  #release(entry: Intent, exits: readonly Intent[]): void {
    this.#entries.delete(entry.orderKey);
    const { bracket = 0, oco, parent } = entry.links ?? {};
    const wrong = [
      exits.length < bracket
        ? reasonText('LINKED_UNSUPPORTED', {
            order_key: entry.orderKey,
            why: `${exits.length} of ${bracket} exits came in the turn of their entry`,
          })
        : '',
      ...exits.map((exit) => this.#refusal(exit, entry)),
    ].find((text) => text !== '');
    if (wrong !== undefined) {
      for (const one of [entry, ...exits]) this.#deny(one, wrong);
      return;
    }
    const others = { ...(oco === undefined ? {} : { oco }), ...(parent === undefined ? {} : { parent }) };
    const links = Object.keys(others).length === 0 ? undefined : others;
    const metadata = { ...entry.metadata, [LINKED]: 'entry' };
    const free: Intent = { ...entry, links, metadata };
    if (isHeld(free, this.#context.state, this.#options)) this.#hold(free);
    else this.#out.next(makeIntent(free));
    for (const exit of exits) this.#hold(exit);
  }

  #refusal(intent: Intent, coming: Intent | undefined): string {
    const { state } = this.#context;
    return refusal(intent, state, state.emulated, this.#options, coming);
  }

  #flush(): void {
    for (const { entry, exits } of [...this.#entries.values()]) this.#release(entry, exits);
    const { state, name } = this.#context;
    const { emulated } = state;
    const options = this.#options;
    if (emulated === undefined || this.#out.closed) return;
    this.#wake = Infinity;
    for (let round = 0; round < ROUNDS; round++) {
      this.#seen = emulated.version;
      const done = new Set<EmulatedOrder>();
      const shares = new Shares(state, emulated, options);
      for (const held of [...emulated.open(name)]) {
        if (done.has(held)) continue;
        const legs = emulated.groupOf(held);
        for (const leg of legs) done.add(leg);
        decide(legs, { state, emulated, options, at: this.#context.at(), hands: this.#hands, shares });
      }
      if (emulated.version === this.#seen) break;
    }
    this.#arm(this.#wake);
  }

  #record(intent: Intent): void {
    this.#context.record(makeQueued(intent, HELD.emulated));
  }

  #deny(intent: Intent, text: string): void {
    const code = /^[A-Z_]+/.exec(text)?.[0] ?? 'LINKED_UNSUPPORTED';
    this.#context.emit('denied', makeDenied(intent, code, text, 'risk'));
  }

  #arm(wake: Micros): void {
    if (wake === this.#timerAt) return;
    this.#timer?.unsubscribe();
    this.#timer = undefined;
    this.#timerAt = wake;
    if (wake === Infinity) return;
    this.#timer = this.#context.scheduler.schedule(
      () => {
        this.#timer = undefined;
        this.#timerAt = Infinity;
        this.#hook.touch();
      },
      (wake - this.#context.at()) / 1000,
    );
  }
}
