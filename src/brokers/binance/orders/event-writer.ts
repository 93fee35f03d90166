import type { ExecutionEvent, ExecutionReport } from '../../../model/event.js';
import type { Side } from '../../../model/instrument.js';
import { makeExecution, type ExecutionFields } from '../../../model/make.js';
import type { Micros } from '../../../model/time.js';
import { execIdOf, type OrderView, type TradeView } from './views.js';

export interface EventWriterOptions {
  /** Topology name: `source` and `broker` of every event. */
  readonly name: string;
  readonly account: string;
  /** Our symbol and index of a venue symbol; its own name and -1 when it is not in the table. */
  readonly resolve: (symbol: string) => { readonly instrument: string; readonly ix: number };
}

/** What an answer to a request is about. */
export interface Request {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
}

/** Writes what the venue says as execution reports. */
export class EventWriter {
  readonly #o: EventWriterOptions;

  constructor(options: EventWriterOptions) {
    this.#o = options;
  }

  /** A report with the order's terms as the venue has them. */
  state(report: ExecutionReport, view: OrderView, reason: string = view.reason): ExecutionEvent {
    return makeExecution(this.#o.name, view.time, {
      ...this.#head(report, view),
      venueOrderId: view.venueOrderId,
      cumulative: view.executed,
      quantity: view.quantity,
      limitPrice: view.limitPrice,
      stopPrice: view.stopPrice,
      reason,
    });
  }

  fill(trade: TradeView, clientOrderId: string = trade.clientOrderId): ExecutionEvent {
    const { symbol, side, time, venueOrderId, tradeId, fill, cumulative } = trade;
    return makeExecution(this.#o.name, time, {
      ...this.#head('fill', { clientOrderId, symbol, side }),
      venueOrderId,
      execId: execIdOf(symbol, tradeId),
      fill,
      cumulative,
    });
  }

  /** An answer that names a request and tells nothing about the order's terms. */
  answer(
    report: ExecutionReport,
    request: Request,
    reason: string,
    time: Micros,
    venueOrderId: string = '',
  ): ExecutionEvent {
    return makeExecution(this.#o.name, time, { ...this.#head(report, request), venueOrderId, reason });
  }

  #head(report: ExecutionReport, { clientOrderId, symbol, side }: Request): ExecutionFields {
    const { instrument, ix } = this.#o.resolve(symbol);
    return {
      broker: this.#o.name,
      account: this.#o.account,
      report,
      clientOrderId,
      venueOrderId: '',
      execId: '',
      instrument,
      ix,
      side,
      fill: undefined,
      cumulative: undefined,
      quantity: undefined,
      limitPrice: undefined,
      stopPrice: undefined,
      reason: '',
    };
  }
}

/**
 * How a query tells an order: `accepted` while it is open, its end otherwise. A filled one is `accepted` with
 * `cumulative` equal to `quantity`: what it filled is told by its fills alone.
 */
export function reportOf(view: OrderView): ExecutionReport {
  switch (view.status) {
    case 'CANCELED':
      return 'cancelled';
    case 'REJECTED':
      return 'rejected';
    case 'EXPIRED':
    case 'EXPIRED_IN_MATCH':
      return 'expired';
    default:
      return 'accepted';
  }
}
