import { z } from 'zod';
import type { PanicReport, PanicTask } from '../broker.js';
import { makeWire } from './make-wire.js';
import { binanceOptions, type BinanceOptions } from './options.js';
import { Queries } from './queries.js';
import type { BinanceRest } from './wire.js';

const ROUNDS = 5;

const schema = z.object({
  name: z.string(),
  endpoints: z.object({ rest: z.string(), streams: z.string(), wsApi: z.string() }),
  credentials: z.union([
    z.object({ apiKey: z.string(), secret: z.string() }),
    z.object({ apiKey: z.string(), privateKeyPem: z.string() }),
  ]),
  recvWindow: z.number(),
});

/** The task of {@link cancelEverything} for a session: plain data, with the credentials it needs. Never to be printed. */
export function panicTask(options: BinanceOptions): PanicTask {
  const { name, endpoints, credentials, recvWindow } = options;
  return { module: import.meta.url, options: { name, endpoints, credentials, recvWindow } };
}

/**
 * Cancels every open order of the account over a REST session of its own and asks until the venue says that none is
 * open. For a watchdog's thread, when the engine's own hangs: it needs nothing of the engine. Never throws; what went
 * wrong is in the report, without secrets.
 */
export async function cancelEverything(options: Readonly<Record<string, unknown>>): Promise<PanicReport> {
  const parsed = schema.safeParse(options);
  if (!parsed.success)
    return { cancelled: 0, verified: false, reason: 'the task holds no usable session options' };
  const { name, endpoints, credentials, recvWindow } = parsed.data;
  const wire = makeWire(binanceOptions({ name, environment: 'custom', endpoints, credentials, recvWindow }));
  try {
    // Without it a request still counts from the local clock, which is usually good enough.
    await wire.clock.sync().catch(() => undefined);
    return await sweep(wire.rest, new Queries(wire.rest));
  } catch (error) {
    return { cancelled: 0, verified: false, reason: error instanceof Error ? error.message : String(error) };
  } finally {
    await wire.close();
  }
}

/** Rounds of asking and cancelling, because an order may still be on its way when the first round asks. */
async function sweep(rest: BinanceRest, queries: Queries): Promise<PanicReport> {
  const cancelled = new Set<string>();
  let reason = '';
  for (let round = 1; round <= ROUNDS; round++) {
    const open = await queries.openOrders();
    if (open.length === 0 && round > 1) return { cancelled: cancelled.size, verified: true, reason: '' };
    for (const symbol of new Set(open.map((order) => order.symbol))) {
      const answer = await rest.order({
        method: 'DELETE',
        path: '/api/v3/openOrders',
        params: { symbol },
        security: 'signed',
        weight: 1,
        lane: 'risk',
      });
      if (answer.kind === 'answer')
        for (const order of open)
          if (order.symbol === symbol) cancelled.add(`${symbol}|${order.venueOrderId}`);
      if (answer.kind !== 'answer') reason = answer.kind === 'refused' ? answer.message : answer.reason;
    }
  }
  const left = await queries.openOrders();
  if (left.length === 0) return { cancelled: cancelled.size, verified: true, reason: '' };
  return {
    cancelled: cancelled.size,
    verified: false,
    reason: `${left.length} orders are still open${reason === '' ? '' : `: ${reason}`}`,
  };
}
