import {
  DEFAULT_MATCHING,
  MatchingEngine,
  VenueAccount,
  type AccountRules,
  type MatchReport,
  type MatchingOptions,
  type OrderRequest,
} from '../../src/matching/index.js';
import { Decimal, dec } from '../../src/model/decimal.js';
import type { MarketEvent } from '../../src/model/event.js';
import { InstrumentTable, type InstrumentInput } from '../../src/model/instruments.js';
import { makeBar, makeBook, makeQuote, makeTrade, type BarFields } from '../../src/model/make.js';

export const MINUTE = 60_000_000;
export const SHARE: InstrumentInput = { symbol: 'AAA', tickSize: '0.01', lotSize: 1 };

export interface Order {
  readonly clientOrderId?: string;
  readonly account?: string;
  readonly side?: OrderRequest['side'];
  readonly type?: OrderRequest['type'];
  readonly quantity?: number | string;
  readonly limitPrice?: number | string;
  readonly stopPrice?: number | string;
  readonly trailingOffset?: OrderRequest['trailingOffset'];
  readonly timeInForce?: OrderRequest['timeInForce'];
  readonly expireAt?: number;
  readonly postOnly?: boolean;
  readonly reduceOnly?: boolean;
}

export interface VenueSetup {
  readonly options?: Partial<MatchingOptions>;
  readonly rules?: Partial<AccountRules>;
  readonly cash?: Record<string, number>;
  readonly instrument?: Partial<InstrumentInput>;
}

export type Words = string;

/** A venue with one instrument and one account, driven by hand; `said` holds every report as words. */
export class Venue {
  readonly reports: MatchReport[] = [];
  readonly account: VenueAccount;
  readonly engine: MatchingEngine;
  at = 1;
  #n = 0;
  #read = 0;

  constructor(setup: VenueSetup = {}) {
    const instruments = new InstrumentTable([{ ...SHARE, ...setup.instrument }]);
    const options: MatchingOptions = { ...DEFAULT_MATCHING, ...setup.options };
    const cash = Object.fromEntries(
      Object.entries(setup.cash ?? { USD: 1_000_000 }).map(([k, v]) => [k, dec(v)]),
    );
    const rules: AccountRules = {
      type: 'margin',
      shorting: true,
      leverage: new Decimal(1),
      initialMargin: undefined,
      maintenanceMargin: undefined,
      ...setup.rules,
    };
    this.account = new VenueAccount(rules, options.fees, cash, instruments, (ix) => this.engine.mark(ix));
    this.engine = new MatchingEngine({
      instruments,
      options,
      ledger: (account) => (account === 'main' ? this.account : undefined),
      report: (report) => this.reports.push(report),
      idPrefix: 'v',
    });
  }

  /** Words said since the last call: `fill a 10@100 maker`, `accepted a`, `rejected a CODE: ...`. */
  said(): Words[] {
    const news = this.reports.slice(this.#read).map((r) => {
      const fill =
        r.fill === undefined
          ? ''
          : ` ${r.fill.quantity.toString()}@${r.fill.price.toString()} ${r.fill.liquidity}`;
      return `${r.report} ${r.clientOrderId}${fill}${r.reason === '' ? '' : ` ${r.reason}`}`;
    });
    this.#read = this.reports.length;
    return news;
  }

  send(order: Order): Words[] {
    this.engine.submit(
      {
        clientOrderId: order.clientOrderId ?? `o${++this.#n}`,
        account: order.account ?? 'main',
        ix: 0,
        side: order.side ?? 'buy',
        type: order.type ?? 'market',
        quantity: dec(order.quantity ?? 10),
        limitPrice: order.limitPrice === undefined ? undefined : dec(order.limitPrice),
        stopPrice: order.stopPrice === undefined ? undefined : dec(order.stopPrice),
        trailingOffset: order.trailingOffset,
        timeInForce: order.timeInForce ?? 'gtc',
        expireAt: order.expireAt,
        postOnly: order.postOnly ?? false,
        reduceOnly: order.reduceOnly ?? false,
      },
      this.at,
    );
    return this.said();
  }

  cancel(id: string, target: string = id): Words[] {
    this.engine.cancel({ clientOrderId: id, targetClientOrderId: target }, this.at);
    return this.said();
  }

  replace(id: string, target: string, quantity: number, limitPrice?: number, stopPrice?: number): Words[] {
    this.engine.replace(
      {
        clientOrderId: id,
        targetClientOrderId: target,
        quantity: dec(quantity),
        limitPrice: limitPrice === undefined ? undefined : dec(limitPrice),
        stopPrice: stopPrice === undefined ? undefined : dec(stopPrice),
        trailingOffset: undefined,
      },
      this.at,
    );
    return this.said();
  }

  feed(event: MarketEvent): Words[] {
    this.engine.onMarket(event, this.at);
    return this.said();
  }

  quote(bid: number, ask: number, bidSize = 100, askSize = 100): Words[] {
    this.at++;
    return this.feed(makeQuote('t', 0, 'AAA', 0, bid, bidSize, ask, askSize));
  }

  trade(price: number, size = 100, aggressor = 0): Words[] {
    this.at++;
    return this.feed(makeTrade('t', 0, 'AAA', 0, price, size, aggressor, ''));
  }

  book(snapshot: boolean, bids: number[], asks: number[]): Words[] {
    this.at++;
    return this.feed(makeBook('t', 0, 'AAA', 0, snapshot, bids, asks, 0, 0, 0));
  }

  /** A bar that ends one minute from now; time moves to its end. */
  bar(open: number, high: number, low: number, close: number, more: Partial<BarFields> = {}): Words[] {
    const start = more.start ?? this.at;
    const every = more.every ?? MINUTE;
    this.at = Math.max(this.at, start + every);
    return this.feed(
      makeBar('t', 0, 'AAA', 0, {
        basis: 'trade',
        volume: 1_000,
        count: 0,
        open,
        high,
        low,
        close,
        ...more,
        start,
        every,
      }),
    );
  }
}
