import type { BarBasis, InputEvent } from '../../model/event.js';
import type { Instrument } from '../../model/instrument.js';
import { makeBar, makeBook, makeQuote, makeTrade, receivedAt } from '../../model/make.js';
import type { Micros } from '../../model/time.js';
import { badPrice, badSize } from '../replay/decoder.js';
import type { Factors } from './adjust.js';
import type { Places } from './columns.js';
import type { CsvLevels, CsvMapping } from './mapping.js';
import type { Row } from './row.js';

/** A row being turned into events: everything but its own fields. */
export interface RowTime {
  at: Micros;
  /** Start of a bar. */
  start: Micros;
  instrument: Instrument;
  factors: Factors | undefined;
  /** False: state is kept up to date, but nothing is emitted (outside the wanted range). */
  wanted: boolean;
}

/** Appends the events of a row; gives `''`, or the kind of badness with nothing appended. */
export type RowMaker = (row: Row, time: RowTime, out: InputEvent[]) => string;

export function rowMaker(mapping: CsvMapping, places: Places, source: string): RowMaker {
  const reader = new Fields(mapping, places);
  switch (mapping.kind) {
    case 'trade':
      return tradeMaker(mapping, reader, source);
    case 'quote':
      return quoteMaker(mapping, reader, source);
    case 'bar':
      return barMaker(mapping, reader, source);
    case 'quote_bar':
      return quoteBarMaker(mapping, reader, source);
    case 'book':
      return bookMaker(mapping.levels as CsvLevels, reader, source);
  }
}

/** Scaled and adjusted numbers of a row. */
class Fields {
  readonly places: Places;
  readonly #priceScale: number;
  readonly #sizeScale: number;
  readonly #adjustVolume: boolean;

  constructor(mapping: CsvMapping, places: Places) {
    this.places = places;
    this.#priceScale = mapping.scale.price;
    this.#sizeScale = mapping.scale.size;
    this.#adjustVolume = mapping.adjust?.volume === true;
  }

  price(row: Row, column: number, time: RowTime): number {
    return this.scaled(row.number(column), time);
  }

  scaled(raw: number, time: RowTime): number {
    const price = this.#priceScale === 1 ? raw : raw / this.#priceScale;
    return time.factors === undefined ? price : time.factors.price(price);
  }

  /** 0 when the column is not mapped. */
  size(row: Row, column: number, time: RowTime): number {
    if (column < 0) return 0;
    const raw = row.number(column);
    const size = this.#sizeScale === 1 ? raw : raw / this.#sizeScale;
    return time.factors !== undefined && this.#adjustVolume ? time.factors.volume(size) : size;
  }
}

function tradeMaker(mapping: CsvMapping, fields: Fields, source: string): RowMaker {
  const { price: priceAt, size: sizeAt, side: sideAt, trade_id: idAt } = fields.places.field;
  const { buy, sell } = mapping.side;
  return (row, time, out) => {
    const price = fields.price(row, priceAt, time);
    const size = fields.size(row, sizeAt, time);
    const bad = badPrice(price, time.instrument.allowsNegativePrice) || badSize(size);
    if (bad !== '' || !time.wanted) return bad;
    const side = sideAt < 0 ? '' : row.text(sideAt);
    const aggressor = side === '' ? 0 : buy.includes(side) ? 1 : sell.includes(side) ? -1 : 0;
    const id = idAt < 0 ? '' : row.text(idAt);
    const { symbol, ix } = time.instrument;
    out.push(receivedAt(makeTrade(source, time.at, symbol, ix, price, size, aggressor, id), time.at));
    return '';
  };
}

function quoteMaker(mapping: CsvMapping, fields: Fields, source: string): RowMaker {
  const { bid: bidAt, bid_size: bidSizeAt, ask: askAt, ask_size: askSizeAt } = fields.places.field;
  /** Four numbers an instrument: bid, bid size, ask, ask size. */
  const kept: number[] = [];
  const oneSided = mapping.oneSided;
  return (row, time, out) => {
    const { symbol, ix, allowsNegativePrice } = time.instrument;
    let bid = row.has(bidAt) ? fields.price(row, bidAt, time) : Number.NaN;
    let ask = row.has(askAt) ? fields.price(row, askAt, time) : Number.NaN;
    let bidSize = fields.size(row, bidSizeAt, time);
    let askSize = fields.size(row, askSizeAt, time);
    const hasBid = row.has(bidAt) && !(oneSided && bid === 0);
    const hasAsk = row.has(askAt) && !(oneSided && ask === 0);
    if (!hasBid && !hasAsk) return 'missing_field';
    const bad =
      (hasBid ? badPrice(bid, allowsNegativePrice) || badSize(bidSize) : '') ||
      (hasAsk ? badPrice(ask, allowsNegativePrice) || badSize(askSize) : '');
    if (bad !== '') return bad;
    if (oneSided) {
      const at = ix * 4;
      if (hasBid) {
        kept[at] = bid;
        kept[at + 1] = bidSize;
      } else {
        bid = kept[at] ?? Number.NaN;
        bidSize = kept[at + 1] ?? 0;
      }
      if (hasAsk) {
        kept[at + 2] = ask;
        kept[at + 3] = askSize;
      } else {
        ask = kept[at + 2] ?? Number.NaN;
        askSize = kept[at + 3] ?? 0;
      }
    } else {
      if (!hasBid) bidSize = 0;
      if (!hasAsk) askSize = 0;
    }
    if (time.wanted)
      out.push(receivedAt(makeQuote(source, time.at, symbol, ix, bid, bidSize, ask, askSize), time.at));
    return '';
  };
}

