import type { Decimal } from '../../model/decimal.js';
import { ZERO, dec } from '../../model/decimal.js';
import type { ExecutionEvent } from '../../model/event.js';
import type { Order } from '../../model/order.js';
import { MICROS_PER_MS, type Micros } from '../../model/time.js';
import { within, type ReconcileEnds } from './ends.js';
import { copyOf, type Recorder } from './record.js';

/** Fetches the fills no report told, from a while before the newest known one; infers what the venue does not list. */
export class FillsPass {
  readonly #ends: ReconcileEnds;
  readonly #record: Recorder;
  readonly #suspects: readonly string[];
  #listed: readonly ExecutionEvent[] = [];
  /** Instruments asked for a longer time, once a pass. */
  readonly #deep = new Set<string>();

  constructor(ends: ReconcileEnds, record: Recorder, suspects: readonly string[]) {
    this.#ends = ends;
    this.#suspects = suspects;
    this.#record = record;
  }

  /**
   * What the venue lists since the durable watermark less the overlap; of instruments never traded here (those of orders
   * we do not know, `others`) since the first comparison. Never earlier: that is part of the opening balances.
   */
  async ask(others: readonly string[]): Promise<void> {
    const { broker, state, settings } = this.#ends;
    const known = state.readiness?.of(broker.name);
    if (known === undefined || known.baseline === 0) return;
    const { baseline, lastFill } = known;
    const traded = new Set<string>();
    for (const ix of known.instruments) traded.add(state.instruments.at(ix)?.symbol ?? '');
    for (const order of state.orders.open()) if (order.broker === broker.name) traded.add(order.instrument);
    const foreign = new Set([...others, ...this.#suspects].filter((symbol) => !traded.has(symbol)));
    for (const symbol of [...traded, ...foreign]) {
      if (state.instruments.get(symbol) !== undefined) continue;
      traded.delete(symbol);
      foreign.delete(symbol);
    }
    const since = Math.max(baseline, lastFill - settings.fillsOverlap);
    this.#listed = [
      ...(await this.#fetch(since, [...traded])),
      ...(await this.#fetch(baseline, [...foreign])),
    ];
  }

  /** Applies what was not counted yet, oldest first. */
  apply(listed: readonly ExecutionEvent[] = this.#listed): void {
    const { broker, state } = this.#ends;
    const baseline = state.readiness?.of(broker.name)?.baseline ?? 0;
    for (const fill of [...listed].sort((a, b) => a.ts - b.ts)) {
      if (fill.ts < baseline || state.orders.fillKnown?.(fill) === true) continue;
      if (this.#standsForInferred(fill)) this.#ends.post(copyOf(fill));
      else this.#record.missed(fill);
    }
  }

  /** Execution ids of an order among what was listed. */
  idsOf(told: ExecutionEvent): readonly string[] {
    const mine = ({ instrument, clientOrderId, venueOrderId }: ExecutionEvent): boolean =>
      instrument === told.instrument &&
      ((venueOrderId !== '' && venueOrderId === told.venueOrderId) ||
        (clientOrderId !== '' && clientOrderId === told.clientOrderId));
    return this.#listed.filter(mine).map(({ execId }) => execId);
  }

  /** Brings an order to the venue's total. False: something else happened to it meanwhile. */
  async complete(order: Order, cumulative: Decimal): Promise<boolean> {
    const { state, settings } = this.#ends;
    if (!this.#deep.has(order.instrument)) {
      this.#deep.add(order.instrument);
      const since = (order.submittedAt ?? order.createdAt) - settings.fillsOverlap;
      const baseline = state.readiness?.of(this.#ends.broker.name)?.baseline ?? 0;
      const listed = await this.#fetch(Math.max(0, since, baseline), [order.instrument]);
      if (state.orders.get(order.orderKey) !== order) return false;
      this.apply(listed);
    }
    const now = state.orders.get(order.orderKey);
    if (now === undefined) return false;
    if (cumulative.gt(now.filled)) {
      const { price, evidence } = this.#priceFor(now);
      this.#record.inferred(now, cumulative, price, evidence);
    }
    return true;
  }

  #fetch(since: Micros, instruments: readonly string[]): Promise<readonly ExecutionEvent[]> {
    if (instruments.length === 0) return Promise.resolve([]);
    const { broker, settings } = this.#ends;
    return within(broker.fills({ since, instruments }), settings.timeout / MICROS_PER_MS, 'fills');
  }

  /** The named fill behind one that was inferred before: expected, and no difference. */
  #standsForInferred({ clientOrderId, venueOrderId, instrument, broker, fill }: ExecutionEvent): boolean {
    const { orders } = this.#ends.state;
    const order =
      orders.byClientOrderId(clientOrderId) ?? orders.byVenueOrderId(broker, venueOrderId, instrument);
    if (order === undefined || fill === undefined) return false;
    return orders.inferredOf?.(order.orderKey).gte(fill.quantity) === true;
  }

  /** Own limit, else what it filled at before, else the market. */
  #priceFor(order: Order): { readonly price: Decimal; readonly evidence: string } {
    const counted = 'the venue counts more than it lists; ';
    if (order.limitPrice !== undefined)
      return { price: order.limitPrice, evidence: `${counted}priced at the limit` };
    if (!order.averagePrice.isZero())
      return { price: order.averagePrice, evidence: `${counted}priced at the average so far` };
    const last = this.#ends.state.market.mark(order.ix);
    if (Number.isFinite(last)) return { price: dec(last), evidence: `${counted}priced at the market` };
    return {
      price: order.riskPrice.isZero() ? ZERO : order.riskPrice,
      evidence: `${counted}priced as risk did`,
    };
  }
}
