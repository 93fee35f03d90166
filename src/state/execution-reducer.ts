import type { Decimal } from '../model/decimal.js';
import type { ExecutionEvent, Fill } from '../model/event.js';
import type { Instrument, Side } from '../model/instrument.js';
import type { InstrumentTable } from '../model/instruments.js';
import type { Order } from '../model/order.js';
import { reasonText } from '../model/reason.js';
import type { OrderTrigger } from '../model/order-state.js';
import type { Micros } from '../model/time.js';
import type { Changes } from './changes.js';
import type { OrderIndex } from './order-index.js';
import type { OrderRecord, Request } from './order-record.js';
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
  readonly #onUncounted: (reason: string) => void;

  constructor(
    index: OrderIndex,
    orders: OrderReducer,
    changes: Changes,
    instruments: InstrumentTable,
    onFill: FillTarget,
    /** Told of a fill that cannot be counted. */
    onUncounted: (reason: string) => void,
  ) {
    this.#index = index;
    this.#orders = orders;
    this.#changes = changes;
    this.#instruments = instruments;
    this.#onFill = onFill;
    this.#onUncounted = onUncounted;
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
    if (e.execId !== '' && !record.tell(`${e.report}|${e.execId}|${e.clientOrderId}`)) return;
    const trigger = meaning(record, e);
    if (trigger === undefined) return;
    this.#orders.cleared = true;
    const patch = answer(record, trigger, e);
    if (patch.clientOrderId !== undefined) this.#index.addId(record, patch.clientOrderId, 'replace');
    this.#orders.advance(record, trigger, at, e.reason, patch);
    const { filled, orderKey } = record.order;
    if (!record.closed || e.cumulative?.gt(filled) !== true) return;
    this.#changes.anomaly({
      order: orderKey,
      event: e.report,
      reason: 'fills are missing',
      filled,
      total: e.cumulative,
    });
  }

  #fill(record: OrderRecord, e: ExecutionEvent, at: Micros): void {
    const { order } = record;
    if (!usable(e, e.fill)) {
      this.#uncounted({
        order: order.orderKey,
        clientOrderId: e.clientOrderId,
        execId: e.execId,
        reason: UNUSABLE,
      });
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
    if (e.report === 'fill' && !usable(e, e.fill)) {
      this.#uncounted({ clientOrderId: e.clientOrderId, execId: e.execId, reason: UNUSABLE });
      return;
    }
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

  /** A fill that cannot be counted: the position is no longer known, so trading halts. */
  #uncounted(details: Readonly<Record<string, unknown>>): void {
    this.#changes.anomaly({ event: 'fill', ...details });
    this.#onUncounted(reasonText('BAD_INPUT', { event: 'fill', ...details }));
  }

  #position(e: ExecutionEvent, account: string, side: Side, quantity: Decimal, fill: Fill, at: Micros): void {
    const instrument = this.#instruments.get(e.instrument) ?? this.#instruments.at(e.ix);
    if (instrument === undefined) {
      this.#uncounted({ instrument: e.instrument, reason: 'no such instrument', quantity });
      return;
    }
    this.#onFill(account, instrument, side, quantity, fill, at);
  }
}

const UNUSABLE = 'the report carries no fill with a quantity above zero, a price and a fee';

/** A fill can be counted: everything in it is a number, and something was filled. */
function usable(e: ExecutionEvent, fill: Fill | undefined): fill is Fill {
  if (fill === undefined || e.cumulative?.isFinite() === false) return false;
  return fill.quantity.isFinite() && fill.quantity.gt(0) && fill.price.isFinite() && fill.fee.isFinite();
}

/**
 * What a report says about the order; undefined: nothing new. An answer to a request names the request, not the leg,
 * so a refusal that names a request other than the newest of its kind is out of date, and never refuses the order.
 */
function meaning(record: OrderRecord, e: ExecutionEvent): OrderTrigger | undefined {
  const report = e.report as Exclude<ExecutionEvent['report'], 'fill'>;
  const id = e.clientOrderId;
  const { work, cancel, order } = record;
  const asked = id === order.clientOrderId ? undefined : record.ids.get(id);
  const refused = report === 'rejected' || report === 'cancel_rejected' || report === 'replace_rejected';
  switch (asked) {
    case undefined: {
      // A venue that renames legs confirms a replace under its new name: this one was confirmed before.
      if (report === 'replaced' && id !== '' && work?.action === 'replace' && record.oldLegs.size > 0)
        return undefined;
      const restated =
        report === 'accepted' && work?.action === 'replace' && work.unsure && e.quantity !== undefined;
      return restated && work.quantity?.eq(e.quantity) === true ? 'replaced' : report;
    }
    case 'cancel':
      if (refused) return id === cancel?.clientOrderId ? 'cancel_rejected' : undefined;
      return report === 'accepted' ? undefined : report;
    case 'replace':
      if (record.oldLegs.has(id)) return undefined;
      if (refused) return id === work?.clientOrderId ? 'replace_rejected' : undefined;
      return report === 'accepted' ? 'replaced' : report;
    default:
      return undefined;
  }
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
        if (cancel?.unsure === true) record.cancel = undefined;
        if (work?.unsure === true) {
          record.work = undefined;
          return { venueOrderId, ...priceBefore(work) };
        }
      }
      return { venueOrderId };
    case 'replaced': {
      // A late confirmation of an earlier replace leaves a newer one in flight.
      const earlier =
        work !== undefined && work.clientOrderId !== e.clientOrderId && record.ids.has(e.clientOrderId);
      const asked = earlier && e.clientOrderId !== order.clientOrderId ? undefined : work;
      if (asked !== undefined) record.work = undefined;
      const leg =
        e.clientOrderId === '' || e.clientOrderId === cancel?.clientOrderId
          ? order.clientOrderId
          : e.clientOrderId;
      if (leg !== order.clientOrderId) record.oldLegs.add(order.clientOrderId);
      return {
        venueOrderId,
        clientOrderId: leg,
        quantity: e.quantity ?? asked?.quantity ?? order.quantity,
        limitPrice: e.limitPrice ?? asked?.limitPrice ?? order.limitPrice,
        stopPrice: e.stopPrice ?? asked?.stopPrice ?? order.stopPrice,
        ...(asked?.riskPrice === undefined ? {} : { riskPrice: asked.riskPrice }),
      };
    }
    case 'replace_rejected':
      if (work?.action !== 'replace') return {};
      record.work = undefined;
      return priceBefore(work);
    case 'cancel_rejected':
      record.cancel = undefined;
      return {};
    default:
      return {};
  }
}

/** The value the order had before a replace that did not happen. */
function priceBefore(work: Request): Partial<Order> {
  return work.priceBefore === undefined ? {} : { riskPrice: work.priceBefore };
}
