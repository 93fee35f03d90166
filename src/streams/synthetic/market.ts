import type { InputEvent } from '../../model/event.js';
import { makeBook, makeQuote, makeTrade, receivedAt } from '../../model/make.js';
import { MICROS_PER_SECOND, type Micros } from '../../model/time.js';
import { Random } from '../random.js';
import type { PullSource } from '../source.js';
import { Walk, type Shock, type SyntheticInstrument } from './walk.js';

export interface Gap {
  /** Since the start. */
  readonly at: Micros;
  readonly length: Micros;
}

export interface SyntheticOptions {
  readonly source: string;
  readonly seed: number;
  readonly instruments: readonly SyntheticInstrument[];
  /** At most so many events and so much event time; Infinity for no limit. */
  readonly events: number;
  readonly duration: Micros;
  /** Events per second of event time, all instruments together. */
  readonly rate: number;
  readonly start: Micros;
  readonly pace: number;
  readonly emit: readonly ('trade' | 'quote' | 'book')[];
  /** Levels a side of book snapshots. */
  readonly depth: number;
  /** Mean length of a calm, trending or wild time. */
  readonly regime: Micros;
  /** Given, or how many to draw from the seed. */
  readonly shocks: readonly Shock[] | number;
  readonly gaps: readonly Gap[] | number;
}

const BATCH = 1_024;
/** Parts of the events, relative to each other. */
const WEIGHT = { quote: 6, trade: 3, book: 1 } as const;

/** A market made of a seed: the same options give the same events, on every machine. Memory does not grow. */
export function syntheticMarket(options: SyntheticOptions): PullSource {
  const { pace, start, duration, events } = options;
  const ends = (): Micros => (events === Infinity && duration < Infinity ? start + duration : -Infinity);
  return { type: 'pull', pace, batches: () => generate(options), ends };
}

function* generate(options: SyntheticOptions): Generator<readonly InputEvent[], void, undefined> {
  const market = new Market(options);
  let left = options.events;
  while (left > 0) {
    const batch: InputEvent[] = [];
    const size = Math.min(left, BATCH);
    while (batch.length < size) {
      const event = market.next();
      if (event === undefined) break;
      batch.push(event);
    }
    if (batch.length > 0) yield batch;
    if (batch.length < size) return;
    left -= size;
  }
}

class Market {
  readonly #options: SyntheticOptions;
  readonly #random: Random;
  readonly #walks: readonly Walk[];
  readonly #gaps: readonly Gap[];
  readonly #kinds: readonly ('trade' | 'quote' | 'book')[];
  readonly #spacing: number;
  #time: Micros = 0;
  #gap = 0;
  #trades = 0;
  #books = 0;

