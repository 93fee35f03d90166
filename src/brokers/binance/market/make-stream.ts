import type { Instrument } from '../../../model/instrument.js';
import { MillraceError } from '../../../model/reason.js';
import { formatDuration } from '../../../model/units.js';
import type { Micros } from '../../../model/time.js';
import type { BinanceOptions } from '../options.js';
import { BarStream } from './bar-stream.js';
import { BookStream } from './book-stream.js';
import { LevelStream } from './level-stream.js';
import { intervalNames, intervalOf } from './names.js';
import { QuoteStream } from './quote-stream.js';
import type { RestMarket } from './rest-market.js';
import type { Snapshots } from './snapshots.js';
import type { MarketStream, StreamHost } from './stream.js';
import { TradeStream } from './trade-stream.js';

/** Kinds of events that have streams; status is asked for. */
export type StreamKind = 'trade' | 'quote' | 'book' | 'bar';

export interface StreamMaker {
  readonly options: BinanceOptions;
  readonly rest: RestMarket;
  readonly snapshots: Snapshots;
  readonly host: StreamHost;
}

const LEVELS: readonly number[] = [5, 10, 20];

/** The venue's name of the stream, e.g. `btcusdt@trade`. Throws MillraceError where the venue has none such. */
export function streamName(kind: StreamKind, i: Instrument, every: Micros, options: BinanceOptions): string {
  const symbol = i.venueSymbol.toLowerCase();
  const { feed, book, market } = options;
  const speed = book.speed === '1000ms' ? '' : `@${book.speed}`;
  switch (kind) {
    case 'trade':
      return `${symbol}@${feed.trades}`;
    case 'quote':
      return `${symbol}@bookTicker`;
    case 'bar':
      return `${symbol}@kline_${klineInterval(every, options)}`;
    case 'book':
      if (feed.books === 'changes') {
        // USD-M sends 250 ms without a word, and has 500 ms at most
        return market === 'usdm' && speed === '' ? `${symbol}@depth@500ms` : `${symbol}@depth${speed}`;
      }
      if (!LEVELS.includes(book.depth))
        throw new MillraceError(
          'INVALID_CONFIGURATION',
          `Binance has partial books of 5, 10 or 20 levels, not of ${book.depth}`,
          'set book depth to one of them, or take books from their changes',
        );
      return `${symbol}@depth${book.depth}${speed}`;
  }
}

/** The venue's word for bars of this length. Throws MillraceError when it has none. */
export function klineInterval(every: Micros, { market }: BinanceOptions): string {
  const interval = intervalOf(every, market);
  if (interval !== undefined) return interval;
  throw new MillraceError(
    'INVALID_CONFIGURATION',
    `Binance has no bars of ${formatDuration(every)}`,
    `use one of ${intervalNames(market).join(', ')}, or build them with a bars operator`,
  );
}

export function makeStream(kind: StreamKind, i: Instrument, every: Micros, maker: StreamMaker): MarketStream {
  const { options, rest, snapshots, host } = maker;
  const { feed, book, timeouts } = options;
  const name = streamName(kind, i, every, options);
  const silence = timeouts.feedSilence;
  switch (kind) {
    case 'trade': {
      const aggregated = feed.trades === 'aggTrade';
      return new TradeStream(host, name, i, feed.tradeSilence, {
        aggregated,
        backfill: feed.backfill,
        reorder: feed.reorder,
        fetch: (from, count) => rest.trades(i, from, count, aggregated),
      });
    }
    case 'quote':
      return new QuoteStream(host, name, i, silence);
    case 'bar':
      return new BarStream(host, name, i, silence === 0 ? 0 : silence + every / 1_000, every);
    case 'book': {
      if (feed.books === 'levels') return new LevelStream(host, name, i, silence);
      const stream: BookStream = new BookStream(host, name, i, silence, {
        buffer: book.buffer,
        reorder: feed.reorder,
        snapshot: (attempt, done) =>
          snapshots.request(
            attempt,
            () => rest.snapshot(i, book.snapshot, () => host.wall()),
            done,
            (error, n) => {
              const reason = error instanceof Error ? error.message : String(error);
              host.status(stream, 'degraded', n, `no snapshot: ${reason}`);
            },
          ),
      });
      return stream;
    }
  }
}
