import type { OperatorFunction, Subscriber } from 'rxjs';
import { Decimal } from '../../model/decimal.js';
import type { Intent } from '../../model/intent.js';
import { makeDenied, makeIntent, makeQueued } from '../../model/make.js';
import { isClosed } from '../../model/order.js';
import { reasonText } from '../../model/reason.js';
import type { Event } from '../../model/record.js';
import {
  AGGREGATION,
  EMULATED,
  PARENT,
  ROUTE_CHILDREN,
  childClosed,
  openChildren,
  type EmulatedOrder,
} from '../../state/emulated-order.js';
import { HELD } from '../../state/emulated.js';
import { operate } from '../../streams/operate.js';
import type { OperatorContext } from '../context.js';
import { LINKED, againIntent, childIntent } from '../manage/intents.js';
import { ROUTE_DEFAULTS, type RouteOptions } from './options.js';
import {
  ROUTE_MODE,
  ROUTE_PARENT,
  ROUTE_PLAN,
  ROUTE_SPLIT,
  planText,
  profileOf,
  readPlan,
  shares,
  splitOf,
  styleOf,
  termsAt,
  venueNamed,
  venueOf,
} from './plan.js';

/** Rounds of deciding in one turn. */
const ROUNDS = 8;

/**
 * Smart routing over several venues, in front of risk: chooses the venue, makes passive or aggressive limit orders of
 * market orders, and splits an order into children, all at once or one after the other.
 *
 * ```
 * intents          --(b 10)----------------------------     venues a (weight 3) and b (weight 2)
 * route parallel   --(b.1 6 at a, b.2 4 at b)-----------
 * route sequential --(b.1 6 at a)-----(b.2 4 at b)------     b.2 when b.1 is done
 * ```
 *
 * A split order is an order of its own in State, with its children; cancel and replace of it fan out to them. It ends
 * filled when its children filled it, cancelled when they filled a part or nothing, and rejected when one of them was
 * rejected and nothing filled. Orders that only reduce, and those that work for linked orders, keep their price; the
 * latter go where their entry went.
 *
 * Errors: none of its own; an order whose `route_style` is not known is denied on the port `denied`. Completes with its
 * input. Memory: split orders, in State.
 */
export function route(
  options: Partial<RouteOptions> = {},
): (context: OperatorContext) => OperatorFunction<Event, Event> {
  return (context) =>
    operate<Event, Event>((out) => {
      const router = new Router({ ...ROUTE_DEFAULTS, ...options }, context, out);
      return { next: (event) => router.add(event) };
    });
}

class Router {
  readonly #options: RouteOptions;
  readonly #context: OperatorContext;
  readonly #out: Subscriber<Event>;
  readonly #hook: { touch(): void };
  #seen = -1;

  constructor(options: RouteOptions, context: OperatorContext, out: Subscriber<Event>) {
    this.#options = options;
    this.#context = context;
    this.#out = out;
    this.#hook = context.endOfTurn(() => this.#flush());
  }

