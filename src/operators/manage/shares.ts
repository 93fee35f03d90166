import { Decimal, ZERO } from '../../model/decimal.js';
import { netFilled, openChildren, type EmulatedOrder } from '../../state/emulated-order.js';
import type { EmulatedView } from '../../state/emulated-view.js';
import type { StateView } from '../../state/view.js';
import type { ManageOptions } from './options.js';

/** The exits of the entries that stand on one side of one position. */
interface Place {
  /** By the key of an entry, oldest first: what its exits may still close. */
  readonly shares: ReadonlyMap<string, Decimal>;
  /** What they protect in all. */
  readonly claimed: Decimal;
}

/**
 * What each exit may close. The exits of an entry close what the entry bought and they did not sell yet, whatever else
 * happens to the position of the account: what the exits of another entry filled too much, and take back, hides
 * nothing of it. Only what somebody else closed is no longer there; the oldest entry misses it first. Of one State:
 * make it new when State changed.
 */
export class Shares {
  readonly #state: StateView;
  readonly #emulated: EmulatedView;
  readonly #options: ManageOptions;
  readonly #places = new Map<string, Place>();

  constructor(state: StateView, emulated: EmulatedView, options: ManageOptions) {
    this.#state = state;
    this.#emulated = emulated;
    this.#options = options;
  }

  /** Quantity an order that only reduces may close; an order that waits for no other, as much as there is. */
  of(leg: EmulatedOrder): Decimal {
    if (leg.parent === undefined) return Decimal.max(ZERO, this.position(leg));
    return this.#place(leg).shares.get(leg.parent.key) ?? ZERO;
  }

  /** How much of what an order filled too much is missing from the position, and so can be taken back. */
  missing(leg: EmulatedOrder): Decimal {
    return Decimal.max(ZERO, this.#place(leg).claimed.minus(this.position(leg)));
  }

  /** The position, positive where the order closes it. */
  position({ intent }: EmulatedOrder): Decimal {
    const position = this.#state.portfolio.position(intent.account, intent.ix)?.quantity ?? ZERO;
    return intent.side === 'sell' ? position : position.neg();
  }

  #place(leg: EmulatedOrder): Place {
    const name = nameOf(leg);
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const owns = new Map<string, Decimal>();
    for (const held of this.#emulated.open()) {
      const { parent, intent } = held;
      if (parent === undefined || !intent.reduceOnly || nameOf(held) !== name || owns.has(parent.key))
        continue;
      owns.set(parent.key, this.#own(parent.key, parent.filled));
    }
    const place = shared(owns, this.position(leg));
    this.#places.set(name, place);
    return place;
  }

  /** What an entry bought less what its exits sold; below zero while what was too much is taken back. */
  #own(key: string, bought: Decimal): Decimal {
    const legs = this.#emulated.waitingFor(key).filter(({ intent }) => intent.reduceOnly);
    const own = bought.minus(legs.reduce((sum, leg) => sum.plus(netFilled(leg)), ZERO));
    if (own.gte(0)) return legs.some(({ ended }) => ended === '') ? own : ZERO;
    const under = legs.some((leg) => openChildren(leg, 'restore').length > 0);
    return under || legs.every((leg) => restores(leg, this.#options)) ? own : ZERO;
  }
}

function shared(owns: ReadonlyMap<string, Decimal>, position: Decimal): Place {
  let lost = position.neg();
  let claimed = ZERO;
  for (const own of owns.values()) {
    lost = lost.plus(own);
    if (own.gt(0)) claimed = claimed.plus(own);
  }
  const shares = new Map<string, Decimal>();
  for (const [key, own] of owns) {
    const gone = Decimal.max(ZERO, Decimal.min(lost, own));
    lost = lost.minus(gone);
    shares.set(key, Decimal.max(ZERO, own.minus(gone)));
  }
  return { shares, claimed };
}

/** What filled too much is taken back, in one attempt. */
export function restores(leg: EmulatedOrder, { on_race }: ManageOptions): boolean {
  const failed = leg.children.some(({ purpose, state }) => purpose === 'restore' && state !== 'filled');
  return on_race === 'restore' && !failed;
}

function nameOf({ intent }: EmulatedOrder): string {
  return `${intent.side}|${intent.ix}|${intent.account}`;
}
