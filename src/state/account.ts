import { Decimal, ZERO, dec } from '../model/decimal.js';
import type { Fill } from '../model/event.js';
import type { Instrument, Side } from '../model/instrument.js';
import type { InstrumentTable } from '../model/instruments.js';
import { MillraceError } from '../model/reason.js';
import type { Micros } from '../model/time.js';
import type { AccountConfig } from './config.js';
import { EquityTrack, type SavedTrack } from './equity-track.js';
import type { Hasher } from './hash.js';
import type { Market } from './market.js';
import { PositionRecord, type SavedPosition } from './position.js';
import type { Rates } from './rates.js';

export interface SavedAccount {
  readonly name: string;
  readonly seeded: boolean;
  readonly cash: ReadonlyMap<string, Decimal>;
  readonly fees: ReadonlyMap<string, Decimal>;
  readonly differences: ReadonlyMap<string, string>;
  readonly positions: readonly SavedPosition[];
  readonly track: SavedTrack;
}

/** Cash, positions and equity of one account. Cash is in Decimals by currency; fees may make a currency negative. */
export class Account {
  readonly name: string;
  readonly leverage: Decimal;
  readonly balances: 'derived' | 'broker';
  readonly cash: Map<string, Decimal> = new Map();
  readonly fees: Map<string, Decimal> = new Map();
  readonly byIx: (PositionRecord | undefined)[] = [];
  readonly positions: PositionRecord[] = [];
  readonly track: EquityTrack;
  /** Cash is known: configured, or reported once by the broker. Until then equity is unknown. */
  seeded: boolean;
  /** Newest difference between broker and own books by currency, as last told. */
  readonly differences: Map<string, string> = new Map();
  readonly #rates: Rates;
  readonly #market: Market;

  constructor(config: AccountConfig, rates: Rates, market: Market, window: Micros) {
    this.name = config.name;
    this.leverage = dec(config.leverage ?? 1);
    this.balances = config.balances ?? 'derived';
    this.track = new EquityTrack(window);
    this.#rates = rates;
    this.#market = market;
    for (const [currency, amount] of Object.entries(config.cash)) this.cash.set(currency, dec(amount));
    this.seeded = this.cash.size > 0;
  }

  /** Moves cash and position by one fill. */
  fill(instrument: Instrument, side: Side, quantity: Decimal, fill: Fill, at: Micros): PositionRecord {
    const position = this.#position(instrument);
    const realized = position.fill(side, quantity, fill.price, at);
    const settle = position.currency.name;
    if (position.derivative) this.#move(this.cash, settle, realized);
    else {
      const notional = quantity.times(fill.price).times(instrument.multiplier);
      this.#move(this.cash, settle, side === 'buy' ? notional.neg() : notional);
    }
    if (!fill.fee.isZero()) {
      const fee = quantity.eq(fill.quantity) ? fill.fee : fill.fee.times(quantity).div(fill.quantity);
      const currency = fill.feeCurrency === '' ? settle : fill.feeCurrency;
      this.#move(this.cash, currency, fee.neg());
      this.#move(this.fees, currency, fee);
      const converted = this.#convert(fee, currency, instrument, fill.price, settle);
      if (converted !== undefined) position.fees = position.fees.plus(converted);
    }
    return position;
  }

  /** A balance the broker states beside our own. True: it differs, and did not differ so before. */
  differs(currency: string, total: Decimal): boolean {
    const own = this.cash.get(currency) ?? ZERO;
    const text = own.eq(total) ? '' : total.minus(own).toString();
    if (text === (this.differences.get(currency) ?? '')) return false;
    this.differences.set(currency, text);
    return text !== '';
  }

  /** What it has of a currency: cash, and the positions whose base it is. */
  owned(currency: string): Decimal {
    let sum = this.cash.get(currency) ?? ZERO;
    for (const { definition, quantity } of this.positions) {
      if (definition.assetClass === 'crypto_spot' && definition.base === currency) sum = sum.plus(quantity);
    }
    return sum;
  }

  /** Sets cash so that it has `total` of the currency. */
  setOwned(currency: string, total: Decimal): void {
    const cash = this.cash.get(currency) ?? ZERO;
    this.cash.set(currency, total.minus(this.owned(currency)).plus(cash));
    this.seeded = true;
  }

  setPosition(instrument: Instrument, quantity: Decimal, price: Decimal | undefined, at: Micros): void {
    const position = this.#position(instrument);
    position.set(quantity, price ?? position.averagePrice, at);
  }

