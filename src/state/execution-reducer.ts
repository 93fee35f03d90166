import type { Decimal } from '../model/decimal.js';
import type { ExecutionEvent, Fill } from '../model/event.js';
import type { Instrument, Side } from '../model/instrument.js';
import type { InstrumentTable } from '../model/instruments.js';
import type { Order } from '../model/order.js';
import type { OrderTrigger } from '../model/order-state.js';
import type { Micros } from '../model/time.js';
import type { Changes } from './changes.js';
import type { OrderIndex } from './order-index.js';
import type { OrderRecord } from './order-record.js';
import type { OrderReducer } from './order-reducer.js';

/** Takes the quantity of every distinct fill: the portfolio. */
export type FillTarget = (
  account: string,
  instrument: Instrument,
  side: Side,
  quantity: Decimal,
  fill: Fill,
  at: Micros,
) => void;

/**
 * Folds execution reports. Each is matched by client order id (of the leg, of an earlier leg or of a request), else
 * by venue order id. Every distinct fill reaches the portfolio exactly once, whatever the state of its order, and
 * also when no order is known for it.
 */
export class ExecutionReducer {
  readonly #index: OrderIndex;
  readonly #orders: OrderReducer;
  readonly #changes: Changes;
  readonly #instruments: InstrumentTable;
  readonly #onFill: FillTarget;

  constructor(
    index: OrderIndex,
    orders: OrderReducer,
    changes: Changes,
    instruments: InstrumentTable,
    onFill: FillTarget,
  ) {
    this.#index = index;
    this.#orders = orders;
    this.#changes = changes;
    this.#instruments = instruments;
    this.#onFill = onFill;
  }

  apply(e: ExecutionEvent, at: Micros): void {
    const record =
      this.#index.recordById(e.clientOrderId) ?? this.#index.recordByVenue(e.broker, e.venueOrderId);
    if (record === undefined) {
      this.#orphan(e, at);
      return;
    }
    this.#index.addVenueId(record, e.broker, e.venueOrderId);
    if (e.report === 'fill') {
      this.#fill(record, e, at);
      return;
    }
    const trigger = meaning(record, e);
    if (trigger === undefined) return;
    this.#orders.cleared = true;
    const patch = answer(record, trigger, e);
    this.#orders.advance(record, trigger, at, e.reason, patch);
  }

  #fill(record: OrderRecord, e: ExecutionEvent, at: Micros): void {
    const { order } = record;
    if (e.fill === undefined) {
      this.#changes.anomaly({ order: order.orderKey, event: 'fill', reason: 'the report carries no fill' });
      return;
    }
    const added = record.fills.add(e, e.fill);
    if (added.conflict) {
      this.#changes.anomaly({
        order: order.orderKey,
        event: 'fill',
        execId: e.execId,
        reason: 'the same execution id came with other figures',
      });
    }
    if (added.quantity.isZero()) return;
    const filled = order.filled.plus(added.quantity);
    const averagePrice = order.averagePrice
      .times(order.filled)
      .plus(e.fill.price.times(added.quantity))
      .div(filled);
    if (record.work?.action === 'new') record.work = undefined;
    const venueOrderId = order.venueOrderId === '' ? e.venueOrderId : order.venueOrderId;
    record.order = { ...order, filled, averagePrice, venueOrderId };
    this.#orders.cleared = true;
    this.#orders.advance(record, record.complete() ? 'fill' : 'partial_fill', at, e.reason, {}, true);
    if (filled.gt(order.quantity) && record.closed) {
      this.#changes.anomaly({ order: order.orderKey, event: 'overfill', filled, quantity: order.quantity });
    }
    this.#position(e, order.account, order.side, added.quantity, e.fill, at);
  }

  /** A report for an order nobody here sent: its fill counts, and it is told. */
  #orphan(e: ExecutionEvent, at: Micros): void {
    if (e.report === 'fill' && e.fill !== undefined) {
      const { quantity, price } = e.fill;
      const id =
        e.execId === ''
          ? `${e.clientOrderId}|${e.venueOrderId}|${e.ts}|${quantity.toString()}|${price.toString()}`
          : e.execId;
      if (!this.#index.orphans.add(`${e.broker}|${id}`)) return;
      this.#position(e, e.account, e.side, quantity, e.fill, at);
    }
    this.#changes.anomaly({
      clientOrderId: e.clientOrderId,
      venueOrderId: e.venueOrderId,
      event: e.report,
      reason: 'no such order',
    });
  }

  #position(e: ExecutionEvent, account: string, side: Side, quantity: Decimal, fill: Fill, at: Micros): void {
    const instrument = this.#instruments.get(e.instrument) ?? this.#instruments.at(e.ix);
    if (instrument === undefined) {
      this.#changes.anomaly({
        event: 'fill',
        instrument: e.instrument,
        reason: 'no such instrument',
        quantity,
      });
      return;
    }
    this.#onFill(account, instrument, side, quantity, fill, at);
  }
}

/** What a report says about the order: an answer to a request names the request, not the leg. */
function meaning(record: OrderRecord, e: ExecutionEvent): OrderTrigger | undefined {
  const report = e.report as Exclude<ExecutionEvent['report'], 'fill'>;
  const id = e.clientOrderId;
  const { work, cancel, order } = record;
  if (id === '' || id === order.clientOrderId) {
    const restated =
      report === 'accepted' && work?.action === 'replace' && work.unsure && e.quantity !== undefined;
    return restated && work.quantity?.eq(e.quantity) === true ? 'replaced' : report;
  }
  if (id === cancel?.clientOrderId) {
    if (report === 'rejected') return 'cancel_rejected';
    return report === 'accepted' ? undefined : report;
  }
  if (work?.action === 'replace' && id === work.clientOrderId) {
    if (report === 'rejected') return 'replace_rejected';
    return report === 'accepted' ? 'replaced' : report;
  }
  return record.oldLegs.includes(id) ? undefined : report;
}

/** Takes away the requests a report answers, and tells what it changes in the order's fields. */
function answer(record: OrderRecord, trigger: OrderTrigger, e: ExecutionEvent): Partial<Order> {
  const { work, cancel, order } = record;
  const venueOrderId = e.venueOrderId === '' ? order.venueOrderId : e.venueOrderId;
  switch (trigger) {
    case 'accepted':
    case 'triggered':
    case 'inactive':
      if (work?.action === 'new') record.work = undefined;
      else if (order.acceptedAt !== undefined && trigger === 'accepted') {
        // an order acknowledged before is reported as working: what is in doubt did not happen
        if (work?.unsure === true) record.work = undefined;
        if (cancel?.unsure === true) record.cancel = undefined;
      }
      return { venueOrderId };
    case 'replaced': {
      record.work = undefined;
      const leg =
        e.clientOrderId === '' || e.clientOrderId === cancel?.clientOrderId
          ? order.clientOrderId
          : e.clientOrderId;
      if (leg !== order.clientOrderId) record.oldLegs.push(order.clientOrderId);
      return {
        venueOrderId,
        clientOrderId: leg,
        quantity: e.quantity ?? work?.quantity ?? order.quantity,
        limitPrice: e.limitPrice ?? work?.limitPrice ?? order.limitPrice,
        stopPrice: e.stopPrice ?? work?.stopPrice ?? order.stopPrice,
      };
    }
    case 'replace_rejected':
      if (work?.action === 'replace') record.work = undefined;
      return {};
    case 'cancel_rejected':
      record.cancel = undefined;
      return {};
    default:
      return {};
  }
}
