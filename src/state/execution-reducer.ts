import type { Decimal } from '../model/decimal.js';
import type { ExecutionEvent, Fill } from '../model/event.js';
import type { Instrument, Side } from '../model/instrument.js';
import type { InstrumentTable } from '../model/instruments.js';
import type { Order } from '../model/order.js';
import { reasonText } from '../model/reason.js';
import type { Micros } from '../model/time.js';
import type { Changes } from './changes.js';
import type { OrderIndex } from './order-index.js';
import type { NewFill } from './fill-ledger.js';
import { HeldReports } from './held-reports.js';
import { OrderRecord } from './order-record.js';
import type { OrderReducer } from './order-reducer.js';
import { answer, meaning } from './report-meaning.js';

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
  /** Reports that wait to learn whose they are. */
  readonly held: HeldReports = new HeldReports();

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
    this.expire(at);
    const record =
      this.#index.recordById(e.clientOrderId) ??
      this.#index.recordByVenue(e.broker, e.venueOrderId, e.instrument);
    if (record === undefined) {
      this.#orphan(e, at);
      return;
    }
    this.#index.addVenueId(record, e.broker, e.venueOrderId);
    const { instrument } = record.order;
    for (const earlier of this.held.take(e.broker, e.venueOrderId, instrument))
      this.#ours(record, earlier, at, true);
    this.#ours(record, e, at, false);
  }

  /** An order somebody else placed, or one that is open again at the venue, becomes one of ours. */
  adopt(order: Order, execIds: readonly string[]): void {
    if (this.#index.record(order.orderKey)?.closed === false) return;
    const record = new OrderRecord(order);
    record.fills.seed(order.filled, execIds);
    this.#index.add(record);
    this.#index.addId(record, order.clientOrderId, 'new');
    this.#index.addVenueId(record, order.broker, order.venueOrderId);
    this.held.take(order.broker, order.venueOrderId, order.instrument);
    this.#changes.order(order);
  }

  /** Reports that waited in vain are told. */
  expire(at: Micros): void {
    for (const e of this.held.expired(at)) this.#stranger(e);
  }

  /** `counted`: its fill reached the position when it came. */
  #ours(record: OrderRecord, e: ExecutionEvent, at: Micros, counted: boolean): void {
    if (e.report === 'fill') this.#fill(record, e, at, counted);
    else if (e.report === 'bust' || e.report === 'correct') this.#revise(record, e, e.report, at);
    else this.#status(record, e, at);
  }

  #status(record: OrderRecord, e: ExecutionEvent, at: Micros): void {
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

  #fill(record: OrderRecord, e: ExecutionEvent, at: Micros, counted: boolean): void {
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
    // Counted before this order was known here: part of what it was adopted with, or of a forgotten one.
    if (!counted && e.execId !== '' && this.#index.orphans.has(`${e.broker}|${e.execId}`)) return;
    const added = record.fills.add(e, e.fill);
    if (added.conflict) {
      this.#changes.anomaly({
        order: order.orderKey,
        event: 'fill',
        execId: e.execId,
        reason: 'the same execution id came with other figures',
      });
    }
    if (added.takenBack !== undefined) this.#takeBack(record, e, added.takenBack, at);
    if (!added.quantity.isZero()) this.#count(record, e, e.fill, added, at, counted);
  }

  #count(
    record: OrderRecord,
    e: ExecutionEvent,
    fill: Fill,
    added: NewFill,
    at: Micros,
    counted: boolean,
  ): void {
    const { order } = record;
    const filled = order.filled.plus(added.quantity);
    const averagePrice = order.averagePrice
      .times(order.filled)
      .plus(fill.price.times(added.quantity))
      .div(filled);
    if (record.work?.action === 'new') record.work = undefined;
    const venueOrderId = order.venueOrderId === '' ? e.venueOrderId : order.venueOrderId;
    record.order = { ...order, filled, averagePrice, venueOrderId };
    this.#orders.cleared = true;
    this.#orders.advance(record, record.complete() ? 'fill' : 'partial_fill', at, e.reason, {}, true);
    if (filled.gt(order.quantity) && record.closed) {
      this.#changes.anomaly({ order: order.orderKey, event: 'overfill', filled, quantity: order.quantity });
    }
    if (!counted) this.#position(e, order.account, order.side, added.quantity, fill, at);
  }

  /** The venue takes a fill back, or gives it other figures. The order stays in its state; the position follows. */
  #revise(record: OrderRecord, e: ExecutionEvent, report: 'bust' | 'correct', at: Micros): void {
    if (report === 'correct' && !usable(e, e.fill)) {
      this.#uncounted({ order: record.order.orderKey, execId: e.execId, reason: UNUSABLE });
      return;
    }
    const revised =
      report === 'bust' || e.fill === undefined
        ? record.fills.bust(e.execId)
        : record.fills.correct(e.execId, e.fill);
    const { takenBack, quantity } = revised;
    if (takenBack === undefined && quantity.isZero()) return;
    this.#changes.log('warn', report === 'bust' ? 'FILL_BUSTED' : 'FILL_CORRECTED', {
      order: record.order.orderKey,
      execId: e.execId,
      was: takenBack === undefined ? '' : `${takenBack.quantity.toString()}@${takenBack.price.toString()}`,
      reason: e.reason,
    });
    if (takenBack !== undefined) this.#takeBack(record, e, takenBack, at);
    if (e.fill !== undefined && !quantity.isZero()) {
      const order = record.order;
      const filled = order.filled.plus(quantity);
      const averagePrice = order.averagePrice
        .times(order.filled)
        .plus(e.fill.price.times(quantity))
        .div(filled);
      this.#orders.restate(record, { filled, averagePrice }, at);
      this.#position(e, order.account, order.side, quantity, e.fill, at);
    }
  }

  /** Removes a counted fill from order and position, its fee included. */
  #takeBack(record: OrderRecord, e: ExecutionEvent, fill: Fill, at: Micros): void {
    const { order } = record;
    const filled = order.filled.minus(fill.quantity);
    const value = order.averagePrice.times(order.filled).minus(fill.price.times(fill.quantity));
    const averagePrice = filled.isZero() ? filled : value.div(filled);
    this.#orders.restate(record, { filled, averagePrice }, at);
    this.#position(
      e,
      order.account,
      opposite(order.side),
      fill.quantity,
      { ...fill, fee: fill.fee.neg() },
      at,
    );
  }

  /** A report for an order that is not known here: its fill counts at once, and it is told when nobody explains it. */
  #orphan(e: ExecutionEvent, at: Micros): void {
    if (e.report === 'bust' || e.report === 'correct') {
      this.#reviseOrphan(e, at);
      return;
    }
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
    const oldest = e.clientOrderId === '' && e.venueOrderId !== '' ? this.held.add(e, at) : e;
    if (oldest !== undefined) this.#stranger(oldest);
  }

  #stranger(e: ExecutionEvent): void {
    this.#changes.anomaly({
      clientOrderId: e.clientOrderId,
      venueOrderId: e.venueOrderId,
      event: e.report,
      reason: 'no such order',
    });
  }

  /** A fill nobody has the order of is revised by what the report tells; what it was before is not known. */
  #reviseOrphan(e: ExecutionEvent, at: Micros): void {
    const known = this.#index.orphans.has(`${e.broker}|${e.execId}`);
    const first = this.#index.orphans.add(`${e.broker}|${e.report}|${e.execId}`);
    if (!first) return;
    this.#stranger(e);
    if (e.report === 'correct' && !known && usable(e, e.fill)) {
      this.#index.orphans.add(`${e.broker}|${e.execId}`);
      this.#position(e, e.account, e.side, e.fill.quantity, e.fill, at);
    } else if (e.report === 'bust' && known && usable(e, e.fill))
      this.#position(
        e,
        e.account,
        opposite(e.side),
        e.fill.quantity,
        { ...e.fill, fee: e.fill.fee.neg() },
        at,
      );
    else if (e.report === 'bust' && !known) this.#index.orphans.add(`${e.broker}|${e.execId}`);
    else if (known)
      this.#uncounted({ execId: e.execId, reason: 'a revised fill of an order that is not known' });
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

function opposite(side: Side): Side {
  return side === 'buy' ? 'sell' : 'buy';
}
