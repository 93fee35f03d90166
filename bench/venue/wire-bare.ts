import { createHmac, createSecretKey } from 'node:crypto';
import { WebSocket, type RawData } from 'ws';
import { ASK_BELOW, endWithParent, say, type ClientTask } from './messages.js';

/**
 * What the engine is measured against: a hand-written client that parses every quote, decides, signs and sends the same
 * bytes, and does nothing else. `node wire-bare.js TASK`.
 */
const task = JSON.parse(process.argv[2] ?? '{}') as ClientTask;
const { apiKey, symbol } = task;
const key = createSecretKey(task.secret, 'utf8');
const feed = new WebSocket(`${task.stream}/stream?streams=${symbol.toLowerCase()}@bookTicker`, {
  perMessageDeflate: false,
});
const api = new WebSocket(task.wsApi, { perMessageDeflate: false });
let last = '';
let id = 0;

interface Quote {
  readonly data: { readonly b: string; readonly B: string };
}

function order(price: string, quantity: string): string {
  const client = `bare-${symbol.slice(0, 3)}-1-${String(++id).padStart(8, '0')}-2`;
  const now = Date.now();
  const signed =
    `apiKey=${apiKey}&newClientOrderId=${client}&newOrderRespType=FULL&price=${price}&quantity=${quantity}` +
    `&recvWindow=5000&side=BUY&symbol=${symbol}&timeInForce=IOC&timestamp=${now}&type=LIMIT`;
  const signature = createHmac('sha256', key).update(signed).digest('hex');
  return (
    `{"id":${id},"method":"order.place","params":{"apiKey":"${apiKey}","newClientOrderId":"${client}",` +
    `"newOrderRespType":"FULL","price":"${price}","quantity":"${quantity}","recvWindow":5000,"side":"BUY",` +
    `"symbol":"${symbol}","timeInForce":"IOC","timestamp":${now},"type":"LIMIT","signature":"${signature}"}}`
  );
}

feed.on('message', (data: RawData) => {
  const { b, B } = (JSON.parse((data as Buffer).toString('utf8')) as Quote).data;
  if (B === last || Number(B) >= ASK_BELOW) return;
  last = B;
  api.send(order(String(Number(b)), String(Number(B))));
});
api.on('message', (data: RawData) => {
  const answer = JSON.parse((data as Buffer).toString('utf8')) as { readonly error?: unknown };
  if (answer.error !== undefined) say({ type: 'failed', reason: JSON.stringify(answer.error) });
});
for (const socket of [feed, api])
  socket.on('error', (error) => say({ type: 'failed', reason: error.message }));
await Promise.all([feed, api].map((socket) => new Promise((open) => socket.once('open', open))));
endWithParent(() => process.exit());
say({ type: 'ready' });
