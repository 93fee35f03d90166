import { Decimal, ZERO } from '../model/decimal.js';
import type { ExecutionEvent, Fill } from '../model/event.js';
import { isInferred } from '../model/reconciliation.js';

/** What a report changes: a quantity to add, a fill to take back first, and whether a known id has other figures. */
export interface NewFill {
  readonly quantity: Decimal;
  readonly conflict: boolean;
  /** Counted before and not true any more: taken out of order and position before `quantity` is added. */
  readonly takenBack: Fill | undefined;
}

const NOTHING: NewFill = { quantity: ZERO, conflict: false, takenBack: undefined };
const CONFLICT: NewFill = { quantity: ZERO, conflict: true, takenBack: undefined };

/** A fill by its id. `final`: busted or corrected, so the original told again changes nothing. */
export interface Told {
  readonly fill: Fill | undefined;
  readonly final: boolean;
}

export interface SavedFills {
  readonly seen: ReadonlyMap<string, Told>;
  readonly counted: Decimal;
  readonly anonymous: Decimal;
  readonly inferred: Decimal;
  readonly inferredPrice: Decimal;
}

/**
 * Counts each fill of one order once, from brokers that name fills (`execId`), brokers that only tell the total
 * filled (`cumulative`), and mixtures of both:
 * - a known `execId` adds nothing;
 * - a fill without an id adds what the total exceeds the quantity counted so far (`anonymous`);
 * - a fill with a new id first claims anonymous quantity, since that is the same fill told again with its name;
 * - with neither id nor total, (venue time, quantity, price) is taken as the id.
 *
 * So the quantity counted is the larger of the sum of distinct ids and the highest total without an id.
 *
 * A fill that was inferred from a total gives way to the named fills that come later: they bring the real price and fee.
 * A busted fill is taken back, a corrected one is replaced; both also when they overtake the fill itself.
 * Memory: one entry per fill of the order.
 */
export class FillLedger {
  readonly #seen = new Map<string, Told>();
  #counted: Decimal = ZERO;
  #anonymous: Decimal = ZERO;
  #inferred: Decimal = ZERO;
  #inferredPrice: Decimal = ZERO;

  /** Quantity inferred from a total, whose fills were not named yet. */
  get inferred(): Decimal {
    return this.#inferred;
  }

  /** Execution ids seen. */
  *execIds(): Iterable<string> {
    for (const key of this.#seen.keys()) if (key.startsWith('id|')) yield key.slice(3);
  }

  has(execId: string): boolean {
    return this.#seen.has(`id|${execId}`);
  }

  /** Starts with what was filled before the order was known here; nothing later may claim it. */
  seed(filled: Decimal, execIds: readonly string[]): void {
    this.#counted = filled;
    for (const id of execIds) this.#seen.set(`id|${id}`, { fill: undefined, final: true });
  }

  add(report: ExecutionEvent, fill: Fill): NewFill {
    const id = report.execId;
    const inferred = isInferred(id);
    if ((id === '' || inferred) && report.cumulative !== undefined) {
      const quantity = report.cumulative.minus(this.#counted);
      if (quantity.lte(0)) return NOTHING;
      this.#counted = this.#counted.plus(quantity);
      if (inferred) this.#infer(quantity, fill.price);
      else this.#anonymous = this.#anonymous.plus(quantity);
      return { quantity, conflict: false, takenBack: undefined };
    }
    const key = id === '' ? `${report.ts}|${figures(fill)}` : `id|${id}`;
    const known = this.#seen.get(key);
    if (known !== undefined) {
      const same = known.final || known.fill === undefined || figures(known.fill) === figures(fill);
      return same ? NOTHING : CONFLICT;
    }
    this.#seen.set(key, { fill, final: false });
    return this.#named(fill);
  }

  /** The fill `execId` never happened. */
  bust(execId: string): NewFill {
    const key = `id|${execId}`;
    const known = this.#seen.get(key);
    this.#seen.set(key, { fill: undefined, final: true });
    if (known?.fill === undefined) return NOTHING;
    this.#counted = this.#counted.minus(known.fill.quantity);
    return { quantity: ZERO, conflict: false, takenBack: known.fill };
  }

  /** The fill `execId` has the figures `fill`. */
  correct(execId: string, fill: Fill): NewFill {
    const key = `id|${execId}`;
    const known = this.#seen.get(key);
    if (known !== undefined && known.fill === undefined) return NOTHING;
    this.#seen.set(key, { fill, final: true });
    if (known?.fill === undefined) return this.#named(fill);
    const old = known.fill;
    if (figures(old) === figures(fill) && old.fee.eq(fill.fee) && old.feeCurrency === fill.feeCurrency)
      return NOTHING;
    this.#counted = this.#counted.minus(old.quantity).plus(fill.quantity);
    return { quantity: fill.quantity, conflict: false, takenBack: old };
  }

  /** Text of what is counted, independent of the order in which it came. */
  canonical(): string {
    const ids = [...this.#seen]
      .map(([id, { fill, final }]) => `${id}=${fill === undefined ? '' : figures(fill)}${final ? '!' : ''}`)
      .sort();
    const inferred = this.#inferred.isZero()
      ? ''
      : `${this.#inferred.toString()}@${this.#inferredPrice.toString()}|`;
    return `${this.#counted.toString()}|${this.#anonymous.toString()}|${inferred}${ids.join(',')}`;
  }

  save(): SavedFills {
    return {
      seen: new Map(this.#seen),
      counted: this.#counted,
      anonymous: this.#anonymous,
      inferred: this.#inferred,
      inferredPrice: this.#inferredPrice,
    };
  }

  load(saved: SavedFills): void {
    this.#seen.clear();
    for (const [key, told] of saved.seen) this.#seen.set(key, told);
    this.#counted = saved.counted;
    this.#anonymous = saved.anonymous;
    this.#inferred = saved.inferred;
    this.#inferredPrice = saved.inferredPrice;
  }

  #named(fill: Fill): NewFill {
    const back = Decimal.min(this.#inferred, fill.quantity);
    this.#inferred = this.#inferred.minus(back);
    const claimed = Decimal.min(this.#anonymous, fill.quantity.minus(back));
    this.#anonymous = this.#anonymous.minus(claimed);
    const quantity = fill.quantity.minus(claimed);
    this.#counted = this.#counted.plus(quantity).minus(back);
    const takenBack = back.isZero() ? undefined : inferredFill(back, this.#inferredPrice, fill);
    return { quantity, conflict: false, takenBack };
  }

  #infer(quantity: Decimal, price: Decimal): void {
    const before = this.#inferred;
    this.#inferred = before.plus(quantity);
    this.#inferredPrice = this.#inferredPrice.times(before).plus(price.times(quantity)).div(this.#inferred);
  }
}

function figures(fill: Fill): string {
  return `${fill.quantity.toString()}@${fill.price.toString()}`;
}

/** An inferred fill had no fee. */
function inferredFill(quantity: Decimal, price: Decimal, { feeCurrency }: Fill): Fill {
  return { quantity, price, fee: ZERO, feeCurrency, liquidity: 'unknown' };
}
