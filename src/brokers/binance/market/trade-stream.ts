import type { TradeEvent } from '../../../model/event.js';
import type { Instrument } from '../../../model/instrument.js';
import { makeTrade } from '../../../model/make.js';
import type { Micros } from '../../../model/time.js';
import type { Json } from '../../../streams/binance-wire/fields.js';
import { tradeFrom } from '../../../streams/binance-wire/messages.js';
import type { WireScanner } from '../../../streams/binance-wire/scanner.js';
import { asOf } from './copy.js';
import { MarketStream, type StreamHost } from './stream.js';

export interface TradeStreamOptions {
  readonly aggregated: boolean;
  /** Trades fetched at most for one hole; 0: none. */
  readonly backfill: number;
  /** How long a hole may be a matter of order while two sockets overlap, milliseconds. */
  readonly reorder: number;
  /** At most `count` trades from id `from` on. */
  readonly fetch: (from: number, count: number) => Promise<readonly TradeEvent[]>;
}

/** Trades that wait behind a hole; more than that and the hole is declared. */
const MOST_WAITING = 10_000;

/**
 * `@trade` or `@aggTrade`: every trade once and in order. Ids are contiguous, so a hole shows what was missed: trades
 * behind it wait until the missing ones were fetched, or the hole is declared.
 */
export class TradeStream extends MarketStream {
  readonly #options: TradeStreamOptions;
  /** Id of the last one emitted; -1: none. */
  #last = -1;
  #waiting: TradeEvent[] = [];
  /** Changes whenever a hole is closed, so that a late answer finds nothing to do. */
  #hole = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Nothing came since the stream was lost: a lower id is a restart of the venue's ids, not a duplicate. */
  #fresh = false;

  constructor(
    host: StreamHost,
    name: string,
    instrument: Instrument,
    silence: number,
    options: TradeStreamOptions,
  ) {
    super(host, name, instrument, silence);
    this.#options = options;
  }

  override scan(s: WireScanner): boolean {
    if (!s.trade(this.symbolText, this.#options.aggregated)) return false;
    const { id } = s;
    if (id > this.#last || this.#fresh) {
      const { symbol, ix } = this.instrument;
      this.#take(makeTrade(this.source, s.ts, symbol, ix, s.price, s.size, s.maker ? -1 : 1, String(id)), id);
    } else this.host.counts.feed_duplicates++;
    return true;
  }

  override read(data: Json, at: Micros): string {
    const trade = tradeFrom(data, this.source, this.instrument, at);
    if (typeof trade === 'string') return trade;
    this.#take(trade, Number(trade.tradeId));
    return '';
  }

  override lost(reason: string): void {
    this.#fresh = true;
    this.host.status(this, 'down', 0, reason);
  }

  override close(): void {
    clearTimeout(this.#timer);
    this.#hole++;
    this.#waiting = [];
  }

  #take(trade: TradeEvent, id: number): void {
    if (this.#fresh) {
      this.#fresh = false;
      if (id <= this.#last) this.#restarted(id);
    }
    if (id <= this.#last) {
      this.host.counts.feed_duplicates++;
      return;
    }
    this.taken++;
    if (id === this.#last + 1 || this.#last < 0) {
      this.#last = id;
      this.emit(trade);
      if (this.#waiting.length > 0) this.#release();
      return;
    }
    this.#wait(trade, id);
  }

  /** The venue counts anew: what was between cannot be told. */
  #restarted(id: number): void {
    this.#closeHole();
    this.#waiting = [];
    this.gap('TRADE_GAP', this.#last + 1, id, 'the ids of the venue went back');
    this.#last = id - 1;
  }

  #wait(trade: TradeEvent, id: number): void {
    const waiting = this.#waiting;
    let at = waiting.length;
    while (at > 0 && idOf(waiting[at - 1]) >= id) at--;
    if (idOf(waiting[at]) === id) {
      this.host.counts.feed_duplicates++;
      return;
    }
    waiting.splice(at, 0, trade);
    if (waiting.length > MOST_WAITING) this.#declare('too many trades came meanwhile');
    else if (waiting.length === 1) this.#open();
  }

  /** A hole opened: soon it is filled, or by the other socket before that. */
  #open(): void {
    const hole = ++this.#hole;
    const grace = this.host.overlapping(this) ? this.#options.reorder : 0;
    if (grace > 0) this.#timer = setTimeout(() => void this.#fill(hole), grace);
    else void this.#fill(hole);
  }

  #closeHole(): void {
    clearTimeout(this.#timer);
    this.#hole++;
  }

  /** Emits what waits and now follows; another hole behind it is opened. */
  #release(): void {
    const waiting = this.#waiting;
    let done = 0;
    for (; done < waiting.length; done++) {
      const trade = waiting[done] as TradeEvent;
      const id = idOf(trade);
      if (id > this.#last + 1) break;
      if (id <= this.#last) continue;
      this.#last = id;
      this.emit(asOf(trade, this.source));
    }
    if (done === 0) return;
    waiting.splice(0, done);
    this.#closeHole();
    if (waiting.length > 0) this.#open();
  }

  async #fill(hole: number): Promise<void> {
    const missing = idOf(this.#waiting[0]) - this.#last - 1;
    if (missing > this.#options.backfill) {
      if (hole === this.#hole) this.#declare(this.#options.backfill === 0 ? '' : 'too many to fetch');
      return;
    }
    try {
      while (hole === this.#hole) {
        const from = this.#last + 1;
        const wanted = idOf(this.#waiting[0]) - from;
        const trades = await this.#options.fetch(from, wanted);
        if (hole !== this.#hole) return;
        this.#filled(trades);
        if (hole === this.#hole && this.#last < from) this.#declare('the venue does not have them');
      }
    } catch (error) {
      if (hole === this.#hole) this.#declare(error instanceof Error ? error.message : String(error));
    }
  }

  #filled(trades: readonly TradeEvent[]): void {
    const end = idOf(this.#waiting[0]);
    for (const trade of trades) {
      const id = idOf(trade);
      if (id !== this.#last + 1 || id >= end) continue;
      this.#last = id;
      this.host.counts.feed_trades_backfilled++;
      this.emit(asOf(trade, this.source));
    }
    this.#release();
  }

  /** Says which trades are missing, and goes on behind them. */
  #declare(reason: string): void {
    const next = idOf(this.#waiting[0]);
    this.gap('TRADE_GAP', this.#last + 1, next, reason);
    this.#last = next - 1;
    this.#release();
  }
}

function idOf(trade: TradeEvent | undefined): number {
  return trade === undefined ? NaN : Number(trade.tradeId);
}
