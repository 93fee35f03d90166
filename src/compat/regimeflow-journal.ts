import { z } from 'zod';
import { ChunkReader } from '../sinks/journal/chunk-reader.js';
import type { MarketEvent } from '../model/event.js';
import { makeBar, makeBook, makeQuote, makeTrade, receivedAt } from '../model/make.js';
import { MillraceError } from '../model/reason.js';
import { MICROS_PER_MINUTE, type Micros } from '../model/time.js';
import { REGIMEFLOW_SCHEMA } from './regimeflow-write.js';

export interface RegimeFlowOptions {
  /** `source` of the events. */
  readonly source: string;
  /** Name and index of a symbol number. `name` is the symbol text of the line when it has one (ours do), else ''. */
  instrument(symbol: number, name: string): { readonly symbol: string; readonly ix: number } | undefined;
  /** Length of a bar, which the format does not tell. Default one minute. */
  readonly barEvery?: Micros;
}

/** What was read, complete once the events were iterated. */
export interface RegimeFlowSummary {
  readonly lines: number;
  readonly events: number;
  /** Lines of orders, system and user, and of symbols that `instrument` does not know. */
  readonly skipped: number;
  /** True: the last line was cut off in the middle and left out. */
  readonly torn: boolean;
}

const int = z.int();
const stamped = { timestamp_us: int, symbol: int };
const level = z.tuple([z.number(), z.number()]).rest(z.number());

const lineSchema = z.object({
  schema: z.literal(REGIMEFLOW_SCHEMA).optional(),
  timestamp_us: int,
  type: z.enum(['market', 'order', 'system', 'user']),
  priority: int,
  sequence: int,
  symbol: int,
  kind: z.string(),
  data: z.record(z.string(), z.unknown()),
  instrument: z.string().default(''),
});
const bar = z.object({
  ...stamped,
  open: z.number(),
  high: z.number(),
  low: z.number(),
  close: z.number(),
  volume: z.number().default(0),
  trade_count: z.number().default(0),
});
const tick = z.object({ ...stamped, price: z.number(), quantity: z.number().default(0) });
const quote = z.object({
  ...stamped,
  bid: z.number(),
  ask: z.number(),
  bid_size: z.number().default(0),
  ask_size: z.number().default(0),
});
const book = z.object({ ...stamped, bids: z.array(level).default([]), asks: z.array(level).default([]) });

/**
 * Market events of a `regimeflow.replay.v1` file in file order, for a replay source. `at` is the line's time and never
 * goes back. Blank lines are skipped; a last line without its end is left out and reported; any other bad line throws
 * JOURNAL_DAMAGED with `line=N`.
 */
export function readRegimeFlow(
  path: string,
  options: RegimeFlowOptions,
): { readonly events: Iterable<MarketEvent>; readonly summary: () => RegimeFlowSummary } {
  let summary: RegimeFlowSummary = { lines: 0, events: 0, skipped: 0, torn: false };
  return {
    events: { [Symbol.iterator]: () => eventsOf(path, options, (now) => (summary = now)) },
    summary: () => summary,
  };
}

function* eventsOf(
  path: string,
  options: RegimeFlowOptions,
  tell: (summary: RegimeFlowSummary) => void,
): Generator<MarketEvent> {
  let [lines, events, skipped, at] = [0, 0, 0, 0];
  let torn = false;
  for (const { text, complete } of linesOf(path)) {
    lines++;
    if (text.trim() === '') continue;
    let event: MarketEvent | undefined;
    try {
      event = eventOf(JSON.parse(text), options);
    } catch (error) {
      if (!complete) {
        torn = true;
        break;
      }
      const reason =
        error instanceof z.ZodError
          ? error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
          : String(error instanceof Error ? error.message : error);
      throw new MillraceError(
        'JOURNAL_DAMAGED',
        `${path}: line=${lines}; ${reason}`,
        'repair or remove the line',
        { cause: error },
      );
    }
    if (event === undefined) {
      skipped++;
      continue;
    }
    at = Math.max(at, event.at);
    events++;
    yield receivedAt(event, at);
  }
  tell({ lines, events, skipped, torn });
}

function eventOf(json: unknown, options: RegimeFlowOptions): MarketEvent | undefined {
  const line = lineSchema.parse(json);
  if (line.type !== 'market') return undefined;
  const found = options.instrument(line.symbol, line.instrument);
  const event =
    found === undefined ? undefined : marketEvent(line.kind, line.data, options, found.symbol, found.ix);
  return event === undefined ? undefined : receivedAt(event, line.timestamp_us);
}

function marketEvent(
  kind: string,
  data: unknown,
  options: RegimeFlowOptions,
  symbol: string,
  ix: number,
): MarketEvent {
  const { source, barEvery = MICROS_PER_MINUTE } = options;
  switch (kind) {
    case 'bar': {
      const { timestamp_us: start, open, high, low, close, volume, trade_count: count } = bar.parse(data);
      return makeBar(source, start, symbol, ix, {
        basis: 'trade',
        every: barEvery,
        start,
        open,
        high,
        low,
        close,
        volume,
        count,
      });
    }
    case 'tick': {
      const d = tick.parse(data);
      return makeTrade(source, d.timestamp_us, symbol, ix, d.price, d.quantity, 0, '');
    }
    case 'quote': {
      const d = quote.parse(data);
      return makeQuote(source, d.timestamp_us, symbol, ix, d.bid, d.bid_size, d.ask, d.ask_size);
    }
    case 'book': {
      const d = book.parse(data);
      return makeBook(
        source,
        d.timestamp_us,
        symbol,
        ix,
        true,
        d.bids.flatMap(pair),
        d.asks.flatMap(pair),
        0,
        0,
        0,
      );
    }
    default:
      throw new Error(`a market line of kind ${JSON.stringify(kind)} is not known`);
  }
}

const pair = ([price, size]: readonly [number, number, ...number[]]): readonly number[] => [price, size];

function* linesOf(path: string): Generator<{ readonly text: string; readonly complete: boolean }> {
  const reader = new ChunkReader(path);
  try {
    while (reader.left > 0) {
      const line = reader.line();
      if (line !== undefined) {
        yield {
          text: reader.buffer.bytes.toString('utf8', reader.position, reader.position + line),
          complete: true,
        };
        reader.position += line + 1;
      } else {
        yield {
          text: reader.buffer.bytes.toString('utf8', reader.position, reader.buffer.end),
          complete: false,
        };
        return;
      }
    }
  } finally {
    reader.close();
  }
}
