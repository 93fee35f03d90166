import type { BrokerFigure } from '../../broker.js';

const HELP = {
  feed_messages: 'Market data messages taken.',
  feed_slow_messages: 'Messages that the fast reader left to the full check.',
  feed_bad_messages: 'Messages that could not be used.',
  feed_duplicates:
    'Messages dropped because they were known already, such as those of two overlapping sockets.',
  feed_gaps: 'Gaps declared.',
  feed_resubscriptions: 'Streams subscribed again because they were silent.',
  feed_trades_backfilled: 'Missing trades that were fetched.',
  book_snapshots: 'Book snapshots fetched.',
  book_resyncs: 'Books dropped and built anew.',
  book_crossed: 'Books that crossed.',
} as const;

export type CounterName = keyof typeof HELP;

/** What the feed counts: plain numbers, since some are counted for every message. */
export class FeedCounters {
  readonly counts: Record<CounterName, number> = Object.fromEntries(
    Object.keys(HELP).map((name) => [name, 0]),
  ) as Record<CounterName, number>;

  figures(): BrokerFigure[] {
    return (Object.keys(HELP) as CounterName[]).map((name) => ({
      name,
      type: 'counter',
      help: HELP[name],
      labels: {},
      value: this.counts[name],
    }));
  }
}