  constructor(options: SyntheticOptions) {
    this.#options = options;
    this.#random = new Random(options.seed, 'market');
    const length = Math.min(options.duration, (options.events / options.rate) * MICROS_PER_SECOND);
    const shocks = drawShocks(options, length);
    this.#walks = options.instruments.map(
      (instrument, i) =>
        new Walk(
          instrument,
          shocks.filter((shock) => shock.target < 0 || shock.target === i),
          options.regime,
          new Random(options.seed, `walk ${instrument.symbol}`),
        ),
    );
    this.#gaps = drawGaps(options, length);
    this.#kinds = options.emit.flatMap((kind) => Array.from({ length: WEIGHT[kind] }, () => kind));
    this.#spacing = (2 * MICROS_PER_SECOND) / options.rate;
  }

  /** Undefined when the duration is over. */
  next(): InputEvent | undefined {
    this.#time += Math.floor(this.#random.next() * this.#spacing);
    const gap = this.#gaps[this.#gap];
    if (gap !== undefined && this.#time >= gap.at) {
      this.#time += gap.length;
      this.#gap++;
    }
    if (this.#time >= this.#options.duration) return undefined;
    const walk = this.#walks[this.#random.below(this.#walks.length)] as Walk;
    const kind = this.#kinds[this.#random.below(this.#kinds.length)];
    const at = this.#options.start + this.#time;
    if (kind === 'trade') return this.#trade(walk, at);
    walk.moveTo(this.#time);
    return kind === 'quote' ? this.#quote(walk, at) : this.#book(walk, at);
  }

  #trade(walk: Walk, at: Micros): InputEvent {
    if (!this.#options.emit.includes('quote')) walk.moveTo(this.#time);
    const { symbol, ix, tick } = walk.instrument;
    const buys = this.#random.next() < walk.buyers;
    const price = times(buys ? walk.askTicks : walk.bidTicks, tick);
    const id = String(++this.#trades);
    return receivedAt(
      makeTrade(this.#options.source, at, symbol, ix, price, this.#size(walk), buys ? 1 : -1, id),
      at,
    );
  }

  #quote(walk: Walk, at: Micros): InputEvent {
    const { symbol, ix, tick } = walk.instrument;
    const [bid, ask] = [times(walk.bidTicks, tick), times(walk.askTicks, tick)];
    const [bidSize, askSize] = [this.#size(walk) * 4, this.#size(walk) * 4];
    return receivedAt(makeQuote(this.#options.source, at, symbol, ix, bid, bidSize, ask, askSize), at);
  }

  #book(walk: Walk, at: Micros): InputEvent {
    const { symbol, ix, tick } = walk.instrument;
    const bids: number[] = [];
    const asks: number[] = [];
    for (let level = 0; level < this.#options.depth; level++) {
      if (walk.bidTicks - level > 0)
        bids.push(times(walk.bidTicks - level, tick), this.#size(walk) * (4 + level));
      asks.push(times(walk.askTicks + level, tick), this.#size(walk) * (4 + level));
    }
    const id = ++this.#books;
    return receivedAt(makeBook(this.#options.source, at, symbol, ix, true, bids, asks, id, id, 0), at);
  }

  #size(walk: Walk): number {
    const { lot, size } = walk.instrument;
    const u = this.#random.next();
    return times(Math.max(1, Math.round(((0.1 + 3 * u * u) * size) / lot)), lot);
  }
}

/** n steps as the nearest number to the exact decimal: a step of 0.01 is divided by 100, not multiplied. */
function times(n: number, step: number): number {
  if (step >= 1) return n * step;
  const inverse = Math.round(1 / step);
  return Math.abs(inverse * step - 1) < 1e-9 ? n / inverse : n * step;
}

function drawShocks(options: SyntheticOptions, length: Micros): readonly Shock[] {
  if (typeof options.shocks !== 'number') return options.shocks;
  const random = new Random(options.seed, 'shocks');
  return Array.from({ length: options.shocks }, () => {
    const at = Math.floor(random.next() * knownLength(length));
    const target = random.below(options.instruments.length + 1) - 1;
    const volatility = options.instruments[Math.max(0, target)]?.volatility ?? 0.02;
    const size = volatility * random.between(0.5, 1.5);
    return {
      at,
      over: Math.round(random.between(5, 90)) * MICROS_PER_SECOND,
      move: random.next() < 0.5 ? -size : size,
      target,
    };
  });
}

function drawGaps(options: SyntheticOptions, length: Micros): readonly Gap[] {
  if (typeof options.gaps !== 'number') return [...options.gaps].sort((a, b) => a.at - b.at);
  const random = new Random(options.seed, 'gaps');
  const drawn = Array.from({ length: options.gaps }, () => ({
    at: Math.floor(random.next() * knownLength(length)),
    length: Math.round(random.between(30, 600)) * MICROS_PER_SECOND,
  }));
  return drawn.sort((a, b) => a.at - b.at);
}

/** A market without end has its shocks and gaps in the first day. */
function knownLength(length: Micros): Micros {
  return Number.isFinite(length) ? length : 86_400 * MICROS_PER_SECOND;
}
