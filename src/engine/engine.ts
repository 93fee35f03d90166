import type { Subscription } from 'rxjs';
import type { Broker } from '../brokers/broker.js';
import type { ControlEvent, InputEvent } from '../model/event.js';
import { makeControl, receivedAt } from '../model/make.js';
import { InstrumentTable, toInput } from '../model/instruments.js';
import { MillraceError, type ErrorCode } from '../model/reason.js';
import type { Micros } from '../model/time.js';
import type { EventBus } from '../sinks/bus/event-bus.js';
import { State } from '../state/state.js';
import { EventScheduler } from '../streams/event-scheduler.js';
import { Sequencer } from '../streams/sequencer.js';
import type { Source } from '../streams/source.js';
import type { CheckedTopology } from '../topology/checked.js';
import type { EngineStats } from '../topology/spec.js';
import { attachBrokers, attachOrders, attachSinks, closeBrokers } from './attach.js';
import { BadData } from './bad-data.js';
import { operatorContext } from './contexts.js';
import { ControlTurns, type ControlAnswer } from './control-turns.js';
import { Counters } from './counters.js';
import { Delivery } from './delivery.js';
import { EndOfTurn } from './end-of-turn.js';
import { Graph } from './graph.js';
import { Halts } from './halts.js';
import { installGuard } from './guard.js';
import { TurnTimes } from './histogram.js';
import { Latencies } from './latencies.js';
import type { Guardian } from './guardian.js';
import { nodeError } from './node-error.js';
import { Observers } from './observers.js';
import { makeSources, openBrokers } from './open.js';
import type { EngineOptions } from './options.js';
import { OrderManager } from './order-manager.js';
import { Outbox } from './outbox.js';
import type { ReconcileResult } from './reconcile/broker-reconciler.js';
import { Reconciler } from './reconcile/reconciler.js';
import { SinkHub } from './sink-hub.js';
import { turnStages } from './stages.js';
import { Stall } from './stall.js';
import { stateConfig } from './state-config.js';
import { collectStats } from './stats.js';
import { TurnDriver } from './turn.js';

/** The running whole: one sequencer, one State, one compiled graph, the outbox, and the listeners. */
export class Engine {
  readonly topology: CheckedTopology;
  readonly instruments: InstrumentTable;
  readonly state: State;
  readonly sequencer: Sequencer;
  readonly sinks: SinkHub;
  readonly outbox: Outbox;
  readonly brokers: Map<string, Broker> = new Map();
  readonly sources: Map<string, Source> = new Map();
  readonly bad: BadData;
  readonly times: TurnTimes = new TurnTimes();
  readonly latencies: Latencies = new Latencies();
  readonly counters: Counters = new Counters();
  readonly graph: Graph;
  readonly driver: TurnDriver;
  readonly options: EngineOptions;
  startedAt: Micros = 0;
  running = false;
  /** A journal is fed: its inputs and clock events are taken as recorded, and nothing leaves. */
  replaying: boolean;
  /** Told of every control event after it was folded. */
  onControl: (event: ControlEvent) => void = () => undefined;
  /** Position before the first turn of this process. */
  #firstSeq = 0;
  /** What stopped trading from outside. */
  readonly halts: Halts = new Halts(this);
  readonly controls: ControlTurns;
  #ended = false;
  /** Watches what happens and may post control events of its own; set by `run`. Not there in a verification. */
  guardian: Guardian | undefined;
  /** Orders placed and watched by a program. */
  readonly orders: OrderManager = new OrderManager(this);
  /** Told of every turn, while they watch. */
  readonly observers: Observers = new Observers();
  /** Where programs hear what happens; undefined: no program does. */
  bus: EventBus | undefined;
  /** Compares the books with real venues; not there in a verification. */
  readonly reconciler: Reconciler | undefined;
  readonly #scheduler = new EventScheduler();
  /** Live market events refused while the journal was stalled. */
  refused = 0;
  readonly #stall = new Stall(() => this.sinks.journal?.figures.pendingBytes ?? 0);
  readonly #subscriptions: Subscription[] = [];
  /** What brokers said before the start turn: connections, reports, balances; and halts of that time. */
  readonly early: InputEvent[] = [];
  readonly #endOfTurn = new EndOfTurn();
  readonly delivery: Delivery;
  #uninstall: () => void = () => undefined;

