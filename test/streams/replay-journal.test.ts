import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InstrumentTable } from '../../src/model/instruments.js';
import { makeBar, makeConnection, makeQuote, makeTrade } from '../../src/model/make.js';
import type { InputEvent } from '../../src/model/event.js';
import { journalSink, type JournalEncoding } from '../../src/sinks/journal/index.js';
import { toRegimeFlow } from '../../src/compat/index.js';
import { context } from '../sinks/journal/support/disk.js';
import { replayed } from './support.js';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-recorded-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const stamp = (event: InputEvent, seq: number): InputEvent => ({ ...event, seq, at: seq * 1_000 });
const inputs: InputEvent[] = [
  makeConnection('feed', 5, 'feed', 'ready', 0, ''),
  makeTrade('feed', 6, 'OTHER', 0, 1, 1, 1, 'x'),
  makeTrade('feed', 7, 'BTCUSDT', 1, 100, 2, -1, 'y'),
  makeQuote('feed', 8, 'BTCUSDT', 1, 99, 1, 101, 2),
].map((event, i) => stamp(event, i + 1));

describe.each<JournalEncoding>(['binary', 'jsonl'])('replay of a %s journal', (encoding) => {
  it('takes market data only, with this topology’s instruments and stamps to come', async () => {
    const sink = journalSink(
      { path: join(dir, encoding), encoding },
      { ...context(), instruments: new InstrumentTable([{ symbol: 'OTHER' }, { symbol: 'BTCUSDT' }]) },
    );
    await sink.open();
    for (const input of inputs) sink.frame(input, []);
    await sink.close();
    const wanted = [
      {
        kind: 'trade',
        seq: 0,
        sub: 0,
        at: 3_000,
        ts: 7,
        source: 'market',
        instrument: 'BTCUSDT',
        ix: 0,
        price: 100,
        size: 2,
        aggressor: -1,
        tradeId: 'y',
      },
      {
        kind: 'quote',
        seq: 0,
        sub: 0,
        at: 4_000,
        ts: 8,
        source: 'market',
        instrument: 'BTCUSDT',
        ix: 0,
        bid: 99,
        bidSize: 1,
        ask: 101,
        askSize: 2,
      },
    ];
    const folder = await replayed({ path: sink.path, instruments: ['BTCUSDT'] }, ['BTCUSDT']);
    expect(folder).toEqual({ events: wanted, bad: [] });
    const segment = join(sink.path, readdirSync(sink.path)[0] ?? '');
    expect((await replayed({ path: segment, instruments: ['BTCUSDT'] }, ['BTCUSDT'])).events).toEqual(wanted);
    const strict = await replayed({ path: sink.path }, ['BTCUSDT']);
    expect(strict.bad).toEqual([{ kind: 'unknown_instrument', place: `${sink.path}:2`, sample: 'OTHER' }]);
  });
});

it('replays a RegimeFlow journal', async () => {
  const bar = makeBar('feed', 0, 'BTCUSDT', 0, {
    basis: 'trade',
    every: 60_000_000,
    start: 0,
    open: 1,
    high: 3,
    low: 1,
    close: 2,
    volume: 5,
    count: 2,
  });
  const lines = [stamp(bar, 1), ...inputs.slice(2)]
    .map((event) => toRegimeFlow(event))
    .filter((line) => line !== undefined);
  const path = join(dir, 'old.jsonl');
  writeFileSync(path, `${lines.join('\n')}\n`);
  const { events, bad } = await replayed({ path }, ['BTCUSDT']);
  expect(bad).toEqual([]);
  expect(events.map((e) => [e.kind, e.source])).toEqual([
    ['bar', 'market'],
    ['trade', 'market'],
    ['quote', 'market'],
  ]);
});
