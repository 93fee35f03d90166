import { Subscription } from 'rxjs';
import type { z } from 'zod';
import type { Intent } from '../../model/intent.js';
import { makeIntent, makeLog } from '../../model/make.js';
import { reasonText } from '../../model/reason.js';
import type { Event } from '../../model/record.js';
import { Into } from '../../streams/edge.js';
import type { OperatorContext } from '../context.js';
import { buildContext } from './build-context.js';
import type { StrategyContext } from './context.js';
import type { StrategyDefinition, StrategyOutput } from './definition.js';
import { errorText } from './error-text.js';
import type { StrategyHandle, StrategyStats } from './handle.js';
import { StrategyInputs } from './inputs.js';
import type { StrategyOptions } from './options.js';
import { copied, paramsText, type Memory, type SavedStrategy } from './persist.js';

/** A scheduler that counts the deadlines of its node. */
interface Timed {
  readonly owner: { readonly pending: number };
}

/** One running strategy: subscribes its stream, checks what it emits, counts and isolates its errors. */
export class Runner implements StrategyHandle {
  readonly stats: StrategyStats;
  onDisable: (name: string, reason: string) => void;
  readonly inputs: StrategyInputs;
  readonly #context: OperatorContext;
  readonly #options: StrategyOptions;
  readonly #definition: StrategyDefinition;
  #params: z.output<z.ZodObject>;
  readonly #strategyContext: StrategyContext;
  #emit: (event: Event) => void = () => undefined;
  /** A throw of what comes after us: not the strategy's error. */
  #escaped: { readonly error: unknown } | undefined;
  #subscription: Subscription = new Subscription();
  #started = false;
  /** Event being handled. */
  current: Event | undefined;
  /** By instrument, only with a warm-up: bars seen and start of the last one. */
  readonly #barsSeen: number[] = [];
  readonly #barStart: number[] = [];
  #drawn = 0;
  #memory: Memory<unknown> | undefined;
  /** To be given back in the first run. */
  #saved: SavedStrategy | undefined;
  #stopped: { readonly snapshot: SavedStrategy | undefined } | undefined;
  restored = false;

  constructor(
    definition: StrategyDefinition,
    params: unknown,
    options: StrategyOptions,
    context: OperatorContext,
  ) {
    this.#definition = definition;
    this.#params = params as z.output<z.ZodObject>;
    this.stats = {
      name: context.name,
      definition: definition.name,
      version: definition.version,
      evaluations: 0,
      errors: 0,
      intents: 0,
      muted: 0,
      enabled: true,
    };
    this.onDisable = options.onDisable ?? (() => undefined);
    this.#context = context;
    this.#options = options;
    const tellsOrders = context.inputs.some((input) => input.kinds.includes('order'));
    this.inputs = new StrategyInputs(context.name, context.state.orders, !tellsOrders);
    this.#strategyContext = buildContext(context, options, this);
  }

