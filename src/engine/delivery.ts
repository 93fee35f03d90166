import type {
  AccountEvent,
  ControlEvent,
  ExecutionEvent,
  InputEvent,
  MarketEvent,
  OutcomeEvent,
} from '../model/event.js';
import { MillraceError } from '../model/reason.js';
import type { Event } from '../model/record.js';
import type { EventScheduler } from '../streams/event-scheduler.js';
import { cancelsForOpenOrders } from './cancel-open.js';
import type { Engine } from './engine.js';
import type { Root } from './graph.js';

/** First half of a turn: folds the input into State and puts it on the right edge of the graph. */
export class Delivery {
  readonly #engine: Engine;
  readonly #scheduler: EventScheduler;
  /** Executions sources by broker: where reports enter the graph. */
  readonly #brokerRoots = new Map<string, Root[]>();
  #lastSource = '';
  #lastRoot: Root | undefined;

  constructor(engine: Engine, scheduler: EventScheduler) {
    this.#engine = engine;
    this.#scheduler = scheduler;
    for (const source of engine.topology.sources) {
      const root = engine.graph.root(source.name);
      if (source.spec.type !== 'executions' || root === undefined) continue;
      this.#brokerRoots.set(source.broker, [...(this.#brokerRoots.get(source.broker) ?? []), root]);
    }
  }

  deliver(event: InputEvent): void {
    switch (event.kind) {
      case 'trade':
      case 'quote':
      case 'book':
      case 'bar':
      case 'status':
        this.#market(event);
        return;
      case 'clock':
        if (this.#engine.options.verify !== undefined) this.#checkDeadline(event.at);
        this.#engine.driver.fire(event);
        return;
      case 'control':
        this.#control(event);
        return;
      case 'connection':
      case 'gap':
        this.#apply(event);
        this.#engine.graph.root(event.source)?.edge.next(event);
        return;
      default:
        this.#apply(event);
        this.#answer(event);
    }
  }

  #market(event: MarketEvent): void {
    let root = this.#lastRoot;
    if (event.source !== this.#lastSource || root === undefined) {
      root = this.#engine.graph.root(event.source);
      if (root === undefined) {
        throw new MillraceError(
          'INVARIANT',
          `an event names the source "${event.source}", which is not in the topology`,
        );
      }
      this.#lastRoot = root;
      this.#lastSource = event.source;
    }
    root.events++;
    root.lastAt = event.at;
    if (root.fold) this.#engine.state.applyMarket(event);
    root.edge.next(event);
  }

  #control(event: ControlEvent): void {
    const { graph, outbox, state } = this.#engine;
    if (event.action === 'kill') outbox.closeGate('LATCHED', event.reason);
    if (event.action === 'halt') outbox.closeGate('TRADING_HALTED', event.reason);
    this.#apply(event);
    if (event.action === 'halt') this.#engine.haltsUnderway = Math.max(0, this.#engine.haltsUnderway - 1);
    const opens = event.action === 'resume' || event.action === 'arm';
    // A halt that is still on its way came after this was asked for: it wins.
    if (opens && state.control.trading === 'active' && this.#engine.haltsUnderway === 0) outbox.openGate();
    const strategy = graph.strategies.get(event.target);
    if (event.action === 'strategy_disable') strategy?.disable(event.reason);
    if (event.action === 'strategy_enable') strategy?.enable();
    if (event.action === 'start') graph.connect();
    if (event.action !== 'stop') return;
    graph.completeMarket();
    if (event.value === 'cancel') {
      for (const cancel of cancelsForOpenOrders(state, event.seq)) {
        this.#engine.driver.record(cancel, 'engine');
        graph.system(cancel);
      }
    }
  }

  /** What a broker said, then the order and position changes it made. */
  #answer(event: ExecutionEvent | OutcomeEvent | AccountEvent): void {
    this.#engine.latencies.observe(event, this.#engine.state);
    const roots = this.#brokerRoots.get(event.broker);
    if (roots === undefined) return;
    const changes = this.#engine.driver.children.length;
    for (const root of roots) {
      root.events++;
      root.lastAt = event.at;
      root.edge.next(event);
      for (let i = 0; i < changes; i++) root.edge.next(this.#engine.driver.children[i] as Event);
    }
  }

  #apply(event: InputEvent): void {
    this.#engine.state.apply(event);
    if (this.#engine.state.changed) this.#engine.driver.drain();
  }

  #checkDeadline(at: number): void {
    const due = this.#scheduler.nextDue();
    if (due === at) return;
    throw new MillraceError(
      'DIVERGED',
      `the journal has a clock turn at ${at}, but the earliest deadline is ${due === Infinity ? 'none' : due}`,
    );
  }
}
