import { dec, type Decimal } from '../../model/decimal.js';
import { seededRandom } from '../../model/random.js';
import { Account, ApiKey } from './account.js';
import { AccountAudit } from './audit.js';
import { authenticate } from './auth.js';
import { fromKline, toKline, type CandleSeries } from './candles.js';
import { VenueClock } from './clock.js';
import type { AccountConfig, ExchangeConfig, KeyConfig } from './config.js';
import { marketOf, type Core } from './core.js';
import { Dispatcher } from './dispatcher.js';
import { LedgerBook } from './ledger-book.js';
import { Limits } from './limits.js';
import { Listeners } from './listeners.js';
import { VenueMarketPort } from './market-port.js';
import { MatchingHost, type Market } from './matching-host.js';
import { allOperations } from './operations/index.js';
import type { SpotOrder } from './order.js';
import { OrderDesk } from './order-desk.js';
import { OrderLists } from './order-lists.js';
import { RequestJournal } from './request-journal.js';
import { SpotSymbol } from './symbol.js';
import { amount, generatedId } from './text.js';
import type * as T from './types.js';
import { balanceUpdate } from './user-events.js';

/**
 * The exchange in memory: accounts, orders, matching, limits and operations, without servers. Everything happens
 * inside the calls; one call is over before the next begins, so the order of calls is the order of events. Servers may
 * come and go, its state stays. Memory: all orders and fills of accounts, bounded trades, candles and journal.
 */
export class SpotExchange implements T.Exchange {
  readonly clock: T.ExchangeClock;
  readonly operations: ReadonlyMap<string, T.Operation>;
  readonly market: T.MarketPort;
  readonly audit: T.Audit;
  faults: T.FaultPoint = {};
  orderVisibilityMs: number;
  readonly #core: Core;
  readonly #accounts = new Map<string, Account>();
  readonly #keys = new Map<string, ApiKey>();
  readonly #dispatcher: Dispatcher;
  readonly #journal: RequestJournal;
  readonly #users = new Listeners<[string, T.UserEvent]>();
  readonly #public = new Listeners<[T.PublicEvent]>();
  readonly #revoked = new Listeners<[string]>();
  readonly #prices: (readonly [Market, Decimal])[] = [];
  readonly #changed: SpotOrder[] = [];
  #settling = false;

