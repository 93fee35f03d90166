import { gunzipSync } from 'node:zlib';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import {
  startBinanceEmulator,
  type BinanceEmulator,
  type PublicEvent,
} from '../../../src/emulators/binance/index.js';
import { sharedData } from '../../support/shared-data.js';
import { rest, sleep } from './socket.js';

let venue: BinanceEmulator | undefined;
afterEach(() => venue?.close());

const capture = sharedData('market', 'binance-raw', 'spot', 'btcusdt_20240808.gz');

it('says when a capture has no book', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-'));
  const file = join(folder, 'btcusdt.txt');
  writeFileSync(
    file,
    '1723161254087896568 {"e":"trade","E":1,"s":"BTCUSDT","t":1,"p":"10.00","q":"1.0","T":1,"m":true,"M":true}\n',
  );
  const market = { type: 'capture', files: [file] } as const;
  await expect(startBinanceEmulator({ symbols: ['BTCUSDT'], market })).rejects.toThrow(
    /no depth snapshot of BTCUSDT/,
  );
  rmSync(folder, { recursive: true });
});

it.skipIf(capture === undefined)(
  'plays a recorded market: its book is the one the venue had, accounts trade in it',
  async () => {
    const file = capture ?? '';
    venue = await startBinanceEmulator({
      symbols: ['BTCUSDT'],
      paused: true,
      market: { type: 'capture', files: [file], pace: 5 },
    });
    const { exchange, market, account, rest: base } = venue;
    const lines = gunzipSync(readFileSync(file)).toString().split('\n', 4_000);
    const first = lines.find((line) => line.includes('"lastUpdateId"')) ?? '';
    const snapshot = JSON.parse(first.slice(first.indexOf('{'))) as {
      readonly lastUpdateId: number;
      readonly bids: string[][];
    };
    const book = new Map(snapshot.bids.map(([p, q]) => [p, q]));
    let id = snapshot.lastUpdateId;
    const trades: PublicEvent[] = [];
    exchange.onMarket((event) => {
      if (event.kind === 'trade') trades.push(event);
    });
    expect(exchange.depth('BTCUSDT', 5_000).bids.slice(0, 5)).toHaveLength(5);
    await market?.step(3_000);
    const played = market?.state().played ?? 0;
    expect(played).toBeGreaterThanOrEqual(3_000);
    let count = 0;
    let tradesBefore = 0;
    let seen = false;
    for (const line of lines) {
      if (count === played) break;
      const data = JSON.parse(line.slice(line.indexOf('{'))) as {
        readonly data?: Record<string, never>;
        readonly lastUpdateId?: number;
      };
      count++;
      if (data.lastUpdateId !== undefined) seen = true;
      const e = data.data as unknown as
        { readonly e?: string; readonly u: number; readonly b: string[][] } | undefined;
      if (e?.e === 'trade' && seen) tradesBefore++;
      if (e?.e !== 'depthUpdate' || e.u <= id) continue;
      id = e.u;
      for (const [p = '', q = ''] of e.b) {
        if (Number(q) === 0) book.delete(p);
        else book.set(p, q);
      }
    }
    expect(new Map(exchange.depth('BTCUSDT', 5_000).bids)).toEqual(book);
    expect(trades).toHaveLength(tradesBefore);
    const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.05' };
    expect((await rest(base, 'POST', '/api/v3/order', order, account)).body).toMatchObject({
      status: 'FILLED',
    });
    market?.resume();
    await sleep(400);
    market?.pause();
    expect(market?.state().played).toBeGreaterThan(played + 20);
  },
);
