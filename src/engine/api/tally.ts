import { ZERO, type Decimal } from '../../model/decimal.js';
import type { DispatchEvent, ExecutionEvent, InputEvent } from '../../model/event.js';
import type { Event } from '../../model/record.js';
import { MICROS_PER_MINUTE, type Micros } from '../../model/time.js';
import type { State } from '../../state/state.js';
import { isoMicros } from '../../model/time.js';

export interface EquityPoint {
  readonly at: Micros;
  readonly equity: number;
}

export interface FillSummary {
  readonly at: string;
  readonly symbol: string;
  readonly side: string;
  readonly quantity: string;
  readonly price: string;
  readonly fee: string;
  readonly feeCurrency: string;
  readonly liquidity: string;
  readonly venue: string;
  readonly orderKey: string;
}

/** What execution at one venue cost. Money in quote currency of its instruments, fees in the currency of each fee. */
export interface VenueTally {
  fills: number;
  makers: number;
  /** Requests that placed an order there, replacements too. */
  orders: number;
  readonly parents: Set<string>;
  /** Fills of an order beyond its first. */
  splits: number;
  signed: Decimal;
  absolute: Decimal;
  notional: Decimal;
  commission: Decimal;
  /** Paid beyond the mid price at dispatch; negative: gained. */
  slippage: Decimal;
  /** Sum of slippage in basis points, and of how many fills. */
  bps: number;
  priced: number;
}

const NEWEST_FILLS = 10;
const NEWEST_ALERTS = 50;
const CURVE_POINTS = 2_000;
/** References of orders that may still fill. */
const REFERENCES = 10_000;
/** Distinct orders counted one by one; beyond it, the number stands. */
const PARENTS = 100_000;

/**
 * What is counted beside State, for snapshots: costs by venue, the newest fills and alerts, wins and losses, and the
 * equity of every minute. Of this process: what an earlier life did is in State and in the journal.
 *
 * Memory: bounded by the constants above; the curve is thinned to every second point when it is full.
 */
export class Tally {
  readonly venues: Map<string, VenueTally> = new Map();
  readonly fills: FillSummary[] = [];
  readonly alerts: string[] = [];
  wins = 0;
  losses = 0;
  gained: Decimal = ZERO;
  lost: Decimal = ZERO;
  curve: EquityPoint[] = [];
  lastMarketAt: Micros = 0;
  lastReconnectAttempt: Micros = 0;
  lastReconnectSuccess: Micros = 0;
  #every = MICROS_PER_MINUTE;
  #next: Micros = -Infinity;
  /** Mid price at dispatch, and whether the order filled before. */
  readonly #references = new Map<string, { readonly mid: number; filled: boolean }>();
  /** Realized profit by account and instrument. */
  readonly #realized = new Map<string, Decimal>();

  /** What was realized before this process is neither won nor lost in it. */
  begin(state: State): void {
    for (const account of state.portfolio.accounts()) {
      for (const { ix, symbol } of state.instruments.all) {
        const position = state.portfolio.position(account, ix);
        if (position !== undefined) this.#realized.set(`${account}\0${symbol}`, position.realizedPnl);
      }
    }
  }

  saw(input: InputEvent, children: readonly Event[], state: State): void {
    switch (input.kind) {
      case 'trade':
      case 'quote':
      case 'book':
      case 'bar':
        this.lastMarketAt = input.at;
        if (input.at >= this.#next) this.#sample(input.at, state.portfolio.equityNumber());
        break;
      case 'connection':
        if (input.state === 'connecting') this.lastReconnectAttempt = input.at;
        if (input.state === 'ready') this.lastReconnectSuccess = input.at;
        break;
      default:
    }
    let counted = false;
    for (let i = 0; i < children.length; i++) {
      const child = children[i] as Event;
      if (child.kind === 'dispatch') this.#dispatched(child, state);
      else if (child.kind === 'position') {
        counted = true;
        this.#position(`${child.account}\0${child.instrument}`, child.realizedPnl);
      }
    }
    if (input.kind === 'execution' && input.report === 'fill' && counted) this.#filled(input, state);
  }

  alert(text: string): void {
    if (this.alerts.at(-1) === text) return;
    this.alerts.push(text);
    if (this.alerts.length > NEWEST_ALERTS) this.alerts.shift();
  }

  #sample(at: Micros, equity: number): void {
    if (!Number.isFinite(equity)) return;
    this.curve.push({ at, equity });
    if (this.curve.length > CURVE_POINTS) {
      this.curve = this.curve.filter((_, i) => i % 2 === 0);
      this.#every *= 2;
    }
    this.#next = at + this.#every;
  }

