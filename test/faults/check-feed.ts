import { OrderBook } from '../../src/streams/order-book/order-book.js';
import type { BookEvent, GapEvent } from '../../src/model/event.js';
import { breaksBook } from '../../src/model/gap.js';
import type { BinanceEmulator } from '../../src/emulators/binance/emulator.js';
import type { DepthSnapshot } from '../../src/emulators/binance/event-types.js';
import type { Journal } from '../../src/sinks/journal/index.js';
import { STREAMS } from './topology.js';
import { SYMBOLS } from './venue-options.js';
import type { CampaignVenue } from './venue.js';

/** Newest trade, best prices and book of one symbol at the exchange. */
export interface VenueEnd {
  readonly lastTrade: number;
  readonly bid: string;
  readonly ask: string;
  readonly depth: DepthSnapshot;
}

export function venueEnds({ emulator, trades }: CampaignVenue): ReadonlyMap<string, VenueEnd> {
  const { exchange } = emulator;
  return new Map(
    SYMBOLS.map((symbol) => {
      const lastTrade = trades.get(symbol)?.at(-1)?.id ?? -1;
      const { bid, ask } = exchange.top(symbol);
      return [symbol, { lastTrade, bid, ask, depth: exchange.depth(symbol, 100) }];
    }),
  );
}

export interface FeedFigures {
  readonly trades: number;
  readonly books: number;
  readonly gaps: number;
}

/** One symbol of the feed as the journal tells it. */
class Feed {
  readonly symbol: string;
  readonly wrong: string[] = [];
  readonly book = new OrderBook();
  trades = 0;
  books = 0;
  gaps = 0;
  bid = NaN;
  ask = NaN;
  /** Id of the last trade that came or was declared missing. */
  #trade = -1;
  #declared = -1;
  #firstTrade = -1;
  /** Last update of the book; -1: there is none, and that was said. */
  #last = -1;
  /** Nothing came behind its snapshot: the first change may overlap it. */
  #fresh = false;

  constructor(symbol: string) {
    this.symbol = symbol;
  }

  trade(id: number): void {
    this.trades++;
    if (this.#firstTrade < 0) this.#firstTrade = id;
    else if (this.#declared >= 0 ? id !== this.#declared : id !== this.#trade + 1)
      this.wrong.push(`${this.symbol}: trade ${id} follows ${this.#trade}, which was not declared`);
    this.#trade = id;
    this.#declared = -1;
  }

  bookChange(event: BookEvent): void {
    this.books++;
    if (event.snapshot) this.book.clear();
    else if (this.#last < 0)
      this.wrong.push(`${this.symbol}: a change of a book that is not there (${event.first})`);
    else if (
      this.#fresh ? event.first > this.#last + 1 || event.last <= this.#last : event.first !== this.#last + 1
    )
      this.wrong.push(`${this.symbol}: book change ${event.first}..${event.last} follows ${this.#last}`);
    this.#fresh = event.snapshot;
    this.book.apply(event);
    this.#last = event.last;
  }

  gap({ code, expected, received }: GapEvent): void {
    this.gaps++;
    if (code === 'TRADE_GAP') {
      if (expected !== this.#trade + 1 || received <= expected)
        this.wrong.push(`${this.symbol}: a gap of trades ${expected} to ${received} behind ${this.#trade}`);
      this.#declared = received;
    }
    if (breaksBook(code)) this.#last = -1;
  }

  /** Against what the venue had when the feed ended. */
  end({ lastTrade, bid, ask, depth }: VenueEnd): void {
    if (this.#firstTrade < 0) this.wrong.push(`${this.symbol}: no trade came`);
    else if (this.#trade !== lastTrade)
      this.wrong.push(`${this.symbol}: the last trade is ${this.#trade} here, ${lastTrade} there`);
    if (this.bid !== Number(bid) || this.ask !== Number(ask))
      this.wrong.push(`${this.symbol}: quote ${this.bid}/${this.ask} here, ${bid}/${ask} there`);
    if (this.#last < 0) {
      this.wrong.push(`${this.symbol}: there is no book in the end`);
      return;
    }
    for (const side of ['bids', 'asks'] as const) {
      const here = this.book[side].levels().slice(0, 200);
      const there = depth[side].flatMap(([price, quantity]) => [Number(price), Number(quantity)]);
      const at = there.findIndex((value, i) => here[i] !== value);
      if (at >= 0)
        this.wrong.push(
          `${this.symbol}: level ${at >> 1} of the ${side} is ${here[at] ?? 'missing'} here, ${there[at] ?? 'missing'} there`,
        );
    }
  }
}

/** Every trade and book change is there once and in order, or declared missing; the end is what the venue has. */
export function checkFeed(
  journal: Journal,
  ends: ReadonlyMap<string, VenueEnd>,
): { readonly wrong: readonly string[]; readonly figures: FeedFigures } {
  const feeds = new Map(SYMBOLS.map((symbol) => [symbol, new Feed(symbol)]));
  for (const { input } of journal.frames()) {
    if (input.kind !== 'trade' && input.kind !== 'quote' && input.kind !== 'book' && input.kind !== 'gap')
      continue;
    const feed = feeds.get(input.instrument);
    if (feed === undefined) continue;
    if (input.kind === 'trade') feed.trade(Number(input.tradeId));
    else if (input.kind === 'book') feed.bookChange(input);
    else if (input.kind === 'gap') feed.gap(input);
    else {
      feed.bid = input.bid;
      feed.ask = input.ask;
    }
  }
  const all = [...feeds.values()];
  for (const feed of all) {
    const end = ends.get(feed.symbol);
    if (end !== undefined) feed.end(end);
  }
  const sum = (of: (feed: Feed) => number): number => all.reduce((total, feed) => total + of(feed), 0);
  return {
    wrong: all.flatMap(({ wrong }) => wrong),
    figures: { trades: sum((f) => f.trades), books: sum((f) => f.books), gaps: sum((f) => f.gaps) },
  };
}

/** Each stream is carried once, and user events go to one connection. */
export function checkSubscriptions(emulator: BinanceEmulator): string[] {
  const wrong: string[] = [];
  const carried = new Map<string, number>();
  let user = 0;
  for (const { channel, subscriptions, frozen } of emulator.connectionList()) {
    if (frozen) continue;
    if (channel === 'ws_api') user += subscriptions.length;
    else for (const stream of subscriptions) carried.set(stream, (carried.get(stream) ?? 0) + 1);
  }
  for (const stream of STREAMS) {
    const times = carried.get(stream) ?? 0;
    if (times !== 1) wrong.push(`${stream} is subscribed ${times} times`);
  }
  if (user !== 1) wrong.push(`user data is subscribed ${user} times`);
  return wrong;
}
