import { Decimal, ZERO, dec } from '../model/decimal.js';
import type { AccountEvent, Fill } from '../model/event.js';
import type { Instrument, Side } from '../model/instrument.js';
import type { InstrumentTable } from '../model/instruments.js';
import { nextDaily } from '../model/session.js';
import { MICROS_PER_HOUR, type Micros } from '../model/time.js';
import { Account, added, exact, isCoin, type SavedAccount } from './account.js';
import type { Changes } from './changes.js';
import type { DayRoll, StateConfig } from './config.js';
import { EquityTrack, type SavedTrack } from './equity-track.js';
import type { Hasher } from './hash.js';
import type { Market } from './market.js';
import type { PositionRecord } from './position.js';
import { Rates } from './rates.js';
import { takeOver, type Taken } from './take-over.js';
import type { PortfolioView, Position } from './view.js';

export interface SavedPortfolio {
  readonly accounts: readonly SavedAccount[];
  readonly total: SavedTrack;
  readonly nextRoll: Micros;
  readonly unstarted: boolean;
}

/**
 * Money of all accounts. Equity is kept in floating point with every mark of a held instrument; Decimals are computed
 * when asked for. Without an account argument every figure is the sum over accounts; peak, drawdown and window are
 * then those of the sum. Several currencies are converted at the rate of now.
 */
export class Portfolio implements PortfolioView {
  readonly baseCurrency: string;
  readonly #accounts = new Map<string, Account>();
  readonly #list: Account[] = [];
  readonly #total: EquityTrack;
  readonly #rates: Rates;
  readonly #market: Market;
  readonly #instruments: InstrumentTable;
  readonly #changes: Changes;
  readonly #window: Micros;
  readonly #roll: DayRoll;
  /** Engine time of the turn. */
  at: Micros = 0;
  /** Engine time of the next daily roll; 0 before the first turn. */
  nextRoll: Micros = 0;
  /** Some start or day-start equity is not known yet. */
  #unstarted = true;

  constructor(config: StateConfig, instruments: InstrumentTable, market: Market, changes: Changes) {
    this.baseCurrency = config.baseCurrency;
    this.#market = market;
    this.#instruments = instruments;
    this.#changes = changes;
    this.#window = config.rollingWindow ?? MICROS_PER_HOUR;
    this.#roll = config.dayRoll ?? { time: 0, zone: 'UTC' };
    this.#rates = new Rates(config.baseCurrency, config.rates ?? {}, instruments, market);
    this.#total = new EquityTrack(this.#window);
    for (const account of config.accounts) this.#add(new Account(account, this.#rates, market, this.#window));
  }

