import { Decimal, ZERO } from '../model/decimal.js';
import type { DeniedEvent, DispatchEvent, OutcomeEvent, SupersededEvent } from '../model/event.js';
import type { Intent } from '../model/intent.js';
import { isClosed, type InFlight, type Order } from '../model/order.js';
import { nextOrderState, settledState, type OrderTrigger } from '../model/order-state.js';
import type { OrderState } from '../model/order.js';
import type { Micros } from '../model/time.js';
import type { Changes } from './changes.js';
import type { OrderIndex } from './order-index.js';
import { OrderRecord, orderOf, termsOf, type Request } from './order-record.js';

/** States an order reaches only after the venue answered for the first time. */
const ACKNOWLEDGING: ReadonlySet<OrderTrigger> = new Set<OrderTrigger>([
  'accepted',
  'partial_fill',
  'fill',
  'triggered',
  'inactive',
  'replaced',
]);

/**
 * Folds what the engine does with intents and requests into orders: approval reserves exposure, the queue holds or
 * drops, a dispatch puts a request in flight, an outcome tells whether it left. Reports are folded by
 * `ExecutionReducer` through {@link OrderReducer.advance}.
 */
export class OrderReducer {
  readonly #index: OrderIndex;
  readonly #changes: Changes;
  /** A report or outcome changed what is in flight, since last asked. */
  cleared = false;

  constructor(index: OrderIndex, changes: Changes) {
    this.#index = index;
    this.#changes = changes;
  }

  approved(intent: Intent, riskPrice: Decimal, at: Micros): void {
    const record = this.#index.record(intent.orderKey);
    if (intent.action === 'new') {
      if (record !== undefined && !record.closed) {
        this.#changes.anomaly({ order: intent.orderKey, state: record.order.state, event: 'approved new' });
        return;
      }
      const created = new OrderRecord(orderOf(intent, riskPrice, at));
      this.#index.add(created);
      this.#changes.order(created.order);
    } else if (intent.action === 'replace' && record !== undefined && !record.closed) {
      record.wish = intent;
      if (record.wishQuantity === undefined || intent.quantity.gt(record.wishQuantity)) {
        record.wishQuantity = intent.quantity;
      }
      record.wishPrice = riskPrice;
      this.#index.reserve(record);
    }
  }

  queued(intent: Intent, reason: string, at: Micros): void {
    const record = this.#index.record(intent.orderKey);
    if (intent.action === 'new' && record !== undefined) this.advance(record, 'queue', at, reason);
  }

  /** A refusal behind risk: what was approved and reserved is given back. */
  denied(event: DeniedEvent, at: Micros): void {
    const record = this.#index.record(event.intent.orderKey);
    if (event.stage === 'risk' || record === undefined) return;
    if (event.intent.action === 'new') {
      if (record.order.state === 'initialized' || record.order.state === 'queued') {
        this.advance(record, 'deny', at, event.text);
      }
    } else if (event.intent.action === 'replace') this.#dropWish(record);
  }

  superseded(event: SupersededEvent, at: Micros): void {
    const record = this.#index.record(event.intent.orderKey);
    if (record === undefined) return;
    const { action } = event.intent;
    if (action === 'new') {
      if (event.result === 'annihilated')
        this.advance(record, 'withdraw', at, `withdrawn before it was sent, by a ${event.by}`);
      else if (event.result === 'updated' && record.wish !== undefined) {
        record.order = {
          ...record.order,
          ...termsOf(record.wish),
          riskPrice: record.wishPrice,
          updatedAt: at,
        };
        this.#dropWish(record);
        this.#changes.order(record.order);
      }
    } else if (action === 'replace') {
      if (event.by === 'cancel') this.#dropWish(record);
      else if (event.result === 'updated' && record.wish !== undefined) {
        record.wishQuantity = record.wish.quantity;
        this.#index.reserve(record);
      }
    }
  }

