import { Subject, type Observable } from 'rxjs';
import { dec } from '../model/decimal.js';
import type { ControlEvent, ExecutionEvent, Fill, InputEvent } from '../model/event.js';
import type { Intent } from '../model/intent.js';
import { makeControl } from '../model/make.js';
import { isClosed, type Order, type OrderState } from '../model/order.js';
import { reasonText } from '../model/reason.js';
import type { Event } from '../model/record.js';
import type { RiskOptions } from '../operators/risk/evaluate.js';
import { evaluate } from '../operators/risk/evaluate.js';
import { denialText } from '../operators/risk/check.js';
import type { Engine } from './engine.js';
import { intentText } from './order-control.js';
import { orderEvents } from './order-events.js';
import {
  badFigure,
  figure,
  MANUAL_STRATEGY,
  refused,
  type Asked,
  type Modification,
  type NewOrder,
  type OrderAnswer,
} from './order-request.js';
import type { ReconcileResult } from './reconcile/broker-reconciler.js';

/** A fill that was counted, partial ones included, with its order as it is after it. */
export interface Trade {
  readonly order: Order | undefined;
  readonly report: ExecutionEvent;
  readonly fill: Fill;
}

export interface OrderError {
  readonly orderKey: string;
  readonly code: string;
  readonly text: string;
  readonly event: Event;
}

/**
 * Orders placed and watched by a program: submit, cancel, modify, look up. Every request enters as a recorded control
 * event and goes the one way through risk, queue and outbox, so nothing goes around a check, and a replay repeats it.
 * The key of an order is taken in the turn of its request, before anything is sent, so that an answer that never comes
 * cannot lead to a second order. Streams tell between turns what happened in them, and complete when the engine closes.
 */
export class OrderManager {
  readonly #engine: Engine;
  readonly #orders = new Subject<Order>();
  readonly #fills = new Subject<ExecutionEvent>();
  readonly #trades = new Subject<Trade>();
  readonly #errors = new Subject<OrderError>();
  readonly #waiting = new Map<InputEvent, (answer: OrderAnswer) => void>();
  #tell: (() => void)[] = [];
  #count = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Every order after each change. */
  get orders$(): Observable<Order> {
    return this.#orders.asObservable();
  }
  /** Every fill that was counted, once. */
  get fills$(): Observable<ExecutionEvent> {
    return this.#fills.asObservable();
  }
  get trades$(): Observable<Trade> {
    return this.#trades.asObservable();
  }
  /** Denials, reports that do not fit, requests that did not leave, halts. */
  get errors$(): Observable<OrderError> {
    return this.#errors.asObservable();
  }

  /** Places an order. Never rejects: what was not taken says why. */
  submit(order: NewOrder, asked: Asked = {}): Promise<OrderAnswer> {
    const intent = this.#intent(order, this.#nextKey(order));
    if (typeof intent === 'string') return Promise.resolve(refused('', intent));
    return this.#post(intent, asked);
  }

  cancel(orderKey: string, asked: Asked = {}): Promise<OrderAnswer> {
    return this.#change('cancel', orderKey, {}, asked);
  }
  /** Cancels every open order of an instrument; one that is refused keeps no other from it. */
  cancelSymbol(instrument: string, asked: Asked = {}): Promise<readonly OrderAnswer[]> {
    return this.#cancelThese((order) => order.instrument === instrument, asked);
  }
  /** Cancels every open order; one that is refused keeps no other from it. */
  cancelAll(asked: Asked = {}): Promise<readonly OrderAnswer[]> {
    return this.#cancelThese(() => true, asked);
  }
  /** Replaces an open order. The order is `pending_replace` until the venue answers, and then follows its answer. */
  modify(orderKey: string, modification: Modification, asked: Asked = {}): Promise<OrderAnswer> {
    return this.#change('replace', orderKey, modification, asked);
  }

