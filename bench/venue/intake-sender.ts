import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { startBinanceEmulator } from '../../src/emulators/binance/index.js';
import { messageFrame } from '../../src/emulators/binance/net/frame.js';
import { endWithParent, say } from './messages.js';

/**
 * A sender that never rests: `node intake-sender.js MIX`. Its REST is the emulator's, its market streams are messages
 * made beforehand; only their ids are written anew, so that it is faster than anybody who reads. `MIX`: `top` (trades and
 * quotes in turn) or `depth` (every tenth message is a depth diff of 20 levels).
 */
const depth = process.argv[2] === '"depth"';
const MESSAGES = 1_000;
const FIRST_ID = 1_000_000_000;
const WRITE_AHEAD = 1 << 20;
const symbol = 'BTCUSDT';
const stream = symbol.toLowerCase();
const emulator = await startBinanceEmulator({ symbols: [symbol], market: { type: 'none' } });
emulator.exchange.market.levels(symbol, [60_000, 5], [60_001, 5], true);

/** Places of ten-digit ids in a chunk, by what they count. */
interface Chunk {
  readonly bytes: Buffer;
  readonly trades: readonly number[];
  readonly quotes: readonly number[];
  /** First and last update of a diff are the same. */
  readonly diffs: readonly (readonly [number, number])[];
}

const envelope = (name: string, data: string): string => `{"stream":"${stream}@${name}","data":${data}}`;
const id = String(FIRST_ID);
const trade = (i: number): string =>
  `{"e":"trade","E":1757500000123,"s":"${symbol}","t":${id},"p":"600${i % 90}.10000000","q":"0.0${i % 90}120000","T":1757500000122,"m":${i % 4 < 2},"M":true}`;
const quote = (i: number): string =>
  `{"u":${id},"s":"${symbol}","b":"60000.${i % 90}000000","B":"1.${i % 97}200000","a":"60001.${i % 90}000000","A":"2.${i % 89}100000"}`;
const levels = (from: number, step: number, i: number): string =>
  Array.from(
    { length: 10 },
    (_, n) => `["${from + step * n}.00000000","${(i + n) % 7}.${100 + n}00000"]`,
  ).join(',');
const diff = (i: number): string =>
  `{"e":"depthUpdate","E":1757500000123,"s":"${symbol}","U":${id},"u":${id},"b":[${levels(60_000, -1, i)}],"a":[${levels(60_001, 1, i)}]}`;

function makeChunk(): Chunk {
  const frames: Buffer[] = [];
  const [trades, quotes, diffs]: [number[], number[], [number, number][]] = [[], [], []];
  let at = 0;
  for (let i = 0; i < MESSAGES; i++) {
    const isDiff = depth && i % 10 === 9;
    const text = isDiff
      ? envelope('depth@100ms', diff(i))
      : i % 2 === 0
        ? envelope('trade', trade(i))
        : envelope('bookTicker', quote(i));
    const frame = messageFrame(text);
    const first = at + frame.indexOf(id);
    if (isDiff) diffs.push([first, at + frame.lastIndexOf(id)]);
    else (i % 2 === 0 ? trades : quotes).push(first);
    frames.push(frame);
    at += frame.length;
  }
  return { bytes: Buffer.concat(frames), trades, quotes, diffs };
}

function writeId(bytes: Buffer, at: number, value: number): void {
  let rest = value;
  for (let i = at + 9; i >= at; i--) {
    const next = Math.floor(rest / 10);
    bytes[i] = 48 + rest - next * 10;
    rest = next;
  }
}

const template = makeChunk();

function blast(socket: WebSocket & { _socket?: import('node:net').Socket }): void {
  const raw = socket._socket;
  if (raw === undefined) return;
  const counts = { trade: FIRST_ID, quote: FIRST_ID, diff: FIRST_ID };
  const next = (): Buffer => {
    const bytes = Buffer.from(template.bytes);
    for (const at of template.trades) writeId(bytes, at, ++counts.trade);
    for (const at of template.quotes) writeId(bytes, at, ++counts.quote);
    for (const [first, last] of template.diffs) {
      writeId(bytes, first, ++counts.diff);
      writeId(bytes, last, counts.diff);
    }
    return bytes;
  };
  const fill = (): void => {
    while (!raw.destroyed && raw.writableLength < WRITE_AHEAD) raw.write(next());
    if (!raw.destroyed) raw.once('drain', fill);
  };
  // What comes before a book's snapshot does: everything up to the first id.
  if (depth) socket.send(envelope('depth@100ms', diff(0).replace(`"U":${id}`, '"U":1')));
  fill();
}

const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket) => {
  socket.on('error', () => socket.terminate());
  // A client that subscribes by message is answered; the flood begins when all of it had time to be ready.
  socket.on('message', (data) => {
    const { id: request } = JSON.parse((data as Buffer).toString('utf8')) as { readonly id: number };
    socket.send(JSON.stringify({ result: null, id: request }));
  });
  setTimeout(() => blast(socket), 700);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  say({ type: 'venue', rest: emulator.rest, stream: `ws://127.0.0.1:${port}`, wsApi: emulator.wsApi });
});
endWithParent(() => process.exit());
