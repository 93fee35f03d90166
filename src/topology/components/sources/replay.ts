import { resolve } from 'node:path';
import { z } from 'zod';
import { readRegimeFlow } from '../../../compat/index.js';
import type { InputEvent } from '../../../model/event.js';
import type { EventKind } from '../../../model/record.js';
import { MillraceError } from '../../../model/reason.js';
import { readJournal } from '../../../sinks/journal/index.js';
import { mergeSources } from '../../../streams/merge.js';
import { expandPaths } from '../../../streams/replay/files.js';
import { fileReplay } from '../../../streams/replay/file-replay.js';
import { detectFormat } from '../../../streams/replay/format.js';
import { InstrumentLookup } from '../../../streams/replay/instrument-lookup.js';
import { recordedReplay } from '../../../streams/replay/recorded.js';
import type { Source } from '../../../streams/source.js';
import { csvMapping, instant } from '../../csv-fields.js';
import { pace } from '../../pace.js';
import { defineSource, type SourceContext, type SourceSpec } from '../../spec.js';

const config = z.strictObject({
  path: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .describe(
      'A file, a pattern with * ? **, or a list of them; relative to the topology file. At equal times an earlier file comes first.',
    ),
  format: z
    .enum(['auto', 'journal', 'binance', 'csv', 'regimeflow'])
    .default('auto')
    .describe('What the files hold; auto looks at the first line.'),
  venue: z
    .string()
    .default('binance')
    .describe('Venue whose symbols the data uses, for the instrument table.'),
  instruments: z
    .union([z.array(z.string()), z.record(z.string(), z.string())])
    .optional()
    .describe('Instruments to keep; or a map from symbols in the data to instruments. Left out: all.'),
  csv: csvMapping.optional().describe('What the columns of CSV files mean.'),
  pace: pace().prefault('max').describe('max, realtime, or a multiple like 10x.'),
  from: instant().optional().describe('Leave out what was received before.'),
  to: instant()
    .optional()
    .describe('Stop at this time; what is due until then, such as the bar that ends there, still happens.'),
  on_bad: z.enum(['skip', 'halt']).default('skip').describe('Count bad data and go on, or stop the source.'),
});
type Config = z.output<typeof config>;

const CSV_KINDS: Readonly<Record<string, readonly EventKind[]>> = {
  trade: ['trade'],
  quote: ['quote'],
  bar: ['bar'],
  quote_bar: ['bar'],
  book: ['book'],
};

/** Recorded market data: raw Binance captures, CSV of any layout, our own journal. */
export const replaySpec: SourceSpec = defineSource({
  type: 'replay',
  summary: 'Replays recorded market data: a journal, a raw Binance capture, or CSV files.',
  description: [
    'Of a journal (a session folder or a segment) only market data and gaps are taken: a backtest makes its own clock,',
    'fills and outcomes again. Exact replay with every input is `millrace replay`.',
    'Files may be gzipped (told by content). Several files are merged by receive time, then file order, then line.',
    'Events carry the recorded receive time; the venue’s own time is kept as `ts` and never orders anything.',
    'Bad data (malformed line, zero or negative price, time going back, unknown instrument) is counted and reported',
    'with its file and line, then skipped or, with `on_bad: halt`, the source stops.',
  ].join('\n'),
  config,
  examples: [
    'path: ./btcusdt_20240808.gz\ninstruments: [BTCUSDT]',
    'path: ./spy/*_quote.csv.gz\ncsv:\n  kind: quote_bar\n  instrument: SPY\n  scale: 10000\n  time: { column: 0, format: ms_since_midnight, zone: America/New_York, every: 1m }\n  session: 09:30-16:00\n  columns: { bid_open: 1, bid_high: 2, bid_low: 3, bid_close: 4, bid_size: 5, ask_open: 6, ask_high: 7, ask_low: 8, ask_close: 9, ask_size: 10 }\n  emit_quote: true',
    'path: ./eurusd_20140508.csv\ncsv:\n  kind: quote\n  instrument: EURUSD\n  time: { column: 0, format: ms_since_midnight, zone: UTC-05 }\n  columns: { bid: 1, ask: 2 }',
  ],
  reload: 'restart',
  emits: ['trade', 'quote', 'book', 'bar', 'status', 'gap'],
  emitsOf: ({ format, csv }) => {
    if (csv !== undefined) return csv.emitQuote ? ['bar', 'quote'] : (CSV_KINDS[csv.kind] ?? []);
    return format === 'binance'
      ? ['trade', 'quote', 'book']
      : ['trade', 'quote', 'book', 'bar', 'status', 'gap'];
  },
  make,
});

