import type { ExecutionEvent, ExecutionReport } from '../../../model/event.js';
import type { Side } from '../../../model/instrument.js';
import type { Micros } from '../../../model/time.js';
import { replaceOfCancel } from './change.js';
import type { EventWriter, Request } from './event-writer.js';
import type { KnownOrder, KnownOrders, Replace } from './known-orders.js';
import { RecentIds } from './recent-ids.js';
import { execIdOf, isEnded, type OrderView, type TradeView } from './views.js';

export interface ReporterOptions {
  readonly writer: EventWriter;
  readonly known: KnownOrders;
  readonly emit: (event: ExecutionEvent) => void;
  /** A replace nobody here remembers took an order away: what became of its new half is to be asked. */
  readonly onStrangeReplace?: (replace: Replace, side: Side) => void;
  /** Fills and reports remembered; more than that and a repetition goes out again (State counts it once anyway). */
  readonly remember?: number;
}

/**
 * Turns what the venue says, from whichever of its mouths, into execution reports, each told once: the answer to a
 * request, the report of the user data stream and the result of a query come in any order and often twice.
 */
export class Reporter {
  readonly #o: ReporterOptions;
  readonly #fills: RecentIds;
  readonly #told: RecentIds;
  /** Repetitions left out. */
  repeated = 0;

  constructor(options: ReporterOptions) {
    this.#o = options;
    this.#fills = new RecentIds(options.remember ?? 100_000);
    this.#told = new RecentIds(options.remember ?? 100_000);
  }

  /**
   * The order as it stands, after its fills were told: accepted, replaced or ended. `cancelId` is the id of the cancel
   * that ended it, where told. `restate`: say `accepted` again of an order that is open.
   */
  order(view: OrderView, cancelId: string = '', restate: boolean = false): void {
    const { known } = this.#o;
    const { clientOrderId, symbol, venueOrderId, side } = view;
    const order =
      known.get(clientOrderId) ??
      known.byVenue(symbol, venueOrderId) ??
      known.note(clientOrderId, symbol, side);
    known.setVenueId(order, venueOrderId);
    order.type = view.type;
    if (view.status !== 'REJECTED') this.#accepted(order, view, restate && !isEnded(view.status));
    if (isEnded(view.status)) this.#ended(order, view, cancelId);
  }

  /** A conditional order whose price was reached. */
  triggered(view: OrderView): void {
    this.#tell('triggered', view);
  }

  /** A fill; false when it was told before. */
  fill(trade: TradeView): boolean {
    const { known, writer } = this.#o;
    const { symbol, venueOrderId, side } = trade;
    if (!this.#fills.add(execIdOf(symbol, trade.tradeId))) {
      this.repeated++;
      return false;
    }
    const order =
      known.byVenue(symbol, venueOrderId) ??
      (trade.clientOrderId === '' ? undefined : known.note(trade.clientOrderId, symbol, side));
    if (order !== undefined) {
      known.setVenueId(order, venueOrderId);
      order.filled = order.filled.plus(trade.fill.quantity);
    }
    const id = trade.clientOrderId === '' ? (order?.clientOrderId ?? '') : trade.clientOrderId;
    this.#o.emit(writer.fill(trade, id));
    return true;
  }

  /** A definitive refusal of a new order. */
  rejected(request: Request, reason: string, time: Micros): void {
    const order = this.#o.known.note(request.clientOrderId, request.symbol, request.side);
    if (order.accepted || order.filled.gt(0)) return;
    this.#o.known.end(order);
    this.#refused('rejected', request, reason, time);
  }

  cancelRejected(request: Request, reason: string, time: Micros): void {
    this.#refused('cancel_rejected', request, reason, time);
  }

  /** The replace did not happen. Where it took the old order away all the same, that is told too. */
  replaceRejected(request: Request, reason: string, time: Micros): void {
    const { known, writer } = this.#o;
    const replace = known.replaceByNew(request.clientOrderId);
    if (replace !== undefined && replace.state !== 'pending') return;
    if (replace !== undefined) replace.state = 'failed';
    this.#refused('replace_rejected', request, reason, time);
    if (replace?.oldCancelled !== true || !this.#first('cancelled', replace.oldId)) return;
    const old = known.get(replace.oldId);
    if (old !== undefined) known.end(old);
    const target = { ...request, clientOrderId: replace.oldId };
    const why = `its replace took it away and was then refused: ${reason}`;
    this.#o.emit(writer.answer('cancelled', target, why, time, old?.venueOrderId));
  }

  #accepted(order: KnownOrder, view: OrderView, restate: boolean): void {
    const { known, writer } = this.#o;
    const replace = known.replaceByNew(view.clientOrderId);
    if (replace?.state === 'pending') {
      replace.state = 'done';
      const old = known.get(replace.oldId);
      if (old !== undefined && replace.amend) {
        known.rename(old, view.clientOrderId);
        known.setVenueId(old, view.venueOrderId);
        old.accepted = true;
      } else if (old !== undefined) known.end(old);
      this.#tell('replaced', view);
    } else if (restate) this.#o.emit(writer.state('accepted', view));
    else if (!order.accepted) this.#tell('accepted', view);
    order.accepted = true;
  }

  #ended(order: KnownOrder, view: OrderView, cancelId: string): void {
    if (view.status === 'CANCELED' && this.#partOfReplace(view, cancelId)) return;
    this.#o.known.end(order);
    switch (view.status) {
      case 'FILLED':
        if (view.executed.lt(view.quantity)) this.#tell('expired', view, view.reason || STP);
        return;
      case 'CANCELED':
        this.#tell('cancelled', view);
        return;
      case 'REJECTED':
        this.#tell('rejected', view);
        return;
      default:
        this.#tell('expired', view, view.reason || (view.status === 'EXPIRED_IN_MATCH' ? STP : ''));
    }
  }

  /** A cancel that belongs to a replace says nothing about the order: it lives on in its new leg, or is yet to be judged. */
  #partOfReplace(view: OrderView, cancelId: string): boolean {
    const { known } = this.#o;
    const { clientOrderId, symbol, side } = view;
    const newId = cancelId === '' ? undefined : replaceOfCancel(cancelId);
    let replace = newId === undefined ? known.replaceByOld(clientOrderId) : known.replaceByNew(newId);
    if (replace === undefined && newId !== undefined) {
      replace = known.startReplace(newId, clientOrderId, symbol, false);
      this.#o.onStrangeReplace?.(replace, side);
    }
    if (replace === undefined || replace.amend || replace.state === 'failed') return false;
    // A cancel of its own came before the replace.
    if (cancelId !== '' && newId === undefined) return false;
    replace.oldCancelled = true;
    return true;
  }

  #refused(
    report: 'rejected' | 'cancel_rejected' | 'replace_rejected',
    request: Request,
    reason: string,
    time: Micros,
  ): void {
    if (this.#first(report, request.clientOrderId))
      this.#o.emit(this.#o.writer.answer(report, request, reason, time));
  }

  #tell(report: ExecutionReport, view: OrderView, reason?: string): void {
    if (this.#first(report, view.clientOrderId)) this.#o.emit(this.#o.writer.state(report, view, reason));
  }

  #first(report: ExecutionReport, clientOrderId: string): boolean {
    if (this.#told.add(`${report}|${clientOrderId}`)) return true;
    this.repeated++;
    return false;
  }
}

const STP = 'self-trade prevention';
