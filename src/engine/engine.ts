import type { Subscription } from 'rxjs';
import type { Broker } from '../brokers/broker.js';
import type { ControlEvent, InputEvent } from '../model/event.js';
import { makeControl, receivedAt } from '../model/make.js';
import { InstrumentTable, toInput } from '../model/instruments.js';
import { MillraceError, reasonText, type ErrorCode } from '../model/reason.js';
import type { Event } from '../model/record.js';
import { scopeText, type Scope } from '../model/scope.js';
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
import { componentContext, operatorContext } from './contexts.js';
import { ControlTurns, type ControlAnswer } from './control-turns.js';
import { Counters } from './counters.js';
import { Delivery } from './delivery.js';
import { EndOfTurn } from './end-of-turn.js';
import { Graph } from './graph.js';
import { installGuard } from './guard.js';
import { TurnTimes } from './histogram.js';
import { Latencies } from './latencies.js';
import type { Guardian } from './guardian.js';
import { nodeError } from './node-error.js';
import { Observers } from './observers.js';
import type { EngineOptions } from './options.js';
import { OrderManager } from './order-manager.js';
import { Outbox } from './outbox.js';
import type { ReconcileResult } from './reconcile/broker-reconciler.js';
import { Reconciler } from './reconcile/reconciler.js';
import { SinkHub } from './sink-hub.js';
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
  /** Halts and kills from outside whose turn has not come yet: the gate stays closed until then. */
  haltsUnderway = 0;
  /** Kills whose turn has not come yet. */
  readonly #kills = new Set<ControlEvent>();
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
  #stalled = false;
  #stalledAt = 0;
  #haltedOutside: MillraceError | undefined;
  readonly #subscriptions: Subscription[] = [];
  /** What brokers said before the start turn: connections, reports, balances; and halts of that time. */
  readonly #early: InputEvent[] = [];
  readonly #endOfTurn = new EndOfTurn();
  readonly #delivery: Delivery;
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
      {
        deliver: (event) => this.#delivery.deliver(event),
        settle: () => this.#endOfTurn.settle(this.graph, this.state.takeInFlightCleared()),
        frame: (input, children) => this.#frame(input, children),
        after: () => this.#after(),
        closeGate: (code, reason) => this.outbox.closeGate(code, reason),
      },
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
    this.#delivery = new Delivery(this, this.#scheduler);
    this.graph.prepare();
    for (const [node, strategy] of this.graph.strategies) {
      const saved = options.strategies?.get(node);
      if (saved !== undefined) strategy.remember(saved);
      strategy.onDisable = (name, reason) =>
        this.#postOwn(makeControl(this.sequencer.at, 'strategy_disable', 'engine', reason, name));
    }
  }

  /** Opens brokers, then sinks, then makes sources. Nothing flows yet. */
  async open(): Promise<void> {
    this.#uninstall = installGuard();
    for (const broker of this.brokers.values()) {
      await broker.open();
      for (const input of await broker.instruments())
        if (this.instruments.get(input.symbol) === undefined) this.instruments.add(input);
      this.outbox.attach(broker);
      // Reports reach State whether or not an executions source reads them.
      this.#subscriptions.push(
        broker.executions$.subscribe({
          next: (event) => (this.running ? this.post(event) : this.#early.push(event)),
          error: (error: unknown) => this.brokerFailed(broker.name, error),
        }),
        broker.connection$.subscribe({
          next: (event) => (this.running ? this.post(event) : this.#early.push(event)),
          error: (error: unknown) => this.brokerFailed(broker.name, error),
        }),
      );
    }
    for (const broker of this.brokers.values()) this.#early.push(await broker.accountState());
    await this.sinks.open();
    for (const source of this.topology.sources) {
      const made = source.spec.make(source.config, {
        ...componentContext(this, source.name),
        brokers: this.brokers,
        bad: this.bad.reporter(source.name),
      });
      if (source.spec.type !== 'executions') this.sources.set(source.name, made);
    }
  }

  /** The start turn: strategies are subscribed in it, at this engine time. */
  start(at: Micros, actor = 'engine', first: readonly InputEvent[] = []): void {
    this.startedAt = at;
    this.running = true;
    const event = makeControl(at, 'start', actor, '', '', this.options.session);
    this.post(receivedAt(event, at));
    for (const event of [...first, ...this.#early.splice(0)]) this.post(receivedAt(event, at));
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
    for (const event of [...doubts, ...this.#early.splice(0)]) this.post(receivedAt(event, now));
  }

  /**
   * True while the journal cannot write: recorded sources wait, live market data is refused and counted. Reports of
   * brokers and control go on, so that cancels and exits still work.
   */
  get stalled(): boolean {
    if (!this.#stalled) return false;
    const pending = this.sinks.journal?.figures.pendingBytes ?? 0;
    if (pending < this.#stalledAt / 4) this.#stalled = false;
    return this.#stalled;
  }

  /** A live market event; refused while the journal is stalled. */
  offer(event: InputEvent): void {
    if (this.#stalled && this.stalled) this.refused++;
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
    this.outbox.closeGate(code, reason);
    this.#haltedOutside ??= new MillraceError(code, reason, help);
    this.options.log.error(reasonText(code, { reason }));
    this.haltsUnderway++;
    const halt = makeControl(this.sequencer.at, 'halt', 'engine', reasonText(code, { reason }));
    if (!this.running) this.#early.push(halt);
    else if (!this.sequencer.post(halt)) this.sequencer.enqueue(halt);
  }

  /**
   * A kill: the gate of its scope closes now, before anything else; then the event is recorded. `retry` says that the
   * latch is known and orders are cancelled once more.
   */
  kill(scope: Scope, actor: string, reason: string, value: '' | 'retry' = ''): ControlEvent {
    this.outbox.closeScope(scope, reason);
    const event = makeControl(this.sequencer.at, 'kill', actor, reason, scopeText(scope), value);
    this.#kills.add(event);
    this.haltsUnderway++;
    return event;
  }

  /** A control event of an operator or protection. It is never refused: not even a full sequencer holds it back. */
  command(event: ControlEvent): void {
    if (this.#ended) this.controls.abandon('the engine has stopped');
    else if (!this.running) this.#early.push(event);
    else if (!this.sequencer.post(event) && !this.sequencer.enqueue(event)) {
      this.haltFromOutside('SEQUENCER_FULL', `${event.action} of ${event.actor} refused`);
    }
  }

  /** A halt that is no failure of the engine: the gate closes now, then it is recorded. */
  haltFor(actor: string, reason: string): void {
    this.outbox.closeGate('TRADING_HALTED', reason);
    this.haltsUnderway++;
    this.command(makeControl(this.sequencer.at, 'halt', actor, reason));
  }

  /** The turn of a kill is here. */
  killTaken(event: ControlEvent): void {
    if (this.#kills.delete(event)) this.haltsUnderway = Math.max(0, this.haltsUnderway - 1);
  }

  /** A kill of this scope is on its way. */
  killUnderway(scope: Scope): boolean {
    const text = scopeText(scope);
    return [...this.#kills].some(({ target }) => target === text);
  }

  /** The first thing that halted trading, inside a turn or outside; undefined while all is well. */
  get halted(): MillraceError | undefined {
    return this.driver.halted ?? this.#haltedOutside;
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

  #frame(input: InputEvent, children: readonly Event[]): void {
    this.counters.frame(input, children);
    if (this.replaying) {
      (this.options.verify?.onFrame ?? this.options.refeed)?.(input, children);
      return;
    }
    this.sinks.frame(input, children);
    if (this.guardian !== undefined) this.guardian.saw(input, children);
    this.observers.saw(input, children);
    if (input.kind === 'control') this.controls.end(input, children);
    if (input.kind === 'connection') this.reconciler?.saw(input);
    this.orders.saw(input, children);
  }

  #after(): void {
    this.outbox.flush();
    this.orders.turn();
    this.observers.turn();
    if (this.guardian !== undefined) this.guardian.turn();
    // Behind everything that leaves: no order waits for it, and State is still that of this turn.
    if (!this.replaying && this.driver.seq % 1000 === 0) this.sinks.journal?.checkpoint(this.state.hash());
  }

  /** A required sink cannot keep its promise. */
  sinkFailed(sink: string, error: Error): void {
    const { code, help } =
      error instanceof MillraceError ? error : new MillraceError('SINK_FAILED', error.message);
    if (code === 'JOURNAL_FULL') {
      this.#stalled = true;
      this.#stalledAt = this.sinks.journal?.figures.pendingBytes ?? 0;
    }
    this.haltFromOutside(code, `${sink}: ${error.message}`, help);
    if (sink === this.sinks.journalName) this.guardian?.journalFailed(error.message);
  }

  /** Compares the books of brokers with their venues now; resolves to how each comparison ended. Never rejects. */
  async reconcile(brokers?: readonly string[]): Promise<readonly ReconcileResult[]> {
    return (await this.reconciler?.now(brokers)) ?? [];
  }

  /** An input the engine itself makes; in a verification it comes from the journal. */
  #postOwn(event: InputEvent): void {
    if (!this.replaying) this.post(event);
  }

  brokerFailed(broker: string, error: unknown): void {
    this.haltFromOutside(
      'TRADING_PROVIDER_ERROR',
      `${broker}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
