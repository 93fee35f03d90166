import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import type { Broker } from '../../../brokers/broker.js';
import type { Instrument } from '../../../model/instrument.js';
import { MillraceError } from '../../../model/reason.js';
import { MARKET_KINDS } from '../../../model/record.js';
import { MICROS_PER_DAY, MICROS_PER_MS, type Micros } from '../../../model/time.js';
import { parseInstant, zone } from '../../../model/zone.js';
import { BarStore } from '../../../streams/prefetch/bar-store.js';
import { fillBars } from '../../../streams/prefetch/fill-bars.js';
import type { Source } from '../../../streams/source.js';
import { duration } from '../../fields.js';
import { defineSource, type SourceContext, type SourceSpec } from '../../spec.js';

/** Taken at load time: inside a turn the global one is guarded. */
const wallMs: () => number = Date.now.bind(Date);
const wall = (): Micros => wallMs() * MICROS_PER_MS;

const prefetch = z
  .strictObject({
    days: z
      .number()
      .positive()
      .max(3_650)
      .optional()
      .describe('Begin so many days before the start of the run.'),
    date: z
      .string()
      .refine((text) => parseInstant(text, zone('UTC')) !== undefined, 'write a date such as 2026-11-01')
      .optional()
      .describe('Begin at this date or time (UTC unless it says otherwise).'),
    store: z
      .string()
      .min(1)
      .optional()
      .describe('Folder that keeps bars, so that a later run fetches only newer ones. Default: none.'),
  })
  .refine(({ days, date }) => (days === undefined) !== (date === undefined), 'give either days or date')
  .describe('Bars of the past that come before the live ones, for warm-up.');

const config = z.strictObject({
  broker: z.string().min(1).describe('Name of the broker whose session carries the feed.'),
  instruments: z.array(z.string().min(1)).min(1).describe('Symbols to subscribe to.'),
  emit: z
    .array(z.enum(MARKET_KINDS))
    .min(1)
    .default(['trade', 'quote'])
    .describe('Kinds of events to subscribe to.'),
  every: duration().prefault('1m').describe('Length of bars, where bars are asked for.'),
  prefetch: prefetch.optional(),
});
type Config = z.output<typeof config>;

/** Live market data of a broker session. */
export const marketDataSpec: SourceSpec = defineSource({
  type: 'market_data',
  summary: 'Live market data of a broker session.',
  description: [
    'Subscribes to instruments over the session of a broker. Several sources may share one session. Reconnection,',
    'resubscription and resynchronisation belong to the broker; what was missed shows as `gap` events.',
    '',
    'Bars come in order and each once: bars that were missed are fetched from the broker’s history before the next one',
    'passes, and with `prefetch` bars of the past come first. Progress and failures are `connection` events named',
    '`SOURCE/SYMBOL`; what cannot be fetched is declared as `gap` and live bars go on.',
  ].join('\n'),
  config,
  examples: [
    '{ broker: binance, instruments: [BTCUSDT], emit: [trade, quote] }',
    'broker: binance\ninstruments: [BTCUSDT]\nemit: [bar]\nevery: 5m\nprefetch: { days: 3, store: ./data/bars }',
  ],
  reload: 'restart',
  emits: [...MARKET_KINDS, 'connection', 'gap'],
  pushed: true,
  emitsOf: ({ emit }) => (emit.includes('bar') ? [...emit, 'connection', 'gap'] : [...emit, 'gap']),
  broker: ({ broker }) => broker,
  make,
});

function make({ broker, instruments, emit, every, prefetch: past }: Config, context: SourceContext): Source {
  const { name, brokers } = context;
  const session = brokers.get(broker);
  if (session === undefined)
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `source "${name}" uses broker "${broker}", which is not there`,
      'add it under brokers:',
    );
  const live = session.market({ source: name, instruments, emit, every });
  if (!emit.includes('bar')) {
    if (past !== undefined) throw noBars(name);
    return { type: 'push', events$: live };
  }
  const folder = past?.store;
  const events$ = fillBars(live, {
    source: name,
    instruments: () =>
      instruments.map((symbol) => context.instruments.get(symbol)).filter((one) => one !== undefined),
    every,
    history: historyOf(session),
    from: past === undefined ? undefined : startOf(past),
    store: (instrument) =>
      folder === undefined ? undefined : storeOf(folder, broker, instrument, every, context),
    wall,
    warn: (message) => context.log.warn(`source ${name}: ${message}`),
  });
  return { type: 'push', events$ };
}

function historyOf(session: Broker): ReturnType<typeof bound> | undefined {
  return session.history === undefined ? undefined : bound(session);
}

function bound(session: Broker): NonNullable<Broker['history']> {
  return (request) => {
    if (session.history === undefined) throw new TypeError(`broker ${session.name} has no stored bars`);
    return session.history(request);
  };
}

function startOf({ days, date }: NonNullable<Config['prefetch']>): Micros {
  if (date !== undefined) return parseInstant(date, zone('UTC')) ?? wall();
  return wall() - Math.round((days ?? 0) * MICROS_PER_DAY);
}

function storeOf(
  folder: string,
  broker: string,
  instrument: Instrument,
  every: Micros,
  { baseDir, log, name }: SourceContext,
): BarStore {
  const path = resolve(isAbsolute(folder) ? folder : resolve(baseDir, folder), encodeURIComponent(broker));
  return new BarStore(path, instrument, every, (error) =>
    log.warn(
      `source ${name}: bars cannot be stored: ${error instanceof Error ? error.message : String(error)}`,
    ),
  );
}

function noBars(name: string): MillraceError {
  return new MillraceError(
    'INVALID_CONFIGURATION',
    `source "${name}" prefetches bars but does not emit any`,
    'add bar to emit:, or leave prefetch: out',
  );
}
