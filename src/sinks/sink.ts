import type { ComponentContext, Mode } from '../model/component.js';
import type { Event } from '../model/record.js';
import type { Micros } from '../model/time.js';
import type { StateView } from '../state/view.js';
import type { FrameEncoder } from './journal/codec/frame-encoder.js';

export type Delivery = 'required' | 'best_effort';

/** A listener. `write` gets references and must not keep the loop waiting; a required sink halts trading if it cannot. */
export interface Sink {
  /** Called before the first event; resolves when it can take events. */
  open(): Promise<void>;
  /** One record. Required sinks: inside the turn, in order. Best-effort sinks: later, outside turns. */
  write(event: Event): void;
  /** Flushes and closes; resolves when everything is safe. */
  close(): Promise<void>;
  /** Called in place of `close` when the session ended before its first record: removes what `open` made for it. */
  discard?(): Promise<void>;
}

/**
 * A listener that reads State too. It is written inside the turn whatever its delivery, with State as that turn leaves
 * it, so that its figures are those of the turn at any pace. When it is best-effort, a throw is counted and halts nothing.
 */
export interface TurnSink extends Sink {
  /** Engine time from which a sample is due. */
  readonly sampleAt: Micros;
  /** Called at the end of the first turn at or after `sampleAt`; moves `sampleAt` on. */
  sample(): void;
}

/** The journal: takes whole turns, its atomic unit, and tells when a turn is safe to the configured durability. */
export interface JournalSink extends Sink {
  /** One turn: the input and its children, in order. Replaces `write`. */
  frame(input: Event, children: readonly Event[]): void;
  /** Calls `done` when everything framed so far is durable: at once if it already is. Never throws; `fail` instead. */
  commit(done: () => void): void;
  /** Notes the hash of State after the turn just framed, with the rolling digest so far. Every 1,000 positions. */
  checkpoint(stateHash: string): void;
  /** Before `open`: goes on behind what an earlier process wrote. */
  resume?(position: JournalPosition): void;
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
  /** Folder that relative paths of the configuration start from. */
  readonly baseDir: string;
  /** Wall time. */
  readonly startedAt: Micros;
  /** Name of the topology. */
  readonly topology: string;
  /** Which process of the session it is, from 1. A session that took over another's State goes on counting. */
  readonly life: number;
  /** Hash of the State the session began with; empty: with none. */
  readonly opening: string;
}

/** Where a journal goes on: behind its last whole turn. */
export interface JournalPosition {
  /** Last segment there is; 0: none. */
  readonly segment: number;
  /** Last turn there is. */
  readonly seq: number;
  readonly at: Micros;
  /** Encoder that has seen every frame so far; undefined: a new session, whose digest begins here. */
  readonly encoder: FrameEncoder | undefined;
}

export interface SinkContext extends ComponentContext {
  readonly state: StateView;
  readonly engine: EngineProbe;
  /** For the journal's header. */
  readonly sessionInfo?: SessionInfo;
  /** Tells programs that listen on the bus of the engine. */
  publish?(topic: string, event: Event): void;
  /** A sink calls this when it can no longer keep its promise: halts trading when it is required, else warns. */
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
    /** Wall time of the newest event; 0 where inputs bring their own time and age is `at - lastAt`. */
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
  /** Protections, by name: how much of the limit is used, and how often each fired. */
  readonly protections?: readonly { readonly name: string; readonly used: number; readonly fired: number }[];
  /** Live accounts, and whether they are armed. */
  readonly armed?: Readonly<Record<string, boolean>>;
  /** Scopes that are killed. */
  readonly latched?: readonly string[];
  /** What broker sessions tell of themselves. */
  readonly brokers: readonly {
    readonly name: string;
    readonly figures: readonly {
      readonly name: string;
      readonly type: 'counter' | 'gauge';
      readonly help: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly value: number;
    }[];
  }[];
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
