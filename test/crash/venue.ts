import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { seededRandom } from '../../src/model/random.js';

/**
 * A small exchange in a process of its own, for the crash test: one instrument, one account, JSON lines over TCP. It
 * keeps every request it ever took, loses answers and reports of a client that is gone, and says in the end what it has.
 * Quantities are in thousandths, prices in tenths, cash in their product: all whole numbers.
 */
interface VenueOrder {
  readonly id: number;
  readonly client: string;
  readonly side: 'buy' | 'sell';
  readonly lots: number;
  readonly price: number;
  filled: number;
  state: 'open' | 'filled' | 'cancelled';
}
interface VenueFill {
  readonly exec: string;
  readonly client: string;
  readonly id: number;
  readonly side: 'buy' | 'sell';
  readonly lots: number;
  readonly price: number;
  readonly ts: number;
  readonly cumulative: number;
}
type Request = {
  readonly n: number;
  readonly op: string;
  readonly client?: string;
  readonly target?: string;
  readonly side?: 'buy' | 'sell';
  readonly lots?: number;
  readonly price?: number;
  readonly since?: number;
};

const random = seededRandom(Number(process.argv[2] ?? '1'));
const orders = new Map<string, VenueOrder>();
const fills: VenueFill[] = [];
/** Client order ids that came more than once. */
const repeated: string[] = [];
let position = 0;
let cash = 10_000_000_000;
let mid = 600_000;
let client: Socket | undefined;

const now = (): number => Date.now() * 1000;
const tell = (message: object): void => {
  if (client !== undefined && client.writable) client.write(`${JSON.stringify(message)}\n`);
};
const report = (kind: string, order: VenueOrder, fill?: VenueFill, reason = ''): void =>
  tell({ report: kind, order, fill, reason, ts: now() });

function fill(order: VenueOrder, most: number, price: number): void {
  const lots = Math.min(most, order.lots - order.filled);
  if (lots <= 0 || order.state !== 'open') return;
  order.filled += lots;
  position += order.side === 'buy' ? lots : -lots;
  cash += (order.side === 'buy' ? -1 : 1) * lots * price;
  if (order.filled === order.lots) order.state = 'filled';
  const { client: id, side, filled: cumulative } = order;
  const done = {
    exec: `x${fills.length + 1}`,
    client: id,
    id: order.id,
    side,
    lots,
    price,
    ts: now(),
    cumulative,
  };
  fills.push(done);
  report('fill', order, done);
}

function place({ client: id = '', side = 'buy', lots = 0, price = 0 }: Request): object {
  if (orders.has(id)) {
    repeated.push(id);
    return { refused: 'duplicate client order id' };
  }
  const order: VenueOrder = { id: orders.size + 1, client: id, side, lots, price, filled: 0, state: 'open' };
  orders.set(id, order);
  report('accepted', order);
  const crosses = price === 0 || (side === 'buy' ? price >= mid : price <= mid);
  if (crosses) {
    const first = 1 + Math.floor(random() * lots);
    fill(order, first, mid);
    setTimeout(() => fill(order, lots, mid), 5 + random() * 40);
  }
  return { order };
}

function answer(request: Request): object | undefined {
  switch (request.op) {
    case 'new':
      return place(request);
    case 'cancel': {
      const order = orders.get(request.target ?? '');
      if (order?.state !== 'open') return { refused: 'not open' };
      order.state = 'cancelled';
      report('cancelled', order);
      return { order };
    }
    case 'order':
      return { order: orders.get(request.client ?? '') ?? null };
    case 'open':
      return { orders: [...orders.values()].filter(({ state }) => state === 'open') };
    case 'fills':
      return { fills: fills.filter(({ ts }) => ts >= (request.since ?? 0)) };
    case 'account':
      return { position, cash };
    case 'everything':
      return { orders: [...orders.values()], fills, repeated, position, cash };
    case 'quit':
      return process.exit(0);
    default:
      return undefined;
  }
}

setInterval(() => {
  mid += Math.round((random() - 0.5) * 400);
  for (const order of orders.values()) {
    if (order.state !== 'open' || order.price === 0) continue;
    if (order.side === 'buy' ? order.price >= mid : order.price <= mid)
      fill(order, 1 + Math.floor(random() * order.lots), order.price);
  }
  tell({ quote: mid });
}, 5);

const server = createServer((socket) => {
  const lines = createInterface({ input: socket });
  socket.on('error', () => socket.destroy());
  lines.on('error', () => socket.destroy());
  lines.on('line', (line) => {
    const request = JSON.parse(line) as Request;
    if (request.op === 'hello') client = socket;
    const said = request.op === 'hello' ? {} : answer(request);
    // Some answers are lost although the request was carried out.
    const lost = (request.op === 'new' || request.op === 'cancel') && random() < 0.03;
    if (!lost && socket.writable) socket.write(`${JSON.stringify({ n: request.n, ...said })}\n`);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? (address?.port ?? 0) : 0}\n`);
});
