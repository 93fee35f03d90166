import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { Event } from '../../model/record.js';
import type { Edge } from '../../streams/edge.js';
import type { Engine } from '../engine.js';
import { ClientQueue } from './client-queue.js';
import { ControlError, defineRoute, type ControlHost, type Route } from './route.js';

const TICK_MS = 100;
const MOST_TAPS = 16;
const MOST_MS = 10_000;

const samples = z.coerce
  .number()
  .int()
  .min(1)
  .max(1_000)
  .default(20)
  .describe('Most events shown of every 100 ms; the others are counted.');

const taps = new WeakMap<Engine, number>();

/**
 * Looks at one output of the running graph. It takes references to the first events of an interval and counts the rest,
 * so that a busy node costs a counter an event; an output nobody taps costs nothing.
 */
export class Tap {
  readonly #most: number;
  readonly #unlink: () => void;
  #events: Event[] = [];
  #seen = 0;

  constructor(edge: Edge<Event>, most: number) {
    this.#most = most;
    this.#unlink = edge.link({ next: (event) => this.#next(event), complete: () => undefined });
  }

  /** What came since the last call. */
  take(): { readonly seen: number; readonly events: readonly Event[] } {
    const taken = { seen: this.#seen, events: this.#events };
    this.#events = [];
    this.#seen = 0;
    return taken;
  }

  close(): void {
    this.#unlink();
  }

  #next(event: Event): void {
    this.#seen++;
    if (this.#events.length < this.#most) this.#events.push(event);
  }
}

function open({ engine }: ControlHost, name: string, most: number): { tap: Tap; close: () => void } {
  const known = engine.graph.outputs;
  if (!known.includes(name))
    throw new ControlError(
      404,
      'NO_SUCH_NODE',
      `there is no output "${name}"`,
      `these are: ${known.join(', ')}`,
    );
  const count = taps.get(engine) ?? 0;
  if (count >= MOST_TAPS)
    throw new ControlError(429, 'TOO_MANY', `${MOST_TAPS} taps are open already`, 'close one of them');
  taps.set(engine, count + 1);
  const [node = '', port = ''] = name.split('.');
  const tap = new Tap(engine.graph.output({ node, port }), most);
  let closed = false;
  return {
    tap,
    close: () => {
      if (closed) return;
      closed = true;
      tap.close();
      taps.set(engine, (taps.get(engine) ?? 1) - 1);
    },
  };
}

/** Serves `/v1/tap/:node/stream` to one reader: what passed, ten times a second. One that is too slow misses some. */
export function serveTap(
  socket: WebSocket,
  host: ControlHost,
  node: string,
  query: Readonly<Record<string, unknown>>,
): void {
  const asked = samples.safeParse(query['samples']);
  if (!asked.success) throw new ControlError(400, 'BAD_REQUEST', 'samples must be 1 to 1000');
  const { tap, close } = open(host, node, asked.data);
  const queue = new ClientQueue(socket);
  let missed = 0;
  const timer = setInterval(() => {
    if (!queue.open) end();
    const { seen, events } = tap.take();
    if (seen === 0) return;
    const text = JSON.stringify({ type: 'tap', node, seen, missed, events });
    if (queue.send(text)) missed = 0;
    else missed += seen;
  }, TICK_MS);
  timer.unref();
  const end = (): void => {
    clearInterval(timer);
    close();
  };
  socket.once('close', end);
}

const tapQuery = z.strictObject({
  ms: z.coerce.number().int().min(1).max(MOST_MS).default(1_000).describe('How long to look, milliseconds.'),
  samples,
});

export const TAPS: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/v1/tap/:node',
    role: 'view',
    summary: 'What passes on an output of the graph, for a moment: `bars`, `risk.denied`.',
    query: tapQuery,
    run: async (host, { path, query }) => {
      const node = path['node'] ?? '';
      const { tap, close } = open(host, node, query.samples);
      try {
        await new Promise((resolve) => setTimeout(resolve, query.ms).unref());
        return { node, ms: query.ms, ...tap.take() };
      } finally {
        close();
      }
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/tap/:node/stream',
    role: 'view',
    summary: 'The same over WebSocket, until it is closed.',
    query: z.strictObject({ samples }),
    socket: true,
    run: () => undefined,
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/stream',
    role: 'view',
    summary: 'Everything that changes, over WebSocket: a snapshot, then numbered deltas.',
    socket: true,
    run: () => undefined,
  }),
];
