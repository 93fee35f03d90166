import type { OperatorFunction } from 'rxjs';
import type { z } from 'zod';
import type { Broker } from '../brokers/broker.js';
import type { MarketEvent } from '../model/event.js';
import type { Event, EventKind } from '../model/record.js';
import type { InputEvent } from '../model/event.js';
import type { InstrumentTable } from '../model/instruments.js';
import type { Micros } from '../model/time.js';
import type { OperatorContext } from '../operators/context.js';
import type { StateView } from '../state/view.js';
import type { ReportBadData, Source } from '../streams/source.js';

/**
 * One component: its words in a topology, its schema, its ports, and how to make it. Parsing, linting, the JSON
 * schema, `list`, `describe`, `new` and the reference pages are all derived from this.
 */
export type Section = 'brokers' | 'sources' | 'operators' | 'sinks';
export type Mode = 'replay' | 'paper' | 'live';
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

/** Where a relative path of a topology starts, and what a component may know of its surroundings. */
export interface ComponentContext {
  readonly name: string;
  readonly mode: Mode;
  /** Folder of the topology file. */
  readonly baseDir: string;
  readonly instruments: InstrumentTable;
  readonly log: Log;
  /** Session id: part of client order ids and of file names. */
  readonly session: string;
  /** Seed from configuration for this component. */
  readonly seed: number;
  /** sha256 of the canonical resolved configuration without secrets. */
  readonly configurationHash?: string;
  /** Version of the build that runs. */
  readonly build?: string;
}

export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

// ---- brokers ----------------------------------------------------------------------------------------------------

/** What a simulated broker needs of the engine: engine time, deadlines of its own, and prices to fill against. */
export interface BrokerHost {
  at(): Micros;
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

export type Delivery = 'required' | 'best_effort';

/** A listener. `write` gets references and must not keep the loop waiting; a required sink halts trading if it cannot. */
export interface Sink {
  /** Called before the first event; resolves when it can take events. */
  open(): Promise<void>;
  /** One record. Required sinks: inside the turn, in order. Best-effort sinks: later, outside turns. */
  write(event: Event): void;
  /** Flushes and closes; resolves when everything is safe. */
  close(): Promise<void>;
}

/** The journal: takes whole turns, its atomic unit, and tells when a turn is safe to the configured durability. */
export interface JournalSink extends Sink {
  /** One turn: the input and its children, in order. Replaces `write`. */
  frame(input: Event, children: readonly Event[]): void;
  /** Calls `done` when everything framed so far is durable: at once if it already is. Never throws; `fail` instead. */
  commit(done: () => void): void;
  /** Notes the hash of State after the turn just framed, with the rolling digest so far. Every 1,000 positions. */
  checkpoint(stateHash: string): void;
  readonly figures: NonNullable<EngineStats['journal']>;
  /** Where the journal lies, for the summary. */
  readonly path: string;
  /** Rolling digest of every input and child so far. */
  readonly digest: string;
}

/** One strategy of a topology, as it is recorded for replay. */
export interface StrategyInfo {
  /** Node name. */
  readonly name: string;
  /** What it runs: a built-in name or a file. */
  readonly use: string;
  readonly version: string;
  /** Hash of its source, its imports, the lock file and wasm modules. */
  readonly sourceHash: string;
}

/** What a journal must know to say later whether a session can be replayed exactly. */
export interface SessionInfo {
  /** Session that client order ids derive from: this one, or the one it recovered. */
  readonly originalSession: string;
  /** Package version. */
  readonly build: string;
  readonly configurationHash: string;
  /** The resolved topology, secrets redacted. */
  readonly configuration: string;
  readonly strategies: readonly StrategyInfo[];
  /** Wall time. */
  readonly startedAt: Micros;
}

export interface SinkContext extends ComponentContext {
  readonly state: StateView;
  readonly engine: EngineProbe;
  /** For the journal's header. */
  readonly sessionInfo?: SessionInfo;
  /** A required sink calls this when it can no longer keep its promise. */
  fail(error: Error): void;
}

/** Live figures of the engine, read on scrape and for `status`. Plain fields, no cost in the loop. */
export interface EngineProbe {
  stats(): EngineStats;
}

export interface EngineStats {
  readonly mode: Mode;
  readonly name: string;
  readonly session: string;
  readonly startedAt: Micros;
  readonly wall: Micros;
  readonly at: Micros;
  readonly seq: number;
  readonly children: number;
  readonly running: boolean;
  readonly ready: boolean;
  readonly queueDepth: number;
  readonly queueCapacity: number;
  readonly queueDrops: number;
  readonly clockTurns: number;
  /** Counts of every record kind. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly denials: Readonly<Record<string, number>>;
  readonly sources: readonly {
    readonly name: string;
    readonly events: number;
    readonly bad: Readonly<Record<string, number>>;
    readonly lastAt: Micros;
    readonly lastWall: Micros;
    readonly connection: string;
  }[];
  readonly strategies: readonly {
    readonly name: string;
    readonly evaluations: number;
    readonly seconds: number;
    readonly errors: number;
    readonly enabled: boolean;
    readonly intents: number;
  }[];
  readonly sinks: readonly {
    readonly name: string;
    readonly delivery: Delivery;
    readonly written: number;
    readonly dropped: number;
    readonly depth: number;
    readonly errors: number;
  }[];
  /** Buckets are powers of two in nanoseconds: `counts[i]` turns took less than 2^i ns. */
  readonly turn: { readonly count: number; readonly seconds: number; readonly counts: readonly number[] };
  readonly outcomes: Readonly<Record<string, number>>;
  readonly ack: { readonly count: number; readonly seconds: number; readonly counts: readonly number[] };
  readonly fillLatency: {
    readonly count: number;
    readonly seconds: number;
    readonly counts: readonly number[];
  };
  readonly journal:
    | {
        readonly records: number;
        readonly bytes: number;
        readonly pendingBytes: number;
        readonly syncedSeq: number;
        readonly errors: number;
      }
    | undefined;
}

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
