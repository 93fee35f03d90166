import { dec, ZERO, type Decimal } from '../../model/decimal.js';
import { InstrumentTable } from '../../model/instruments.js';
import { makeBook, makeStatus, makeTrade } from '../../model/make.js';
import { DEFAULT_MATCHING, MatchingEngine, type Ledger, type MatchReport } from '../../matching/index.js';
import type { LedgerBook } from './ledger-book.js';
import { hasLimit, type SpotOrder, type SpotSide } from './order.js';
import { PublicBook } from './public-book.js';
import { meeting } from './self-trade.js';
import type { SpotSymbol } from './symbol.js';
import { Tape } from './tape.js';
import type { ExchangeClock, PublicEvent } from './types.js';

/** The engine asks no ledger: what an order binds is checked before it is sent, and settled from the reports. */
const OPEN_LEDGER: Ledger = {
  position: () => ZERO,
  admit: () => '',
  reserve: () => undefined,
  release: () => undefined,
  filled: () => undefined,
};

const SOURCE = 'emulator';

/** One pair as it trades. */
export interface Market {
  readonly symbol: SpotSymbol;
  readonly book: PublicBook;
  readonly tape: Tape;
}

export interface HostListener {
  public(event: PublicEvent): void;
  /** A trade set a new last price. The engine is busy: note it. */
  traded(market: Market, price: Decimal): void;
  /** An order of an account was filled in part, or is over. The engine is busy: note it. */
  changed(order: SpotOrder): void;
}

/** The matching engine with the accounts' orders in it: turns its reports into settled orders, trades and books. */
export class MatchingHost {
  readonly engine: MatchingEngine;
  readonly markets: ReadonlyMap<string, Market>;
  readonly #all: readonly Market[];
  readonly #orders = new Map<string, SpotOrder>();
  readonly #clock: ExchangeClock;
  readonly #ledger: LedgerBook;
  readonly #listener: HostListener;
  #flow = 0;
  /** Trade id of the first of two fills that belong together. */
  #pairId = 0;
  #rejection = '';
  #cancelId: string | undefined;
  #taken: Decimal = ZERO;

  constructor(
    symbols: readonly SpotSymbol[],
    tapeSize: number,
    clock: ExchangeClock,
    ledger: LedgerBook,
    listener: HostListener,
  ) {
    this.#clock = clock;
    this.#ledger = ledger;
    this.#listener = listener;
    this.engine = new MatchingEngine({
      instruments: new InstrumentTable(symbols.map((s) => s.instrument())),
      options: { ...DEFAULT_MATCHING, liquidity: 'displayed', checkIncrements: false },
      ledger: () => OPEN_LEDGER,
      report: (report) => {
        this.#report(report);
      },
      idPrefix: '',
      crossing: {
        meet: (taker, maker) =>
          meeting(this.#orders.get(taker.clientOrderId), this.#orders.get(maker.clientOrderId)),
        prevented: (taker, maker, takerLoses, makerLoses) => {
          const t = this.#orders.get(taker.clientOrderId);
          const m = this.#orders.get(maker.clientOrderId);
          if (t === undefined || m === undefined) return;
          if (hasLimit(t.type)) this.#own(t, takerLoses.negated());
          this.#own(m, makerLoses.negated());
          this.#ledger.prevented(t, m, takerLoses, makerLoses, clock.micros());
        },
      },
    });
    const now = clock.micros();
    this.#all = symbols.map((symbol) => {
      this.engine.onMarket(makeBook(SOURCE, now, symbol.name, symbol.ix, true, [], [], 0, 0, 0), now);
      const book = new PublicBook(symbol, () => this.engine.book(symbol.ix), now);
      return { symbol, book, tape: new Tape(symbol.name, tapeSize) };
    });
    this.markets = new Map(this.#all.map((m) => [m.symbol.name, m]));
  }

