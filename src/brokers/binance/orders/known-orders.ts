import { ZERO, type Decimal } from '../../../model/decimal.js';
import type { Side } from '../../../model/instrument.js';

/** What the session knows of one order at the venue. An amended order keeps its record under each of its ids. */
export interface KnownOrder {
  /** The id it has now. */
  clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  venueOrderId: string;
  /** The venue's order type; empty until told. */
  type: string;
  /** Sum of the distinct fills told, from `0` or from what the venue said when it was first seen. */
  filled: Decimal;
  accepted: boolean;
  ended: boolean;
}

/** A replace from the moment it is sent. */
export interface Replace {
  readonly newId: string;
  readonly oldId: string;
  readonly symbol: string;
  /** True: the same order with another quantity and id. False: the old order is cancelled, a new one placed. */
  readonly amend: boolean;
  state: 'pending' | 'done' | 'failed';
  /** The old order is cancelled; whether the new one stands is not known yet. */
  oldCancelled: boolean;
}

/**
 * Orders by client and by venue id, and the replaces between them. Memory: every open order, and of the ended ones and
 * of the replaces the newest `keep`. An ended order is kept because a fill of it may still arrive.
 */
export class KnownOrders {
  readonly #keep: number;
  readonly #byId = new Map<string, KnownOrder>();
  readonly #byVenue = new Map<string, KnownOrder>();
  readonly #ended: KnownOrder[] = [];
  readonly #byNew = new Map<string, Replace>();
  readonly #byOld = new Map<string, Replace>();
  readonly #symbols = new Set<string>();

  constructor(keep: number = 20_000) {
    this.#keep = keep;
  }

  /** Symbols in which anything was ordered or reported. */
  get symbols(): ReadonlySet<string> {
    return this.#symbols;
  }

  get(clientOrderId: string): KnownOrder | undefined {
    return this.#byId.get(clientOrderId);
  }

  byVenue(symbol: string, venueOrderId: string): KnownOrder | undefined {
    return this.#byVenue.get(`${symbol}|${venueOrderId}`);
  }

  /** Orders that the venue acknowledged and that did not end, as far as told. */
  open(): KnownOrder[] {
    const open = new Set<KnownOrder>();
    for (const order of this.#byId.values()) if (order.accepted && !order.ended) open.add(order);
    return [...open];
  }

  /** The record of an order, made when it is new. */
  note(clientOrderId: string, symbol: string, side: Side, filled: Decimal = ZERO): KnownOrder {
    this.#symbols.add(symbol);
    const known = this.#byId.get(clientOrderId);
    if (known !== undefined) return known;
    const order: KnownOrder = {
      clientOrderId,
      symbol,
      side,
      venueOrderId: '',
      type: '',
      filled,
      accepted: false,
      ended: false,
    };
    this.#byId.set(clientOrderId, order);
    return order;
  }

  setVenueId(order: KnownOrder, venueOrderId: string): void {
    if (venueOrderId === '' || order.venueOrderId === venueOrderId) return;
    order.venueOrderId = venueOrderId;
    this.#byVenue.set(`${order.symbol}|${venueOrderId}`, order);
  }

  end(order: KnownOrder): void {
    if (order.ended) return;
    order.ended = true;
    this.#ended.push(order);
    if (this.#ended.length < 2 * this.#keep) return;
    for (const oldest of this.#ended.splice(0, this.#keep)) this.#forget(oldest);
  }

  /** The amended order under its new id. */
  rename(order: KnownOrder, clientOrderId: string): void {
    order.clientOrderId = clientOrderId;
    this.#byId.set(clientOrderId, order);
  }

  startReplace(newId: string, oldId: string, symbol: string, amend: boolean): Replace {
    const replace: Replace = { newId, oldId, symbol, amend, state: 'pending', oldCancelled: false };
    this.#byNew.set(newId, replace);
    this.#byOld.set(oldId, replace);
    if (this.#byNew.size >= 2 * this.#keep) this.#forgetReplaces();
    return replace;
  }

  replaceByNew(newId: string): Replace | undefined {
    return this.#byNew.get(newId);
  }

  /** The newest replace of this leg. */
  replaceByOld(oldId: string): Replace | undefined {
    return this.#byOld.get(oldId);
  }

  #forget(order: KnownOrder): void {
    this.#byVenue.delete(`${order.symbol}|${order.venueOrderId}`);
    this.#byId.delete(order.clientOrderId);
  }

  #forgetReplaces(): void {
    let left = this.#keep;
    for (const replace of this.#byNew.values()) {
      if (left-- <= 0) return;
      if (replace.state === 'pending') continue;
      this.#byNew.delete(replace.newId);
      if (this.#byOld.get(replace.oldId) === replace) this.#byOld.delete(replace.oldId);
      // Earlier ids of an amended order.
      if (replace.amend) this.#byId.delete(replace.oldId);
    }
  }
}