  add(event: Event): void {
    if (event.kind !== 'intent') {
      if ((this.#context.state.emulated?.version ?? -1) !== this.#seen) this.#hook.touch();
      return;
    }
    const { intent } = event;
    const { enabled, mode } = this.#options;
    const held = this.#context.state.emulated?.get(intent.orderKey);
    if (held?.kind === 'routed' && held.node === this.#context.name) this.#change(intent, held);
    else if (!enabled || mode !== 'smart') this.#out.next(event);
    else if (intent.action === 'new') this.#new(event, intent);
    else this.#known(event, intent);
  }

  /** A change of an order at a venue goes to that venue. */
  #known(event: Event, intent: Intent): void {
    const broker = this.#context.state.orders.get(intent.orderKey)?.broker ?? '';
    this.#pass(event, intent, intent.route === '' ? broker : intent.route);
  }

  #pass(event: Event, intent: Intent, to: string): void {
    this.#out.next(to === intent.route ? event : makeIntent({ ...intent, route: to }));
  }

  #new(event: Event, intent: Intent): void {
    const { state } = this.#context;
    const instrument = state.instruments.at(intent.ix);
    if (styleOf(intent) === undefined) {
      const style = intent.metadata?.['route_style'];
      this.#deny(intent, 'ROUTE_UNKNOWN', { route_style: style, help: 'write auto, passive or aggressive' });
      return;
    }
    if (instrument === undefined) {
      this.#out.next(event);
      return;
    }
    const linked = intent.metadata?.[EMULATED] !== undefined;
    if (linked || intent.reduceOnly) {
      const entry = linked ? this.#entryVenue(intent) : '';
      const venue =
        intent.route === '' ? entry || (venueOf(intent, this.#options)?.name ?? '') : intent.route;
      this.#pass(event, intent, venue);
      return;
    }
    const pieces = state.emulated === undefined ? [] : splitOf(intent, this.#options, instrument);
    if (pieces.length > 1) {
      const { split } = this.#options;
      const metadata = {
        ...intent.metadata,
        [ROUTE_MODE]: 'split',
        [ROUTE_SPLIT]: split.mode,
        [ROUTE_PLAN]: planText(pieces),
        [ROUTE_CHILDREN]: String(pieces.length),
        [AGGREGATION]: split.parent_aggregation,
      };
      this.#context.record(makeQueued({ ...intent, metadata }, HELD.routed));
      this.#hook.touch();
      return;
    }
    const venue = venueOf(intent, this.#options);
    const account = venue?.account ?? intent.account;
    if (account !== intent.account && intent.metadata?.[LINKED] !== undefined) {
      this.#deny(intent, 'LINKED_UNSUPPORTED', {
        venue: venue?.name,
        why: 'its exits are in another account',
      });
      return;
    }
    const terms = termsAt(intent, venue, instrument, state.market, this.#options);
    const metadata = venue === undefined ? intent.metadata : { ...intent.metadata, ...profileOf(venue) };
    this.#out.next(
      makeIntent({ ...intent, ...terms, account, route: venue?.name ?? intent.route, metadata }),
    );
  }

  /** Where the entry went that an order works for. */
  #entryVenue({ metadata }: Intent): string {
    const { orders, emulated } = this.#context.state;
    const leg = emulated?.get(metadata?.[PARENT] ?? '');
    return orders.get(leg?.intent.links?.parent ?? '')?.broker ?? '';
  }

  #change(intent: Intent, held: EmulatedOrder): void {
    if (intent.action === 'new') this.#deny(intent, 'DUPLICATE_ORDER', { order_key: held.key });
    else if (isClosed(held.order.state) || held.ended !== '')
      this.#deny(intent, 'ORDER_CLOSED', { order_key: held.key, state: held.order.state });
    else if (intent.action === 'replace' && !intent.quantity.gt(held.order.filled))
      this.#deny(intent, 'QUANTITY_INVALID', { quantity: intent.quantity, filled: held.order.filled });
    else this.#context.record(makeQueued(intent, HELD.routed));
    this.#hook.touch();
  }

  #flush(): void {
    const { state, name } = this.#context;
    const { emulated } = state;
    if (emulated === undefined || this.#out.closed) return;
    for (let round = 0; round < ROUNDS; round++) {
      this.#seen = emulated.version;
      for (const held of [...emulated.open(name)]) if (held.kind === 'routed') this.#work(held);
      if (emulated.version === this.#seen) break;
    }
  }

  #work(held: EmulatedOrder): void {
    const { state } = this.#context;
    if (held.ended !== '') {
      for (const child of openChildren(held)) {
        if (child.cancelledAt > 0 || child.state === 'asked') continue;
        const type = child.limitPrice === undefined ? held.intent.type : 'limit';
        this.#out.next(makeIntent(againIntent(held, child, 'cancel', type, {}, held.ended, state.seq)));
      }
      return;
    }
    if (state.control.recovering) return;
    const pieces = this.#pieces(held);
    this.#resize(held, pieces);
    const sequential = held.intent.metadata?.[ROUTE_SPLIT] === 'sequential';
    while (held.children.length < pieces.length && held.ended === '') {
      if (sequential && !held.children.every(childClosed)) return;
      const launched = held.children.length;
      this.#launch(held, pieces[launched]?.venue ?? '', pieces[launched]?.quantity ?? held.intent.quantity);
      if (held.children.length === launched) return;
    }
  }