/** Columns of one bar in a row. */
interface BarPlaces {
  readonly basis: BarBasis;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly count: number;
}

const bar = { open: 0, high: 0, low: 0, close: 0, volume: 0, count: 0 };

/** Reads the numbers of a bar into `bar`; open, high and low that are not mapped are the close. */
function readBar(fields: Fields, row: Row, at: BarPlaces, time: RowTime): string {
  bar.close = fields.price(row, at.close, time);
  bar.open = at.open < 0 ? bar.close : fields.price(row, at.open, time);
  bar.high = at.high < 0 ? Math.max(bar.open, bar.close) : fields.price(row, at.high, time);
  bar.low = at.low < 0 ? Math.min(bar.open, bar.close) : fields.price(row, at.low, time);
  bar.volume = fields.size(row, at.volume, time);
  bar.count = at.count < 0 ? 0 : row.number(at.count);
  const negative = time.instrument.allowsNegativePrice;
  return (
    badPrice(bar.open, negative) ||
    badPrice(bar.high, negative) ||
    badPrice(bar.low, negative) ||
    badPrice(bar.close, negative) ||
    badSize(bar.volume) ||
    badSize(bar.count) ||
    (bar.high < bar.low ? 'inverted_bar' : '')
  );
}

function pushBar(source: string, basis: BarBasis, every: Micros, time: RowTime, out: InputEvent[]): void {
  const { symbol, ix } = time.instrument;
  const { open, high, low, close, volume, count } = bar;
  const made = { basis, every, start: time.start, open, high, low, close, volume, count };
  out.push(receivedAt(makeBar(source, time.at, symbol, ix, made), time.at));
}

function barMaker(mapping: CsvMapping, fields: Fields, source: string): RowMaker {
  const { open, high, low, close, volume, count } = fields.places.field;
  const places: BarPlaces = { basis: 'trade', open, high, low, close, volume, count };
  return (row, time, out) => {
    const bad = readBar(fields, row, places, time);
    if (bad === '' && time.wanted) pushBar(source, 'trade', mapping.time.every, time, out);
    return bad;
  };
}

function quoteBarMaker(mapping: CsvMapping, fields: Fields, source: string): RowMaker {
  const f = fields.places.field;
  const bid: BarPlaces = {
    basis: 'bid',
    open: f.bid_open,
    high: f.bid_high,
    low: f.bid_low,
    close: f.bid_close,
    volume: f.bid_size,
    count: -1,
  };
  const ask: BarPlaces = {
    basis: 'ask',
    open: f.ask_open,
    high: f.ask_high,
    low: f.ask_low,
    close: f.ask_close,
    volume: f.ask_size,
    count: -1,
  };
  const every = mapping.time.every;
  return (row, time, out) => {
    const hasBid = row.has(bid.close);
    const hasAsk = row.has(ask.close);
    if (!hasBid && !hasAsk) return 'missing_field';
    const before = out.length;
    let [bidPrice, bidSize, askPrice, askSize] = [Number.NaN, 0, Number.NaN, 0];
    if (hasBid) {
      const bad = readBar(fields, row, bid, time);
      if (bad !== '') return bad;
      bidPrice = bar.close;
      bidSize = bar.volume;
      if (time.wanted) pushBar(source, 'bid', every, time, out);
    }
    if (hasAsk) {
      const bad = readBar(fields, row, ask, time);
      if (bad !== '') {
        out.length = before;
        return bad;
      }
      askPrice = bar.close;
      askSize = bar.volume;
      if (time.wanted) pushBar(source, 'ask', every, time, out);
    }
    if (mapping.emitQuote && time.wanted) {
      const { symbol, ix } = time.instrument;
      out.push(
        receivedAt(makeQuote(source, time.at, symbol, ix, bidPrice, bidSize, askPrice, askSize), time.at),
      );
    }
    return '';
  };
}

function bookMaker(levels: CsvLevels, fields: Fields, source: string): RowMaker {
  const [askPriceAt, askSizeAt, bidPriceAt, bidSizeAt] = fields.places.levels;
  const readSide = (row: Row, time: RowTime, priceAt: number, sizeAt: number, side: number[]): string => {
    for (let k = 0; k < levels.depth; k++) {
      const step = k * levels.stride;
      if (!row.has(priceAt + step)) continue;
      const raw = row.number(priceAt + step);
      if (levels.empty.includes(raw)) continue;
      const price = fields.scaled(raw, time);
      const size = fields.size(row, sizeAt + step, time);
      const bad = badPrice(price, time.instrument.allowsNegativePrice) || badSize(size);
      if (bad !== '') return bad;
      if (size > 0) side.push(price, size);
    }
    return '';
  };
  return (row, time, out) => {
    const asks: number[] = [];
    const bids: number[] = [];
    const bad =
      readSide(row, time, askPriceAt, askSizeAt, asks) || readSide(row, time, bidPriceAt, bidSizeAt, bids);
    if (bad !== '' || !time.wanted) return bad;
    const { symbol, ix } = time.instrument;
    out.push(receivedAt(makeBook(source, time.at, symbol, ix, true, bids, asks, 0, 0, 0), time.at));
    return '';
  };
}
