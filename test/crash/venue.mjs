// The Binance emulator in a process of its own: `node venue.mjs SEED`. It says where it is as one line of JSON and ends
// with its standard input. The limits of the venue on connections and request weight are lifted, since no engine starts
// twenty times a minute; the limit on orders stays. Some requests lose their answer, some carried out and some not.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const root = new URL('../../', import.meta.url).pathname;
const built = (file) =>
  pathToFileURL(join(root, process.env.MILLRACE_DIST ?? 'dist', 'emulators', 'binance', file)).href;
const { startBinanceEmulator } = await import(built('index.js'));
const { Limits } = await import(built('limits.js'));
// No request weighs anything: else every start would wait for the minute's end, as it should.
Limits.prototype.charge = () => undefined;

const seed = Number(process.argv[2] ?? '1');
const emulator = await startBinanceEmulator({
  seed,
  symbols: ['BTCUSDT', 'ETHUSDT'],
  market: { type: 'flow', rate: 120 },
  account: { balances: { USDT: '10000000', BTC: '50', ETH: '500', BNB: '0' } },
  connections: { connectsPer5Min: 1_000_000 },
  faults: [
    { kind: 'lost_answer', transport: 'ws', operation: 'order.*', probability: 0.02 },
    { kind: 'lost_answer', transport: 'ws', operation: 'order.*', probability: 0.01, execute: false },
    { kind: 'delay_answer', transport: 'ws', operation: 'order.*', probability: 0.05, delay_ms: 60 },
  ],
});
const { rest, stream, wsApi, control, account } = emulator;
process.stdout.write(`${JSON.stringify({ rest, stream, wsApi, control, account })}\n`);
process.stdin.once('end', () => process.exit(0)).resume();
