import type { InputEvent } from '../model/event.js';
import type { Order } from '../model/order.js';
import type { Event } from '../model/record.js';
import type { StateView } from '../state/view.js';
import type { OrderError, Trade } from './order-manager.js';

/** What one turn means for those who watch orders. Pure. */
export interface OrderEvents {
  readonly orders: readonly Order[];
  readonly trades: readonly Trade[];
  readonly errors: readonly OrderError[];
}

export function orderEvents(input: InputEvent, children: readonly Event[], state: StateView): OrderEvents {
  const orders: Order[] = [];
  const errors: OrderError[] = [];
  const trades: Trade[] = [];
  let counted = false;
  for (const child of children) {
    switch (child.kind) {
      case 'order':
        orders.push(child.order);
        break;
      case 'position':
        counted = true;
        break;
      case 'denied': {
        const { intent, code, text } = child;
        errors.push({ orderKey: intent.orderKey, code, text, event: child });
        break;
      }
      case 'log':
        if (child.level === 'anomaly' || child.level === 'error')
          errors.push({ orderKey: '', code: child.code, text: child.message, event: child });
        break;
      case 'halt':
        errors.push({ orderKey: '', code: child.code, text: child.reason, event: child });
        break;
      default:
    }
  }
  // A fill that was told before moves no position.
  if (input.kind === 'execution' && input.report === 'fill' && input.fill !== undefined && counted) {
    const order =
      state.orders.byClientOrderId(input.clientOrderId) ??
      state.orders.byVenueOrderId(input.broker, input.venueOrderId, input.instrument);
    trades.push({ order, report: input, fill: input.fill });
  }
  if (input.kind === 'outcome' && input.outcome !== 'sent') {
    const { orderKey, outcome, reason } = input;
    errors.push({ orderKey, code: outcome.toUpperCase(), text: reason, event: input });
  }
  return { orders, trades, errors };
}