  /** Sends an account's order into the engine. Empty, or the engine's reason to refuse it. */
  submit(o: SpotOrder): string {
    const limit = hasLimit(o.type);
    this.#orders.set(o.engineId, o);
    this.#rejection = '';
    this.#send(o.engineId, o.symbol.ix, o.side, o.leaves, limit ? o.price : undefined, {
      timeInForce: !limit || o.timeInForce === 'IOC' ? 'ioc' : o.timeInForce === 'FOK' ? 'fok' : 'gtc',
      postOnly: o.type === 'LIMIT_MAKER',
    });
    return this.#rejection;
  }

  /** Takes a resting order out. `requestId` names the cancel; without it the order expires for `reason`. */
  cancel(o: SpotOrder, requestId: string | undefined, reason?: string): void {
    this.#cancelId = requestId;
    o.expiryReason = reason;
    this.engine.cancel({ clientOrderId: '', targetClientOrderId: o.engineId }, this.#clock.micros());
    this.#cancelId = undefined;
  }

  /** Makes a resting order smaller; it keeps its place. */
  reduce(o: SpotOrder, quantity: Decimal): void {
    const less = quantity.minus(o.quantity);
    this.engine.replace(
      {
        clientOrderId: o.engineId,
        targetClientOrderId: o.engineId,
        quantity: quantity.minus(o.prevented),
        limitPrice: undefined,
        stopPrice: undefined,
        trailingOffset: undefined,
      },
      this.#clock.micros(),
    );
    this.#own(o, less);
  }

  /** An order of the market itself that takes and does not stay. Returns what it took. */
  take(m: Market, side: SpotSide, quantity: Decimal, limit: Decimal | undefined): Decimal {
    this.#taken = ZERO;
    this.#send(`flow:${++this.#flow}`, m.symbol.ix, side, quantity, limit, {
      timeInForce: 'ioc',
      postOnly: false,
    });
    return this.#taken;
  }

  /** A trade elsewhere reaches resting orders. Returns what they took of it. */
  print(m: Market, price: number, quantity: number, buyerIsMaker: boolean): Decimal {
    const now = this.#clock.micros();
    const { name, ix } = m.symbol;
    this.#taken = ZERO;
    this.engine.onMarket(makeTrade(SOURCE, now, name, ix, price, quantity, buyerIsMaker ? -1 : 1, ''), now);
    return this.#taken;
  }

  /** Publishes a trade that no account has part in. */
  publish(m: Market, price: Decimal, quantity: Decimal, buyerIsMaker: boolean, taker: string): number {
    const at = this.#clock.micros();
    const trade = m.tape.add(price.toNumber(), quantity.toNumber(), buyerIsMaker, taker, at);
    this.#listener.public(trade);
    this.#listener.traded(m, price);
    return trade.id;
  }

  /** Changes the market's own levels. */
  levels(m: Market, bids: readonly number[], asks: readonly number[], snapshot: boolean): void {
    const now = this.#clock.micros();
    if (snapshot) m.book.touchAll();
    for (let i = 0; i < bids.length; i += 2) m.book.touch('BUY', bids[i] ?? 0);
    for (let i = 0; i < asks.length; i += 2) m.book.touch('SELL', asks[i] ?? 0);
    this.engine.onMarket(
      makeBook(SOURCE, now, m.symbol.name, m.symbol.ix, snapshot, bids, asks, 0, 0, 0),
      now,
    );
  }

  /** Lets orders match, or not. */
  tradable(m: Market, open: boolean): void {
    const now = this.#clock.micros();
    const status = open ? 'open' : 'halted';
    this.engine.onMarket(makeStatus(SOURCE, now, m.symbol.name, m.symbol.ix, status, ''), now);
  }

  /** Publishes aggregates, book changes and balances of what happened since the last call. */
  flush(): void {
    const now = this.#clock.micros();
    for (const m of this.#all) {
      for (const aggregate of m.tape.takeAggregates()) this.#listener.public(aggregate);
      if (!m.book.dirty) continue;
      const fix = m.book.corrections();
      if (fix !== undefined) this.levels(m, fix.bids, fix.asks, false);
      const changed = m.book.flush(now);
      if (changed === undefined) continue;
      this.#listener.public(changed.depth);
      if (changed.top !== undefined) this.#listener.public(changed.top);
    }
    this.#ledger.flush(now);
  }

  #send(
    id: string,
    ix: number,
    side: SpotSide,
    quantity: Decimal,
    limitPrice: Decimal | undefined,
    rules: { readonly timeInForce: 'gtc' | 'ioc' | 'fok'; readonly postOnly: boolean },
  ): void {
    this.engine.submit(
      {
        clientOrderId: id,
        account: '',
        ix,
        side: side === 'BUY' ? 'buy' : 'sell',
        type: limitPrice === undefined ? 'market' : 'limit',
        quantity,
        limitPrice,
        stopPrice: undefined,
        trailingOffset: undefined,
        expireAt: undefined,
        reduceOnly: false,
        ...rules,
      },
      this.#clock.micros(),
    );
  }

  #report(r: MatchReport): void {
    const o = this.#orders.get(r.clientOrderId);
    switch (r.report) {
      case 'accepted':
        if (o !== undefined) this.#accepted(o, r.at);
        return;
      case 'fill':
        this.#filled(r, o);
        return;
      case 'rejected':
        this.#orders.delete(r.clientOrderId);
        this.#rejection = r.reason;
        return;
      case 'cancelled':
      case 'expired':
        if (o !== undefined) this.#ended(o, r);
    }
  }

  #accepted(o: SpotOrder, now: number): void {
    o.onBook = true;
    o.workingAt = now;
    if (hasLimit(o.type)) this.#own(o, o.leaves);
    this.#ledger.report(o, now, { type: 'NEW' });
  }

  #filled(r: MatchReport, o: SpotOrder | undefined): void {
    const { order, fill: f, at } = r;
    const m = order === undefined ? undefined : this.#all[order.ix];
    if (order === undefined || f === undefined || m === undefined) return;
    const maker = f.liquidity === 'maker';
    if (maker || f.counter === undefined) {
      const taker = maker ? (f.counter?.clientOrderId ?? 'market') : r.clientOrderId;
      this.#pairId = this.publish(m, f.price, f.quantity, maker === order.sign > 0, taker);
    }
    if (f.counter === undefined && !maker) m.book.touch(order.sign > 0 ? 'SELL' : 'BUY', f.price.toNumber());
    if (o === undefined || f.counter === undefined) this.#taken = this.#taken.plus(f.quantity);
    if (o === undefined) return;
    if (hasLimit(o.type)) this.#own(o, f.quantity.negated());
    this.#ledger.fill(o, this.#pairId, f.quantity, f.price, maker, at);
    if (!o.isOpen) this.#orders.delete(r.clientOrderId);
    this.#listener.changed(o);
  }

  #ended(o: SpotOrder, r: MatchReport): void {
    this.#orders.delete(r.clientOrderId);
    const left = r.order?.leaves ?? ZERO;
    if (hasLimit(o.type) && left.gt(0)) this.#own(o, left.negated());
    if (this.#cancelId !== undefined) this.#ledger.end(o, 'CANCELED', r.at, { requestId: this.#cancelId });
    else if (r.report === 'expired') this.#ledger.end(o, 'EXPIRED_IN_MATCH', r.at);
    else this.#ledger.end(o, 'EXPIRED', r.at, { reason: o.expiryReason ?? unfilled(o) });
    this.#listener.changed(o);
  }

  #own(o: SpotOrder, change: Decimal): void {
    if (!change.isZero()) this.#all[o.symbol.ix]?.book.own(o.side, o.price, dec(change));
  }
}

/** Why what is left of an order that may not rest is over. */
function unfilled(o: SpotOrder): string {
  if (!hasLimit(o.type)) return 'INSUFFICIENT_LIQUIDITY';
  return o.timeInForce === 'FOK' ? 'UNFILLED_FOK_ORDER_EXPIRED' : 'UNFILLED_IOC_QUANTITY_EXPIRED';
}
