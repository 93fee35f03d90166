import type { Decimal } from '../model/decimal.js';
import type { InstrumentInput } from '../model/instruments.js';
import type { EventKind } from '../model/record.js';
import type { Micros } from '../model/time.js';
import type { LoadedStrategy } from '../strategies/load.js';
import type { Place } from './place.js';
import type { ControlSettings } from './control-schema.js';
import type { RecoverySettings } from './recovery-schema.js';
import type { ReconcileSettings } from './reconcile-schema.js';
import type { SafetySettings } from './safety-schema.js';
import type { BrokerSpec, Delivery, Mode, OperatorSpec, SinkSpec, SourceSpec } from './spec.js';

/** What money is counted in, and how. */
export interface PortfolioSettings {
  readonly baseCurrency: string;
  /** Price positions are marked at. */
  readonly marks: 'last' | 'mid' | 'bid_ask' | 'close';
  /** Start of the trading day: minutes after midnight in an IANA zone. */
  readonly dayRoll: { readonly time: number; readonly zone: string };
  /** Fixed exchange rates: one unit of the currency in base currency. */
  readonly rates: Readonly<Record<string, Decimal>>;
  readonly accounts: readonly AccountSettings[];
}

export interface AccountSettings {
  readonly name: string;
  /** By currency. Empty: the broker says. */
  readonly startCash: Readonly<Record<string, Decimal>>;
  readonly leverage: Decimal;
  /** `derived`: cash follows fills; `broker`: account events of the broker set it. */
  readonly balances: 'derived' | 'broker';
}

/** One input: the node read, its output (`''` is the unnamed one), and the kinds on it that the reader accepts. */
export interface Edge {
  readonly node: string;
  readonly port: string;
  readonly kinds: readonly EventKind[];
}

interface CheckedComponent {
  readonly name: string;
  /** Output of the spec's schema: pass it to `spec.make`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Free text of the user; empty when there is none. */
  readonly description: string;
  /** Where the name stands, for messages at run time. */
  readonly place: Place;
}

export interface CheckedBroker extends CheckedComponent {
  readonly spec: BrokerSpec;
  /** Outputs whose market events it fills against. */
  readonly reads: readonly Edge[];
}

export interface CheckedSource extends CheckedComponent {
  readonly spec: SourceSpec;
  /** Kinds this configuration emits. */
  readonly emits: readonly EventKind[];
  /** Broker whose session it uses; empty: none. */
  readonly broker: string;
}

export interface CheckedOperator extends CheckedComponent {
  readonly spec: OperatorSpec;
  readonly inputs: readonly Edge[];
  /** Kinds of the unnamed output (`'same'` resolved). */
  readonly emits: readonly EventKind[];
  /** Longest way from a source: 1 reads sources only. */
  readonly rank: number;
}

export type WhenFull = 'halt' | 'drop_oldest' | 'drop_newest';

export interface CheckedSink extends CheckedComponent {
  readonly spec: SinkSpec;
  readonly inputs: readonly Edge[];
  /** Reads every input and every child record (`inputs: ["*"]`). */
  readonly everything: boolean;
  readonly delivery: Delivery;
  readonly buffer: { readonly maxEvents: number; readonly whenFull: WhenFull };
  /** Broker it sends to; empty: none. */
  readonly broker: string;
}

/** A topology without mistakes: what the engine runs. YAML and the builder both give exactly this. */
export interface CheckedTopology {
  readonly name: string;
  readonly mode: Mode;
  readonly seed: number;
  readonly description: string;
  readonly instruments: readonly InstrumentInput[];
  readonly portfolio: PortfolioSettings;
  readonly brokers: readonly CheckedBroker[];
  readonly sources: readonly CheckedSource[];
  /** In topological order; ties in file order. */
  readonly operators: readonly CheckedOperator[];
  readonly sinks: readonly CheckedSink[];
  readonly shutdown: { readonly drain: Micros; readonly openOrders: 'leave' | 'cancel' };
  /** How books are compared with real brokers. */
  readonly reconcile: ReconcileSettings;
  readonly recovery: RecoverySettings;
  /** What stops trading by itself; absent: arming and watchdog as by default, no protection. */
  readonly safety?: SafetySettings;
  /** Where it is steered from; absent: the default for its mode. */
  readonly control?: ControlSettings;
  /** Folder of latch, arming, locks and control tokens, as written: relative to `baseDir`. */
  readonly stateDir: string;
  /** Strategies whose code is loaded or was given in code, by what `use:` says. Built-in ones may be left out. */
  readonly strategies?: ReadonlyMap<string, LoadedStrategy>;
  /** Plugin modules, as written. */
  readonly plugins: readonly string[];
  /** Folder relative paths start from: that of the first file. */
  readonly baseDir: string;
  /** Resolved configuration with defaults as YAML text, secrets as `***`. */
  readonly configurationText: string;
  /** sha256 of the canonical resolved configuration without secrets. */
  readonly configurationHash: string;
}
