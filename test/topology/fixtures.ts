import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NEVER } from 'rxjs';
import { z } from 'zod';
import { MARKET_KINDS } from '../../src/model/record.js';
import { executionsSpec } from '../../src/topology/components/sources/executions.js';
import { marketDataSpec } from '../../src/topology/components/sources/market_data.js';
import { ordersSpec } from '../../src/topology/components/sinks/orders.js';
import { decimal, duration, fraction, money, rate } from '../../src/topology/fields.js';
import { formatText } from '../../src/topology/diagnostic.js';
import { loadTopology, type LoadOptions, type LoadResult } from '../../src/topology/load.js';
import { Registry } from '../../src/topology/registry.js';
import {
  defineBroker,
  defineOperator,
  defineSink,
  defineSource,
  type ComponentSpec,
} from '../../src/topology/spec.js';

const sink = { open: () => Promise.resolve(), write: () => undefined, close: () => Promise.resolve() };
const notMade = (): never => {
  throw new Error('fixtures are checked, not run');
};

/** A small language with every feature that checking looks at, independent of the built-in components. */
export const fixtureSpecs: readonly ComponentSpec[] = [
  defineBroker({
    type: 'paper',
    summary: 'Simulated venue.',
    config: z.strictObject({
      prices: z.string().describe('Node to fill against.'),
      cash: z.record(z.string(), decimal()).default({}).describe('Start cash.'),
      latency: duration().prefault('40ms').describe('Delay of an order.'),
      fees: z
        .strictObject({
          maker: fraction().prefault('0 bps').describe('Maker fee.'),
          taker: fraction().prefault('0 bps').describe('Taker fee.'),
        })
        .prefault({})
        .describe('Fees.'),
    }),
    examples: [],
    reload: 'restart',
    simulated: true,
    reads: ({ prices }) => [prices],
    make: notMade,
  }),
  defineBroker({
    type: 'acme',
    summary: 'A real venue.',
    config: z.strictObject({
      host: z.string().describe('Host.'),
      port: z.int().min(1).max(65535).default(4002).describe('Port.'),
      secret: z.string().optional().describe('Secret.'),
      testnet: z.boolean().default(false).describe('Test network.'),
    }),
    examples: [],
    reload: 'restart',
    simulated: false,
    make: notMade,
  }),
  marketDataSpec,
  executionsSpec,
  defineSource({
    type: 'replay',
    summary: 'Recorded input.',
    config: z.strictObject({
      path: z.string().describe('File.'),
      emit: z.array(z.enum(MARKET_KINDS)).default(['trade', 'quote']).describe('Kinds.'),
    }),
    examples: ['{ path: data.csv }'],
    reload: 'restart',
    emits: MARKET_KINDS,
    emitsOf: ({ emit }) => emit,
    make: () => ({ type: 'push', events$: NEVER }),
  }),
  defineOperator({
    type: 'normalize',
    summary: 'Cleans market data.',
    config: z.strictObject({ stale_after: duration().optional().describe('When a quote is stale.') }),
    examples: [],
    reload: 'restart',
    accepts: MARKET_KINDS,
    emits: 'same',
    make: () => (source) => source,
  }),
  defineOperator({
    type: 'bars',
    summary: 'Builds bars.',
    description: 'Time bars from trades.',
    config: z.strictObject({
      every: duration().describe('Length of a bar.'),
      basis: z.enum(['trade', 'mid']).default('trade').describe('Price used.'),
    }),
    examples: ['{ every: 1m }'],
    reload: 'restart',
    accepts: ['trade', 'quote', 'bar'],
    emits: ['bar'],
    ports: { late: ['trade'] },
    make: () => (source) => source,
  }),
  defineOperator({
    type: 'strategy',
    summary: 'Runs a strategy.',
    config: z.strictObject({
      use: z.string().describe('Name or file.'),
      params: z.record(z.string(), z.unknown()).default({}).describe('Parameters.'),
    }),
    examples: [],
    reload: 'restart',
    accepts: [...MARKET_KINDS, 'execution', 'regime'],
    emits: ['intent'],
    make: () => (source) => source,
  }),
  defineOperator({
    type: 'risk',
    summary: 'Approves or denies.',
    config: z.strictObject({
      limits: z
        .strictObject({
          max_position: decimal().optional().describe('Position.'),
          max_order_value: money().optional().describe('Order value.'),
          collar: fraction().optional().describe('Collar.'),
        })
        .prefault({})
        .describe('Limits.'),
    }),
    examples: [],
    reload: 'restart',
    accepts: ['intent'],
    emits: ['approved'],
    ports: { denied: ['denied'] },
    make: () => (source) => source,
  }),
  defineOperator({
    type: 'throttle',
    summary: 'Paces orders.',
    config: z.strictObject({ orders: rate().optional().describe('Orders per time.') }),
    examples: [],
    reload: 'restart',
    accepts: ['approved'],
    emits: ['command'],
    make: () => (source) => source,
  }),
  defineOperator({
    type: 'backdoor',
    summary: 'A plugin that claims to make commands.',
    config: z.strictObject({}),
    examples: [],
    reload: 'restart',
    accepts: ['intent'],
    emits: ['command'],
    make: () => (source) => source,
  }),
  ordersSpec,
  defineSink({
    type: 'journal',
    summary: 'Writes everything down.',
    config: z.strictObject({
      path: z.string().describe('Folder.'),
      durability: z.enum(['fsync', 'os', 'none']).default('os').describe('Durability.'),
    }),
    examples: [],
    reload: 'restart',
    accepts: ['trade', 'quote', 'bar', 'intent', 'execution', 'denied'],
    delivery: 'required',
    make: () => sink,
  }),
  defineSink({
    type: 'audit',
    summary: 'Who did what.',
    config: z.strictObject({ path: z.string().describe('File.') }),
    examples: [],
    reload: 'hot',
    accepts: ['intent', 'approved', 'denied', 'execution', 'command', 'quote', 'trade'],
    delivery: 'best_effort',
    make: () => sink,
  }),
  defineSink({
    type: 'prometheus',
    summary: 'Metrics.',
    config: z.strictObject({ listen: z.string().default('127.0.0.1:9464').describe('Address.') }),
    examples: [],
    reload: 'hot',
    accepts: [],
    inputsOptional: true,
    delivery: 'best_effort',
    make: () => sink,
  }),
];