  #dispatched({ broker, intent, orderKey, action }: DispatchEvent, state: State): void {
    if (action === 'cancel') return;
    const venue = this.#venue(broker);
    venue.orders++;
    if (venue.parents.size < PARENTS) venue.parents.add(orderKey);
    const mid = (state.market.bid(intent.ix) + state.market.ask(intent.ix)) / 2;
    const price = Number.isFinite(mid) ? mid : state.market.last(intent.ix);
    const filled = this.#references.get(orderKey)?.filled ?? false;
    this.#references.set(orderKey, { mid: price, filled });
    if (this.#references.size <= REFERENCES) return;
    const [oldest = ''] = this.#references.keys();
    this.#references.delete(oldest);
  }

  #filled(event: ExecutionEvent, state: State): void {
    const { fill, broker, side, instrument } = event;
    if (fill === undefined) return;
    const venue = this.#venue(broker);
    const order =
      state.orders.byClientOrderId(event.clientOrderId) ??
      state.orders.byVenueOrderId(broker, event.venueOrderId, instrument);
    const orderKey = order?.orderKey ?? '';
    const reference = this.#references.get(orderKey);
    const size = fill.quantity.times(state.instruments.at(event.ix)?.multiplier ?? 1);
    venue.fills++;
    if (fill.liquidity === 'maker') venue.makers++;
    venue.signed = side === 'buy' ? venue.signed.plus(fill.quantity) : venue.signed.minus(fill.quantity);
    venue.absolute = venue.absolute.plus(fill.quantity);
    venue.notional = venue.notional.plus(fill.price.times(size));
    venue.commission = venue.commission.plus(fill.fee);
    if (reference?.filled === true) venue.splits++;
    if (reference !== undefined) {
      reference.filled = true;
      const { mid } = reference;
      if (Number.isFinite(mid) && mid > 0) {
        const worse = (side === 'buy' ? 1 : -1) * (fill.price.toNumber() - mid);
        venue.slippage = venue.slippage.plus(size.times(worse));
        venue.bps += (worse / mid) * 10_000;
        venue.priced++;
      }
    }
    this.fills.push({
      at: isoMicros(event.at),
      symbol: instrument,
      side,
      quantity: fill.quantity.toString(),
      price: fill.price.toString(),
      fee: fill.fee.toString(),
      feeCurrency: fill.feeCurrency,
      liquidity: fill.liquidity,
      venue: broker,
      orderKey,
    });
    if (this.fills.length > NEWEST_FILLS) this.fills.shift();
  }

  /** A fill that closed something changed the realized profit: a win or a loss. */
  #position(key: string, realized: Decimal): void {
    const change = realized.minus(this.#realized.get(key) ?? ZERO);
    this.#realized.set(key, realized);
    if (change.gt(0)) {
      this.wins++;
      this.gained = this.gained.plus(change);
    } else if (change.lt(0)) {
      this.losses++;
      this.lost = this.lost.minus(change);
    }
  }

  #venue(broker: string): VenueTally {
    const known = this.venues.get(broker);
    if (known !== undefined) return known;
    const made: VenueTally = {
      ...{ fills: 0, makers: 0, orders: 0, parents: new Set(), splits: 0, bps: 0, priced: 0 },
      ...{ signed: ZERO, absolute: ZERO, notional: ZERO, commission: ZERO, slippage: ZERO },
    };
    this.venues.set(broker, made);
    return made;
  }
}

/**
 * Sharpe and Sortino ratios of an equity curve, a year having 365 days: mean of the returns between points over their
 * standard deviation (below zero only for Sortino), times the root of points a year. NaN without two returns or risk.
 */
export function ratios(curve: readonly EquityPoint[]): { readonly sharpe: number; readonly sortino: number } {
  const returns: number[] = [];
  for (let i = 1; i < curve.length; i++) {
    const before = curve[i - 1]?.equity ?? NaN;
    returns.push(((curve[i]?.equity ?? NaN) - before) / before);
  }
  const [first, last] = [curve[0], curve.at(-1)];
  if (returns.length < 2 || first === undefined || last === undefined) return { sharpe: NaN, sortino: NaN };
  const mean = returns.reduce((sum, r) => sum + r, 0) / returns.length;
  const variance = returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (returns.length - 1);
  const below = returns.reduce((sum, r) => sum + Math.min(0, r) ** 2, 0) / returns.length;
  const perYear = Math.sqrt((returns.length * 365 * 1_440 * MICROS_PER_MINUTE) / (last.at - first.at));
  const over = (risk: number): number => (risk > 0 ? (mean / Math.sqrt(risk)) * perYear : NaN);
  return { sharpe: over(variance), sortino: over(below) };
}
