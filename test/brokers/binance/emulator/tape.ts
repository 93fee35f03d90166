import type { GapEvent, MarketEvent, QuoteEvent, TradeEvent } from '../../../../src/model/event.js';
import { OrderBook } from '../../../../src/streams/order-book/order-book.js';
import type { Desk } from './desk.js';

/** What a desk's market subscription said, beside what the exchange did. */
export class Tape {
  readonly #desk: Desk;
  readonly #events: readonly (MarketEvent | GapEvent)[];
  readonly #truth = new Map<number, string>();
  #newest = 0;

  constructor(desk: Desk, emit: readonly MarketEvent['kind'][], aggregated = false) {
    this.#desk = desk;
    desk.emulator.exchange.onMarket((e) => {
      if ((e.kind !== 'trade' && e.kind !== 'aggTrade') || (e.kind === 'aggTrade') !== aggregated) return;
      this.#newest = e.id;
      this.#truth.set(e.id, `${Number(e.price)} ${Number(e.quantity)} ${e.buyerIsMaker ? -1 : 1}`);
    });
    this.#events = desk.watch(emit);
  }

  get events(): readonly (MarketEvent | GapEvent)[] {
    return this.#events;
  }

  get gaps(): string[] {
    return this.#events.flatMap((e) => (e.kind === 'gap' ? [e.code] : []));
  }

  of<K extends MarketEvent['kind']>(kind: K): Extract<MarketEvent, { kind: K }>[] {
    return this.#events.filter((e): e is Extract<MarketEvent, { kind: K }> => e.kind === kind);
  }

  async more(kind: MarketEvent['kind'], count: number): Promise<void> {
    const wanted = this.of(kind).length + count;
    await this.#desk.until(() => this.of(kind).length >= wanted);
  }

  /** Stops the market and waits until the last of it has arrived; then all must be as the exchange has it. */
  async check(): Promise<void> {
    this.#desk.emulator.market?.pause();
    // A trade lost with a connection shows when the next one comes: where the last one is missing, there must be more.
    for (let i = 0; this.#lastTrade() < this.#newest && i < 20; i++) {
      await new Promise((done) => setTimeout(done, 250));
      if (this.#lastTrade() < this.#newest) await this.#desk.emulator.market?.step(40);
    }
    await this.#desk.until(() => this.#wrongTrades() === '').catch(() => this.#fail(this.#wrongTrades()));
    await this.#desk.until(() => this.#wrongBook() === '').catch(() => this.#fail(this.#wrongBook()));
    await this.#desk.until(() => this.#wrongQuote() === '').catch(() => this.#fail(this.#wrongQuote()));
    this.#desk.emulator.market?.resume();
  }

  #fail(what: string): never {
    throw new Error(`not as the exchange has it: ${what}; gaps: ${this.gaps.join(', ')}`);
  }

  #lastTrade(): number {
    const trades = this.of('trade');
    return trades.length === 0 ? Infinity : Number(trades.at(-1)?.tradeId);
  }

  /** Every trade from the first one on: once, in order, to the last digit; none left out that no gap declares. */
  #wrongTrades(): string {
    let next = -1;
    for (const e of this.#events) {
      if (e.kind === 'gap' && e.code === 'TRADE_GAP') next = e.received;
      if (e.kind !== 'trade') continue;
      const id = Number(e.tradeId);
      if (next >= 0 && id !== next) return `trade ${id} where ${next} was due`;
      next = id + 1;
      const truth = this.#truth.get(id);
      if (truth !== undefined && truth !== text(e)) return `trade ${id} is ${text(e)}, exchange ${truth}`;
    }
    return '';
  }

  /** The best twenty of the book that the events build. */
  #wrongBook(): string {
    const events = this.of('book');
    if (events.length === 0) return '';
    const book = new OrderBook();
    let last = -1;
    for (const e of this.#events) {
      if (e.kind === 'gap' && e.code.startsWith('BOOK')) last = -1;
      if (e.kind !== 'book') continue;
      if (!e.snapshot && last < 0) return `a change (${e.first}) without a snapshot`;
      if (!e.snapshot && !(e.first <= last + 1 && last + 1 <= e.last))
        return `change ${e.first}..${e.last} after ${last}`;
      book.apply(e);
      last = e.last;
    }
    const { bids, asks } = this.#desk.emulator.exchange.depth('BTCUSDT', 20);
    const flat = (side: readonly (readonly [string, string])[]): string => side.flat().map(Number).join(' ');
    const levels = (side: OrderBook['bids']): string => side.levels(20).join(' ');
    if (levels(book.bids) !== flat(bids)) return `bids ${levels(book.bids)} are ${flat(bids)}`;
    return levels(book.asks) === flat(asks) ? '' : `asks ${levels(book.asks)} are ${flat(asks)}`;
  }

  #wrongQuote(): string {
    const quote: QuoteEvent | undefined = this.of('quote').at(-1);
    if (quote === undefined) return '';
    const top = this.#desk.emulator.exchange.top('BTCUSDT');
    const ours = [quote.bid, quote.bidSize, quote.ask, quote.askSize].join(' ');
    const theirs = [top.bid, top.bidQuantity, top.ask, top.askQuantity].map(Number).join(' ');
    return ours === theirs ? '' : `quote ${ours}, exchange ${theirs}`;
  }
}

function text(e: TradeEvent): string {
  return `${e.price} ${e.size} ${e.aggressor}`;
}
