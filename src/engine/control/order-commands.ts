import { z } from 'zod';
import type { OrderAnswer } from '../order-request.js';
import { instrument, reason } from './fields.js';
import { ControlError, defineRoute, type ControlHost, type Route } from './route.js';
import { findOrder } from './views.js';
import { within } from './within.js';

interface CancelAnswer {
  /** What became of each request, one an order. */
  readonly cancelled: readonly OrderAnswer[];
  readonly seq: number;
}

/** Requests that were recorded; a cancel that risk or queue refused is in its row, with the reason. */
function told(cancelled: readonly OrderAnswer[]): CancelAnswer {
  return { cancelled, seq: Math.max(0, ...cancelled.map(({ seq }) => seq)) };
}

async function cancelOne(
  { engine }: ControlHost,
  id: string,
  actor: string,
  why: string,
): Promise<CancelAnswer> {
  const { orderKey } = findOrder(engine, id);
  const answer = await within(engine.orders.cancel(orderKey, { actor, reason: why }));
  if (!answer.accepted)
    throw new ControlError(409, 'CONTROL_REFUSED', answer.reason, 'see `millrace orders`');
  return told([answer]);
}

/** Cancels by operators. Each order is a control event of its own, through risk, queue and outbox like any cancel. */
export const ORDER_COMMANDS: readonly Route[] = [
  defineRoute({
    method: 'POST',
    path: '/v1/orders/:id/cancel',
    role: 'operate',
    summary: 'Cancels one order, by order key, client order id or venue order id.',
    body: z.strictObject({ reason }),
    run: (host, { path, body, actor }) => cancelOne(host, path['id'] ?? '', actor, body.reason),
  }),
  defineRoute({
    method: 'POST',
    path: '/v1/cancel',
    role: 'operate',
    summary: 'Cancels every open order, or those of an instrument. Trading goes on.',
    body: z.strictObject({ instrument: instrument.optional().describe('Only of this symbol.'), reason }),
    run: async ({ engine }, { body, actor }) => {
      const asked = { actor, reason: body.reason };
      if (body.instrument === undefined) return told(await within(engine.orders.cancelAll(asked)));
      if (engine.instruments.get(body.instrument) === undefined)
        throw new ControlError(404, 'NO_SUCH_INSTRUMENT', `there is no instrument "${body.instrument}"`);
      return told(await within(engine.orders.cancelSymbol(body.instrument, asked)));
    },
  }),
];
