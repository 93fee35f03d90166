import { EMPTY, NEVER, type Observable } from 'rxjs';
import {
  BrokerError,
  type Broker,
  type BrokerPosition,
  type FillsQuery,
  type OrderQuery,
} from '../../../src/brokers/broker.js';
import { ZERO, dec, type Decimal } from '../../../src/model/decimal.js';
import type { AccountEvent, ExecutionEvent, ExecutionReport } from '../../../src/model/event.js';
import { makeAccount, makeExecution } from '../../../src/model/make.js';
import type { IntentAction } from '../../../src/model/intent.js';

/** A request as it reaches the venue. */
export interface Arriving {
  readonly action: IntentAction;
  readonly clientOrderId: string;
  /** For replace and cancel: the leg meant. */
  readonly target: string;
  readonly side: 'buy' | 'sell';
  readonly quantity: Decimal;
  readonly limitPrice: Decimal | undefined;
  readonly instrument?: string;
}

export interface VenueLeg {
  readonly id: string;
  readonly clientOrderId: string;
  readonly instrument: string;
  readonly side: 'buy' | 'sell';
  quantity: Decimal;
  limitPrice: Decimal | undefined;
  filled: Decimal;
  state: 'open' | 'filled' | 'cancelled' | 'expired';
}

/** A spot venue in one's hand: it does what it is told, and says it in reports that the test delivers, loses or repeats. */
export class ModelVenue implements Broker {
  readonly name: string = 'venue';
  readonly venue: string = 'model';
  readonly account: string = 'main';
  readonly simulated: boolean = false;
  readonly capabilities: Broker['capabilities'] = {
    orderTypes: { limit: ['gtc'], market: ['gtc'] },
    fractional: true,
    short: true,
    amend: true,
    batch: false,
    rateLimits: { orders: [], cancels: [], messages: [] },
  };
  readonly connection$: Broker['connection$'] = NEVER;
  readonly executions$: Broker['executions$'] = NEVER;
  readonly legs: VenueLeg[] = [];
  readonly trades: ExecutionEvent[] = [];
  readonly balances: Map<string, Decimal> = new Map([['USDT', dec(1_000_000)]]);
  /** Reports on their way. */
  outgoing: ExecutionEvent[] = [];
  /** Queries that fail while it is set. */
  failing: string | undefined;
  /** Venue clock, microseconds. */
  now: number;
  held: BrokerPosition[] = [];
  readonly asked: string[] = [];
  /** Client order ids that arrived, to see that none came twice. */
  readonly arrived: string[] = [];
  /** Fills the venue counts but does not list. */
  readonly unlisted: Set<string> = new Set();
  #ids = 0;

  constructor(now: number) {
    this.now = now;
  }

  receive(request: Arriving): void {
    this.arrived.push(request.clientOrderId);
    if (request.action === 'new') {
      this.#tell('accepted', this.place(request));
      return;
    }
    const leg = this.legs.find(({ clientOrderId }) => clientOrderId === request.target);
    const open = leg?.state === 'open';
    if (leg === undefined || !open) {
      const report = request.action === 'cancel' ? 'cancel_rejected' : 'replace_rejected';
      this.#refuse(report, request);
      return;
    }
    if (request.action === 'cancel') {
      leg.state = 'cancelled';
      this.#tell('cancelled', leg);
      return;
    }
    if (request.quantity.lte(leg.filled)) {
      this.#refuse('replace_rejected', request);
      return;
    }
    leg.quantity = request.quantity;
    leg.limitPrice = request.limitPrice;
    this.#tell('replaced', leg, { clientOrderId: request.clientOrderId });
    (leg as { clientOrderId: string }).clientOrderId = request.clientOrderId;
  }

  place(request: Arriving): VenueLeg {
    const { clientOrderId, side, quantity, limitPrice, instrument = 'BTCUSDT' } = request;
    const id = `v${++this.#ids}`;
    const leg: VenueLeg = {
      id,
      clientOrderId,
      instrument,
      side,
      quantity,
      limitPrice,
      filled: ZERO,
      state: 'open',
    };
    this.legs.push(leg);
    return leg;
  }