  constructor(topology: CheckedTopology, options: EngineOptions) {
    this.topology = topology;
    this.options = options;
    const known = (options.verify?.instruments ?? options.instruments ?? []).map(toInput);
    this.instruments = new InstrumentTable(
      options.verify === undefined ? [...known, ...topology.instruments] : known,
    );
    this.state = new State(stateConfig(options.whole ?? topology), this.instruments);
    if (options.opening !== undefined) this.state.load(options.opening);
    this.replaying = options.verify !== undefined || options.refeed !== undefined;
    this.controls = new ControlTurns(this.state.control);
    this.bad = new BadData(options.log);
    this.sinks = new SinkHub((sink, error) =>
      this.haltFromOutside('SINK_FAILED', `${sink}: ${error.message}`),
    );
    this.driver = new TurnDriver(
      this.state,
      this.#scheduler,
      turnStages(this, this.#endOfTurn),
      this.times,
      options.wall ?? ((): Micros => this.driver.at),
    );
    this.sequencer = new Sequencer({
      scheduler: this.#scheduler,
      turn: (event, at) => this.driver.turn(event, at),
      clock: (due) => this.driver.clock(due),
      clocks: this.replaying ? 'recorded' : 'derived',
      ...(options.wall === undefined ? {} : { wall: options.wall }),
    });
    this.outbox = new Outbox({
      session: options.info?.originalSession ?? options.session,
      life: options.info?.life ?? 1,
      state: this.state,
      record: (child, source) => this.driver.record(child, source),
      post: (event) => this.post(event),
      nextSub: () => this.driver.children.length + 1,
      commit: (done) => (this.sinks.journal === undefined ? done() : this.sinks.journal.commit(done)),
      at: () => this.sequencer.at,
      halt: (code, reason) => this.haltFromOutside(code, reason),
      tripped: () => this.guardian?.tripped(),
      detached: this.replaying,
    });
    this.graph = new Graph(topology, {
      instruments: this.instruments,
      record: (child, source) => this.driver.record(child, source),
      applyMarket: (event) => this.state.applyMarket(event),
      failed: (node, error) => this.driver.fail(nodeError(node, error)),
      context: (op, emit, inputs) =>
        operatorContext(this, this.#scheduler, this.#endOfTurn, op, emit, inputs),
    });
    if (options.verify === undefined) attachBrokers(this);
    if (options.verify === undefined && options.withoutSinks !== true) attachSinks(this);
    this.reconciler = options.verify === undefined ? new Reconciler(this) : undefined;
    this.sinks.muted = this.replaying;
    attachOrders(this);
    if (options.opening !== undefined) {
      const { seq, at } = options.opening;
      this.driver.continueAt(seq, at);
      this.sequencer.continueAt(at);
    }
    this.#firstSeq = this.driver.seq;
    this.delivery = new Delivery(this, this.#scheduler);
    this.graph.prepare();
    for (const [node, strategy] of this.graph.strategies) {
      const saved = options.strategies?.get(node);
      if (saved !== undefined) strategy.remember(saved);
      strategy.onDisable = (name, reason) => {
        if (!this.replaying)
          this.post(makeControl(this.sequencer.at, 'strategy_disable', 'engine', reason, name));
      };
    }
  }

  /** Opens brokers, then sinks, then makes sources. Nothing flows yet. */
  async open(): Promise<void> {
    this.#uninstall = installGuard();
    await openBrokers(this, this.#subscriptions);
    await this.sinks.open();
    makeSources(this);
  }

  /** The start turn: strategies are subscribed in it, at this engine time. */
  start(at: Micros, actor = 'engine', first: readonly InputEvent[] = []): void {
    this.startedAt = at;
    this.running = true;
    const event = makeControl(at, 'start', actor, '', '', this.options.session);
    this.post(receivedAt(event, at));
    for (const event of [...first, ...this.early.splice(0)]) this.post(receivedAt(event, at));
  }

  /** The journal is fed: from here on this engine runs. */
  goOn(): void {
    this.replaying = this.outbox.detached = this.sinks.muted = false;
    this.#firstSeq = this.driver.seq;
  }

  /**
   * In place of `start`, behind a journal that was fed: `recovering` is recorded before any deadline that passed
   * meanwhile fires, then comes what became of the requests of the former life, then what brokers said since.
   */
  resume(recovering: InputEvent, doubts: readonly InputEvent[], now: Micros): void {
    this.startedAt = now;
    this.running = true;
    this.sequencer.feed([recovering]);
    this.sequencer.deriveClocks();
    this.sequencer.advance(now);
    for (const event of [...doubts, ...this.early.splice(0)]) this.post(receivedAt(event, now));
  }

  get stalled(): boolean {
    return this.#stall.active;
  }

  /** A live market event; refused while the journal is stalled. */
  offer(event: InputEvent): void {
    if (this.#stall.active) this.refused++;
    else this.post(event);
  }

  /** An input. A full sequencer halts: nothing that carries orders may be dropped. */
  post(event: InputEvent): void {
    if (this.sequencer.post(event)) return;
    const refused = `${event.kind} of ${event.source} refused`;
    if (this.outbox.gate === undefined) this.haltFromOutside('SEQUENCER_FULL', refused);
  }

  feed(batch: readonly InputEvent[]): void {
    this.sequencer.feed(batch);
  }

  /** Something outside the events went wrong: the gate closes now, the halt becomes an input. */
  haltFromOutside(code: ErrorCode, reason: string, help = ''): void {
    this.halts.failure(code, reason, help);
  }

  /** A control event of an operator or protection. It is never refused: not even a full sequencer holds it back. */
  command(event: ControlEvent): void {
    if (this.#ended) this.controls.abandon('the engine has stopped');
    else if (!this.running) this.early.push(event);
    else if (!this.sequencer.post(event) && !this.sequencer.enqueue(event)) {
      this.haltFromOutside('SEQUENCER_FULL', `${event.action} of ${event.actor} refused`);
    }
  }

  /** The first thing that halted trading; undefined while all is well. */
  get halted(): MillraceError | undefined {
    return this.driver.halted ?? this.halts.first;
  }

  /** The stop turn: market data ends, strategies complete, open orders are cancelled if the topology says so. */
  stop(reason: string, actor = 'engine'): Promise<ControlAnswer> {
    const { at } = this.sequencer;
    const { openOrders } = this.topology.shutdown;
    const event = receivedAt(makeControl(at, 'stop', actor, reason, '', openOrders), at);
    const reduced = this.controls.expect(event);
    this.post(event);
    return reduced;
  }

  /** Requests at brokers without a definitive answer, and commands still waiting. */
  get unsettled(): number {
    let inFlight = 0;
    for (const order of this.state.orders.open()) if (order.inFlight !== undefined) inFlight++;
    return inFlight + this.outbox.waiting + this.state.queue.size;
  }

  /** Closes whatever is open, also after an `open` that failed; before the first turn it leaves nothing behind. */
  async close(): Promise<void> {
    this.running = false;
    this.#ended = true;
    try {
      for (const subscription of this.#subscriptions) subscription.unsubscribe();
      this.reconciler?.close();
      this.orders.close();
      this.graph.close();
      this.outbox.close();
      this.controls.abandon('the engine stopped before it was taken');
      await this.sinks.close(this.driver.seq === this.#firstSeq);
      await this.bus?.settle();
      await closeBrokers(this);
    } finally {
      this.#uninstall();
    }
  }

  stats(): EngineStats {
    return collectStats(this);
  }

  /** A required sink cannot keep its promise. */
  sinkFailed(sink: string, error: Error): void {
    const { code, help } =
      error instanceof MillraceError ? error : new MillraceError('SINK_FAILED', error.message);
    if (code === 'JOURNAL_FULL') this.#stall.begin();
    this.haltFromOutside(code, `${sink}: ${error.message}`, help);
    if (sink === this.sinks.journalName) this.guardian?.journalFailed(error.message);
  }

  /** Compares the books of brokers with their venues now; resolves to how each comparison ended. Never rejects. */
  async reconcile(brokers?: readonly string[]): Promise<readonly ReconcileResult[]> {
    return (await this.reconciler?.now(brokers)) ?? [];
  }

  brokerFailed(broker: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.haltFromOutside('TRADING_PROVIDER_ERROR', `${broker}: ${reason}`);
  }
}
