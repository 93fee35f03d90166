import type { OperatorFunction } from 'rxjs';
import type { z } from 'zod';
import type { Broker } from '../brokers/broker.js';
import type { MarketEvent } from '../model/event.js';
import type { Event, EventKind } from '../model/record.js';
import type { InputEvent } from '../model/event.js';
import type { ComponentContext, Log, Mode } from '../model/component.js';
import type { Micros } from '../model/time.js';
import type { OperatorContext } from '../operators/context.js';
import type { StateView } from '../state/view.js';
import type {
  Delivery,
  EngineStats,
  JournalSink,
  SessionInfo,
  Sink,
  SinkContext,
  StrategyInfo,
} from '../sinks/sink.js';
import type { ReportBadData, Source } from '../streams/source.js';

export type {
  ComponentContext,
  Delivery,
  EngineStats,
  JournalSink,
  Log,
  Mode,
  SessionInfo,
  Sink,
  SinkContext,
  StrategyInfo,
};

/**
 * One component: its words in a topology, its schema, its ports, and how to make it. Parsing, linting, the JSON
 * schema, `list`, `describe`, `new` and the reference pages are all derived from this.
 */
export type Section = 'brokers' | 'sources' | 'operators' | 'sinks';
export type ReloadClass = 'hot' | 'restart';

interface SpecBase<C extends z.ZodObject> {
  readonly type: string;
  /** One sentence, for `list`. */
  readonly summary: string;
  /** A paragraph or two of Markdown, for `describe` and the reference. */
  readonly description?: string;
  /** Options beside the reserved keys (`type`, `inputs`, `delivery`, `buffer`, `description`). */
  readonly config: C;
  /** YAML fragments of options, checked by a test. */
  readonly examples: readonly string[];
  readonly reload: ReloadClass;
}

// ---- brokers ----------------------------------------------------------------------------------------------------

/** What a simulated broker needs of the engine: engine time, deadlines of its own, and prices to fill against. */
export interface BrokerHost {
  at(): Micros;
  /** Wall clock, for venues: signatures, time-outs, ages. Never inside a turn. */
  wall(): Micros;
  /** Delivers an input as a turn of its own: after this turn (`at` <= now) or when engine time reaches `at`. */
  postAt(at: Micros, event: InputEvent): void;
  /** Runs `fn` when engine time reaches `at`, between turns; what it posts with `at` <= now follows at once. */
  runAt(at: Micros, fn: () => void): void;
  /** Subscribes to a node's market events, inside their turn. `node` is the name in the topology. */
  onMarket(node: string, fn: (event: MarketEvent) => void): void;
  readonly state: StateView;
}

export interface BrokerContext extends ComponentContext {
  readonly host: BrokerHost;
}

export interface BrokerSpec<C extends z.ZodObject = z.ZodObject> extends SpecBase<C> {
  readonly section: 'brokers';
  /** Simulated brokers may be used in paper and replay. */
  readonly simulated: boolean;
  /** Options only live trading may know, credentials above all: in other modes they are never looked up. */
  readonly liveOnly?: readonly string[];
  make(config: z.output<C>, context: BrokerContext): Broker;
  /** Names of nodes whose events it reads (`prices: ticks`): drawn and checked as edges. */
  reads?(config: z.output<C>): readonly string[];
}

// ---- sources ----------------------------------------------------------------------------------------------------

export interface SourceContext extends ComponentContext {
  readonly brokers: ReadonlyMap<string, Broker>;
  readonly bad: ReportBadData;
}

export interface SourceSpec<C extends z.ZodObject = z.ZodObject> extends SpecBase<C> {
  readonly section: 'sources';
  /** Kinds it can emit; with `emitsOf` the kinds one configuration emits. */
  readonly emits: readonly EventKind[];
  emitsOf?(config: z.output<C>): readonly EventKind[];
  /** True: `make` gives a push source, so engine time is the wall clock. */
  readonly pushed?: boolean;
  /** Name of the broker it uses, if any. */
  broker?(config: z.output<C>): string;
  make(config: z.output<C>, context: SourceContext): Source;
}

// ---- operators --------------------------------------------------------------------------------------------------

export interface OperatorSpec<C extends z.ZodObject = z.ZodObject> extends SpecBase<C> {
  readonly section: 'operators';
  readonly accepts: readonly EventKind[];
  /** Kinds of the unnamed output. `'same'`: what comes in goes out. */
  readonly emits: readonly EventKind[] | 'same';
  /** Named outputs and their kinds. */
  readonly ports?: Readonly<Record<string, readonly EventKind[]>>;
  /** Restricts the node to some instruments, so that other events cost it nothing. */
  instruments?(config: z.output<C>): readonly string[] | undefined;
  make(config: z.output<C>, context: OperatorContext & ComponentContext): OperatorFunction<Event, Event>;
}

// ---- sinks ------------------------------------------------------------------------------------------------------

export interface SinkSpec<C extends z.ZodObject = z.ZodObject> extends SpecBase<C> {
  readonly section: 'sinks';
  readonly accepts: readonly EventKind[];
  /** True: `inputs` may be left out (the sink reads the engine, or everything). */
  readonly inputsOptional?: boolean;
  readonly delivery: Delivery;
  make(config: z.output<C>, context: SinkContext): Sink;
}

export type ComponentSpec = BrokerSpec | SourceSpec | OperatorSpec | SinkSpec;

/** Keeps the types of one spec while it is written; the registry forgets them. */
export function defineBroker<C extends z.ZodObject>(spec: Omit<BrokerSpec<C>, 'section'>): BrokerSpec<C> {
  return { section: 'brokers', ...spec };
}
export function defineSource<C extends z.ZodObject>(spec: Omit<SourceSpec<C>, 'section'>): SourceSpec<C> {
  return { section: 'sources', ...spec };
}
export function defineOperator<C extends z.ZodObject>(
  spec: Omit<OperatorSpec<C>, 'section'>,
): OperatorSpec<C> {
  return { section: 'operators', ...spec };
}
export function defineSink<C extends z.ZodObject>(spec: Omit<SinkSpec<C>, 'section'>): SinkSpec<C> {
  return { section: 'sinks', ...spec };
}
