import type { ConnectionEvent } from '../../model/event.js';
import { MillraceError } from '../../model/reason.js';
import { errorText } from '../../operators/strategy/error-text.js';
import type { EventBus } from '../../sinks/bus/event-bus.js';
import type { CheckedTopology } from '../../topology/checked.js';
import type { Engine } from '../engine.js';
import { monotonicMs } from '../guard.js';
import type { Operations } from '../operations.js';
import { journalFolder } from '../recover/past.js';
import { run } from '../run.js';
import type { RunOptions } from '../run-options.js';
import type { RunSummary } from '../summary.js';
import {
  DATA_CATEGORIES,
  type DataCategory,
  type EngineCallbacks,
  type EngineProblem,
  type EngineRunStatus,
  type ProviderStatus,
} from './callbacks.js';
import { noteCategories } from './categories.js';
import { HealthProbe } from './health.js';
import { guarded } from './listeners.js';
import { providerStatus } from './provider-status.js';
import { asError, callbackError, cancelled, errorOf, isAborted, ready } from './run-errors.js';
import { intervalsOf } from './setup.js';
import { Tally } from './tally.js';
import { Teller, type Told } from './teller.js';

const STATS_MS = 1_000;

export interface RunHooks {
  /** What callers of this run want; every member is called between turns. */
  readonly callbacks: EngineCallbacks;
  readonly bus: EventBus;
  readonly options: RunOptions;
  /** Cancels the run: it ends with CONTEXT_CANCELLED. */
  readonly signal: AbortSignal | undefined;
  /** A dashboard is due, if anybody wants one. */
  readonly refresh: (run: ActiveRun) => void;
}

/** One run of a {@link LiveEngine}: carries what happens to those who want to hear of it. */
export class ActiveRun {
  readonly tally: Tally = new Tally();
  readonly health: HealthProbe = new HealthProbe();
  /** Rejects with what ended it, if that is an error. */
  readonly finished: Promise<RunSummary>;
  /** The first turn was taken, or the run is over. */
  readonly started: Promise<void>;
  engine: Engine | undefined;
  operations: Operations | undefined;
  regime: { readonly name: string; readonly confidence: number } = { name: '', confidence: 0 };
  /** What callbacks threw. */
  callbackErrors = 0;
  changed = false;
  readonly #hooks: RunHooks;
  readonly #abort = new AbortController();
  #begun: () => void = () => undefined;
  #failure: MillraceError | undefined;
  #status: EngineRunStatus | undefined;
  #providers = '';
  readonly #categories = new Set<DataCategory>();
  #sequence = 0;
  #statsAt = 0;

  constructor(topology: () => Promise<CheckedTopology>, hooks: RunHooks) {
    this.#hooks = hooks;
    this.started = new Promise((resolve) => {
      this.#begun = resolve;
    });
    this.finished = this.#run(topology);
    // Who does not wait for it is told by onEngineStop.
    this.finished.catch(() => undefined).finally(() => this.#begun());
  }

  /** Ends it in order. */
  stop(): void {
    this.#abort.abort();
  }

  tell(problem: Pick<EngineProblem, 'code' | 'message'>): void {
    const at = this.engine?.sequencer.at ?? 0;
    const seq = this.engine?.driver.seq ?? 0;
    this.#problem({ ...problem, source: 'engine', orderKey: '', seq, at });
  }

  async #run(topology: () => Promise<CheckedTopology>): Promise<RunSummary> {
    const { signal, callbacks } = this.#hooks;
    const cancel = (): void => this.stop();
    let failure: MillraceError | undefined;
    let summary: RunSummary | undefined;
    signal?.addEventListener('abort', cancel);
    try {
      if (isAborted(signal)) throw cancelled();
      summary = await this.#go(await ready(topology));
      failure = this.#failure ?? errorOf(summary);
      if (failure === undefined && isAborted(signal)) failure = cancelled();
    } catch (error) {
      failure = asError(error);
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.health.stop();
    }
    this.#toldStats();
    this.#toldData(true);
    this.#toldStatus('stopped');
    await this.#waited(() => callbacks.onEngineStop?.(failure));
    if (summary === undefined || failure !== undefined)
      throw failure ?? new MillraceError('INVARIANT', 'a run ended without a summary');
    return summary;
  }