export const fixtureRegistry: Registry = new Registry().with(fixtureSpecs, 'fixtures');

export const GOOD: string = `version: 1
name: btc-ema
mode: paper

brokers:
  acme: { type: acme, host: 127.0.0.1 }
  sim:  { type: paper, prices: ticks, cash: { USDT: 100000 }, latency: 40ms }

sources:
  market: { type: market_data, broker: acme, instruments: [BTCUSDT], emit: [trade, quote] }
  fills:  { type: executions, broker: sim }

operators:
  ticks:
    type: normalize
    inputs: [market]
    stale_after: 5s
  bars:
    type: bars
    inputs: [ticks]
    every: 1m
  ema:    { type: strategy, use: ema-cross, inputs: [bars, fills], params: { fast: 12, slow: 26 } }
  risk:   { type: risk, inputs: [ema], limits: { max_position: 0.05 } }
  pace:   { type: throttle, inputs: [risk], orders: 5/s }

sinks:
  orders:  { type: orders, broker: sim, inputs: [pace] }
  journal: { type: journal, inputs: ["*"], path: ./journal }
  audit:   { type: audit, inputs: [ema, risk.denied, fills], path: ./audit.jsonl }
  metrics: { type: prometheus }
`;

export function folder(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

/** Loads `topology.yaml` (and more files) from a temporary folder with the fixture language. */
export async function load(
  text: string,
  options: LoadOptions = {},
  more: Readonly<Record<string, string>> = {},
  names: readonly string[] = ['topology.yaml'],
): Promise<LoadResult> {
  const dir = folder({ 'topology.yaml': text, ...more });
  return loadTopology(names, { cwd: dir, registry: fixtureRegistry, environment: {}, ...options });
}

/** What a user sees. */
export async function report(
  text: string,
  options: LoadOptions = {},
  more: Readonly<Record<string, string>> = {},
  names: readonly string[] = ['topology.yaml'],
): Promise<string> {
  const { diagnostics, texts } = await load(text, options, more, names);
  return formatText(diagnostics, texts);
}

/** The good topology with one replacement, which must apply. */
export function broken(from: string, to: string, text: string = GOOD): string {
  if (!text.includes(from)) throw new Error(`the fixture has no ${JSON.stringify(from)}`);
  return text.replace(from, () => to);
}
