import { Decimal, ZERO } from '../model/decimal.js';
import type { Side } from '../model/instrument.js';
import type { InstrumentTable } from '../model/instruments.js';
import type { ExecutionEvent } from '../model/event.js';
import type { InFlight, Order, OrderState } from '../model/order.js';
import { Hasher } from './hash.js';
import type { IntentAction } from '../model/intent.js';
import { OrderRecord, REMEMBERED, type SavedOrder } from './order-record.js';
import { SeenIds } from './seen-ids.js';
import type { OrdersView } from './view.js';

interface Total {
  quantity: Decimal;
  notional: Decimal;
  orders: number;
}

export interface SavedOrders {
  readonly open: readonly SavedOrder[];
  readonly closed: readonly SavedOrder[];
  readonly totals: ReadonlyMap<string, Readonly<Total>>;
  readonly orphans: ReturnType<SeenIds['save']>;
  readonly closedHash: number;
  readonly closedCount: number;
}

/**
 * All orders by key, id and instrument, and what each account has exposed. Open orders are kept without bound (risk
 * limits their number); of the closed ones the newest `keep` stay for late fills, and every one is folded into a
 * running hash when it closes.
 */
export class OrderIndex implements OrdersView {
  readonly #open = new Map<string, OrderRecord>();
  readonly #closed = new Map<string, OrderRecord>();
  readonly #byId = new Map<string, OrderRecord>();
  readonly #byVenue = new Map<string, OrderRecord>();
  readonly #byIx: (Map<string, OrderRecord> | undefined)[] = [];
  readonly #totals = new Map<string, Total>();
  readonly #keep: number;
  readonly #instruments: InstrumentTable;
  /** Execution ids of orders that were forgotten, and of fills no order was known for. */
  readonly orphans: SeenIds = new SeenIds(100_000);
  #closedHash = 0;
  #closedCount = 0;

  constructor(instruments: InstrumentTable, keep: number) {
    this.#instruments = instruments;
    this.#keep = keep;
  }

  record(orderKey: string): OrderRecord | undefined {
    return this.#open.get(orderKey) ?? this.#closed.get(orderKey);
  }

  recordById(clientOrderId: string): OrderRecord | undefined {
    return clientOrderId === '' ? undefined : this.#byId.get(clientOrderId);
  }

