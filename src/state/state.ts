import type { HaltEvent, MarketEvent } from '../model/event.js';
import { isInferred } from '../model/reconciliation.js';
import { makeHalt } from '../model/make.js';
import type { InstrumentTable } from '../model/instruments.js';
import type { ChildEvent, Event } from '../model/record.js';
import { MICROS_PER_MINUTE, type Micros } from '../model/time.js';
import { Activity, type SavedActivity } from './activity.js';
import { Changes } from './changes.js';
import type { StateConfig } from './config.js';
import { Control, type SavedControl } from './control.js';
import { Emulated, type SavedEmulated } from './emulated.js';
import { ExecutionReducer } from './execution-reducer.js';
import { Hasher } from './hash.js';
import type { Held } from './held-reports.js';
import { Market, type SavedMarket } from './market.js';
import { OrderIndex, type SavedOrders } from './order-index.js';
import { OrderReducer } from './order-reducer.js';
import { Portfolio, type SavedPortfolio } from './portfolio.js';
import { QueueState, type SavedQueue } from './queue.js';
import { Readiness, type SavedReadiness } from './readiness.js';
import { ReconciliationReducer } from './reconciliation-reducer.js';
import type { StateView } from './view.js';

/** A copy of State, as {@link State.save} gives it. */
export interface SavedState {
  readonly seq: number;
  readonly at: Micros;
  readonly nextRoll: Micros;
  readonly market: SavedMarket;
  readonly orders: SavedOrders;
  readonly portfolio: SavedPortfolio;
  readonly control: SavedControl;
  readonly activity: SavedActivity;
  readonly queue: ReadonlyMap<string, SavedQueue>;
  readonly readiness: SavedReadiness;
  readonly held: readonly Held[];
  /** Missing in snapshots of builds that had none. */
  readonly emulated?: SavedEmulated;
}

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
  readonly readiness: Readiness;
  readonly queue: QueueState = new QueueState();
  readonly emulated: Emulated;
  readonly #changes = new Changes();
  readonly #orders: OrderReducer;
  readonly #executions: ExecutionReducer;
  readonly #reconciliation: ReconciliationReducer;
  #nextRoll: Micros = 0;
  #woken = false;

  constructor(config: StateConfig, instruments: InstrumentTable) {
    this.instruments = instruments;
    this.market = new Market(instruments, config.marks ?? 'last', config.returnSamples ?? 256);
    this.portfolio = new Portfolio(config, instruments, this.market, this.#changes);
    this.orders = new OrderIndex(instruments, config.closedOrders ?? 2_000);
    this.control = new Control(config, this.#changes);
    this.readiness = new Readiness(config.reconciled ?? [], config.route);
    this.activity = new Activity(this.market, config.duplicateWindow ?? MICROS_PER_MINUTE);
    this.emulated = new Emulated(this.#changes, this.orders, instruments);
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
    const { readiness, portfolio } = this;
    this.#reconciliation = new ReconciliationReducer(
      readiness,
      this.#executions,
      portfolio,
      instruments,
      this.#changes,
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
    this.#market(event);
    if (this.emulated.watching > 0 && !this.control.recovering)
      this.emulated.market(event, this.market, this.at);
  }

  #market(event: MarketEvent): void {
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
      case 'intent':
        this.emulated.intent(event, at);
        return;
      case 'approved':
        this.activity.approved(event.intent);
        this.#orders.approved(event.intent, event.riskPrice, at);
        return;
      case 'denied':
        this.#orders.denied(event, at);
        this.emulated.denied(event, at);
        return;
      case 'queued':
        this.#orders.queued(event.intent, event.reason, at);
        this.emulated.queued(event, at);
        return;
      case 'superseded':
        this.#orders.superseded(event, at);
        return;
      case 'dispatch':
        this.readiness.touch(event.broker, event.intent.ix, this.seq);
        this.#orders.dispatch(event, at);
        return;
      case 'outcome':
        this.readiness.touch(event.broker, -1, this.seq);
        this.#orders.outcome(event, at);
        return;
      case 'execution':
        this.#executions.apply(event, at);
        this.readiness.touch(event.broker, event.fill === undefined ? -1 : event.ix, this.seq);
        if (event.report === 'fill' && !isInferred(event.execId))
          this.readiness.filled(event.broker, event.ts);
        return;
      case 'account':
        this.readiness.touch(event.broker, -1, this.seq);
        this.portfolio.reported(event, at);
        return;
      case 'control':
        this.#executions.expire(at);
        if (this.control.apply(event)) this.#woken = true;
        this.emulated.control(event, at);
        if (this.#reconciliation.control(event, at)) {
          this.#woken = true;
          this.control.compared(event.target, this.readiness.of(event.target)?.books === 'agree');
        }
        return;
      case 'halt':
        this.control.halt(event);
        this.#woken = true;
        return;
      case 'connection':
        this.#executions.expire(at);
        this.control.connected(event);
        if (this.readiness.connected(event)) this.#woken = true;
        return;
      case 'reconciliation':
        this.#reconciliation.apply(event, at);
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
    const emulated = this.emulated.takeWoken();
    const cleared = this.#orders.cleared || this.#woken || emulated;
    this.#orders.cleared = false;
    this.#woken = false;
    return cleared;
  }

  /** Everything State holds, sharing what never changes: cheap, and later folds do not alter it. */
  save(): SavedState {
    return {
      seq: this.seq,
      at: this.at,
      nextRoll: this.#nextRoll,
      market: this.market.save(),
      orders: this.orders.save(),
      portfolio: this.portfolio.save(),
      control: this.control.save(),
      activity: this.activity.save(),
      queue: this.queue.save(),
      readiness: this.readiness.save(),
      held: this.#executions.held.save(),
      emulated: this.emulated.save(),
    };
  }

  /**
   * Takes over what {@link State.save} gave, into a State nothing was folded into. The instrument table must give
   * every instrument the index it had then; it may hold more.
   */
  load(saved: SavedState): void {
    this.seq = saved.seq;
    this.at = saved.at;
    this.#nextRoll = saved.nextRoll;
    this.market.load(saved.market);
    this.portfolio.load(saved.portfolio, saved.at);
    this.orders.load(saved.orders);
    this.control.load(saved.control);
    this.activity.load(saved.activity, saved.at);
    this.queue.load(saved.queue);
    this.readiness.load(saved.readiness);
    this.#executions.held.load(saved.held);
    this.emulated.load(saved.emulated);
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
    this.readiness.hash(hasher);
    this.#executions.held.hash(hasher);
    this.emulated.hash(hasher);
    return hasher.digest();
  }
}
