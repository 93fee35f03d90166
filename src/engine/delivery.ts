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
import { afterControl, beforeControl } from './control-delivery.js';
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
        if (this.#engine.replaying && this.#engine.options.verify?.anyClock !== true)
          this.#checkDeadline(event.at);
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
      case 'reconciliation':
        this.#apply(event);
        this.#changed(event.broker);
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
    beforeControl(this.#engine, event);
    this.#apply(event);
    afterControl(this.#engine, event);
    if (!this.#engine.replaying) this.#engine.onControl(event);
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

  /** Orders and positions that reconciliation changed. */
  #changed(broker: string): void {
    const changes = this.#engine.driver.children.length;
    for (const root of this.#brokerRoots.get(broker) ?? []) {
      for (let i = 0; i < changes; i++) {
        const child = this.#engine.driver.children[i] as Event;
        if (child.kind === 'order' || child.kind === 'position') root.edge.next(child);
      }
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