function make(options: Config, context: SourceContext): Source {
  const files = expandPaths(
    typeof options.path === 'string' ? [options.path] : options.path,
    context.baseDir,
  );
  const format = formatOf(options, files);
  const common = {
    source: context.name,
    lookup: lookupOf(options, context),
    pace: options.pace,
    from: options.from ?? -Infinity,
    to: options.to ?? Infinity,
    onBad: options.on_bad,
    report: context.bad,
  };
  if (format === 'journal' || format === 'regimeflow') {
    const open = format === 'journal' ? journalInputs : regimeFlowInputs;
    const sources = files.map((path) =>
      recordedReplay({ ...common, place: path, inputs: open(path, common.lookup, context) }),
    );
    return {
      type: 'pull',
      pace: options.pace,
      batches: () => mergeSources(sources),
      ends: () => options.to ?? -Infinity,
    };
  }
  if (format === 'csv' && options.csv === undefined) {
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `${files[0] ?? ''} looks like CSV and needs a mapping`,
      'say in `csv:` what its columns mean; `millrace describe replay` shows how',
    );
  }
  const { csv } = options;
  const adjust = csv?.adjust;
  const located =
    csv === undefined || adjust === undefined
      ? csv
      : { ...csv, adjust: { ...adjust, file: resolve(context.baseDir, adjust.file) } };
  return fileReplay({ ...common, files, format, csv: located });
}

function lookupOf({ instruments, venue }: Config, context: SourceContext): InstrumentLookup {
  const listed = Array.isArray(instruments);
  const rename = instruments === undefined || listed ? {} : instruments;
  const only = instruments === undefined ? undefined : listed ? instruments : Object.values(instruments);
  return new InstrumentLookup(context.instruments, { venue, only, rename });
}

type Format = 'journal' | 'regimeflow' | 'binance' | 'csv';

/** One format for all files of a source. */
function formatOf({ format, csv }: Config, files: readonly string[]): Format {
  if (format !== 'auto') return format;
  if (csv !== undefined) return 'csv';
  const found = new Set(files.map(detectFormat));
  const [only = 'csv'] = found;
  if (found.size <= 1) return only;
  throw new MillraceError(
    'INVALID_CONFIGURATION',
    `the files hold different formats: ${[...found].join(', ')}`,
    'make one source for each format, or say which it is with `format:`',
  );
}

type Inputs = () => Iterable<InputEvent>;

/** Inputs of a journal; a torn end is told, and what stands before it is replayed. */
function journalInputs(path: string, _: InstrumentLookup, context: SourceContext): Inputs {
  const journal = readJournal(path);
  return function* () {
    for (const frame of journal.frames()) yield frame.input;
    const torn = journal.tail?.torn;
    if (torn !== undefined)
      context.log.warn(`${path} ends inside a record; it was cut there`, { reason: torn.reason });
  };
}

function regimeFlowInputs(path: string, lookup: InstrumentLookup, context: SourceContext): Inputs {
  return () =>
    readRegimeFlow(path, {
      source: context.name,
      instrument: (symbol, name) => lookup.find(name === '' ? String(symbol) : name) ?? undefined,
    }).events;
}
