import type {
  BarEvent,
  BookEvent,
  GapEvent,
  QuoteEvent,
  RegimeEvent,
  StatusEvent,
  TradeEvent,
} from '../model/event.js';
import { breaksBook } from '../model/gap.js';
import type { InstrumentStatus } from '../model/instrument.js';
import type { InstrumentTable } from '../model/instruments.js';
import type { Micros } from '../model/time.js';
import type { MarkRule } from './config.js';
import type { Hasher } from './hash.js';
import { Ladder } from './ladder.js';
import { ReturnSamples, type SavedSeries } from './return-samples.js';
import type { MarketView } from './view.js';

export interface SavedMarket {
  /** Bid, ask, bid size, ask size, last, close, mark. */
  readonly prices: readonly Float64Array[];
  /** Of the newest quote, of the newest trade. */
  readonly times: readonly Float64Array[];
  readonly watched: Uint8Array;
  readonly status: readonly (InstrumentStatus | undefined)[];
  readonly regime: readonly (string | undefined)[];
  readonly marketRegime: string;
  readonly bids: readonly (ReturnType<Ladder['save']> | undefined)[];
  readonly asks: readonly (ReturnType<Ladder['save']> | undefined)[];
  readonly samples: readonly SavedSeries[];
}

/**
 * Top of book, last trade, mark and status in arrays by instrument index. The methods named for an event kind fold
 * one accepted event and return true when somebody must be told of the new mark (see {@link Market.watch}).
 * They allocate nothing, except when an index appears for the first time.
 */
export class Market implements MarketView {
  #capacity = 0;
  #bid = new Float64Array(0);
  #ask = new Float64Array(0);
  #bidSize = new Float64Array(0);
  #askSize = new Float64Array(0);
  #last = new Float64Array(0);
  #close = new Float64Array(0);
  #mark = new Float64Array(0);
  #quoteAt = new Float64Array(0);
  #tradeAt = new Float64Array(0);
  #watched = new Uint8Array(0);
  readonly #status: (InstrumentStatus | undefined)[] = [];
  readonly #regime: (string | undefined)[] = [];
  #marketRegime = '';
  readonly #bids: (Ladder | undefined)[] = [];
  readonly #asks: (Ladder | undefined)[] = [];
  readonly #samples: ReturnSamples;
  readonly #rule: MarkRule;
  readonly #instruments: InstrumentTable;

  constructor(instruments: InstrumentTable, rule: MarkRule, returnSamples: number) {
    this.#instruments = instruments;
    this.#rule = rule;
    this.#samples = new ReturnSamples(returnSamples);
    this.#grow(Math.max(0, instruments.all.length - 1));
  }

