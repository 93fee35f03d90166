import { z } from 'zod';
import type { RegimeEvent } from '../../model/child-event.js';
import type { Log } from '../../model/component.js';
import { MillraceError } from '../../model/reason.js';
import type { StrategyDefinition } from '../../operators/strategy/definition.js';
import { EventBus } from '../../sinks/bus/event-bus.js';
import { builtInStrategy } from '../../strategies/load.js';
import { builtins } from '../../topology/builtins.js';
import type { CheckedTopology } from '../../topology/checked.js';
import { topologyJsonSchema } from '../../topology/json-schema.js';
import type { EngineStats } from '../../topology/spec.js';
import type { ControlAnswer } from '../control-turns.js';
import type { Engine } from '../engine.js';
import { monotonicMs } from '../guard.js';
import type { FlattenAnswer } from '../kill/flattener.js';
import type { By, Operations } from '../operations.js';
import type { Trade } from '../order-manager.js';
import type { RunSummary } from '../summary.js';
import { ActiveRun } from './active-run.js';
import type { EngineCallbacks, EngineProblem } from './callbacks.js';
import { Configuration, type ConfigurationOptions, type TopologyInput } from './configuration.js';
import { dashboardOf, type Dashboard } from './dashboard.js';
import type { SystemHealth } from './health.js';
import { Listeners } from './listeners.js';
import type { LiveEngineOptions, Orders } from './options.js';
import { notRunning } from './run-errors.js';
import { statusOf, type EngineStatus } from './status.js';

/**
 * A trading engine for programs: what `millrace run` does, with functions in place of verbs. One object may run several
 * times, one after the other; what listens with `on…` and on the {@link EventBus} hears every run.
 *
 * What asks or steers a running engine throws NOT_RUNNING while it does not run.
 */
