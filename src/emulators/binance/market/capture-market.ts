import { performance } from 'node:perf_hooks';
import type { BookEvent, InputEvent } from '../../../model/event.js';
import { InstrumentTable, type InstrumentInput } from '../../../model/instruments.js';
import { MillraceError } from '../../../model/reason.js';
import { MICROS_PER_MS, type Micros } from '../../../model/time.js';
import { fileReplay } from '../../../streams/replay/file-replay.js';
import { InstrumentLookup } from '../../../streams/replay/instrument-lookup.js';
import type { Exchange } from '../types.js';
import type { MarketPlayer, MarketState } from './player.js';

export interface CaptureOptions {
  /** Raw captures: `<receive time in ns> <JSON>` a line, plain or gzip. */
  readonly files: readonly string[];
  readonly instruments: readonly InstrumentInput[];
  /** Multiples of real time; Infinity: as fast as the exchange takes it. */
  readonly pace: number;
}

/** Diffs of a symbol kept while its snapshot is not there yet. */
const MOST_EARLY = 10_000;
/** Events played in one go when nothing slows them. */
const BURST = 256;

/**
 * A recorded market: depth and trades of raw captures, played with their own times at any pace. Each symbol begins at
 * its snapshot. Recorded best prices are not played: the ones of the exchange follow from its book, which also holds
 * accounts' orders. Without a depth snapshot there is no market: {@link CaptureMarket.prepare} says so.
 */
export class CaptureMarket implements MarketPlayer {
  readonly #exchange: Exchange;
  readonly #options: CaptureOptions;
  readonly #events: AsyncGenerator<InputEvent, void, undefined>;
  /** Diffs before the snapshot; undefined once the symbol has its book. */
  readonly #early = new Map<string, BookEvent[] | undefined>();
  #pace: number;
  #next: InputEvent | undefined;
  /** Time of the capture, and when on the host's clock it was so. */
  #at: Micros = NaN;
  #since = 0;
  #running = false;
  #loop: Promise<void> | undefined;
  #pulling: Promise<boolean> | undefined;
  #wake: (() => void) | undefined;
  #played = 0;
  #ended = false;

  constructor(exchange: Exchange, options: CaptureOptions) {
    this.#exchange = exchange;
    this.#options = options;
    this.#pace = options.pace;
    for (const { symbol } of options.instruments) this.#early.set(symbol, []);
    this.#events = readCapture(options);
  }

  /** Plays up to the first snapshot, so that there is a book to begin with. */
  async prepare(): Promise<void> {
    while (this.#waiting() && (await this.#pull())) this.#play();
    if (this.#waiting())
      throw new MillraceError(
        'BAD_INPUT',
        `no depth snapshot of ${this.#options.instruments.map(({ symbol }) => symbol).join(', ')} in ${this.#options.files.join(', ')}`,
        'record the REST depth answer in the same file, or name the symbols the capture holds',
      );
  }

  resume(): void {
    if (this.#running || this.#ended) return;
    this.#running = true;
    this.#since = performance.now();
    this.#loop ??= this.#run();
    this.#wake?.();
  }

  pause(): void {
    this.#running = false;
    this.#wake?.();
  }

  async step(count: number): Promise<number> {
    let done = 0;
    while (done < count && (await this.#pull())) {
      this.#play();
      done++;
    }
    this.#since = performance.now();
    return done;
  }

  setRate(rate: number): void {
    if (!(rate > 0)) throw new RangeError('the pace of a capture must be above zero; pause it instead');
    this.#pace = rate;
    this.#since = performance.now();
    this.#wake?.();
  }

  setPrice(): void {
    throw new RangeError('the price of a recorded market cannot be set');
  }

  state(): MarketState {
    return {
      type: 'capture',
      running: this.#running && !this.#ended,
      rate: this.#pace,
      played: this.#played,
      ended: this.#ended,
    };
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#ended = true;
    this.#wake?.();
    await this.#loop;
    await this.#events.return();
  }

  /** True while no symbol has a book. */
  #waiting(): boolean {
    return ![...this.#early.values()].includes(undefined);
  }

  async #run(): Promise<void> {
    while (!this.#ended) {
      if (!this.#running) await this.#sleep(1_000);
      else if (await this.#pull()) await this.#due();
    }
  }

  /** Plays what is due, or waits for it. */
  async #due(): Promise<void> {
    const next = this.#next;
    if (next === undefined) return;
    const now = performance.now();
    const reached = this.#at + (now - this.#since) * MICROS_PER_MS * this.#pace;
    if (next.at > reached) {
      await this.#sleep(Math.min(100, (next.at - reached) / MICROS_PER_MS / this.#pace));
      return;
    }
    // Time is counted from the event just played, so a change of pace concerns only what follows.
    if (this.#pace < Infinity && next.at > this.#at)
      this.#since += (next.at - this.#at) / MICROS_PER_MS / this.#pace;
    this.#play();
    if (this.#played % BURST === 0) await new Promise((done) => setImmediate(done));
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, Math.max(1, ms));
      this.#wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }

  #pull(): Promise<boolean> {
    return (this.#pulling ??= this.#read().finally(() => {
      this.#pulling = undefined;
    }));
  }

  async #read(): Promise<boolean> {
    if (this.#next !== undefined) return true;
    const step = await this.#events.next();
    if (step.done === true) {
      this.#ended = true;
      return false;
    }
    this.#next = step.value;
    if (Number.isNaN(this.#at)) this.#at = step.value.at;
    return true;
  }

  #play(): void {
    const event = this.#next;
    if (event === undefined) return;
    this.#next = undefined;
    this.#at = event.at;
    this.#played++;
    if (event.kind === 'book') this.#book(event);
    else if (event.kind === 'trade' && this.#early.get(event.instrument) === undefined) {
      this.#exchange.market.print(event.instrument, event.price, event.size, event.aggressor < 0);
    }
  }

  #book(event: BookEvent): void {
    const { instrument } = event;
    const early = this.#early.get(instrument);
    if (event.snapshot) {
      this.#early.set(instrument, undefined);
      this.#exchange.market.levels(instrument, event.bids, event.asks, true);
      for (const diff of early ?? []) if (diff.last > event.last) this.#apply(diff);
    } else if (early === undefined) this.#apply(event);
    else if (early.length < MOST_EARLY) early.push(event);
  }

  #apply({ instrument, bids, asks }: BookEvent): void {
    this.#exchange.market.levels(instrument, bids, asks);
  }
}

async function* readCapture({
  files,
  instruments,
}: CaptureOptions): AsyncGenerator<InputEvent, void, undefined> {
  const source = fileReplay({
    source: 'capture',
    files,
    format: 'binance',
    csv: undefined,
    lookup: new InstrumentLookup(new InstrumentTable(instruments), {
      venue: 'binance',
      only: undefined,
      rename: {},
    }),
    pace: Infinity,
    from: -Infinity,
    to: Infinity,
    onBad: 'skip',
    report: () => undefined,
  });
  for await (const batch of source.batches()) yield* batch;
}
