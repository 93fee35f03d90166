import type { BrokerCommand, BrokerPosition } from '../../../src/brokers/broker.js';
import type { Engine } from '../../../src/engine/engine.js';
import { Decimal, ZERO, dec } from '../../../src/model/decimal.js';
import type { AccountEvent, DispatchEvent } from '../../../src/model/event.js';
import type { Intent } from '../../../src/model/intent.js';
import type { Event } from '../../../src/model/record.js';
import { parseRate } from '../../../src/model/units.js';
import type { Scenario } from './order-path-rig.js';

/** What must hold whatever happens. Throws, naming the rule, the turn and what was found. */
export class Invariants {
  readonly #engine: Engine;
  readonly #scenario: Scenario;
  /** Some fault may make State and venue differ, or reports impossible. */
  readonly #faulty: boolean;
  readonly #fills = new Set<string>();
  readonly #positions = new Map<number, Decimal>();
  readonly #ids = new Set<string>();
  readonly #releasedIds = new Set<string>();
  readonly #approved = new Map<string, number>();
  #inFlight = new Map<string, string>();
  readonly #sent: Record<'orders' | 'cancels' | 'messages', number[]> = {
    orders: [],
    cancels: [],
    messages: [],
  };
  readonly #excused = new Map<string, Decimal>();
  #violation: string | undefined;
  readonly seen: Record<string, number> = {};

  constructor(engine: Engine, scenario: Scenario) {
    this.#engine = engine;
    this.#scenario = scenario;
    const { duplicate, late, drop, notSent, unknown } = scenario.faults;
    this.#faulty = duplicate + late + drop + notSent + unknown > 0;
  }

  turn(input: Event, children: readonly Event[]): void {
    try {
      if (
        input.kind === 'execution' &&
        input.report === 'fill' &&
        input.fill !== undefined &&
        !this.#fills.has(input.execId)
      ) {
        this.#fills.add(input.execId);
        const quantity = input.side === 'buy' ? input.fill.quantity : input.fill.quantity.neg();
        this.#positions.set(input.ix, (this.#positions.get(input.ix) ?? ZERO).plus(quantity));
        const order = this.#engine.state.orders.byClientOrderId(input.clientOrderId);
        if (order?.reduceOnly === true) this.#excuse(input.ix, input.side, input.fill.quantity);
      }
      for (const child of children) this.#child(child, input);
      this.#accounted();
      this.#exposure();
      this.#limits();
      this.#inFlight = new Map();
      for (const order of this.#engine.state.orders.open())
        if (order.inFlight !== undefined) this.#inFlight.set(order.orderKey, order.inFlight.clientOrderId);
    } catch (error) {
      const told = error instanceof Error ? error.message : String(error);
      throw new Error(`turn ${input.seq} (${input.kind}): ${told}`, { cause: error });
    }
  }

  /** A command at the broker's door. Kept for later: what is thrown there is the broker's failure. */
  released({ dispatch }: BrokerCommand): void {
    if (this.#releasedIds.has(dispatch.clientOrderId))
      this.#violation ??= `released twice: ${dispatch.clientOrderId}`;
    this.#releasedIds.add(dispatch.clientOrderId);
    const { control } = this.#engine.state;
    if (control.trading !== 'active' && dispatch.action !== 'cancel' && !this.#isExit(dispatch.intent))
      this.#violation ??= `released while ${control.trading}: ${dispatch.action} ${dispatch.orderKey}`;
    this.#count(`released ${dispatch.action}`);
  }

  venue(account: AccountEvent, positions: readonly BrokerPosition[]): void {
    if (this.#violation !== undefined) throw new Error(this.#violation);
    const { state } = this.#engine;
    if (this.#scenario.faults.drop > 0 || this.#scenario.reportLatency !== '0ms') return;
    if (this.#scenario.faults.late > 0) return;
    for (const { currency, total } of account.balances)
      same(`cash ${currency}`, state.portfolio.cash('sim', currency), total);
    for (const instrument of state.instruments.all) {
      const own = state.portfolio.position('sim', instrument.ix);
      const theirs = positions.find((position) => position.instrument === instrument.symbol);
      same(`position ${instrument.symbol}`, own?.quantity ?? ZERO, dec(theirs?.quantity ?? 0));
      same(`entry ${instrument.symbol}`, own?.averagePrice ?? ZERO, dec(theirs?.averagePrice ?? 0));
    }
  }

  /** After the drain. */
  end(): void {
    const { state } = this.#engine;
    const { drop, unknown } = this.#scenario.faults;
    for (const [key, count] of this.#approved)
      if (count !== 0 && drop + unknown === 0)
        throw new Error(`${count} approved intents of ${key} have no end; queue ${state.queue.size}`);
    if (state.orders.openCount() > 0) return;
    for (const { ix, symbol } of state.instruments.all)
      for (const side of ['buy', 'sell'] as const)
        if (
          !state.orders.exposed('sim', ix, side).isZero() ||
          !state.orders.exposedNotional('sim', ix, side).isZero()
        )
          throw new Error(`nothing is open, but ${symbol} has exposure`);
  }

  #child(child: Event, input: Event): void {
    this.#count(child.kind === 'denied' ? `denied ${child.code}` : child.kind);
    switch (child.kind) {
      case 'approved':
        this.#approved.set(child.intent.orderKey, (this.#approved.get(child.intent.orderKey) ?? 0) + 1);
        return;
      case 'superseded':
        this.#ended(child.intent);
        return;
      case 'denied':
        if (child.stage !== 'risk') this.#ended(child.intent);
        return;
      case 'dispatch':
        this.#ended(child.intent);
        this.#dispatch(child, input);
        return;
      case 'halt':
        throw new Error(`halted: ${child.code} ${child.reason}`);
      case 'log':
        if (child.level === 'anomaly' && !this.#faulty) throw new Error(child.message);
        if (child.code === 'BALANCE_DIFFERENCE' && !this.#faulty) throw new Error(child.message);
        if (child.code === 'STRATEGY_FAILED') throw new Error(child.message);
        return;
      default:
    }
  }

  #dispatch(dispatch: DispatchEvent, input: Event): void {
    const { clientOrderId, action, orderKey, intent } = dispatch;
    this.#count(`dispatch ${action}`);
    if (this.#ids.has(clientOrderId)) throw new Error(`client order id ${clientOrderId} is dispatched twice`);
    this.#ids.add(clientOrderId);
    const before = this.#inFlight.get(orderKey);
    const answered = input.kind === 'execution' || input.kind === 'outcome';
    if (action !== 'cancel' && before !== undefined && !answered)
      throw new Error(`${action} of ${orderKey} is dispatched while ${before} is in flight`);
    if (action !== 'cancel') this.#inFlight.set(orderKey, clientOrderId);
    if (action !== 'new' && dispatch.targetClientOrderId === '')
      throw new Error(`${action} of ${orderKey} has no target`);
    const exit = action !== 'cancel' && this.#isExit(intent);
    const { trading } = this.#engine.state.control;
    if (trading !== 'active' && action !== 'cancel' && !exit)
      throw new Error(`${action} of ${orderKey} is dispatched while ${trading}`);
    const { at } = dispatch;
    this.#rate('messages', at);
    if (action === 'cancel') this.#rate('cancels', at);
    else if (!exit) this.#rate('orders', at);
  }

  #rate(lane: 'orders' | 'cancels' | 'messages', at: number): void {
    const rate = parseRate(this.#scenario[lane]);
    if (rate === undefined) throw new Error('no rate');
    const sent = this.#sent[lane];
    sent.push(at);
    const size = Math.max(1, Math.floor(rate.count));
    const first = sent[sent.length - 1 - size];
    if (first !== undefined && at - first < (rate.per * size) / rate.count)
      throw new Error(`${lane}: ${size + 1} within ${at - first} µs`);
  }

  #ended({ orderKey }: Intent): void {
    const count = (this.#approved.get(orderKey) ?? 0) - 1;
    if (count < 0) throw new Error(`${orderKey} ended more intents than were approved`);
    this.#approved.set(orderKey, count);
  }

  /** What was approved is sent, dropped with a record, or waits in the queue: one at most for each order. */
  #accounted(): void {
    let waiting = 0;
    for (const [key, count] of this.#approved) {
      if (count > 1) throw new Error(`${count} intents of ${key} wait`);
      waiting += count;
    }
    const { size } = this.#engine.state.queue;
    if (waiting !== size) throw new Error(`${waiting} approved intents wait, ${size} are in the queue`);
    if (size > this.#scenario.maxQueue + this.#engine.state.orders.openCount())
      throw new Error(`${size} wait`);
  }

  #exposure(): void {
    const { orders, portfolio, instruments } = this.#engine.state;
    const totals = new Map<string, Decimal>();
    for (const order of orders.open()) {
      const held = orders.exposureOf(order.orderKey);
      const wished = order.inFlight?.quantity ?? ZERO;
      const least = Decimal.max(order.quantity, wished).minus(order.filled);
      if (held.lt(least))
        throw new Error(`${order.orderKey} reserves ${held.toString()}, may fill ${least.toString()}`);
      const replaceWaits = order.state !== 'queued' && (this.#approved.get(order.orderKey) ?? 0) > 0;
      if (!replaceWaits && !held.eq(Decimal.max(ZERO, least)))
        throw new Error(
          `${order.orderKey} (${order.state}) reserves ${held.toString()}, may fill ${least.toString()}`,
        );
      const key = `${order.ix} ${order.side}`;
      totals.set(key, (totals.get(key) ?? ZERO).plus(held));
    }
    for (const { ix, symbol } of instruments.all) {
      for (const side of ['buy', 'sell'] as const)
        same(
          `exposure ${symbol} ${side}`,
          orders.exposed('sim', ix, side),
          totals.get(`${ix} ${side}`) ?? ZERO,
        );
      same(
        `fills of ${symbol}`,
        portfolio.position('sim', ix)?.quantity ?? ZERO,
        this.#positions.get(ix) ?? ZERO,
      );
    }
  }

  /** A fill that is told after its order ended could not be counted before; with such a wire the limit is the venue's. */
  #limits(): void {
    if (this.#scenario.faults.late > 0 || this.#scenario.faults.drop > 0) return;
    const { orders, portfolio, instruments } = this.#engine.state;
    for (const { ix, symbol, lotSize } of instruments.all) {
      const limit = lotSize.times(this.#scenario.maxPosition);
      const now = portfolio.position('sim', ix)?.quantity ?? ZERO;
      const long = now.plus(this.#opening(ix, 'buy', orders.exposed('sim', ix, 'buy')));
      const short = now.minus(this.#opening(ix, 'sell', orders.exposed('sim', ix, 'sell')));
      const excused = (side: string): Decimal => limit.plus(this.#excused.get(`${ix} ${side}`) ?? ZERO);
      if (long.gt(excused('buy')) || short.neg().gt(excused('sell')))
        throw new Error(`${symbol}: ${long.toString()} or ${short.toString()} beyond ${limit.toString()}`);
    }
  }

  /** A reduce-only exit does not wait for resting orders of its side: those could then fill beyond the limit. */
  #excuse(ix: number, side: string, quantity: Decimal): void {
    const key = `${ix} ${side}`;
    this.#excused.set(key, (this.#excused.get(key) ?? ZERO).plus(quantity));
  }

  /** Reduce-only orders never open a position: the venue cuts them. */
  #opening(ix: number, side: 'buy' | 'sell', exposed: Decimal): Decimal {
    let left = exposed;
    for (const order of this.#engine.state.orders.openFor(ix))
      if (order.side === side && order.reduceOnly)
        left = left.minus(this.#engine.state.orders.exposureOf(order.orderKey));
    return left;
  }

  #isExit(intent: Intent): boolean {
    const { state } = this.#engine;
    const position = state.portfolio.position(intent.account, intent.ix)?.quantity ?? ZERO;
    const filled = state.orders.get(intent.orderKey)?.filled ?? ZERO;
    const opposite = !position.isZero() && position.gt(0) === (intent.side === 'sell');
    return opposite && intent.quantity.minus(filled).lte(position.abs());
  }

  #count(what: string): void {
    this.seen[what] = (this.seen[what] ?? 0) + 1;
  }
}

function same(what: string, own: Decimal, other: Decimal): void {
  if (!own.eq(other)) throw new Error(`${what}: ${own.toString()} here, ${other.toString()} there`);
}
