import type { AccountsConfig } from './portfolio.js';
import type { InstrumentInput } from '../model/instruments.js';
import type { Micros } from '../model/time.js';
import type { BrokerSpec, Delivery, Mode, OperatorSpec, SinkSpec, SourceSpec } from './spec.js';

/** A reference to an output: `risk` is `{ node: 'risk', port: '' }`, `risk.denied` is `{ node: 'risk', port: 'denied' }`. */
export interface PortRef {
  readonly node: string;
  readonly port: string;
}

export interface CheckedBroker {
  readonly name: string;
  readonly spec: BrokerSpec;
  /** Output of the spec's schema. */
  readonly config: never;
}

export interface CheckedSource {
  readonly name: string;
  readonly spec: SourceSpec;
  readonly config: never;
}

export interface CheckedOperator {
  readonly name: string;
  readonly spec: OperatorSpec;
  readonly config: never;
  readonly inputs: readonly PortRef[];
}

export interface CheckedSink {
  readonly name: string;
  readonly spec: SinkSpec;
  readonly config: never;
  /** `'*'`: every input and every child record. */
  readonly inputs: readonly PortRef[] | '*';
  readonly delivery: Delivery;
  readonly buffer: { readonly maxEvents: number; readonly whenFull: 'halt' | 'drop_oldest' | 'drop_newest' };
}

/** A topology without mistakes: what the engine runs. YAML and the builder both give exactly this. */
export interface CheckedTopology {
  readonly name: string;
  readonly mode: Mode;
  readonly seed: number;
  readonly description: string;
  readonly instruments: readonly InstrumentInput[];
  readonly portfolio: AccountsConfig;
  readonly brokers: readonly CheckedBroker[];
  readonly sources: readonly CheckedSource[];
  /** In topological order; ties in file order. */
  readonly operators: readonly CheckedOperator[];
  readonly sinks: readonly CheckedSink[];
  readonly shutdown: { readonly drain: Micros; readonly openOrders: 'leave' | 'cancel' };
  /** Folder relative paths start from. */
  readonly baseDir: string;
  /** Resolved configuration as YAML or JSON text, redacted. */
  readonly configurationText: string;
  /** sha256 of the canonical resolved configuration without secrets. */
  readonly configurationHash: string;
}