  /** Sums equity from its parts; NaN when a part of it cannot be valued. */
  revalue(at: Micros): void {
    let sum = this.seeded ? 0 : NaN;
    for (const [currency, amount] of this.cash) {
      if (!amount.isZero()) sum += amount.toNumber() * this.#rates.currency(currency).rate;
    }
    for (const position of this.positions) {
      if (position.currency.rate !== position.currency.rate) {
        position.currency = this.#rates.currency(position.currency.name);
      }
      position.value = position.valueAt(this.#market.markFor(position.ix, position.sign));
      sum += position.value;
    }
    this.track.update(sum, at);
  }

  /** A new mark of one instrument: only that position changes. */
  marked(ix: number, at: Micros): boolean {
    const position = this.byIx[ix];
    if (position === undefined || position.sign === 0) return false;
    const value = position.valueAt(this.#market.markFor(ix, position.sign));
    const old = position.value;
    if (value === old) return false;
    const equity = this.track.value + (value - old);
    if (equity === equity) {
      position.value = value;
      this.track.update(equity, at);
    } else if (value === value && old === old) {
      position.value = value;
      return false;
    } else this.revalue(at);
    return true;
  }

  /** Exact equity in base currency, or undefined when a mark or rate is missing. */
  equity(): Decimal | undefined {
    if (!this.seeded) return undefined;
    let sum: Decimal | undefined = ZERO;
    for (const [currency, amount] of this.cash) {
      if (!amount.isZero()) sum = added(sum, this.toBase(amount, currency));
    }
    for (const position of this.positions) {
      if (position.sign === 0) continue;
      const mark = this.#market.markFor(position.ix, position.sign);
      if (!Number.isFinite(mark)) return undefined;
      sum = added(sum, this.toBase(position.exactValue(dec(mark)), position.currency.name));
    }
    return sum;
  }

  /** Sum over open positions of `measure(signed market value, position)`, in base currency. */
  sum(measure: (notional: Decimal, position: PositionRecord) => Decimal): Decimal | undefined {
    let sum: Decimal | undefined = ZERO;
    for (const position of this.positions) {
      if (position.sign === 0) continue;
      const mark = this.#market.markFor(position.ix, position.sign);
      if (!Number.isFinite(mark)) return undefined;
      sum = added(sum, this.toBase(measure(position.notional(mark), position), position.currency.name));
    }
    return sum;
  }

  toBase(amount: Decimal, currency: string): Decimal | undefined {
    const rate = this.#rates.rate(currency);
    return rate === undefined ? undefined : amount.times(rate);
  }

  save(): SavedAccount {
    const { name, seeded } = this;
    return {
      name,
      seeded,
      cash: new Map(this.cash),
      fees: new Map(this.fees),
      differences: new Map(this.differences),
      positions: this.positions.map((position) => position.save()),
      track: this.track.save(),
    };
  }

  load(saved: SavedAccount, instruments: InstrumentTable): void {
    this.seeded = saved.seeded;
    for (const [to, from] of [
      [this.cash, saved.cash],
      [this.fees, saved.fees],
    ] as const) {
      to.clear();
      for (const [currency, amount] of from) to.set(currency, amount);
    }
    for (const [currency, text] of saved.differences) this.differences.set(currency, text);
    for (const position of saved.positions) {
      const instrument = instruments.at(position.ix);
      if (instrument === undefined)
        throw new MillraceError(
          'INVARIANT',
          `the snapshot holds a position in instrument ${position.ix}, which is not known`,
        );
      this.#position(instrument).load(position);
    }
    this.track.load(saved.track);
  }

  hash(hasher: Hasher): void {
    hasher.str(this.name);
    for (const money of [this.cash, this.fees]) {
      hasher.int(money.size);
      for (const currency of [...money.keys()].sort()) hasher.str(currency).dec(money.get(currency));
    }
    for (const position of this.byIx) position?.hash(hasher);
    this.track.hash(hasher);
  }

  #position(instrument: Instrument): PositionRecord {
    let position = this.byIx[instrument.ix];
    if (position === undefined) {
      const currency = this.#rates.currency(
        instrument.assetClass === 'crypto_perp' || instrument.assetClass === 'future'
          ? instrument.settle
          : instrument.quote,
      );
      position = new PositionRecord(this.name, instrument, currency);
      this.byIx[instrument.ix] = position;
      this.positions.push(position);
      this.#market.watch(instrument.ix);
    }
    return position;
  }

  #move(money: Map<string, Decimal>, currency: string, amount: Decimal): void {
    if (!amount.isZero()) money.set(currency, (money.get(currency) ?? ZERO).plus(amount));
  }

  /** A fee in the currency of the position; undefined when there is no rate. */
  #convert(
    fee: Decimal,
    currency: string,
    instrument: Instrument,
    price: Decimal,
    settle: string,
  ): Decimal | undefined {
    if (currency === settle) return fee;
    if (currency === instrument.base) return fee.times(price);
    const from = this.#rates.rate(currency);
    const to = this.#rates.rate(settle);
    return from === undefined || to === undefined ? undefined : fee.times(from).div(to);
  }
}

export function added(sum: Decimal | undefined, part: Decimal | undefined): Decimal | undefined {
  return sum === undefined || part === undefined ? undefined : sum.plus(part);
}

export function exact(value: number | undefined): Decimal | undefined {
  return value === undefined || !Number.isFinite(value) ? undefined : dec(value);
}

/** Coins that are the base of a spot instrument are positions, driven by fills. */
export function isCoin(instruments: InstrumentTable, currency: string): boolean {
  return instruments.all.some((i) => i.assetClass === 'crypto_spot' && i.base === currency);
}
