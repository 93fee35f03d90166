import { map, type Observable } from 'rxjs';
import type { Log } from '../../model/component.js';
import type {
  AccountEvent,
  BarEvent,
  ConnectionEvent,
  ExecutionEvent,
  GapEvent,
  MarketEvent,
  OutcomeEvent,
} from '../../model/event.js';
import type { InstrumentInput, InstrumentTable } from '../../model/instruments.js';
import { makeAccount, makeConnection, makeOutcome } from '../../model/make.js';
import { MICROS_PER_MS, type Micros } from '../../model/time.js';
import type { ReportBadData } from '../../streams/source.js';
import {
  BrokerError,
  type Broker,
  type BrokerCapabilities,
  type BrokerCommand,
  type BrokerFigure,
  type BrokerPosition,
  type FillsQuery,
  type HistoryRequest,
  type MarketSubscription,
  type OrderQuery,
  type PanicTask,
  type RateLimit,
} from '../broker.js';
import { binanceCapabilities } from './capabilities.js';
import { makeWire, type BinanceWire } from './make-wire.js';
import { MarketFeed } from './market/feed.js';
import { listingFrom } from './market/instruments.js';
import { RestMarket } from './market/rest-market.js';
import type { BinanceOptions } from './options.js';
import { AccountQueries } from './account-queries.js';
import type { ResolveOptions } from './orders/resolve.js';
import { orderLimitsIn, type SymbolRules } from './orders/symbol-rules.js';
import { Outlet } from './outlet.js';
import { panicTask } from './panic.js';
import { readPermissions, type BinancePermissions } from './permissions.js';
import { Queries } from './queries.js';
import { Trading, VENUE } from './trading.js';
import type { LinkStatus } from './wire.js';

export interface BinanceSurroundings {
  readonly instruments: InstrumentTable;
  readonly log: Log;
  /** Wall clock in microseconds. */
  readonly wall: () => Micros;
  readonly bad: ReportBadData;
  /** Symbols to load; empty: every symbol of the venue. */
  readonly symbols: readonly string[];
  /** How requests of unknown outcome are asked for; the defaults suit the venue. */
  readonly resolve?: Partial<ResolveOptions>;
}

const monotonic: () => number = performance.now.bind(performance);
/** Events that may wait before the engine listens. */
const MOST_EARLY = 100_000;

/**
 * One Binance session. Spot: market data, orders, user data and queries. USD-M: market data alone. Without credentials
 * it is a public session: market data alone, on either market.
 */
export class BinanceBroker implements Broker {
  readonly name: string;
  readonly venue: string = VENUE;
  readonly account: string;
  readonly simulated: boolean = false;
  readonly #options: BinanceOptions;
  readonly #env: BinanceSurroundings;
  readonly #wire: BinanceWire;
  readonly #queries: Queries;
  readonly #feed: MarketFeed;
  /** Undefined: no credentials, or a market without orders here. */
  readonly #trading: Trading | undefined;
  /** Absent without an account: there is nothing that could be cancelled. */
  readonly panic?: () => PanicTask;
  /** The receive window: a request that comes later is refused. */
  readonly requestLife: Micros;
  readonly #connections: Outlet<ConnectionEvent> = new Outlet(MOST_EARLY);
  readonly #executions: Outlet<ExecutionEvent | AccountEvent> = new Outlet(MOST_EARLY);
  #inputs: readonly InstrumentInput[] = [];
  #rules: ReadonlyMap<string, SymbolRules> = new Map();
  #orderLimits: readonly RateLimit[] = [];
  #closed = false;

