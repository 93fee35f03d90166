import type {
  BarEvent,
  BookEvent,
  ExecutionEvent,
  QuoteEvent,
  RegimeEvent,
  TradeEvent,
} from '../../model/event.js';
import type { Order } from '../../model/order.js';
import type { Event } from '../../model/record.js';
import type { OrdersView } from '../../state/view.js';
import { Edge } from '../../streams/edge.js';
import type { FillEvent } from './context.js';

/** The streams of one strategy: static edges, one a kind, and the filter for what is its own. */
export class StrategyInputs {
  readonly events: Edge<Event> = new Edge('events');
  readonly trades: Edge<TradeEvent> = new Edge('trades');
  readonly quotes: Edge<QuoteEvent> = new Edge('quotes');
  readonly books: Edge<BookEvent> = new Edge('books');
  readonly bars: Edge<BarEvent> = new Edge('bars');
  readonly regimes: Edge<RegimeEvent> = new Edge('regime');
  readonly fills: Edge<FillEvent> = new Edge('fills');
  readonly executions: Edge<ExecutionEvent> = new Edge('executions');
  readonly orders: Edge<Order> = new Edge('orders');
  readonly #name: string;
  readonly #view: OrdersView;
  /** True when no input delivers `order` events: changes are then told after each execution report. */
  readonly #deriveOrders: boolean;

  constructor(name: string, view: OrdersView, deriveOrders: boolean) {
    this.#name = name;
    this.#view = view;
    this.#deriveOrders = deriveOrders;
  }

  deliver(event: Event): void {
    switch (event.kind) {
      case 'quote':
        this.quotes.next(event);
        break;
      case 'trade':
        this.trades.next(event);
        break;
      case 'bar':
        this.bars.next(event);
        break;
      case 'book':
        this.books.next(event);
        break;
      case 'regime':
        this.regimes.next(event);
        break;
      case 'execution':
        if (!this.#execution(event)) return;
        break;
      case 'order':
        if (event.order.strategy !== this.#name) return;
        this.orders.next(event.order);
        break;
      default:
    }
    this.events.next(event);
  }

  complete(): void {
    for (const edge of [
      this.trades,
      this.quotes,
      this.books,
      this.bars,
      this.regimes,
      this.fills,
      this.executions,
      this.orders,
      this.events,
    ]) {
      edge.complete();
    }
  }

  /** Delivers a report of an own order; false for others. */
  #execution(event: ExecutionEvent): boolean {
    const order = this.#view.byClientOrderId(event.clientOrderId);
    if (order?.strategy !== this.#name) return false;
    this.executions.next(event);
    if (this.#deriveOrders) this.orders.next(order);
    if (event.report === 'fill' && event.fill !== undefined) this.fills.next(event as FillEvent);
    return true;
  }
}
