import { BehaviorSubject, Subject } from 'rxjs';
import { vi } from 'vitest';
import { binanceOptions } from '../../../../src/brokers/binance/options.js';
import type { SymbolRules } from '../../../../src/brokers/binance/orders/symbol-rules.js';
import { Queries } from '../../../../src/brokers/binance/queries.js';
import { Trading } from '../../../../src/brokers/binance/trading.js';
import type {
  BinanceRest,
  BinanceWsApi,
  LinkStatus,
  OrderAnswer,
  Params,
  RestRequest,
} from '../../../../src/brokers/binance/wire.js';
import type { BrokerCommand } from '../../../../src/brokers/broker.js';
import { mintApproved, mintCommand } from '../../../../src/model/command.js';
import { dec } from '../../../../src/model/decimal.js';
import type { AccountEvent, ExecutionEvent, OutcomeEvent } from '../../../../src/model/event.js';
import { InstrumentTable } from '../../../../src/model/instruments.js';
import type { Intent, IntentAction } from '../../../../src/model/intent.js';
import { makeDispatch } from '../../../../src/model/make.js';
import type { Order } from '../../../../src/model/order.js';
import type { Event } from '../../../../src/model/record.js';
import { State } from '../../../../src/state/state.js';
import { MiniExchange, type Done } from './mini-exchange.js';

export const RULES: SymbolRules = {
  symbol: 'BTCUSDT',
  orderTypes: new Set(['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT']),
  trailingStop: true,
  cancelReplace: true,
  amend: true,
};

export const INSTRUMENT = {
  symbol: 'BTCUSDT',
  venue: 'binance',
  assetClass: 'crypto_spot',
  base: 'BTC',
  quote: 'USDT',
} as const;

export function intentOf(action: IntentAction, fields: Partial<Intent> = {}): Intent {
  return {
    action,
    orderKey: 'k1',
    account: 'main',
    route: 'binance',
    instrument: 'BTCUSDT',
    ix: 0,
    side: 'buy',
    type: 'limit',
    quantity: dec(10),
    limitPrice: dec(100),
    stopPrice: undefined,
    trailingOffset: undefined,
    timeInForce: 'gtc',
    expireAt: undefined,
    postOnly: false,
    reduceOnly: false,
    links: undefined,
    strategy: 's',
    tag: '',
    reason: '',
    metadata: undefined,
    cause: 1,
    ...fields,
  };
}

/** How one request goes: by default it is carried out, answered and reported at once. */
export type Carrier = (carry: () => Done, done: (answer: OrderAnswer) => void, method: string) => void;

/** The trading half of the adapter between a mini exchange and the real State. Wants fake timers. */
export class Rig {
  readonly exchange: MiniExchange = new MiniExchange(() => Date.now());
  readonly status: BehaviorSubject<LinkStatus> = new BehaviorSubject<LinkStatus>({
    state: 'closed',
    attempt: 0,
    reason: 'not opened',
  });
  readonly stream: Subject<unknown> = new Subject();
  readonly commands: Subject<BrokerCommand> = new Subject();
  readonly said: (ExecutionEvent | AccountEvent | OutcomeEvent)[] = [];
  readonly links: string[] = [];
  readonly failures: Error[] = [];
  readonly requests: { readonly by: string; readonly method: string; readonly params: unknown }[] = [];
  readonly trading: Trading;
  readonly state: State;
  /** Fails reads by path. */
  readonly broken: Map<string, Error> = new Map();
  carrier: Carrier = (carry, done) => {
    const { answer, events } = carry();
    this.tell(events);
    done(answer);
  };
  #seq = 0;
  #ids = 0;