  fill(
    leg: VenueLeg,
    quantity: Decimal,
    price: Decimal,
    fee: Decimal = ZERO,
    feeCurrency = 'USDT',
  ): ExecutionEvent {
    leg.filled = leg.filled.plus(quantity);
    if (leg.filled.gte(leg.quantity)) leg.state = 'filled';
    const report = this.#report('fill', leg, {
      execId: `t${this.trades.length + 1}`,
      fill: { quantity, price, fee, feeCurrency, liquidity: 'taker' },
    });
    this.trades.push(report);
    const [base, quote] = [leg.instrument.slice(0, 3), leg.instrument.slice(3)];
    const sign = leg.side === 'buy' ? 1 : -1;
    this.move(base, quantity.times(sign));
    this.move(quote, quantity.times(price).times(-sign));
    this.move(feeCurrency, fee.neg());
    this.outgoing.push(report);
    return report;
  }

  expire(leg: VenueLeg): void {
    leg.state = 'expired';
    this.#tell('expired', leg);
  }

  move(currency: string, amount: Decimal): void {
    this.balances.set(currency, (this.balances.get(currency) ?? ZERO).plus(amount));
  }

  openLegs(): readonly VenueLeg[] {
    return this.legs.filter(({ state }) => state === 'open');
  }

  openOrders(): Promise<readonly ExecutionEvent[]> {
    return this.#answer('openOrders', () => this.openLegs().map((leg) => this.#shown(leg)));
  }
  order(query: OrderQuery): Promise<ExecutionEvent | undefined> {
    return this.#answer('order', () => {
      const leg = this.legs.find(
        ({ clientOrderId, id }) =>
          (query.venueOrderId !== '' && id === query.venueOrderId) ||
          (query.clientOrderId !== '' && clientOrderId === query.clientOrderId),
      );
      return leg === undefined ? undefined : this.#shown(leg);
    });
  }
  fills({ since, instruments }: FillsQuery): Promise<readonly ExecutionEvent[]> {
    return this.#answer('fills', () =>
      this.trades
        .filter(
          ({ ts, execId, instrument }) =>
            ts >= since && instruments.includes(instrument) && !this.unlisted.has(execId),
        )
        .map(again),
    );
  }
  positions(): Promise<readonly BrokerPosition[]> {
    return this.#answer('positions', () => this.held);
  }
  accountState(): Promise<AccountEvent> {
    return this.#answer('accountState', () =>
      makeAccount(
        this.name,
        this.now,
        this.name,
        this.account,
        [...this.balances].map(([currency, total]) => ({ currency, total, free: total, locked: ZERO })),
      ),
    );
  }
  serverTime(): Promise<number> {
    return this.#answer('serverTime', () => this.now);
  }
  market(): Observable<never> {
    return EMPTY;
  }
  execute(): Observable<never> {
    return NEVER;
  }
  instruments(): Promise<readonly never[]> {
    return Promise.resolve([]);
  }
  open(): Promise<void> {
    return Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }

  #answer<T>(what: string, make: () => T): Promise<T> {
    this.asked.push(what);
    if (this.failing === what) return Promise.reject(new BrokerError('timeout', `${what} timed out`, true));
    return Promise.resolve(make());
  }

  #shown(leg: VenueLeg): ExecutionEvent {
    const report: ExecutionReport =
      leg.state === 'open' ? 'accepted' : leg.state === 'filled' ? 'fill' : leg.state;
    return this.#report(report, leg, { execId: '', fill: undefined });
  }

  #tell(report: ExecutionReport, leg: VenueLeg, more: Partial<ExecutionEvent> = {}): void {
    this.outgoing.push(this.#report(report, leg, more));
  }

  #refuse(report: 'cancel_rejected' | 'replace_rejected', request: Arriving): void {
    this.outgoing.push(
      makeExecution(this.name, ++this.now, {
        ...blank(this.name, this.account),
        report,
        clientOrderId: request.clientOrderId,
        execId: `r${++this.#ids}`,
        side: request.side,
        reason: 'unknown order',
      }),
    );
  }

  #report(report: ExecutionReport, leg: VenueLeg, more: Partial<ExecutionEvent> = {}): ExecutionEvent {
    return makeExecution(this.name, ++this.now, {
      ...blank(this.name, this.account),
      report,
      clientOrderId: leg.clientOrderId,
      venueOrderId: leg.id,
      execId: `r${++this.#ids}`,
      instrument: leg.instrument,
      ix: leg.instrument === 'BTCUSDT' ? 0 : -1,
      side: leg.side,
      cumulative: leg.filled,
      quantity: leg.quantity,
      limitPrice: leg.limitPrice,
      ...more,
    });
  }
}

/** The same report once more, as a new event. */
export function again(report: ExecutionEvent): ExecutionEvent {
  return makeExecution(report.source, report.ts, report);
}

function blank(broker: string, account: string): Parameters<typeof makeExecution>[2] {
  return {
    broker,
    account,
    report: 'accepted',
    clientOrderId: '',
    venueOrderId: '',
    execId: '',
    instrument: 'BTCUSDT',
    ix: 0,
    side: 'buy',
    fill: undefined,
    cumulative: undefined,
    quantity: undefined,
    limitPrice: undefined,
    stopPrice: undefined,
    reason: '',
  };
}
