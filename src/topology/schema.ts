import { z } from 'zod';
import type { Decimal } from '../model/decimal.js';
import type { Micros } from '../model/time.js';
import type { Mode } from './spec.js';
import { clockTime, instrumentSchema, timeZone, type WrittenInstrument } from './instrument-schema.js';
import { decimal, duration } from './fields.js';
import { controlSchema, type ControlSettings } from './control-schema.js';
import { safetySchema, type SafetySettings } from './safety-schema.js';
import { recoverySchema, type WrittenRecovery } from './recovery-schema.js';
import { reconcileSchema, type ReconcileConfig } from './reconcile-schema.js';

/** The top level of the language. Components are checked one by one with their own schemas. */

const TOPOLOGY_NAME: RegExp = /^[a-z][a-z0-9_-]*$/;
export const COMPONENT_NAME: RegExp = /^[a-z][a-z0-9_]*$/;

const accountSchema = z.strictObject({
  start_cash: z
    .record(z.string().min(1), decimal())
    .default({})
    .describe('Money at the start by currency, for example `{ USDT: 100000 }`. Without it the broker says.'),
  leverage: decimal()
    .optional()
    .describe('Buying power as a multiple of equity; default: that of `portfolio:`.'),
  balances: z
    .enum(['derived', 'broker'])
    .default('derived')
    .describe(
      'derived: cash follows fills, and what the broker says is compared with it. broker: its account reports set the cash.',
    ),
});

const portfolioSchema = z.strictObject({
  base_currency: z
    .string()
    .min(1)
    .default('USD')
    .describe('Currency in which equity, exposure and limits are counted.'),
  marks: z
    .enum(['last', 'mid', 'bid_ask', 'close'])
    .default('last')
    .describe(
      'Price positions are valued at: last trade, middle of the quote, the side they would close at, or the last bar’s close.',
    ),
  day_roll: z
    .strictObject({
      time: clockTime().default(0).describe('Time of day at which a new trading day starts.'),
      zone: timeZone().default('UTC').describe('Time zone of `time`.'),
    })
    .prefault({})
    .describe('When daily figures (loss limits, day-start equity) start again.'),
  leverage: decimal().prefault(1).describe('Buying power as a multiple of equity.'),
  rates: z
    .record(z.string().min(1), decimal())
    .default({})
    .describe('Fixed exchange rates: one unit of the currency in the base currency.'),
});

const shutdownSchema = z.strictObject({
  drain: duration()
    .prefault('20s')
    .describe('How long a stop waits for orders in flight and for required sinks.'),
  open_orders: z
    .enum(['leave', 'cancel'])
    .default('leave')
    .describe('What happens to open orders at the venue on stop.'),
});

/** Maps of components; each value is checked by its type's own schema. */
const components = (what: string): z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodUnknown>> =>
  z.record(z.string(), z.unknown()).optional().describe(what);

const schema = z.strictObject({
  version: z.literal(1).describe('Version of the language.'),
  name: z
    .string()
    .regex(TOPOLOGY_NAME)
    .meta({ expected: 'a name of lower-case letters, digits, - and _', examples: ['btc-ema'] })
    .describe('Name of the topology; part of session ids and file names.'),
  description: z.string().optional().describe('What it is for.'),
  mode: z
    .enum(['replay', 'paper', 'live'])
    .default('paper')
    .describe(
      'replay: recorded input only; paper: live input, simulated orders; live: real orders, which also needs `run --live`.',
    ),
  seed: z.int().min(0).default(1).describe('Seed of everything random, so that a run can be repeated.'),
  instruments: z
    .record(z.string().min(1), instrumentSchema)
    .default({})
    .describe('What can be traded, with the venue’s rules. Brokers may add to it.'),
  portfolio: portfolioSchema.prefault({}).describe('How money is counted.'),
  accounts: z
    .record(z.string().min(1), accountSchema)
    .default({})
    .describe('Accounts with money of their own at the start.'),
  brokers: components('Sessions with venues, shared by feeds and orders.'),
  sources: components('Where events come from.'),
  operators: components('What acts on the stream.'),
  sinks: components('Who listens; an `orders` sink sends to a broker.'),
  plugins: z
    .array(z.string().min(1))
    .default([])
    .describe('Modules with components of your own, relative to this file.'),
  shutdown: shutdownSchema.prefault({}).describe('How a run ends.'),
  reconcile: reconcileSchema
    .prefault({})
    .describe('How our books are compared with those of real brokers: when, and what follows.'),
  recovery: recoverySchema
    .prefault({})
    .describe('How a run goes on from what the run before left in the journal.'),
  safety: safetySchema.optional().describe('Arming, watchdog, and what stops trading by itself.'),
  control: controlSchema
    .optional()
    .describe('Where it is steered from; default: 127.0.0.1:9465 for live, and for paper with live input.'),
  state_dir: z
    .string()
    .min(1)
    .default('./data/state')
    .describe(
      'Folder of what must outlive the process beside the journal: latch, arming, locks, control tokens. Relative to this file.',
    ),
});

/** The head of a topology as its schema gives it: defaults filled in, units parsed. */
export interface TopologyHead {
  readonly name: string;
  readonly description?: string | undefined;
  readonly mode: Mode;
  readonly seed: number;
  readonly instruments: Readonly<Record<string, WrittenInstrument>>;
  readonly portfolio: {
    readonly base_currency: string;
    readonly marks: 'last' | 'mid' | 'bid_ask' | 'close';
    readonly day_roll: { readonly time: number; readonly zone: string };
    readonly leverage: Decimal;
    readonly rates: Readonly<Record<string, Decimal>>;
  };
  readonly accounts: Readonly<
    Record<
      string,
      {
        readonly start_cash: Readonly<Record<string, Decimal>>;
        readonly leverage?: Decimal | undefined;
        readonly balances: 'derived' | 'broker';
      }
    >
  >;
  readonly plugins: readonly string[];
  readonly shutdown: { readonly drain: Micros; readonly open_orders: 'leave' | 'cancel' };
  readonly reconcile: ReconcileConfig;
  readonly recovery: WrittenRecovery;
  readonly safety?: SafetySettings | undefined;
  readonly control?: ControlSettings | undefined;
  readonly state_dir: string;
}

export const topologySchema: z.ZodType<TopologyHead> = schema;
export const TOP_LEVEL_KEYS: readonly string[] = Object.keys(schema.shape);

const WHEN_FULL = ['halt', 'drop_oldest', 'drop_newest'] as const;

/** The reserved keys of components. */
const reserved = {
  type: z.string().min(1).describe('Which component.'),
  description: z.string().describe('Free text.'),
  inputs: z
    .array(z.string().min(1))
    .min(1)
    .meta({ expected: 'a list of names', examples: ['[ticks]', '[bars, fills]'] })
    .describe(
      'Names of the nodes it reads, in the order of delivery within a turn; `name.port` reads a named output.',
    ),
  delivery: z
    .enum(['required', 'best_effort'])
    .describe(
      'required: trading halts when it cannot write. best_effort: it may lose records, and can never slow an order.',
    ),
  buffer: z
    .strictObject({
      max_events: z.int().min(1).optional().describe('Events it may hold; default 10,000.'),
      when_full: z
        .enum(WHEN_FULL)
        .optional()
        .describe('halt stops trading; drop_oldest and drop_newest lose records and count them.'),
    })
    .describe('Queue in front of the sink.'),
};

export const reservedSchemas: Readonly<
  Record<'type' | 'description' | 'inputs' | 'delivery' | 'buffer', z.ZodType>
> = reserved;
