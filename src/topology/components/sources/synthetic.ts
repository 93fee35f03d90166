import { z } from 'zod';
import { syntheticMarket } from '../../../streams/synthetic/market.js';
import type { Shock, SyntheticInstrument } from '../../../streams/synthetic/walk.js';
import type { PullSource } from '../../../streams/source.js';
import { MillraceError } from '../../../model/reason.js';
import { MICROS_PER_HOUR, MICROS_PER_SECOND } from '../../../model/time.js';
import { instant } from '../../csv-fields.js';
import { duration, fraction, rate } from '../../fields.js';
import { pace } from '../../pace.js';
import { defineSource, type SourceContext, type SourceSpec } from '../../spec.js';

const instrument = z.strictObject({
  price: z.number().positive().describe('Price at the start.'),
  volatility: fraction().prefault('2%').describe('Standard deviation of a day’s return.'),
  drift: fraction().prefault('0%').describe('Mean return of a day.'),
  tick: z.number().positive().optional().describe('Price step; default: the instrument’s.'),
  lot: z.number().positive().optional().describe('Size step; default: the instrument’s.'),
  size: z
    .number()
    .positive()
    .optional()
    .describe('Typical size of a trade; default: 10 lots, or 10000 of money for crypto.'),
  spread: z.int().positive().default(1).describe('Spread in ticks while the market is calm.'),
});

const shock = z.strictObject({
  at: duration().describe('When, since the start.'),
  over: duration().prefault('30s').describe('How long the move takes.'),
  move: fraction().describe('How far, for example -5%.'),
  instrument: z.string().optional().describe('Left out: all.'),
});

const gap = z.strictObject({
  at: duration().describe('When, since the start.'),
  for: duration().describe('How long nothing comes.'),
});

const config = z
  .strictObject({
    instruments: z.record(z.string(), instrument).describe('What each instrument is like.'),
    events: z.int().positive().optional().describe('Ends after so many events.'),
    duration: duration().optional().describe('Ends after so much event time.'),
    rate: rate().prefault('20/s').describe('Events per event time, all instruments together.'),
    start: instant().prefault('2025-01-06T00:00:00Z').describe('Event time of the start.'),
    seed: z.int().optional().describe('Another seed, another market; default: from the topology.'),
    emit: z
      .array(z.enum(['trade', 'quote', 'book']))
      .min(1)
      .default(['trade', 'quote'])
      .describe('Kinds of events.'),
    depth: z.int().min(1).max(1_000).default(10).describe('Levels a side of book snapshots.'),
    regime: duration().prefault('30m').describe('Mean length of a calm, trending or wild time.'),
    shocks: z
      .union([z.int().min(0), z.array(shock)])
      .default(0)
      .describe('Sudden moves: a number drawn from the seed, or a list.'),
    gaps: z
      .union([z.int().min(0), z.array(gap)])
      .default(0)
      .describe('Times without data: a number drawn from the seed, or a list.'),
    pace: pace().prefault('max').describe('max, realtime, or a multiple like 10x.'),
  })
  .refine((c) => Object.keys(c.instruments).length > 0, {
    path: ['instruments'],
    message: 'needs at least one instrument',
  });
type Config = z.output<typeof config>;

/** A market made of a seed, for trying things out without data or network. */
export const syntheticSpec: SourceSpec = defineSource({
  type: 'synthetic',
  summary: 'Makes up a market from a seed: trends, calm and wild times, shocks and gaps.',
  description: [
    'The same configuration and seed give the same events on every machine. Prices are a random walk with trending,',
    'calm and wild times, pulled back to a slowly drifting anchor; trades hit the quote before them.',
    'Without `events` and `duration` it goes on for ever.',
  ].join('\n'),
  config,
  examples: [
    'instruments:\n  BTCUSDT: { price: 60000, volatility: 3%, tick: 0.1 }\n  ETHUSDT: { price: 2600, volatility: 4%, tick: 0.01 }\nduration: 8h\nrate: 20/s\nshocks: 3',
    'instruments: { SPY: { price: 440, volatility: 1% } }\nevents: 100000\nshocks: [{ at: 1h, move: -5%, over: 1m }]\ngaps: [{ at: 2h, for: 10m }]',
  ],
  reload: 'restart',
  emits: ['trade', 'quote', 'book'],
  emitsOf: (c) => c.emit,
  make,
});

function make(options: Config, context: SourceContext): PullSource {
  const names = Object.keys(options.instruments);
  const instruments = names.map((name) => toInstrument(name, options, context));
  const { shocks, gaps } = options;
  return syntheticMarket({
    source: context.name,
    seed: options.seed ?? context.seed,
    instruments,
    events: options.events ?? Infinity,
    duration: options.duration ?? Infinity,
    rate: (options.rate.count * MICROS_PER_SECOND) / options.rate.per,
    start: options.start,
    pace: options.pace,
    emit: options.emit,
    depth: options.depth,
    regime: Math.min(options.regime, 24 * 365 * MICROS_PER_HOUR),
    shocks: typeof shocks === 'number' ? shocks : shocks.map((s) => toShock(s, names)),
    gaps: typeof gaps === 'number' ? gaps : gaps.map((g) => ({ at: g.at, length: g.for })),
  });
}

function toInstrument(name: string, options: Config, context: SourceContext): SyntheticInstrument {
  const known = context.instruments.get(name);
  const made = options.instruments[name];
  if (known === undefined || made === undefined)
    throw unknown(name, 'is not among the topology’s instruments');
  const lot = made.lot ?? known.lotSize.toNumber();
  const crypto = known.assetClass === 'crypto_spot' || known.assetClass === 'crypto_perp';
  return {
    symbol: known.symbol,
    ix: known.ix,
    price: made.price,
    volatility: made.volatility.toNumber(),
    drift: made.drift.toNumber(),
    tick: made.tick ?? known.tickSize.toNumber(),
    lot,
    size: made.size ?? (crypto ? 10_000 / made.price : 10 * lot),
    spread: made.spread,
  };
}

function toShock(s: z.output<typeof shock>, names: readonly string[]): Shock {
  const target = s.instrument === undefined ? -1 : names.indexOf(s.instrument);
  if (s.instrument !== undefined && target < 0)
    throw unknown(s.instrument, 'has a shock but is not listed in instruments');
  return { at: s.at, over: Math.max(1, s.over), move: s.move.toNumber(), target };
}

function unknown(name: string, why: string): MillraceError {
  return new MillraceError(
    'INVALID_CONFIGURATION',
    `synthetic instrument ${name} ${why}`,
    'name it in both places',
  );
}