  constructor() {
    const instruments = new InstrumentTable([INSTRUMENT]);
    this.state = new State(
      { baseCurrency: 'USDT', accounts: [{ name: 'main', cash: { USDT: 1_000_000 } }] },
      instruments,
    );
    const options = binanceOptions({
      name: 'binance',
      account: 'main',
      credentials: { apiKey: 'k', secret: 's' },
    });
    const rest: BinanceRest = {
      call: (request) => this.#read(request),
      order: (request) =>
        new Promise((resolve) => {
          this.#carry(
            'rest',
            METHODS[`${request.method} ${request.path}`] ?? request.path,
            request.params ?? {},
            resolve,
          );
        }),
    };
    const wsApi: BinanceWsApi = {
      status$: this.status,
      events$: this.stream,
      open: () => undefined,
      close: () => undefined,
      drop: () => undefined,
      call: () => Promise.reject(new Error('not used')),
      order: (method, params, done) => this.#carry('ws', method, params, done),
    };
    this.trading = new Trading({
      options,
      rest,
      wsApi,
      clock: { now: () => Date.now(), offset: 0, sync: () => Promise.resolve() },
      random: () => 0.5,
      queries: new Queries(rest),
      instruments,
      rules: (symbol) => (symbol === 'BTCUSDT' ? RULES : undefined),
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      emit: (event) => this.#say(event),
      fail: (error) => this.failures.push(error),
      status: (part, { state, reason }) =>
        this.links.push(`${part === '' ? 'session' : part} ${state}: ${reason}`),
      monotonic: () => Date.now(),
    });
    this.trading.execute(this.commands).subscribe((outcome) => this.#say(outcome));
  }

  /** Connected, with what was there before. */
  async open(): Promise<this> {
    const opened = this.trading.session.open();
    this.link('ready');
    await opened;
    return this;
  }

  link(state: LinkStatus['state'], reason = ''): void {
    this.status.next({ state, attempt: 1, reason });
  }

  /** The link is lost and comes back; resolves when the session is reconciled. */
  async reconnect(during: () => void = () => undefined): Promise<void> {
    this.link('down', 'lost');
    during();
    this.link('ready');
    await this.settle(100);
  }

  async settle(ms = 60_000): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
  }

  tell(events: readonly unknown[]): void {
    for (const event of events) this.stream.next(event);
  }

  /** Approves and dispatches an intent as the engine does, and hands it over. Returns the client order id. */
  send(action: IntentAction, fields: Partial<Intent> = {}): string {
    const intent = intentOf(action, fields);
    const id = `t-${(++this.#ids).toString(36)}`;
    const approved = mintApproved(intent, dec(100), () => {
      throw new Error('not asked here');
    });
    this.#apply(approved);
    const target = action === 'new' ? '' : (this.order(intent.orderKey)?.clientOrderId ?? '');
    const dispatch = makeDispatch(id, target, 'binance', intent);
    this.#apply(dispatch);
    const order = this.order(intent.orderKey) as Order;
    this.commands.next({ command: mintCommand(approved), dispatch, order });
    return id;
  }

  order(key = 'k1'): Order | undefined {
    return this.state.orders.get(key);
  }

  get position(): string {
    return this.state.portfolio.position('main', 0)?.quantity.toString() ?? '0';
  }

  /** What was said, shortly. */
  get words(): string[] {
    return this.said.flatMap((e) => {
      if (e.kind === 'account') return [];
      if (e.kind === 'outcome') return [`${e.outcome} ${e.clientOrderId}`];
      return [e.report === 'fill' ? `fill ${e.execId} ${e.clientOrderId}` : `${e.report} ${e.clientOrderId}`];
    });
  }

  #carry(by: string, method: string, params: Params, done: (answer: OrderAnswer) => void): void {
    this.requests.push({ by, method, params });
    this.carrier(() => this.exchange.request(method, params), done, method);
  }

  async #read(request: RestRequest): Promise<unknown> {
    await Promise.resolve();
    const error = this.broken.get(request.path);
    if (error !== undefined) throw error;
    return structuredClone(this.exchange.get(request));
  }

  #say(event: ExecutionEvent | AccountEvent | OutcomeEvent): void {
    this.said.push(event);
    this.#apply(event);
  }

  #apply(event: Event): void {
    this.state.setTurn(++this.#seq, Date.now() * 1000);
    this.state.apply(event);
    this.state.takeChanges();
  }
}

const METHODS: Readonly<Record<string, string>> = {
  'POST /api/v3/order': 'order.place',
  'DELETE /api/v3/order': 'order.cancel',
  'POST /api/v3/order/cancelReplace': 'order.cancelReplace',
  'PUT /api/v3/order/amend/keepPriority': 'order.amend.keepPriority',
};