  dispatch(event: DispatchEvent, at: Micros): void {
    const record = this.#index.record(event.orderKey);
    if (record === undefined) {
      this.#changes.anomaly({ order: event.orderKey, event: 'dispatch', clientOrderId: event.clientOrderId });
      return;
    }
    const { intent } = event;
    this.#index.addId(record, event.clientOrderId, event.action);
    const replace = event.action === 'replace';
    const priceBefore = record.order.riskPrice;
    const riskPrice = record.wish === undefined ? priceBefore : record.wishPrice;
    const request: Request = {
      action: event.action,
      clientOrderId: event.clientOrderId,
      since: at,
      quantity: replace ? intent.quantity : undefined,
      limitPrice: replace ? intent.limitPrice : undefined,
      stopPrice: replace ? intent.stopPrice : undefined,
      unsure: false,
      riskPrice: replace ? riskPrice : undefined,
      priceBefore: replace ? priceBefore : undefined,
    };
    if (event.action === 'cancel') {
      record.cancel = request;
      this.advance(record, 'request_cancel', at);
    } else if (replace) {
      record.work = request;
      record.dropWish();
      // Until the venue answers, the order may stand on either terms: it is valued at the higher.
      this.advance(record, 'request_replace', at, '', { riskPrice: Decimal.max(priceBefore, riskPrice) });
    } else {
      record.work = request;
      const { clientOrderId, broker } = event;
      this.advance(record, 'submit', at, '', { ...termsOf(intent), clientOrderId, broker, submittedAt: at });
    }
  }

  outcome(event: OutcomeEvent, at: Micros): void {
    const record = this.#index.record(event.orderKey) ?? this.#index.recordById(event.clientOrderId);
    if (record === undefined || event.outcome === 'sent') return;
    const slot =
      record.cancel?.clientOrderId === event.clientOrderId
        ? 'cancel'
        : record.work?.clientOrderId === event.clientOrderId
          ? 'work'
          : undefined;
    const request = slot === undefined ? undefined : record[slot];
    if (slot === undefined || request === undefined) return;
    this.cleared = true;
    if (event.outcome === 'unknown') {
      record[slot] = { ...request, unsure: true };
      this.advance(record, 'unsure', at, event.reason);
      return;
    }
    record[slot] = undefined;
    const never = request.action === 'new' && record.order.state !== 'submitted';
    const patch = request.priceBefore === undefined ? {} : { riskPrice: request.priceBefore };
    this.advance(record, never ? 'rejected' : 'not_sent', at, event.reason, patch);
  }

  /**
   * Takes one step of the transition table, with `patch` applied to the order. An illegal step leaves the state as it
   * is and is recorded; the patch is applied all the same when `always` is set (the figures of a fill).
   */
  advance(
    record: OrderRecord,
    trigger: OrderTrigger,
    at: Micros,
    reason: string = '',
    patch: Partial<Order> = {},
    always: boolean = false,
  ): void {
    const before = record.order;
    const target = nextOrderState(before.state, trigger);
    if (target === undefined) {
      this.#changes.anomaly({ order: before.orderKey, state: before.state, event: trigger, reason });
      if (!always) return;
      record.order = { ...before, ...patch, updatedAt: at };
    } else {
      const previous = settledState(before.previous, trigger);
      record.order = { ...before, ...patch, previous };
      let state = target === 'settle' ? remaining(record, previous) : target;
      if (!isClosed(state) && record.order.filled.gt(ZERO) && record.complete()) state = 'filled';
      if (isClosed(state)) {
        record.work = record.cancel = undefined;
        record.dropWish();
      }
      record.order = {
        ...record.order,
        state,
        reason,
        inFlight: inFlight(record),
        acceptedAt: before.acceptedAt ?? (ACKNOWLEDGING.has(trigger) ? at : undefined),
        closedAt: before.closedAt ?? (isClosed(state) ? at : undefined),
        updatedAt: at,
      };
    }
    this.#index.reserve(record);
    if (record.closed) this.#index.close(record);
    this.#changes.order(record.order);
  }

  /** Other figures in the same state: a fill was taken back or corrected. */
  restate(record: OrderRecord, patch: Partial<Order>, at: Micros): void {
    record.order = { ...record.order, ...patch, updatedAt: at };
    this.#index.reserve(record);
    if (record.closed) this.#index.close(record);
    this.#changes.order(record.order);
  }

  #dropWish(record: OrderRecord): void {
    record.dropWish();
    this.#index.reserve(record);
  }
}

function remaining(record: OrderRecord, previous: OrderState): OrderState {
  if (record.cancel !== undefined) return record.cancel.unsure ? 'unknown' : 'pending_cancel';
  if (record.work === undefined) return previous;
  if (record.work.unsure) return 'unknown';
  return record.work.action === 'new' ? 'submitted' : 'pending_replace';
}

/** What others see as in flight: the new or replace request, else the cancel. */
function inFlight(record: OrderRecord): InFlight | undefined {
  const request = record.work ?? record.cancel;
  if (request === undefined) return undefined;
  const { action, clientOrderId, since, quantity, limitPrice, stopPrice } = request;
  return { action, clientOrderId, since, quantity, limitPrice, stopPrice };
}
