import { ZERO, dec, type Decimal } from '../../model/decimal.js';
import type { Micros } from '../../model/time.js';
import type { AccountConfig, KeyConfig } from './config.js';
import type { SpotFill, SpotOrder } from './order.js';
import { verifierOf, type Verifier } from './signature.js';

export interface SpotBalance {
  free: Decimal;
  locked: Decimal;
}

export class ApiKey {
  readonly key: string;
  readonly account: Account;
  readonly verify: Verifier;
  readonly mayTrade: boolean;
  readonly ips: readonly string[];
  revoked: boolean = false;

  constructor(config: KeyConfig, account: Account) {
    this.key = config.apiKey;
    this.account = account;
    this.verify = verifierOf(config);
    this.mayTrade = config.trade ?? true;
    this.ips = config.ips ?? [];
  }
}

/** An account: its balances, exact to the last digit, and its open orders by client order id. */
export class Account {
  readonly id: string;
  readonly uid: number;
  readonly maker: Decimal;
  readonly taker: Decimal;
  readonly tradeGroupId: number;
  canTrade: boolean;
  readonly canWithdraw: boolean;
  updatedAt: Micros = 0;
  readonly balances: Map<string, SpotBalance> = new Map();
  /** Open orders by client order id: it is unique among them only. */
  readonly open: Map<string, SpotOrder> = new Map();
  /** All orders ever accepted, oldest first. */
  readonly orders: SpotOrder[] = [];
  /** All fills, oldest first. */
  readonly fills: SpotFill[] = [];
  readonly #latest = new Map<string, SpotOrder>();
  readonly #touched = new Set<string>();

  constructor(config: AccountConfig, uid: number) {
    this.id = config.id;
    this.uid = uid;
    this.maker = dec(config.makerCommission ?? '0.001');
    this.taker = dec(config.takerCommission ?? '0.001');
    this.canTrade = config.canTrade ?? true;
    this.canWithdraw = config.canWithdraw ?? false;
    this.tradeGroupId = config.tradeGroupId ?? -1;
    for (const [asset, free] of Object.entries(config.balances))
      this.balances.set(asset, { free: dec(free), locked: ZERO });
  }

  /** Makes an order known by its client order id, also when it has a new one. */
  remember(o: SpotOrder): void {
    this.open.set(o.clientOrderId, o);
    this.#latest.set(`${o.symbol.name}:${o.clientOrderId}`, o);
  }

  /** The latest order of this client order id, open or not. */
  latest(symbol: string, clientOrderId: string): SpotOrder | undefined {
    return this.#latest.get(`${symbol}:${clientOrderId}`);
  }

  free(asset: string): Decimal {
    return this.balances.get(asset)?.free ?? ZERO;
  }

  total(asset: string): Decimal {
    const balance = this.balances.get(asset);
    return balance === undefined ? ZERO : balance.free.plus(balance.locked);
  }

  /** Changes the free balance. */
  credit(asset: string, amount: Decimal): void {
    const balance = this.#touch(asset);
    balance.free = balance.free.plus(amount);
  }

  /** Moves from free to locked; negative amounts move back. */
  lock(asset: string, amount: Decimal): void {
    const balance = this.#touch(asset);
    balance.free = balance.free.minus(amount);
    balance.locked = balance.locked.plus(amount);
  }

  /** Notes that the next balance event tells of these assets, changed or not. */
  mention(...assets: string[]): void {
    for (const asset of assets) this.#touch(asset);
  }

  /** Assets changed since the last call. */
  takeTouched(): readonly string[] {
    const assets = [...this.#touched];
    this.#touched.clear();
    return assets;
  }

  #touch(asset: string): SpotBalance {
    this.#touched.add(asset);
    let balance = this.balances.get(asset);
    if (balance === undefined) {
      balance = { free: ZERO, locked: ZERO };
      this.balances.set(asset, balance);
    }
    return balance;
  }
}