  /** The plan, in proportion to the quantity the order has now. */
  #pieces(held: EmulatedOrder): ReturnType<typeof readPlan> {
    const plan = readPlan(held.intent.metadata?.[ROUTE_PLAN]);
    const planned = plan.reduce(
      (sum, { quantity }) => sum.plus(quantity),
      plan[0]?.quantity.times(0) ?? held.intent.quantity,
    );
    if (planned.eq(held.intent.quantity)) return plan;
    const lot = this.#context.instruments.at(held.intent.ix)?.lotSize ?? new Decimal(1);
    const weights = plan.map(({ venue, quantity }) => ({ name: venue, weight: quantity.toNumber() }));
    return shares(held.intent.quantity, weights, lot);
  }

  /** A replaced parent: its open children follow. */
  #resize(held: EmulatedOrder, pieces: ReturnType<typeof readPlan>): void {
    const { intent } = held;
    held.children.forEach((child, i) => {
      const settled = child.state === 'accepted' || child.state === 'partially_filled';
      if (!settled || child.replacing !== 'no' || child.cancelledAt > 0 || child.refused) return;
      const quantity = Decimal.max(pieces[i]?.quantity ?? child.quantity, child.filled);
      const limitPrice =
        intent.type === 'limit' || intent.type === 'stop_limit' ? intent.limitPrice : child.limitPrice;
      const stopPrice = intent.stopPrice;
      const same = (a: Decimal | undefined, b: Decimal | undefined): boolean =>
        a === undefined || b === undefined ? a === b : a.eq(b);
      if (
        quantity.eq(child.quantity) &&
        same(limitPrice, child.limitPrice) &&
        same(stopPrice, child.stopPrice)
      )
        return;
      const type = intent.type === 'market' && limitPrice !== undefined ? 'limit' : intent.type;
      const action = quantity.eq(child.filled) ? 'cancel' : 'replace';
      const changes = action === 'cancel' ? {} : { quantity, limitPrice, stopPrice };
      const reason = `${held.key} was replaced`;
      const { seq } = this.#context.state;
      this.#out.next(makeIntent(againIntent(held, child, action, type, changes, reason, seq)));
    });
  }

  #launch(held: EmulatedOrder, name: string, quantity: Decimal): void {
    const { state } = this.#context;
    const { intent } = held;
    const instrument = state.instruments.at(intent.ix);
    if (instrument === undefined) return;
    const venue = venueNamed(name, this.#options);
    const { type, limitPrice } = termsAt(intent, venue, instrument, state.market, this.#options);
    const { side, timeInForce, reduceOnly, stopPrice, trailingOffset, expireAt, postOnly } = intent;
    const terms = {
      type,
      side,
      quantity,
      timeInForce,
      reduceOnly,
      limitPrice,
      stopPrice,
      trailingOffset,
    } as const;
    const child = childIntent(
      held,
      'work',
      { ...terms, expireAt, postOnly, route: venue.name, account: venue.account ?? intent.account },
      `part of ${held.key} for ${venue.name}`,
      state.seq,
    );
    const metadata = { ...child.metadata, ...profileOf(venue), [ROUTE_PARENT]: held.key };
    this.#out.next(makeIntent({ ...child, tag: intent.tag, metadata }));
  }

  #deny(intent: Intent, code: string, details: Readonly<Record<string, unknown>>): void {
    this.#context.emit('denied', makeDenied(intent, code, reasonText(code, details), 'risk'));
  }
}
