import { Decimal, ZERO } from '../model/decimal.js';
import type { ExecutionEvent, Fill } from '../model/event.js';

/** What a report adds: a quantity (zero: nothing new), and whether a known id came back with other figures. */
export interface NewFill {
  readonly quantity: Decimal;
  readonly conflict: boolean;
}

const NOTHING: NewFill = { quantity: ZERO, conflict: false };
const CONFLICT: NewFill = { quantity: ZERO, conflict: true };

/**
 * Counts each fill of one order once, from brokers that name fills (`execId`), brokers that only tell the total
 * filled (`cumulative`), and mixtures of both:
 * - a known `execId` adds nothing;
 * - a fill without an id adds what the total exceeds the quantity counted so far (`anonymous`);
 * - a fill with a new id first claims anonymous quantity, since that is the same fill told again with its name;
 * - with neither id nor total, (venue time, quantity, price) is taken as the id.
 *
 * So the quantity counted is the larger of the sum of distinct ids and the highest total without an id.
 * Memory: one entry per fill of the order.
 */
export class FillLedger {
  readonly #seen = new Map<string, string>();
  #counted: Decimal = ZERO;
  #anonymous: Decimal = ZERO;

  /** Execution ids seen. */
  *execIds(): Iterable<string> {
    for (const key of this.#seen.keys()) if (key.startsWith('id|')) yield key.slice(3);
  }

  add(report: ExecutionEvent, fill: Fill): NewFill {
    const id = report.execId;
    if (id === '' && report.cumulative !== undefined) {
      const quantity = report.cumulative.minus(this.#counted);
      if (quantity.lte(0)) return NOTHING;
      this.#anonymous = this.#anonymous.plus(quantity);
      this.#counted = this.#counted.plus(quantity);
      return { quantity, conflict: false };
    }
    const figures = `${fill.quantity.toString()}@${fill.price.toString()}`;
    const key = id === '' ? `${report.ts}|${figures}` : `id|${id}`;
    const known = this.#seen.get(key);
    if (known !== undefined) return known === figures ? NOTHING : CONFLICT;
    this.#seen.set(key, figures);
    const claimed = Decimal.min(this.#anonymous, fill.quantity);
    this.#anonymous = this.#anonymous.minus(claimed);
    const quantity = fill.quantity.minus(claimed);
    this.#counted = this.#counted.plus(quantity);
    return { quantity, conflict: false };
  }

  /** Text of what is counted, independent of the order in which it came. */
  canonical(): string {
    const ids = [...this.#seen].map(([id, figures]) => `${id}=${figures}`).sort();
    return `${this.#counted.toString()}|${this.#anonymous.toString()}|${ids.join(',')}`;
  }
}
