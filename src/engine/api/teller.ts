import type { RegimeEvent } from '../../model/child-event.js';
import type {
  AccountEvent,
  ConnectionEvent,
  ControlEvent,
  InputEvent,
  MarketEvent,
} from '../../model/event.js';
import type { Order } from '../../model/order.js';
import type { Event } from '../../model/record.js';
import { topicOf, type EventBus } from '../../sinks/bus/event-bus.js';
import type { Engine } from '../engine.js';
import type { TurnObserver } from '../observers.js';
import { orderEvents } from '../order-events.js';
import type { Trade } from '../order-manager.js';
import type { EngineProblem, StrategyProblem } from './callbacks.js';
import { problemsOf } from './problems.js';
import type { Tally } from './tally.js';

/** Who is told what, between turns. */
export interface Told {
  /** Undefined: nobody wants market data, and it costs nothing. */
  readonly market: ((event: MarketEvent) => void) | undefined;
  placed(order: Order): void;
  filled(order: Order): void;
  trade(trade: Trade): void;
  regime(change: RegimeEvent): void;
  problem(problem: EngineProblem): void;
  strategyProblem(data: InputEvent, problem: StrategyProblem): void;
  orderChanged(): void;
  account(account: AccountEvent): void;
  /** Positions or cash moved. */
  assets(): void;
  connection(event: ConnectionEvent): void;
  control(event: ControlEvent): void;
  /** Something changed that a dashboard shows. */
  changed(input: InputEvent, children: readonly Event[]): void;
}

/**
 * Turns of the engine become calls of a program. Inside the turn they are only noted; afterwards they are made, in
 * order. Memory: what one turn causes.
 */
export class Teller implements TurnObserver {
  readonly #engine: Engine;
  readonly #tally: Tally;
  readonly #bus: EventBus;
  readonly #told: Told;
  #calls: (() => void)[] = [];

  constructor(engine: Engine, tally: Tally, bus: EventBus, told: Told) {
    this.#engine = engine;
    this.#tally = tally;
    this.#bus = bus;
    this.#told = told;
  }

  saw(input: InputEvent, children: readonly Event[]): void {
    const { state } = this.#engine;
    this.#tally.saw(input, children, state);
    if (this.#bus.used) {
      this.#publish(input);
      for (let i = 0; i < children.length; i++) this.#publish(children[i] as Event);
    }
    this.#told.changed(input, children);
    if (isMarket(input)) {
      const { market } = this.#told;
      if (market !== undefined) this.#calls.push(() => market(input));
      if (children.length === 0) return;
    }
    this.#consequences(input, children);
  }

  turn(): void {
    if (this.#calls.length === 0) return;
    const calls = this.#calls;
    this.#calls = [];
    for (const call of calls) call();
  }

  #consequences(input: InputEvent, children: readonly Event[]): void {
    const told = this.#told;
    const calls = this.#calls;
    const { state } = this.#engine;
    const { orders, trades, errors } = orderEvents(input, children, state);
    for (const child of children) {
      if (child.kind === 'dispatch' && child.action === 'new') {
        const order = state.orders.get(child.orderKey);
        if (order !== undefined) calls.push(() => told.placed(order));
      } else if (child.kind === 'regime') calls.push(() => told.regime(child));
      else if (
        child.kind === 'log' &&
        (child.code === 'STRATEGY_FAILED' || child.code === 'STRATEGY_DISABLED')
      ) {
        const { source, code, message } = child;
        calls.push(() => told.strategyProblem(input, { strategy: source, code, message }));
      }
    }
    for (const trade of trades) calls.push(() => told.trade(trade));
    for (const order of orders) if (order.state === 'filled') calls.push(() => told.filled(order));
    for (const problem of problemsOf(input, errors)) calls.push(() => told.problem(problem));
    if (orders.length > 0) calls.push(() => told.orderChanged());
    if (input.kind === 'account') calls.push(() => told.account(input));
    if (trades.length > 0 || input.kind === 'account') calls.push(() => told.assets());
    if (input.kind === 'connection') calls.push(() => told.connection(input));
    if (input.kind === 'control') calls.push(() => told.control(input));
  }

  #publish(event: Event): void {
    const topic = topicOf(event);
    if (topic !== undefined) this.#bus.publish(topic, event);
  }
}

function isMarket(event: InputEvent): event is MarketEvent {
  const { kind } = event;
  return kind === 'trade' || kind === 'quote' || kind === 'bar' || kind === 'book' || kind === 'status';
}