  #go(topology: CheckedTopology): Promise<RunSummary> {
    const { options } = this.#hooks;
    this.health.start();
    return run(topology, {
      ...options,
      signal: this.#abort.signal,
      onOperations: (operations, safety) => {
        this.operations = operations;
        options.onOperations?.(operations, safety);
      },
      onOpen: (engine) => this.#opened(engine),
      onProgress: (engine) => {
        options.onProgress?.(engine);
        this.#tick();
      },
    });
  }

  async #opened(engine: Engine): Promise<void> {
    const { callbacks, bus } = this.#hooks;
    this.engine = engine;
    engine.bus = bus;
    this.tally.begin(engine.state);
    engine.observers.add(new Teller(engine, this.tally, bus, this.#told(engine)));
    try {
      await callbacks.onEngineStart?.({
        session: engine.options.session,
        symbols: engine.instruments.all.map(({ symbol }) => symbol),
        intervals: intervalsOf(engine.topology),
        previousDataPath: engine.options.opening === undefined ? '' : (journalFolder(engine.topology) ?? ''),
      });
    } catch (error) {
      throw callbackError('onEngineStart', error);
    }
  }

  #told(engine: Engine): Told {
    const { callbacks } = this.#hooks;
    const { session } = engine.options;
    const wanted = callbacks.onMarketData;
    return {
      market:
        wanted === undefined ? undefined : (event) => this.#market(engine, () => wanted(session, event)),
      placed: (order) => this.#call(() => callbacks.onOrderPlaced?.(order)),
      filled: (order) => this.#call(() => callbacks.onOrderFilled?.(order)),
      trade: (trade) => this.#call(() => callbacks.onTrade?.(trade)),
      regime: (change) => {
        this.regime = { name: change.regime, confidence: change.confidence };
        this.#call(() => callbacks.onRegimeChange?.(change));
      },
      problem: (problem) => this.#problem(problem),
      strategyProblem: (data, problem) => this.#call(() => callbacks.onStrategyError?.(data, problem)),
      orderChanged: () => this.#call(() => callbacks.onOrderChanged?.()),
      account: (account) => this.#call(() => callbacks.onBalanceChanged?.(account)),
      assets: () => this.#assets(),
      connection: (event) => this.#connection(event),
      control: ({ action }) => {
        if (action === 'start' || action === 'recovering') this.#firstTurn();
        if (action === 'stop') this.#toldStatus('stopping');
      },
      changed: (input, children) => {
        this.changed = true;
        noteCategories(this.#categories, input, children);
      },
    };
  }

  /** The first throw of `onMarketData` ends the run: the gate closes now, the halt is recorded. */
  #market(engine: Engine, call: () => unknown): void {
    if (this.#failure !== undefined) return;
    guarded(call, (error) => {
      if (this.#failure !== undefined) return;
      const failure = callbackError('onMarketData', error);
      this.#failure = failure;
      engine.haltFromOutside(failure.code, failure.message);
      this.#abort.abort();
    });
  }

  #assets(): void {
    const { callbacks } = this.#hooks;
    this.#call(() => callbacks.onAssetsChanged?.());
    this.#call(() => callbacks.onBuyingPowerChanged?.());
  }

  #firstTurn(): void {
    this.#begun();
    this.#toldStatus('running');
    this.#toldProviders();
  }

  /** Bars of the past are fetched: `source/SYMBOL` tells how far it is. */
  #connection({ name, state, reason }: ConnectionEvent): void {
    this.#toldProviders();
    const [source = '', symbol] = name.split('/');
    if (symbol === undefined || this.engine?.sources.has(source) !== true) return;
    const percent = /(\d+) %$/.exec(reason)?.[1];
    if (state === 'ready') this.#toldStatus('running');
    if (percent === undefined) return;
    this.#toldStatus(state === 'connecting' ? 'prefetching' : 'gap_filling');
    this.#call(() => this.#hooks.callbacks.onPrefetchProgress?.(symbol, Number(percent), 100, reason));
  }

  #tick(): void {
    if (monotonicMs() - this.#statsAt >= STATS_MS && this.changed) this.#toldStats();
    if (this.#categories.size > 0) this.#toldData(false);
    this.#toldProviders();
    if (this.changed) this.#hooks.refresh(this);
  }

  #toldStats(): void {
    const { engine } = this;
    const { onStatsUpdate } = this.#hooks.callbacks;
    this.#statsAt = monotonicMs();
    if (engine === undefined || onStatsUpdate === undefined) return;
    this.#categories.add('stats');
    this.#call(() => onStatsUpdate(engine.stats()));
  }

  #toldData(finalized: boolean): void {
    const { onLiveDataChanged } = this.#hooks.callbacks;
    const session = this.engine?.options.session ?? '';
    const categories = finalized
      ? DATA_CATEGORIES
      : DATA_CATEGORIES.filter((one) => this.#categories.has(one));
    this.#categories.clear();
    if (onLiveDataChanged === undefined) return;
    const sequence = ++this.#sequence;
    this.#call(() => onLiveDataChanged({ session, categories, finalized, sequence }));
  }

  #toldStatus(status: EngineRunStatus): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#call(() => this.#hooks.callbacks.onStatusUpdate?.(status));
  }

  #toldProviders(): void {
    const { engine } = this;
    const { onProviderStatusChange } = this.#hooks.callbacks;
    if (engine === undefined || onProviderStatusChange === undefined) return;
    const status: ProviderStatus = providerStatus(engine);
    const text = `${status.marketData} ${status.trading}`;
    if (text === this.#providers) return;
    this.#providers = text;
    this.#call(() => onProviderStatusChange(status));
  }

  #problem(problem: EngineProblem): void {
    this.tally.alert(`${problem.code}: ${problem.message}`);
    guarded(
      () => this.#hooks.callbacks.onError?.(problem),
      () => this.callbackErrors++,
    );
  }

  #call(call: () => unknown): void {
    guarded(call, (error) => this.#threw(error));
  }

  #threw(error: unknown): void {
    this.callbackErrors++;
    this.tell({ code: 'CALLBACK_FAILED', message: errorText(error) });
  }

  async #waited(call: () => unknown): Promise<void> {
    try {
      await call();
    } catch (error) {
      this.#threw(error);
    }
  }
}