export class LiveEngine {
  /** Topics of every engine, and of `bus` sinks. Subscribers are isolated and bounded, and emptied at a stop. */
  readonly bus: EventBus;
  readonly #options: LiveEngineOptions;
  readonly #log: Log | undefined;
  #configuration: Configuration | undefined;
  #run: ActiveRun | undefined;
  #summary: RunSummary | undefined;
  #lastDashboard: Dashboard | undefined;
  #dashboardAt = 0;
  readonly #trades = new Listeners<Trade>((error) => this.#listenerThrew(error));
  readonly #regimes = new Listeners<RegimeEvent>((error) => this.#listenerThrew(error));
  readonly #dashboards = new Listeners<Dashboard>((error) => this.#listenerThrew(error));
  readonly #errors = new Listeners<EngineProblem>((error) =>
    this.#log?.warn(`a listener of errors threw: ${String(error)}`),
  );

  constructor(topology: TopologyInput | undefined, options: LiveEngineOptions = {}) {
    this.#options = options;
    this.#log = options.log;
    this.bus = new EventBus((name, error) =>
      this.#log?.warn(`${name} of the bus threw: ${String(error)}; further errors are only counted`),
    );
    if (topology !== undefined) this.#configuration = new Configuration(topology, options);
  }

  // ---- setting up -------------------------------------------------------------------------------------------------

  /** Takes a topology: checked, in the making, or as YAML or JSON text. Rejects with every mistake in it. */
  async initialize(topology: TopologyInput, options: ConfigurationOptions = {}): Promise<void> {
    this.#notWhileRunning();
    const configuration = new Configuration(topology, { ...this.#options, ...options });
    await configuration.checked();
    this.#configuration = configuration;
  }
  /** Every strategy node runs this one. */
  loadStrategy(strategy: StrategyDefinition): void {
    this.#settings().useStrategy(strategy);
  }
  /** A path, relative to `baseDir`, or the name of a built-in strategy. It is loaded when the engine runs. */
  loadStrategyFromFile(path: string): void {
    this.#settings().useStrategy(path);
  }
  /** Source of a TypeScript or JavaScript strategy. Throws STRATEGY_INIT_FAILED for WebAssembly. */
  loadStrategyFromBytes(bytes: Uint8Array): void {
    this.#settings().useStrategyBytes(bytes);
  }
  /** JSON or YAML text, or an object. Checked against the strategy's schema when the engine runs. */
  setStrategyConfig(parameters: string | Readonly<Record<string, unknown>>): void {
    this.#settings().strategyParameters(parameters);
  }
  /** The one source of market data becomes a component of this type, with these options. */
  setMarketDataProvider(type: string, config: Readonly<Record<string, unknown>> = {}): void {
    this.#settings().marketDataProvider(type, config);
  }
  /** The one broker that takes orders becomes a component of this type, with these options. */
  setTradingProvider(type: string, config: Readonly<Record<string, unknown>> = {}): void {
    this.#settings().tradingProvider(type, config);
  }
  /** Journal and records go below this folder. */
  setDataOutputPath(path: string): void {
    this.#settings().dataFolder(path);
  }
  /** JSON Schema of a topology. */
  configSchema(): Readonly<Record<string, unknown>> {
    return topologyJsonSchema(this.#options.registry ?? builtins());
  }
  /** JSON Schema of the parameters of a strategy. */
  strategyConfigSchema(strategy: StrategyDefinition | string): Readonly<Record<string, unknown>> {
    const { params } = typeof strategy === 'string' ? builtIn(strategy) : strategy;
    return z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' });
  }

  // ---- running ----------------------------------------------------------------------------------------------------

  /**
   * Runs until the input ends, {@link stop} is called or `signal` is aborted. Rejects with a MillraceError: with
   * CONTEXT_CANCELLED after an abort, which drains like a stop; see {@link EngineCallbacks} for callbacks that throw.
   */
  async run(
    callbacks: EngineCallbacks = {},
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<RunSummary> {
    this.#notWhileRunning();
    return await this.#begin(callbacks, signal).finished;
  }

  /** Starts in the background; resolves when the first turn was taken. Started already: the same run. */
  async start(callbacks: EngineCallbacks = {}): Promise<void> {
    const run = this.#run ?? this.#begin(callbacks, undefined);
    await Promise.race([run.started, run.finished]);
    if (this.#run !== run) await run.finished;
  }

  /** Ends the run in order and resolves to its summary, or that of the last run; rejects with what it failed with. */
  async stop(): Promise<RunSummary | undefined> {
    const run = this.#run;
    if (run === undefined) return this.#summary;
    run.stop();
    return run.finished;
  }

  isRunning(): boolean {
    return this.#run?.engine?.running === true;
  }

  // ---- looking ----------------------------------------------------------------------------------------------------

  status(): EngineStatus {
    return statusOf(this.#engine(), this.#run?.regime.name ?? '');
  }
  stats(): EngineStats {
    return this.#engine().stats();
  }
  /** As of now; while it does not run, as it was last. */
  dashboard(): Dashboard {
    const run = this.#run;
    if (run?.engine === undefined) {
      if (this.#lastDashboard !== undefined) return this.#lastDashboard;
      throw notRunning();
    }
    const { engine, tally, health, regime } = run;
    return dashboardOf(engine, tally, health.read(tally), regime);
  }
  /** The dashboard as compact JSON. */
  dashboardJson(): string {
    return JSON.stringify(this.dashboard());
  }
  systemHealth(): SystemHealth {
    const run = this.#running();
    return run.health.read(run.tally);
  }
  /** Submit, cancel, modify, look up. */
  get orders(): Orders {
    return this.#engine().orders;
  }
  /** Everything an operator can do: arm, pause, kill, release, limits, strategies. */
  get operations(): Operations {
    const { operations } = this.#running();
    if (operations === undefined) throw notRunning();
    return operations;
  }

  // ---- steering ---------------------------------------------------------------------------------------------------

  enableTrading(by: By): Promise<ControlAnswer> {
    return this.operations.resume(by);
  }
  /** No new orders; open orders stay, cancels and exits pass. */
  disableTrading(by: By): Promise<ControlAnswer> {
    return this.operations.pause(by);
  }
  /** Works while trading is disabled. */
  closeAllPositions(by: By): Promise<FlattenAnswer> {
    return this.operations.flatten(by);
  }

  // ---- hearing ----------------------------------------------------------------------------------------------------

  /** Every fill, partial ones included. Returns what ends it; so do the others. */
  onTrade(listener: (trade: Trade) => unknown): () => void {
    return this.#trades.add(listener);
  }
  onRegimeChange(listener: (change: RegimeEvent) => unknown): () => void {
    return this.#regimes.add(listener);
  }
  onError(listener: (problem: EngineProblem) => unknown): () => void {
    return this.#errors.add(listener);
  }
  /** At most every `dashboardEveryMs`, while something changes. */
  onDashboardUpdate(listener: (dashboard: Dashboard) => unknown): () => void {
    return this.#dashboards.add(listener);
  }

  #begin(callbacks: EngineCallbacks, signal: AbortSignal | undefined): ActiveRun {
    const { log, live, session, resume, forMs } = this.#options;
    const { onDashboardUpdate, onTrade, onRegimeChange, onError } = callbacks;
    const ends = onDashboardUpdate === undefined ? [] : [this.onDashboardUpdate(onDashboardUpdate)];
    if (onTrade !== undefined) ends.push(this.onTrade(onTrade));
    if (onRegimeChange !== undefined) ends.push(this.onRegimeChange(onRegimeChange));
    if (onError !== undefined) ends.push(this.onError(onError));
    const run = new ActiveRun(() => this.#checked(), {
      callbacks: {
        ...callbacks,
        onTrade: (trade) => this.#trades.tell(trade),
        onRegimeChange: (change) => this.#regimes.tell(change),
        onError: (problem) => this.#errors.tell(problem),
      },
      bus: this.bus,
      signal,
      refresh: (one) => this.#refresh(one),
      options: {
        ...(log === undefined ? {} : { log }),
        ...(live === undefined ? {} : { live }),
        ...(session === undefined ? {} : { session }),
        ...(resume === undefined ? {} : { resume }),
        ...(forMs === undefined ? {} : { forMs }),
      },
    });
    this.#run = run;
    const over = (): void => {
      this.#refresh(run, true);
      this.#run = undefined;
      for (const end of ends) end();
    };
    run.finished.then((summary) => (this.#summary = summary)).catch(() => undefined);
    run.finished.then(over, over);
    return run;
  }

  /** Made when it is wanted, and once at the end of a run. */
  #refresh(run: ActiveRun, last = false): void {
    if (run.engine === undefined) return;
    const now = monotonicMs();
    const due = now - this.#dashboardAt >= (this.#options.dashboardEveryMs ?? 250);
    if (!last && (!due || !this.#dashboards.used)) return;
    this.#dashboardAt = now;
    run.changed = false;
    this.#dashboards.tell((this.#lastDashboard = this.dashboard()));
  }

  async #checked(): Promise<CheckedTopology> {
    return this.#settings(false).checked();
  }

  #settings(changes = true): Configuration {
    if (changes) this.#notWhileRunning();
    if (this.#configuration !== undefined) return this.#configuration;
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      'the engine has no topology yet',
      'call initialize(topology), or give it to createEngine',
    );
  }

  #notWhileRunning(): void {
    if (this.#run === undefined) return;
    throw new MillraceError('INVALID_CONFIGURATION', 'the engine runs', 'stop it first');
  }

  #listenerThrew(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#run?.tell({ code: 'CALLBACK_FAILED', message });
  }

  #running(): ActiveRun {
    if (this.#run === undefined) throw notRunning();
    return this.#run;
  }

  #engine(): Engine {
    const { engine } = this.#running();
    if (engine === undefined) throw notRunning();
    return engine;
  }
}

function builtIn(name: string): StrategyDefinition {
  const found = builtInStrategy(name);
  if (found !== undefined) return found.definition;
  throw new MillraceError(
    'STRATEGY_INIT_FAILED',
    `there is no built-in strategy "${name}"`,
    '`millrace list` names them; give the definition of your own',
  );
}