  /** From now on events that touch the mark of this instrument return true. */
  watch(ix: number): void {
    if (ix >= this.#capacity) this.#grow(ix);
    this.#watched[ix] = 1;
  }

  trade(e: TradeEvent, at: Micros): boolean {
    const ix = e.ix;
    if (ix >= this.#capacity) this.#grow(ix);
    this.#last[ix] = e.price;
    this.#tradeAt[ix] = at;
    return this.#remark(ix);
  }

  quote(e: QuoteEvent, at: Micros): boolean {
    const ix = e.ix;
    if (ix >= this.#capacity) this.#grow(ix);
    this.#bid[ix] = e.bid;
    this.#ask[ix] = e.ask;
    this.#bidSize[ix] = e.bidSize;
    this.#askSize[ix] = e.askSize;
    this.#quoteAt[ix] = at;
    return this.#remark(ix);
  }

  book(e: BookEvent, at: Micros): boolean {
    const ix = e.ix;
    if (ix < 0) return false;
    if (ix >= this.#capacity) this.#grow(ix);
    const bids = (this.#bids[ix] ??= new Ladder(-1));
    const asks = (this.#asks[ix] ??= new Ladder(1));
    if (e.snapshot) {
      bids.clear();
      asks.clear();
    }
    bids.update(e.bids);
    asks.update(e.asks);
    this.#bid[ix] = bids.price;
    this.#bidSize[ix] = bids.size;
    this.#ask[ix] = asks.price;
    this.#askSize[ix] = asks.size;
    this.#quoteAt[ix] = at;
    return this.#remark(ix);
  }

  /** A provider's bar: also the newest price. Bid and ask bars set their side of the top. */
  bar(e: BarEvent, at: Micros): boolean {
    const ix = e.ix;
    if (ix >= this.#capacity) this.#grow(ix);
    if (e.basis === 'bid') {
      this.#bid[ix] = e.close;
      this.#quoteAt[ix] = at;
    } else if (e.basis === 'ask') {
      this.#ask[ix] = e.close;
      this.#quoteAt[ix] = at;
    } else {
      this.#last[ix] = e.close;
      this.#tradeAt[ix] = at;
    }
    return this.closedBar(e);
  }

  /** A bar built here from events that were folded before: a return sample and the close, no newer price. */
  closedBar(e: BarEvent): boolean {
    const ix = e.ix;
    if (ix < 0) return false;
    if (ix >= this.#capacity) this.#grow(ix);
    if (this.#samples.add(e)) this.#close[ix] = e.close;
    return this.#remark(ix);
  }

  setStatus(e: StatusEvent): void {
    if (e.ix >= 0) this.#status[e.ix] = e.status;
  }

  setRegime(e: RegimeEvent): void {
    if (e.instrument === '' || e.ix < 0) this.#marketRegime = e.regime;
    else this.#regime[e.ix] = e.regime;
  }

  /** Deltas are missing: the book is unusable until the next snapshot, so its top is unknown. */
  gap(e: GapEvent): boolean {
    if (!breaksBook(e.code)) return false;
    const ix = e.ix;
    const bids = this.#bids[ix];
    const asks = this.#asks[ix];
    if (bids === undefined || asks === undefined) return false;
    bids.clear();
    asks.clear();
    this.#bid[ix] = this.#ask[ix] = this.#bidSize[ix] = this.#askSize[ix] = NaN;
    return this.#remark(ix);
  }

  bid(ix: number): number {
    return this.#bid[ix] ?? NaN;
  }
  ask(ix: number): number {
    return this.#ask[ix] ?? NaN;
  }
  bidSize(ix: number): number {
    return this.#bidSize[ix] ?? NaN;
  }
  askSize(ix: number): number {
    return this.#askSize[ix] ?? NaN;
  }
  last(ix: number): number {
    return this.#last[ix] ?? NaN;
  }
  /** Under `bid_ask` the mid; {@link Market.markFor} tells what a long or short position is valued at. */
  mark(ix: number): number {
    return this.#mark[ix] ?? NaN;
  }
  quoteAt(ix: number): Micros {
    return this.#quoteAt[ix] ?? 0;
  }
  tradeAt(ix: number): Micros {
    return this.#tradeAt[ix] ?? 0;
  }
  status(ix: number): InstrumentStatus {
    return this.#status[ix] ?? this.#instruments.at(ix)?.status ?? 'unknown';
  }
  regime(ix: number): string {
    return this.#regime[ix] ?? this.#marketRegime;
  }
  returns(ix: number, n: number): readonly number[] {
    return this.#samples.newest(ix, n);
  }

  /** Price a position of this sign is valued at. */
  markFor(ix: number, sign: number): number {
    if (this.#rule === 'bid_ask') {
      const side = sign < 0 ? this.#ask[ix] : this.#bid[ix];
      if (side !== undefined && side === side) return side;
    }
    return this.#mark[ix] ?? NaN;
  }

  save(): SavedMarket {
    const n = this.#instruments.all.length;
    const cut = (values: Float64Array): Float64Array => values.slice(0, n);
    return {
      prices: [this.#bid, this.#ask, this.#bidSize, this.#askSize, this.#last, this.#close, this.#mark].map(
        cut,
      ),
      times: [this.#quoteAt, this.#tradeAt].map(cut),
      watched: this.#watched.slice(0, n),
      status: Array.from({ length: n }, (_, ix) => this.#status[ix]),
      regime: Array.from({ length: n }, (_, ix) => this.#regime[ix]),
      marketRegime: this.#marketRegime,
      bids: Array.from({ length: n }, (_, ix) => this.#bids[ix]?.save()),
      asks: Array.from({ length: n }, (_, ix) => this.#asks[ix]?.save()),
      samples: this.#samples.save(),
    };
  }

  /** The table must give every instrument the index it had. */
  load(saved: SavedMarket): void {
    const n = saved.status.length;
    if (n > 0) this.#grow(n - 1);
    const prices = [this.#bid, this.#ask, this.#bidSize, this.#askSize, this.#last, this.#close, this.#mark];
    prices.forEach((values, i) => values.set(saved.prices[i] ?? []));
    [this.#quoteAt, this.#tradeAt].forEach((values, i) => values.set(saved.times[i] ?? []));
    this.#watched.set(saved.watched);
    this.#marketRegime = saved.marketRegime;
    for (let ix = 0; ix < n; ix++) {
      this.#status[ix] = saved.status[ix];
      this.#regime[ix] = saved.regime[ix];
      const [bids, asks] = [saved.bids[ix], saved.asks[ix]];
      if (bids !== undefined) (this.#bids[ix] ??= new Ladder(-1)).load(bids);
      if (asks !== undefined) (this.#asks[ix] ??= new Ladder(1)).load(asks);
    }
    this.#samples.load(saved.samples);
  }

  hash(hasher: Hasher): void {
    const n = this.#instruments.all.length;
    for (const values of [this.#bid, this.#ask, this.#bidSize, this.#askSize, this.#last])
      hasher.nums(values, n);
    for (const values of [this.#close, this.#mark, this.#quoteAt, this.#tradeAt]) hasher.nums(values, n);
    hasher.str(this.#marketRegime);
    for (let ix = 0; ix < n; ix++) {
      hasher.str(this.#status[ix] ?? '').str(this.#regime[ix] ?? '');
      this.#bids[ix]?.hash(hasher);
      this.#asks[ix]?.hash(hasher);
    }
    this.#samples.hash(hasher);
  }

  #remark(ix: number): boolean {
    const mark = this.#priceOf(ix);
    if (mark === this.#mark[ix] && this.#rule !== 'bid_ask') return false;
    this.#mark[ix] = mark;
    return this.#watched[ix] === 1;
  }

  #priceOf(ix: number): number {
    const last = this.#last[ix] as number;
    const rule = this.#rule;
    if (rule === 'last' && last === last) return last;
    const close = this.#close[ix] as number;
    if (rule === 'close' && close === close) return close;
    const mid = ((this.#bid[ix] as number) + (this.#ask[ix] as number)) / 2;
    if (rule === 'mid' || rule === 'bid_ask') {
      if (mid === mid) return mid;
      return last === last ? last : close;
    }
    if (last === last) return last;
    return mid === mid ? mid : close;
  }

  #grow(ix: number): void {
    const capacity = Math.max(16, ix + 1, this.#capacity * 2);
    const grown = (old: Float64Array, fill: number): Float64Array<ArrayBuffer> => {
      const next = new Float64Array(capacity).fill(fill);
      next.set(old);
      return next;
    };
    this.#bid = grown(this.#bid, NaN);
    this.#ask = grown(this.#ask, NaN);
    this.#bidSize = grown(this.#bidSize, NaN);
    this.#askSize = grown(this.#askSize, NaN);
    this.#last = grown(this.#last, NaN);
    this.#close = grown(this.#close, NaN);
    this.#mark = grown(this.#mark, NaN);
    this.#quoteAt = grown(this.#quoteAt, 0);
    this.#tradeAt = grown(this.#tradeAt, 0);
    const watched = new Uint8Array(capacity);
    watched.set(this.#watched);
    this.#watched = watched;
    this.#capacity = capacity;
  }
}