  /** Some venues number the orders of each instrument from 1: without the instrument the first that fits is found. */
  recordByVenue(broker: string, venueOrderId: string, instrument: string): OrderRecord | undefined {
    if (venueOrderId === '') return undefined;
    if (instrument !== '') return this.#byVenue.get(venueKey(broker, instrument, venueOrderId));
    for (const { symbol } of this.#instruments.all) {
      const found = this.#byVenue.get(venueKey(broker, symbol, venueOrderId));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  get(orderKey: string): Order | undefined {
    return this.record(orderKey)?.order;
  }
  byClientOrderId(clientOrderId: string): Order | undefined {
    return this.recordById(clientOrderId)?.order;
  }
  byVenueOrderId(broker: string, venueOrderId: string, instrument: string = ''): Order | undefined {
    return this.recordByVenue(broker, venueOrderId, instrument)?.order;
  }
  *open(): Iterable<Order> {
    for (const record of this.#open.values()) yield record.order;
  }
  *openFor(ix: number): Iterable<Order> {
    const records = this.#byIx[ix];
    if (records !== undefined) for (const record of records.values()) yield record.order;
  }
  openCount(): number {
    return this.#open.size;
  }
  openCountFor(ix: number): number {
    return this.#byIx[ix]?.size ?? 0;
  }
  byState(state: OrderState): readonly Order[] {
    const found: Order[] = [];
    for (const records of [this.#open, this.#closed]) {
      for (const { order } of records.values()) if (order.state === state) found.push(order);
    }
    return found;
  }
  exposed(account: string, ix: number, side: Side): Decimal {
    return this.#totals.get(`${account}|${ix}|${side}`)?.quantity ?? ZERO;
  }
  exposedNotional(account: string, ix: number, side: Side): Decimal {
    return this.#totals.get(`${account}|${ix}|${side}`)?.notional ?? ZERO;
  }
  exposureOf(orderKey: string): Decimal {
    return this.record(orderKey)?.reserved ?? ZERO;
  }

  fillKnown({ broker, execId, clientOrderId, venueOrderId, instrument }: ExecutionEvent): boolean {
    if (execId === '') return false;
    const record = this.recordById(clientOrderId) ?? this.recordByVenue(broker, venueOrderId, instrument);
    return record?.fills.has(execId) === true || this.orphans.has(`${broker}|${execId}`);
  }
  inferredOf(orderKey: string): Decimal {
    return this.record(orderKey)?.fills.inferred ?? ZERO;
  }
  requestsOf(orderKey: string): readonly InFlight[] {
    const record = this.record(orderKey);
    return [record?.work, record?.cancel].filter((request) => request !== undefined);
  }

  add(record: OrderRecord): void {
    const { orderKey, ix } = record.order;
    this.#forget(this.#closed.get(orderKey));
    this.#open.set(orderKey, record);
    (this.#byIx[ix] ??= new Map<string, OrderRecord>()).set(orderKey, record);
    this.reserve(record);
  }

  addId(record: OrderRecord, clientOrderId: string, action: IntentAction): void {
    if (clientOrderId === '' || this.#byId.get(clientOrderId) === record) return;
    this.#byId.set(clientOrderId, record);
    record.ids.set(clientOrderId, action);
    if (record.ids.size <= REMEMBERED) return;
    const { order, work, cancel } = record;
    const needed = [order.clientOrderId, work?.clientOrderId, cancel?.clientOrderId, clientOrderId];
    for (const oldest of record.ids.keys()) {
      if (needed.includes(oldest)) continue;
      record.ids.delete(oldest);
      record.oldLegs.delete(oldest);
      this.#byId.delete(oldest);
      return;
    }
  }

  addVenueId(record: OrderRecord, broker: string, venueOrderId: string): void {
    const key = venueKey(broker, record.order.instrument, venueOrderId);
    if (venueOrderId === '' || this.#byVenue.get(key) === record) return;
    this.#byVenue.set(key, record);
    record.venueIds.push(key);
    if (record.venueIds.length > REMEMBERED) this.#byVenue.delete(record.venueIds.shift() ?? '');
  }

  /** Brings the exposure totals up to date with the record. */
  reserve(record: OrderRecord): void {
    const { account, ix, side, riskPrice } = record.order;
    const quantity = record.exposure();
    const price = Decimal.max(riskPrice, record.wishPrice);
    const multiplier = this.#instruments.at(ix)?.multiplier;
    const notional =
      multiplier === undefined ? quantity.times(price) : quantity.times(price).times(multiplier);
    if (quantity.eq(record.reserved) && notional.eq(record.reservedNotional)) return;
    const key = `${account}|${ix}|${side}`;
    const total = this.#totals.get(key) ?? { quantity: ZERO, notional: ZERO, orders: 0 };
    total.orders += (quantity.gt(0) ? 1 : 0) - (record.reserved.gt(0) ? 1 : 0);
    total.quantity = total.quantity.minus(record.reserved).plus(quantity);
    total.notional = total.notional.minus(record.reservedNotional).plus(notional);
    record.reserved = quantity;
    record.reservedNotional = notional;
    if (total.orders === 0) this.#totals.delete(key);
    else this.#totals.set(key, total);
  }

  /** Moves a record that closed, or folds a closed one that changed once more (a late fill). */
  close(record: OrderRecord): void {
    const { orderKey, ix } = record.order;
    this.#open.delete(orderKey);
    this.#byIx[ix]?.delete(orderKey);
    this.#closed.set(orderKey, record);
    const hasher = new Hasher(this.#closedHash);
    record.hash(hasher);
    this.#closedHash = parseInt(hasher.digest().slice(0, 8), 16) | 0;
    this.#closedCount++;
    if (this.#closed.size > this.#keep) {
      for (const oldest of this.#closed.values()) {
        this.#forget(oldest);
        break;
      }
    }
  }

  save(): SavedOrders {
    return {
      open: [...this.#open.values()].map((record) => record.save()),
      closed: [...this.#closed.values()].map((record) => record.save()),
      totals: new Map([...this.#totals].map(([key, total]) => [key, { ...total }] as const)),
      orphans: this.orphans.save(),
      closedHash: this.#closedHash,
      closedCount: this.#closedCount,
    };
  }

  load(saved: SavedOrders): void {
    for (const closed of saved.closed) this.#index(this.#closed, OrderRecord.load(closed));
    for (const open of saved.open) {
      const record = OrderRecord.load(open);
      const { orderKey, ix } = record.order;
      this.#index(this.#open, record);
      (this.#byIx[ix] ??= new Map<string, OrderRecord>()).set(orderKey, record);
    }
    for (const [key, total] of saved.totals) this.#totals.set(key, { ...total });
    this.orphans.load(saved.orphans);
    this.#closedHash = saved.closedHash;
    this.#closedCount = saved.closedCount;
  }

  #index(records: Map<string, OrderRecord>, record: OrderRecord): void {
    records.set(record.order.orderKey, record);
    for (const id of record.ids.keys()) this.#byId.set(id, record);
    for (const id of record.venueIds) this.#byVenue.set(id, record);
  }

  hash(hasher: Hasher): void {
    this.orphans.hash(hasher);
    hasher.int(this.#closedHash).num(this.#closedCount).int(this.#open.size);
    for (const record of this.#open.values()) record.hash(hasher);
  }

  #forget(record: OrderRecord | undefined): void {
    if (record === undefined) return;
    this.#closed.delete(record.order.orderKey);
    for (const id of record.fills.execIds()) this.orphans.add(`${record.order.broker}|${id}`);
    for (const id of record.ids.keys()) if (this.#byId.get(id) === record) this.#byId.delete(id);
    for (const id of record.venueIds) if (this.#byVenue.get(id) === record) this.#byVenue.delete(id);
  }
}

function venueKey(broker: string, instrument: string, venueOrderId: string): string {
  return `${broker}|${instrument}|${venueOrderId}`;
}