  get(orderKey: string): Order | undefined {
    const { orders, emulated } = this.#engine.state;
    return orders.get(orderKey) ?? emulated.get(orderKey)?.order;
  }
  /** Open orders at venues, and those that live here: held legs, stops that wait, orders split over venues. */
  open(): readonly Order[] {
    return [...this.#held(), ...this.#engine.state.orders.open()];
  }
  byStatus(state: OrderState): readonly Order[] {
    const held = this.#held().filter((order) => order.state === state);
    return [...held, ...this.#engine.state.orders.byState(state)];
  }
  byVenueId(broker: string, venueOrderId: string): Order | undefined {
    return this.#engine.state.orders.byVenueOrderId(broker, venueOrderId);
  }

  /** Why risk would not take this order now; empty when it would. Nothing is recorded. */
  validate(order: NewOrder): string {
    const intent = this.#intent(order, 'validate');
    if (typeof intent === 'string') return intent;
    const risk = this.#engine.topology.operators.find(({ spec }) => spec.type === 'risk');
    const { state } = this.#engine;
    const scope = { state, options: (risk?.config ?? {}) as RiskOptions, at: this.#engine.sequencer.at };
    const verdict = evaluate(intent, scope);
    return verdict.ok ? '' : denialText(verdict);
  }

  reconcile(brokers?: readonly string[]): Promise<readonly ReconcileResult[]> {
    return this.#engine.reconcile(brokers);
  }

  /** One complete turn, still inside it: only noted. */
  saw(input: InputEvent, children: readonly Event[]): void {
    if (input.kind === 'control' && input.action === 'order') this.#answer(input, children);
    if ((children.length === 0 && input.kind !== 'outcome') || !this.#observed) return;
    const events = orderEvents(input, children, this.#engine.state);
    for (const order of events.orders) this.#tell.push(() => this.#orders.next(order));
    for (const trade of events.trades) {
      this.#tell.push(() => this.#fills.next(trade.report));
      this.#tell.push(() => this.#trades.next(trade));
    }
    for (const error of events.errors) this.#tell.push(() => this.#errors.next(error));
  }

  /** The turn is over. */
  turn(): void {
    if (this.#tell.length === 0) return;
    const all = this.#tell;
    this.#tell = [];
    for (const tell of all) tell();
  }

  get #observed(): boolean {
    return this.#orders.observed || this.#fills.observed || this.#trades.observed || this.#errors.observed;
  }

  close(): void {
    for (const [, resolve] of this.#waiting) resolve(refused('', 'the engine stopped before it was taken'));
    this.#waiting.clear();
    for (const stream of [this.#orders, this.#fills, this.#trades, this.#errors]) stream.complete();
  }

  #answer(input: ControlEvent, children: readonly Event[]): void {
    const resolve = this.#waiting.get(input);
    if (resolve === undefined) return;
    this.#waiting.delete(input);
    const denied = children.find((child) => child.kind === 'denied');
    const log = children.find((child) => child.kind === 'log' && child.code === 'CONTROL_REFUSED');
    const reason = denied?.kind === 'denied' ? denied.text : log?.kind === 'log' ? log.message : '';
    resolve({ orderKey: input.target, seq: input.seq, accepted: reason === '', reason });
  }

  /** What is held here takes the orders that work for it along; those are not cancelled twice. */
  async #cancelThese(which: (order: Order) => boolean, asked: Asked): Promise<readonly OrderAnswer[]> {
    const { emulated } = this.#engine.state;
    const orders = this.open().filter((order) => {
      const owner = emulated.ownerOf(order.orderKey);
      return which(order) && (owner === undefined || owner.ended !== '');
    });
    return Promise.all(orders.map(({ orderKey }) => this.cancel(orderKey, asked)));
  }
  #held(): Order[] {
    return [...this.#engine.state.emulated.open()].map(({ order }) => order);
  }

  #change(
    action: 'replace' | 'cancel',
    orderKey: string,
    wish: Modification,
    asked: Asked,
  ): Promise<OrderAnswer> {
    const order = this.get(orderKey);
    if (order === undefined)
      return Promise.resolve(refused(orderKey, reasonText('ORDER_NOT_FOUND', { order_key: orderKey })));
    if (isClosed(order.state))
      return Promise.resolve(
        refused(orderKey, reasonText('ORDER_CLOSED', { order_key: orderKey, state: order.state })),
      );
    const prices = { quantity: wish.quantity, limit: wish.limitPrice, stop: wish.stopPrice };
    const bad = badFigure(prices);
    if (bad !== '') return Promise.resolve(refused(orderKey, bad));
    const { account, instrument, ix, side, type, strategy, tag, timeInForce, expireAt } = order;
    return this.#post(
      {
        ...{ action, orderKey, account, route: order.broker, instrument, ix, side, type, strategy, tag },
        quantity: wish.quantity === undefined ? order.quantity : dec(wish.quantity),
        limitPrice: wish.limitPrice === undefined ? order.limitPrice : dec(wish.limitPrice),
        stopPrice: wish.stopPrice === undefined ? order.stopPrice : dec(wish.stopPrice),
        trailingOffset: order.trailingOffset,
        ...{ timeInForce, expireAt, postOnly: order.postOnly, reduceOnly: order.reduceOnly },
        ...{ links: undefined, reason: asked.reason ?? '', metadata: undefined, cause: 0 },
      },
      asked,
    );
  }

  #post(intent: Intent, { actor = 'program', reason = '' }: Asked): Promise<OrderAnswer> {
    const at = this.#engine.sequencer.at;
    const event = makeControl(at, 'order', actor, reason, intent.orderKey, intentText(intent));
    const answer = new Promise<OrderAnswer>((resolve) => this.#waiting.set(event, resolve));
    this.#engine.command(event);
    return answer;
  }

  /** Client orders of a program count on from what State knows, so a restart never gives a key twice. */
  #nextKey({ idempotencyKey }: NewOrder): string {
    if (idempotencyKey !== undefined) return `${MANUAL_STRATEGY}:${idempotencyKey}`;
    return `${MANUAL_STRATEGY}-${this.#engine.sequencer.at.toString(36)}-${(this.#count++).toString(36)}`;
  }
  #intent(order: NewOrder, orderKey: string): Intent | string {
    const { state, topology } = this.#engine;
    const instrument = state.instruments.get(order.instrument);
    if (instrument === undefined) return reasonText('INSTRUMENT_UNKNOWN', { instrument: order.instrument });
    const bad = badFigure({ quantity: order.quantity, limit: order.limitPrice, stop: order.stopPrice });
    if (bad !== '') return bad;
    const accounts = state.portfolio.accounts();
    const only = accounts.length === 1 ? (accounts[0] ?? '') : '';
    return {
      ...{ action: 'new', orderKey, account: order.account ?? only, route: order.route ?? '' },
      ...{ instrument: instrument.symbol, ix: instrument.ix, side: order.side, type: order.type },
      quantity: dec(order.quantity),
      limitPrice: figure(order.limitPrice),
      stopPrice: figure(order.stopPrice),
      trailingOffset: undefined,
      timeInForce: order.timeInForce ?? 'gtc',
      expireAt: undefined,
      postOnly: order.postOnly ?? false,
      reduceOnly: order.reduceOnly ?? false,
      links: undefined,
      strategy: MANUAL_STRATEGY,
      tag: order.tag ?? '',
      reason: `placed by a program in ${topology.name}`,
      metadata: undefined,
      cause: 0,
    };
  }
}
