import type { HaltEvent, MarketEvent } from '../model/event.js';
import { makeHalt } from '../model/make.js';
import type { InstrumentTable } from '../model/instruments.js';
import type { ChildEvent, Event } from '../model/record.js';
import { MICROS_PER_MINUTE, type Micros } from '../model/time.js';
import { Activity } from './activity.js';
import { Changes } from './changes.js';
import type { StateConfig } from './config.js';
import { Control } from './control.js';
import { ExecutionReducer } from './execution-reducer.js';
import { Hasher } from './hash.js';
import { Market } from './market.js';
import { OrderIndex } from './order-index.js';
import { OrderReducer } from './order-reducer.js';
import { Portfolio } from './portfolio.js';
import { QueueState } from './queue.js';
import type { StateView } from './view.js';

/**
 * Everything the engine knows, as a fold of its records: `State = f(events, configuration)`. Everybody reads it as a
 * {@link StateView}; only the turn driver folds:
 *
 * 1. `setTurn(seq, at)` at the start of a turn;
 * 2. `applyMarket(event)` where the graph accepts a market event, `apply(record)` for every other input and child;
 * 3. after an `apply`, `takeChanges()` when `changed`: the order, position and log records that follow from it.
 *
 * Money rules: fills move cash and positions; see {@link AccountConfig.balances} for what a broker's account report
 * does. Perpetuals and futures move realized profit and fees only. A fee is taken from the cash of its own currency,
 * so a fee in the coin that was bought makes that coin's cash negative and leaves the position the sum of its fills.
 */
export class State implements StateView {
  seq = 0;
  at: Micros = 0;
  readonly instruments: InstrumentTable;
  readonly market: Market;
  readonly orders: OrderIndex;
  readonly portfolio: Portfolio;
  readonly control: Control;
  readonly activity: Activity;
  readonly queue: QueueState = new QueueState();
  readonly #changes = new Changes();
  readonly #orders: OrderReducer;
  readonly #executions: ExecutionReducer;
  #nextRoll: Micros = 0;
  #woken = false;

  constructor(config: StateConfig, instruments: InstrumentTable) {
    this.instruments = instruments;
    this.market = new Market(instruments, config.marks ?? 'last', config.returnSamples ?? 256);
    this.portfolio = new Portfolio(config, instruments, this.market, this.#changes);
    this.orders = new OrderIndex(instruments, config.closedOrders ?? 2_000);
    this.control = new Control(config, this.#changes);
    this.activity = new Activity(this.market, config.duplicateWindow ?? MICROS_PER_MINUTE);
    this.#orders = new OrderReducer(this.orders, this.#changes);
    this.#executions = new ExecutionReducer(
      this.orders,
      this.#orders,
      this.#changes,
      instruments,
      (account, instrument, side, quantity, fill, at) =>
        this.portfolio.fill(account, instrument, side, quantity, fill, at),
      (reason) => this.#halt(makeHalt('BAD_INPUT', reason)),
    );
  }

  /** Starts a turn. Passing the configured time of day rolls the day, before the turn's event is folded. */
  setTurn(seq: number, at: Micros): void {
    this.seq = seq;
    this.at = at;
    this.portfolio.at = at;
    this.activity.setTurn(at);
    if (at >= this.#nextRoll) {
      this.portfolio.roll(at);
      this.#nextRoll = this.portfolio.nextRoll;
    }
  }

  /** Folds a market event the graph accepted. The hot path: nothing is allocated. */
  applyMarket(event: MarketEvent): void {
    const { market, at } = this;
    switch (event.kind) {
      case 'trade':
        if (market.trade(event, at)) this.portfolio.marked(event.ix, at);
        return;
      case 'quote':
        if (market.quote(event, at)) this.portfolio.marked(event.ix, at);
        return;
      case 'book':
        if (market.book(event, at)) this.portfolio.marked(event.ix, at);
        return;
      case 'bar':
        if (market.bar(event, at)) this.portfolio.marked(event.ix, at);
        return;
      case 'status':
        market.setStatus(event);
        return;
    }
  }

  /**
   * Folds any other record. Raw market inputs do nothing here: they count when the graph accepts them. A bar is one
   * that was built from events already folded. `order`, `position` and the like are consequences and do nothing.
   */
  apply(event: Event): void {
    const { at } = this;
    switch (event.kind) {
      case 'approved':
        this.activity.approved(event.intent);
        this.#orders.approved(event.intent, event.riskPrice, at);
        return;
      case 'denied':
        this.#orders.denied(event, at);
        return;
      case 'queued':
        this.#orders.queued(event.intent, event.reason, at);
        return;
      case 'superseded':
        this.#orders.superseded(event, at);
        return;
      case 'dispatch':
        this.#orders.dispatch(event, at);
        return;
      case 'outcome':
        this.#orders.outcome(event, at);
        return;
      case 'execution':
        this.#executions.apply(event, at);
        return;
      case 'account':
        this.portfolio.reported(event, at);
        return;
      case 'control':
        if (this.control.apply(event)) this.#woken = true;
        return;
      case 'halt':
        this.control.halt(event);
        this.#woken = true;
        return;
      case 'connection':
        this.control.connected(event);
        return;
      case 'gap':
        if (this.market.gap(event)) this.portfolio.marked(event.ix, at);
        return;
      case 'regime':
        this.market.setRegime(event);
        return;
      case 'bar':
        if (this.market.closedBar(event)) this.portfolio.marked(event.ix, at);
        return;
      default:
        return;
    }
  }

  /** State itself can no longer say what is true. The record is among the changes, so nobody needs to fold it again. */
  #halt(event: HaltEvent): void {
    this.control.halt(event);
    this.#woken = true;
    this.#changes.halt(event);
  }

  /** There are records for the engine to take. */
  get changed(): boolean {
    return this.#changes.any;
  }

  /** What the last folds changed: `order`, `position` and `log` records, not yet stamped. Use them at once. */
  takeChanges(): readonly ChildEvent[] {
    return this.#changes.take();
  }

  /** True once after something in flight was answered or trading changed: waiting intents may move now. */
  takeInFlightCleared(): boolean {
    const cleared = this.#orders.cleared || this.#woken;
    this.#orders.cleared = false;
    this.#woken = false;
    return cleared;
  }

  /**
   * Hash of everything State holds, 16 hexadecimal digits, the same on every Node version. Costs O(instruments, open
   * orders, positions, waiting intents, recent approvals): closed orders are in a running hash.
   */
  hash(): string {
    const hasher = new Hasher();
    hasher.num(this.seq).num(this.at);
    this.market.hash(hasher);
    this.orders.hash(hasher);
    this.portfolio.hash(hasher);
    this.control.hash(hasher);
    this.activity.hash(hasher);
    this.queue.hash(hasher);
    return hasher.digest();
  }
}