  get warming(): boolean {
    return (this.#options.warmUp ?? 0) > 0;
  }

  /** Subscribes the strategy; it must happen inside a start turn. */
  start(emit: (event: Event) => void): void {
    this.#emit = emit;
    this.#started = true;
    this.#subscribe();
  }

  stop(): void {
    this.#stopped = { snapshot: this.#lastWords() };
    this.inputs.complete();
    this.release();
  }

  release(): void {
    this.#started = false;
    this.#subscription.unsubscribe();
  }

  countBar(ix: number, start: number): void {
    if (this.#barStart[ix] === start) return;
    this.#barStart[ix] = start;
    this.#barsSeen[ix] = (this.#barsSeen[ix] ?? 0) + 1;
  }

  /** Counts an error of the strategy; an error of what comes after it is thrown on. */
  fail(error: unknown): void {
    const { stats } = this;
    if (this.#escaped !== undefined && this.#escaped.error === error) throw error;
    if (!stats.enabled) return;
    stats.errors++;
    this.#context.record(
      makeLog(
        'error',
        'STRATEGY_FAILED',
        reasonText('STRATEGY_FAILED', { strategy: stats.name, count: stats.errors, error: errorText(error) }),
      ),
    );
    if (stats.errors >= (this.#options.maxErrors ?? 5) || this.#options.onError === 'disable') {
      this.disable(reasonText('STRATEGY_DISABLED', { strategy: stats.name, errors: stats.errors }));
    }
  }

  disable(reason: string): void {
    if (!this.stats.enabled) return;
    this.stats.enabled = false;
    this.#subscription.unsubscribe();
    this.#context.record(makeLog('error', 'STRATEGY_DISABLED', reason));
    this.onDisable(this.stats.name, reason);
  }

  enable(): void {
    if (this.stats.enabled) return;
    this.stats.enabled = true;
    this.stats.errors = 0;
    if (this.#started) this.#subscribe();
  }

  random(): number {
    this.#drawn++;
    return this.#context.random();
  }

  remember(saved: SavedStrategy): void {
    const { definition, version } = this.stats;
    const same = saved.definition === definition && saved.version === version;
    if (same && saved.params === paramsText(this.#params)) this.#saved = saved;
    this.restored = this.#saved !== undefined;
  }

  persist(memory: Memory<unknown>): void {
    this.#memory = memory;
    const saved = this.#saved;
    if (saved === undefined) return;
    this.#saved = undefined;
    this.restored = false;
    memory.restore(copied(saved.value, this.stats.name));
    this.restored = true;
    this.#barsSeen.splice(0, Infinity, ...saved.barsSeen);
    this.#barStart.splice(0, Infinity, ...saved.barStart);
    for (; this.#drawn < saved.drawn; this.#drawn++) this.#context.random();
  }

  snapshot(): SavedStrategy | undefined {
    if (this.#stopped !== undefined) return this.#stopped.snapshot;
    const pending = (this.#context.scheduler as Partial<Timed>).owner?.pending ?? 0;
    if (this.#memory === undefined || !this.#started || !this.stats.enabled || pending > 0) return undefined;
    const { name, definition, version } = this.stats;
    return {
      definition,
      version,
      params: paramsText(this.#params),
      seq: this.#context.state.seq,
      at: this.#context.at(),
      drawn: this.#drawn,
      barsSeen: [...this.#barsSeen],
      barStart: [...this.#barStart],
      value: copied(this.#memory.snapshot(), name),
    };
  }

  /** What it keeps at its stop; a snapshot that fails is an error of the strategy. */
  #lastWords(): SavedStrategy | undefined {
    try {
      return this.snapshot();
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  reconfigure(params: unknown): void {
    this.#params = this.#definition.params.parse(params);
    this.#barsSeen.length = 0;
    this.#barStart.length = 0;
    if (!this.#started || !this.stats.enabled) return;
    this.#subscription.unsubscribe();
    this.stats.errors = 0;
    this.#subscribe();
  }

  /** Runs until subscribing neither throws nor fails at once; each failure counts, so this ends. */
  #subscribe(): void {
    let again = true;
    while (again && this.stats.enabled && this.#started) {
      let failedInside = false;
      let subscribing = true;
      const failed = (error: unknown): void => {
        this.fail(error);
        if (subscribing) failedInside = true;
        else this.#subscribe();
      };
      this.#memory = undefined;
      const into = new Into<StrategyOutput>((output) => this.#take(output), failed);
      this.#subscription = into;
      try {
        this.#definition.run(this.#strategyContext, this.#params).subscribe(into);
      } catch (error) {
        into.unsubscribe();
        failed(error);
      }
      subscribing = false;
      this.#saved = undefined;
      again = failedInside;
    }
  }

  #take(output: StrategyOutput): void {
    if (Array.isArray(output)) for (const intent of output as readonly Intent[]) this.#intent(intent);
    else this.#intent(output as Intent);
  }

  #intent(intent: Intent): void {
    const { stats } = this;
    if (
      typeof intent !== 'object' ||
      intent === null ||
      typeof intent.orderKey !== 'string' ||
      typeof intent.action !== 'string'
    ) {
      this.fail(
        new TypeError(
          'the strategy emitted something that is not an intent; emit what place.market(...) and its like return',
        ),
      );
      return;
    }
    if (intent.strategy !== stats.name) {
      this.fail(
        new TypeError(
          `intent ${intent.orderKey} names strategy "${intent.strategy}"; make intents with this strategy's own place`,
        ),
      );
      return;
    }
    const warm =
      intent.action === 'cancel' || (this.#barsSeen[intent.ix] ?? 0) >= (this.#options.warmUp ?? 0);
    if (!warm || !stats.enabled || !this.#context.state.control.strategyEnabled(stats.name)) {
      stats.muted++;
      return;
    }
    stats.intents++;
    try {
      this.#emit(makeIntent(intent));
    } catch (error) {
      this.#escaped = { error };
      throw error;
    }
  }
}