  /** Called by State when `at` reaches {@link Portfolio.nextRoll}, before the event of that time is folded. */
  roll(at: Micros): void {
    const first = this.nextRoll === 0;
    this.nextRoll = nextDaily(at, this.#roll);
    if (first) {
      for (const account of this.#list) account.revalue(at);
      this.#updateTotal(at);
    } else {
      for (const account of this.#list) account.track.dayStart = account.equity();
      this.#total.dayStart = this.equity();
      this.#unstarted = true;
    }
    this.#settleStart();
  }

  /** A watched instrument has a new mark: a held position or an exchange rate. */
  marked(ix: number, at: Micros): void {
    const rates = this.#rates.marked(ix);
    let changed = rates;
    for (let i = 0; i < this.#list.length; i++) {
      const account = this.#list[i] as Account;
      if (rates) account.revalue(at);
      else if (account.marked(ix, at)) changed = true;
    }
    if (!changed) return;
    this.#updateTotal(at);
    if (this.#unstarted) this.#settleStart();
  }

  fill(name: string, instrument: Instrument, side: Side, quantity: Decimal, fill: Fill, at: Micros): void {
    const account = this.#account(name);
    const position = account.fill(instrument, side, quantity, fill, at);
    account.revalue(at);
    this.#updateTotal(at);
    this.#changes.position(position);
    this.#settleStart();
  }

  /**
   * Balances as a broker states them. With `balances: broker`, or as long as nothing is known of the account, they
   * replace its cash; otherwise they are compared, and a new difference is logged as `BALANCE_DIFFERENCE`.
   */
  reported(event: AccountEvent, at: Micros): void {
    const account = this.#account(event.account);
    const take = account.balances === 'broker' || !account.seeded;
    for (const { currency, total } of event.balances) {
      if (isCoin(this.#instruments, currency)) continue;
      if (take) {
        account.cash.set(currency, total);
        continue;
      }
      if (!account.differs(currency, total)) continue;
      const own = account.cash.get(currency) ?? ZERO;
      this.#changes.log('warn', 'BALANCE_DIFFERENCE', {
        account: event.account,
        currency,
        broker: total,
        own,
      });
    }
    if (!take) return;
    account.seeded = true;
    account.revalue(at);
    this.#updateTotal(at);
    this.#settleStart();
  }

  /** Sets what a venue was found to have. `opening`: when its books were first compared. */
  takeOver(taken: Taken, opening: boolean, at: Micros): void {
    const account = this.#account(taken.account);
    if (takeOver(account, this.#total, taken, opening, () => this.equity(), at)) this.#unstarted = true;
    this.#updateTotal(at);
    if ('instrument' in taken) this.#changes.position(account.byIx[taken.instrument.ix] as PositionRecord);
    this.#settleStart();
  }

  owned(account: string, currency: string): Decimal {
    return this.#accounts.get(account)?.owned(currency) ?? ZERO;
  }
  accounts(): readonly string[] {
    return this.#list.map((account) => account.name);
  }
  position(account: string, ix: number): Position | undefined {
    return this.#accounts.get(account)?.byIx[ix];
  }
  positions(account?: string): readonly Position[] {
    return this.#of(account).flatMap((entry) => entry.positions);
  }
  cash(account: string, currency: string): Decimal {
    return this.#accounts.get(account)?.cash.get(currency) ?? ZERO;
  }
  currencies(account: string): readonly string[] {
    return [...(this.#accounts.get(account)?.cash.keys() ?? [])];
  }
  equity(account?: string): Decimal | undefined {
    return this.#sum(account, (entry) => entry.equity());
  }
  equityNumber(account?: string): number {
    return this.#track(account)?.value ?? NaN;
  }
  startEquity(account?: string): Decimal | undefined {
    return this.#track(account)?.start;
  }
  /** Not a number when a currency of it has no rate. */
  realizedPnl(account?: string): Decimal {
    const sum = this.#sum(account, (entry) => {
      let part: Decimal | undefined = ZERO;
      for (const { realizedPnl, currency } of entry.positions) {
        if (!realizedPnl.isZero()) part = added(part, entry.toBase(realizedPnl, currency.name));
      }
      return part;
    });
    return sum ?? dec(NaN);
  }
  unrealizedPnl(account?: string): Decimal | undefined {
    return this.#sum(account, (entry) =>
      entry.sum((notional, { quantity, averagePrice, definition }) =>
        notional.minus(quantity.times(averagePrice).times(definition.multiplier)),
      ),
    );
  }
  /** Not a number when a currency of it has no rate. */
  fees(account?: string): Decimal {
    const sum = this.#sum(account, (entry) => {
      let part: Decimal | undefined = ZERO;
      for (const [currency, fee] of entry.fees) part = added(part, entry.toBase(fee, currency));
      return part;
    });
    return sum ?? dec(NaN);
  }
  grossExposure(account?: string): Decimal | undefined {
    return this.#sum(account, (entry) => entry.sum((notional) => notional.abs()));
  }
  netExposure(account?: string): Decimal | undefined {
    return this.#sum(account, (entry) => entry.sum((notional) => notional));
  }
  marginUsed(account?: string): Decimal | undefined {
    return this.#sum(account, (entry) =>
      entry.sum((notional, { definition }) =>
        notional.abs().times(definition.initialMargin).div(entry.leverage),
      ),
    );
  }
  dayStartEquity(account?: string): Decimal | undefined {
    return this.#track(account)?.dayStart;
  }
  peakEquity(account?: string): Decimal | undefined {
    return exact(this.#track(account)?.peak);
  }
  maxDrawdown(account?: string): number {
    return this.#track(account)?.maxDrawdown ?? 0;
  }
  rollingPeakEquity(account?: string): Decimal | undefined {
    return exact(this.#track(account)?.rollingPeak(this.at));
  }
  rate(currency: string): Decimal | undefined {
    return this.#rates.rate(currency);
  }
  /** What the broker last said beyond our own books, by currency; empty when they agree. */
  difference(account: string, currency: string): string {
    return this.#accounts.get(account)?.differences.get(currency) ?? '';
  }

  save(): SavedPortfolio {
    return {
      accounts: this.#list.map((account) => account.save()),
      total: this.#total.save(),
      nextRoll: this.nextRoll,
      unstarted: this.#unstarted,
    };
  }

  /** After the market was loaded, so that exchange rates are found. */
  load(saved: SavedPortfolio, at: Micros): void {
    this.at = at;
    this.nextRoll = saved.nextRoll;
    for (const account of saved.accounts) this.#account(account.name).load(account, this.#instruments);
    this.#total.load(saved.total);
    this.#unstarted = saved.unstarted;
  }

  hash(hasher: Hasher): void {
    hasher.num(this.nextRoll);
    for (const account of this.#list) account.hash(hasher);
    this.#total.hash(hasher);
  }

  #account(name: string): Account {
    return (
      this.#accounts.get(name) ??
      this.#add(new Account({ name, cash: {} }, this.#rates, this.#market, this.#window))
    );
  }

  #add(account: Account): Account {
    this.#accounts.set(account.name, account);
    this.#list.push(account);
    return account;
  }

  #of(account: string | undefined): readonly Account[] {
    if (account === undefined) return this.#list;
    const found = this.#accounts.get(account);
    return found === undefined ? [] : [found];
  }

  #track(account: string | undefined): EquityTrack | undefined {
    return account === undefined ? this.#total : this.#accounts.get(account)?.track;
  }

  #sum(account: string | undefined, part: (entry: Account) => Decimal | undefined): Decimal | undefined {
    if (account !== undefined && !this.#accounts.has(account)) return undefined;
    let sum: Decimal | undefined = ZERO;
    for (const entry of this.#of(account)) sum = added(sum, part(entry));
    return sum;
  }

  #updateTotal(at: Micros): void {
    let sum = 0;
    for (let i = 0; i < this.#list.length; i++) sum += (this.#list[i] as Account).track.value;
    this.#total.update(sum, at);
  }

  /** Start and day-start equity are taken as soon as equity is known. */
  #settleStart(): void {
    if (!this.#unstarted) return;
    let missing = this.#begin(this.#total, undefined);
    for (const account of this.#list) missing = this.#begin(account.track, account.name) || missing;
    this.#unstarted = missing;
  }

  #begin(track: EquityTrack, account: string | undefined): boolean {
    if (track.start !== undefined && track.dayStart !== undefined) return false;
    const equity = this.equity(account);
    if (equity === undefined) return true;
    track.start ??= equity;
    track.dayStart ??= equity;
    return false;
  }
}