  constructor(config: ExchangeConfig) {
    this.clock = new VenueClock(config.now);
    this.orderVisibilityMs = config.orderVisibilityMs ?? 0;
    const { clock } = this;
    const limits = new Limits(config.limits);
    const random = seededRandom(config.seed ?? 1);
    const symbols = config.symbols.map((s, ix) => new SpotSymbol(s, ix));
    const emit = (accountId: string, event: T.UserEvent): void => {
      this.#users.call(accountId, event);
    };
    const ledger = new LedgerBook(limits, emit);
    const host = new MatchingHost(symbols, config.tapeSize ?? 20_000, clock, ledger, {
      public: (event) => {
        this.#public.call(event);
      },
      traded: (m, price) => {
        this.#prices.push([m, price]);
      },
      changed: (o) => {
        this.#changed.push(o);
      },
    });
    const desk = new OrderDesk(host, ledger, clock);
    const lists = new OrderLists(desk, ledger, clock, emit);
    desk.onTrigger = (o): void => {
      lists.triggered(o);
    };
    desk.onEnd = (o): void => {
      this.#changed.push(o);
    };
    this.#core = {
      clock,
      limits,
      symbols: new Map(symbols.map((s) => [s.name, s])),
      accounts: this.#accounts,
      keys: this.#keys,
      host,
      ledger,
      desk,
      lists,
      newId: () => generatedId(random),
      visible: (o) => clock.micros() - o.createdAt >= this.orderVisibilityMs * 1_000,
    };
    for (const m of host.markets.values()) if (m.symbol.status !== 'TRADING') host.tradable(m, false);
    for (const account of config.accounts) this.addAccount(account);
    const settle = (): void => {
      this.#settle();
    };
    this.audit = new AccountAudit(this.#accounts);
    this.market = new VenueMarketPort(host, settle);
    this.operations = new Map(allOperations(this.#core).map((o) => [o.name, o]));
    this.#journal = new RequestJournal(config.journalSize ?? 100_000);
    this.#dispatcher = new Dispatcher(this.#core, this.#journal, () => this.faults, settle);
  }

  get symbols(): readonly string[] {
    return [...this.#core.symbols.keys()];
  }

  get accountIds(): readonly string[] {
    return [...this.#accounts.keys()];
  }

  handle(request: T.ApiRequest, done: (outcome: T.Outcome) => void): void {
    this.#dispatcher.handle(request, done);
  }

  authenticate(request: Omit<T.ApiRequest, 'operation'>, security: T.Security): T.Caller {
    return authenticate({ ...request, permission: 'read' }, security, this.#keys, this.clock.micros());
  }

  charge(ip: string, weight: number): readonly T.LimitState[] {
    const { limits } = this.#core;
    limits.charge(ip, weight, this.clock.micros());
    return [limits.weightState(ip, this.clock.micros())];
  }

  onUserEvent(listener: (accountId: string, event: T.UserEvent) => void): () => void {
    return this.#users.add(listener);
  }

  onMarket(listener: (event: T.PublicEvent) => void): () => void {
    return this.#public.add(listener);
  }

  depth(symbol: string, limit: number): T.DepthSnapshot {
    return marketOf(this.#core, symbol).book.snapshot(limit);
  }

  top(symbol: string): T.PublicTop {
    return marketOf(this.#core, symbol).book.top;
  }

  recentTrades(symbol: string, limit: number): readonly T.PublicTrade[] {
    return marketOf(this.#core, symbol).tape.trades.slice(-limit);
  }

  seedKlines(symbol: string, interval: string, klines: readonly T.Kline[]): void {
    this.#series(symbol, interval).seed(klines.map(fromKline));
  }

  currentKline(symbol: string, interval: string): T.Kline | undefined {
    const candle = this.#series(symbol, interval).current(this.clock.micros());
    return candle === undefined ? undefined : toKline(interval, candle);
  }

  journal(): readonly T.JournalEntry[] {
    return this.#journal.entries();
  }

  deposit(accountId: string, asset: string, value: string): void {
    const account = this.#account(accountId);
    const now = this.clock.micros();
    account.credit(asset, dec(value));
    this.#users.call(accountId, balanceUpdate(asset, amount(dec(value)), now));
    this.#core.ledger.touched(account);
    this.#settle();
  }

  addAccount(config: AccountConfig): void {
    if (this.#accounts.has(config.id)) throw new RangeError(`account ${config.id} exists already`);
    this.#accounts.set(config.id, new Account(config, 100_001 + this.#accounts.size));
    for (const key of config.keys) this.addKey(config.id, key);
  }

  addKey(accountId: string, key: KeyConfig): void {
    const account = this.#account(accountId);
    if (this.#keys.has(key.apiKey)) throw new RangeError('this API key exists already');
    this.#keys.set(key.apiKey, new ApiKey(key, account));
  }

  revokeKey(apiKey: string): void {
    const key = this.#keys.get(apiKey);
    if (key === undefined || key.revoked) return;
    key.revoked = true;
    this.#revoked.call(apiKey);
  }

  onKeyRevoked(listener: (apiKey: string) => void): () => void {
    return this.#revoked.add(listener);
  }

  /** Lets trades trigger waiting orders and lists follow, until nothing follows any more; then publishes the changes. */
  #settle(): void {
    if (this.#settling) return;
    this.#settling = true;
    try {
      for (;;) {
        const changed = this.#changed.shift();
        if (changed !== undefined) {
          this.#core.lists.changed(changed);
          continue;
        }
        const price = this.#prices.shift();
        if (price === undefined) break;
        this.#core.desk.see(price[0], price[1]);
      }
      this.#core.host.flush();
    } finally {
      this.#settling = false;
    }
  }

  #series(symbol: string, interval: string): CandleSeries {
    const series = marketOf(this.#core, symbol).tape.series(interval);
    if (series === undefined) throw new RangeError(`no interval ${interval}`);
    return series;
  }

  #account(id: string): Account {
    const account = this.#accounts.get(id);
    if (account === undefined) throw new RangeError(`no account ${id} at this exchange`);
    return account;
  }
}
