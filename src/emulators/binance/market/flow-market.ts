import { Random } from '../../../streams/random.js';
import type { Exchange } from '../types.js';
import { FlowBook, type FlowSymbol } from './flow-book.js';
import { seedHistory } from './history.js';
import { Pacer } from './pacer.js';
import type { MarketPlayer, MarketState } from './player.js';
import { QuoteFlow } from './quote-flow.js';

/** `orders`: a book of resting orders, cancels and takers. `quotes`: every event is a change of the best prices. */
export type FlowStyle = 'orders' | 'quotes';

export interface FlowOptions {
  readonly symbols: readonly FlowSymbol[];
  readonly seed: number;
  /** Events per second, all symbols together. */
  readonly rate: number;
  readonly style: FlowStyle;
}

export const HIGHEST_RATE = 100_000;

/** A seeded market of several symbols at a steady rate. The same seed gives the same events, as long as nobody else trades. */
export class FlowMarket implements MarketPlayer {
  readonly #exchange: Exchange;
  readonly #options: FlowOptions;
  readonly #books = new Map<string, FlowBook | QuoteFlow>();
  readonly #order: readonly (FlowBook | QuoteFlow)[];
  readonly #random: Random;
  readonly #pacer: Pacer;
  readonly #unlisten: () => void;
  #played = 0;

  constructor(exchange: Exchange, options: FlowOptions) {
    this.#exchange = exchange;
    this.#options = options;
    this.#random = new Random(options.seed, 'symbols');
    const Flow = options.style === 'quotes' ? QuoteFlow : FlowBook;
    for (const symbol of options.symbols)
      this.#books.set(
        symbol.symbol,
        new Flow(symbol, exchange.market, new Random(options.seed, symbol.symbol)),
      );
    this.#order = [...this.#books.values()];
    this.#pacer = new Pacer(options.rate, (events) => this.#play(events));
    this.#unlisten = exchange.onMarket((event) => {
      if (event.kind === 'top') this.#books.get(event.symbol)?.top(Number(event.bid), Number(event.ask));
      else if (event.kind === 'trade')
        this.#books.get(event.symbol)?.traded(Number(event.price), event.buyerIsMaker);
    });
  }

  prepare(): Promise<void> {
    const { symbols, seed } = this.#options;
    for (const symbol of symbols)
      seedHistory(this.#exchange, symbol, new Random(seed, `${symbol.symbol} history`));
    for (const book of this.#order) book.fill();
    return Promise.resolve();
  }

  resume(): void {
    this.#pacer.start();
  }

  pause(): void {
    this.#pacer.stop();
  }

  step(count: number): Promise<number> {
    this.#play(count);
    return Promise.resolve(count);
  }

  setRate(rate: number): void {
    if (!(rate >= 0 && rate <= HIGHEST_RATE))
      throw new RangeError(`rate must be from 0 to ${HIGHEST_RATE} events/s`);
    this.#pacer.rate = rate;
  }

  setPrice(symbol: string, price: number): void {
    const book = this.#books.get(symbol);
    if (book === undefined) throw new RangeError(`no market plays ${symbol}`);
    if (!(price > 0 && price < Infinity)) throw new RangeError('price must be above zero');
    book.moveTo(price);
  }

  state(): MarketState {
    const { running, rate } = this.#pacer;
    return { type: 'flow', running, rate, played: this.#played, ended: false };
  }

  stop(): Promise<void> {
    this.#pacer.stop();
    this.#unlisten();
    return Promise.resolve();
  }

  #play(events: number): void {
    const order = this.#order;
    for (let n = 0; n < events; n++) order[order.length === 1 ? 0 : this.#random.below(order.length)]?.step();
    this.#played += events;
  }
}