  constructor(options: BinanceOptions, env: BinanceSurroundings, wire: BinanceWire = makeWire(options)) {
    this.name = options.name;
    this.account = options.account;
    this.requestLife = options.recvWindow * MICROS_PER_MS;
    this.#options = options;
    this.#env = env;
    this.#wire = wire;
    this.#queries = new Queries(wire.rest, options.market);
    const status = (part: string, link: LinkStatus): void => this.#say(part, link);
    this.#feed = new MarketFeed({
      options,
      rest: wire.rest,
      instruments: env.instruments,
      status,
      bad: env.bad,
      wall: env.wall,
      clock: wire.clock,
      random: wire.random,
      admit: () => wire.connections.admit(),
      classify: wire.classify,
    });
    if (options.credentials === undefined || options.market !== 'spot') return;
    this.panic = (): PanicTask => panicTask(options);
    this.#trading = new Trading({
      options,
      rest: wire.rest,
      wsApi: wire.wsApi,
      clock: wire.clock,
      random: wire.random,
      queries: this.#queries,
      instruments: env.instruments,
      rules: (symbol) => this.#rules.get(symbol),
      log: env.log,
      emit: (event) => this.#executions.next(event),
      fail: (error) => this.#executions.error(error),
      status,
      monotonic,
      ...(env.resolve === undefined ? {} : { resolve: env.resolve }),
    });
  }

  get capabilities(): BrokerCapabilities {
    return binanceCapabilities(this.#options.market, this.#orderLimits);
  }

  get connection$(): Observable<ConnectionEvent> {
    return this.#connections.events$;
  }

  get executions$(): Observable<ExecutionEvent | AccountEvent> {
    return this.#executions.events$;
  }

  /**
   * Clock, instruments, permissions, then the user data stream; each a step on `connection$`. Rejects when the key is
   * refused or may not trade, or when the venue cannot be reached in time.
   */
  async open(): Promise<void> {
    try {
      this.#step('measuring the venue’s clock');
      await this.#wire.clock.sync();
      this.#step('reading instruments');
      await this.#loadInstruments();
      if (this.#trading === undefined) {
        this.#say('', { state: 'ready', attempt: 0, reason: 'market data only' });
        return;
      }
      this.#step('reading permissions');
      const { canTrade } = await this.#queries.account();
      if (!canTrade)
        throw new BrokerError(
          'auth',
          `the Binance account behind "${this.name}" may not trade: see its status at the venue`,
          false,
        );
      await this.#trading.session.open();
    } catch (error) {
      this.#say('', {
        state: 'closed',
        attempt: 0,
        reason: error instanceof Error ? error.message : String(error),
      });
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#trading?.close();
    this.#feed.close();
    await this.#wire.close();
    this.#connections.complete();
    this.#executions.complete();
  }

  market(subscription: MarketSubscription): Observable<MarketEvent | GapEvent> {
    return this.#feed.market(subscription);
  }

  /** Where there are no orders, every command comes back `not_sent`. */
  execute(commands$: Observable<BrokerCommand>): Observable<OutcomeEvent> {
    if (this.#trading !== undefined) return this.#trading.execute(commands$);
    const { name } = this;
    return commands$.pipe(
      map(({ dispatch: { orderKey, clientOrderId, action } }) => {
        const at = this.#env.wall();
        return makeOutcome(
          name,
          at,
          name,
          orderKey,
          clientOrderId,
          action,
          'not_sent',
          'rejection',
          this.#noOrders(),
        );
      }),
    );
  }

  async openOrders(): Promise<readonly ExecutionEvent[]> {
    return this.#account().openOrders();
  }

  async order(query: OrderQuery): Promise<ExecutionEvent | undefined> {
    return this.#account().order(query);
  }

  async fills(query: FillsQuery): Promise<readonly ExecutionEvent[]> {
    return this.#account().fills(query);
  }

  /** Spot holds currencies, not positions: they are in the balances. */
  positions(): Promise<readonly BrokerPosition[]> {
    return Promise.resolve([]);
  }

  async accountState(): Promise<AccountEvent> {
    // The engine asks every broker; one without an account has nothing in it.
    if (this.#trading === undefined)
      return makeAccount(this.name, this.#env.wall(), this.name, this.account, []);
    return this.#trading.accountState();
  }

  instruments(): Promise<readonly InstrumentInput[]> {
    return Promise.resolve(this.#inputs);
  }

  history(request: HistoryRequest): Observable<BarEvent> {
    return this.#feed.history(request);
  }

  figures(): readonly BrokerFigure[] {
    return [...this.#wire.figures(), ...this.#feed.figures(), ...(this.#trading?.figures() ?? [])];
  }

  async serverTime(): Promise<Micros> {
    return (await this.#queries.serverTime()) * MICROS_PER_MS;
  }

  /** What account and key may do, for checks before a run. */
  permissions(): Promise<BinancePermissions> {
    this.#account();
    return readPermissions(this.#queries, this.#options.environment);
  }

  async #loadInstruments(): Promise<void> {
    const { market } = this.#options;
    const answer = await new RestMarket(this.#wire.rest, market).exchangeInfo(this.#env.symbols);
    const { instruments, rules, refused } = listingFrom(answer, market);
    this.#inputs = instruments;
    this.#rules = rules;
    this.#orderLimits = orderLimitsIn(answer);
    if (refused.length === 0) return;
    const [first] = refused;
    this.#env.log.warn(`${this.name}: ${refused.length} symbols are left out`, {
      symbols: refused.map(({ symbol }) => symbol).slice(0, 20),
      first: first?.reason ?? '',
    });
  }

  #account(): AccountQueries {
    if (this.#trading !== undefined)
      return new AccountQueries(this.#queries, this.#trading, this.#wire.clock, this.#env.instruments);
    throw new BrokerError('auth', this.#noOrders(), false);
  }

  #noOrders(): string {
    return this.#options.market === 'usdm'
      ? `broker "${this.name}" is Binance USD-M futures, which is market data only here: send orders to a spot broker`
      : `broker "${this.name}" has no credentials, so it is market data only: give it api_key and secret or private_key`;
  }

  #step(reason: string): void {
    this.#say('', { state: 'connecting', attempt: 1, reason });
  }

  #say(part: string, { state, attempt, reason }: LinkStatus): void {
    const name = part === '' ? this.name : `${this.name}/${part}`;
    this.#connections.next(makeConnection(this.name, this.#env.wall(), name, state, attempt, reason));
  }
}
