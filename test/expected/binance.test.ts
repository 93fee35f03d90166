import { mkdtempSync, rmSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { expected, market, runFiles, type Outcome } from './support.js';

interface Checkpoints {
  readonly books: Readonly<
    Record<
      string,
      {
        readonly appliedDiffs: number;
        readonly topOfBookVsBookTicker: {
          readonly compared: number;
          readonly mismatch: readonly { readonly u: number }[];
        };
        readonly final: { readonly u: number; readonly top: readonly string[] };
        readonly checkpoints: readonly (readonly [number, number, string, string, string, string])[];
      }
    >
  >;
}

type Message = Readonly<Record<string, unknown>>;

/** Messages of captures, in file order: an oracle that shares no code with the engine. */
function messages(...files: string[]): Message[] {
  return files.flatMap((file) =>
    gunzipSync(readFileSync(join(market ?? '', 'binance-raw', file)))
      .toString('utf8')
      .trim()
      .split('\n')
      .map((line) => {
        const body = JSON.parse(line.slice(line.indexOf(' ') + 1)) as Message;
        return (body['data'] ?? body) as Message;
      }),
  );
}

const SPOT = ['spot/btcusdt_20240808.gz', 'spot/btcusdt_20240809.gz'];

describe.skipIf(market === undefined)('order book of a raw Binance capture', () => {
  it('has the tops the exchange published', async () => {
    const run = await runFiles(['binance-book.yaml']);
    const published = expected<Checkpoints>('binance-book-checkpoints').books['spot/btcusdt'];
    const tops = run.children
      .filter((child) => child.kind === 'mark')
      .map((child) => child.note.split(' ').map(Number));
    expect(run.summary.bad).toEqual({});
    // The first top is that of the snapshot and of the one change kept for it; then one for each change.
    expect(tops).toHaveLength(published?.appliedDiffs ?? 0);
    expect(tops[0]?.[0]).toBe(50093239224);
    for (const [diffs, u, ...top] of published?.checkpoints ?? []) {
      expect(tops[diffs - 1]).toEqual([u, ...top.slice(0, 4).map(Number)]);
    }
    expect(tops.at(-1)).toEqual([published?.final.u, ...(published?.final.top ?? []).map(Number)]);

    const tickers = messages(...SPOT)
      .filter((message) => message['A'] !== undefined && message['e'] === undefined)
      .sort((a, b) => Number(a['u']) - Number(b['u']));
    const different: number[] = [];
    let compared = 0;
    let n = -1;
    for (const [u = 0, ...top] of tops) {
      while (Number(tickers[n + 1]?.['u'] ?? Infinity) <= u) n++;
      const ticker = tickers[n];
      if (ticker === undefined) continue;
      compared++;
      const wanted = ['b', 'B', 'a', 'A'].map((field) => Number(ticker[field]));
      if (wanted.some((value, i) => value !== top[i])) different.push(u);
    }
    expect(compared).toBe(published?.topOfBookVsBookTicker.compared);
    expect(different).toEqual(published?.topOfBookVsBookTicker.mismatch.map(({ u }) => u));
  });
});

describe.skipIf(market === undefined)('config/replay-binance.yaml', () => {
  const file = resolve(import.meta.dirname, '../../config/replay-binance.yaml');

  function replay(path: string, ...set: string[]): Promise<Outcome> {
    const out = mkdtempSync(join(tmpdir(), 'millrace-binance-'));
    onTestFinished(() => rmSync(out, { recursive: true, force: true }));
    return runFiles(
      [file],
      [
        `sources.market.path=${path}`,
        `sinks.journal.path=${out}/journal`,
        `sinks.audit.path=${out}/audit.jsonl`,
        `sinks.records.path=${out}/records`,
        ...set,
      ],
    );
  }

  const raw = (name: string): string => join(market ?? '', 'binance-raw', name);

  it('trades on the spot capture and loses no trade to late bars', async () => {
    const run = await replay(raw('spot/btcusdt_20240808.gz'));
    expect(run.summary).toMatchObject({ ended: 'end', drained: true, bad: {}, denied: {} });
    expect(run.summary.orders).toBeGreaterThanOrEqual(10);
    expect(run.summary.fills).toBeGreaterThanOrEqual(run.summary.orders);

    // Bars of one second by the exchange's trade time, computed plainly from the file.
    const wanted = new Map<number, number[]>();
    for (const message of messages('spot/btcusdt_20240808.gz')) {
      if (message['e'] !== 'trade') continue;
      const start = Math.floor(Number(message['T']) / 1000) * 1000;
      const price = Number(message['p']);
      const bar = wanted.get(start) ?? [price, -Infinity, Infinity, price, 0];
      bar[1] = Math.max(bar[1] ?? 0, price);
      bar[2] = Math.min(bar[2] ?? 0, price);
      bar[3] = price;
      bar[4] = (bar[4] ?? 0) + 1;
      wanted.set(start, bar);
    }
    const bars = run.children.filter((child) => child.kind === 'bar');
    const got = new Map(
      bars.map((bar) => [bar.start / 1000, [bar.open, bar.high, bar.low, bar.close, bar.count]]),
    );
    const missing = [...wanted.keys()].filter((start) => !got.has(start));
    expect(missing.length).toBeLessThanOrEqual(2); // those still open when the capture ends
    for (const start of missing) wanted.delete(start);
    expect(got).toEqual(wanted);
  });

  it('takes both files of a market as one', async () => {
    const run = await replay(`[${raw('spot/btcusdt_20240808.gz')}, ${raw('spot/btcusdt_20240809.gz')}]`);
    expect(run.summary).toMatchObject({ ended: 'end', bad: {}, denied: {} });
    expect(run.inputs.filter((input) => 'ix' in input && input.source === 'market')).toHaveLength(
      messages(...SPOT).length,
    );
    expect(run.summary.orders).toBeGreaterThanOrEqual(25);
  });

  it('trades on futures', async () => {
    const run = await replay(
      raw('usdm/btcusdt_20240808.gz'),
      'instruments.BTCUSDT.asset_class=crypto_perp',
      'instruments.BTCUSDT.tick_size=0.1',
    );
    expect(run.summary).toMatchObject({ ended: 'end', bad: {}, denied: {} });
    expect(run.summary.orders).toBeGreaterThanOrEqual(25);
  });

  it('says what to do when there is no capture', async () => {
    await expect(replay('/nowhere/btcusdt.gz')).rejects.toThrow('/nowhere/btcusdt.gz does not exist');
  });
});
