import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAccount } from '../../../src/model/make.js';
import type { Event } from '../../../src/model/record.js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RecordsSink, type RecordsOptions } from '../../../src/sinks/records/records-sink.js';
import {
  deniedEvent,
  fillEvent,
  logLines,
  orderEvent,
  positionEvent,
  stamped,
  stateView,
  T0,
} from '../support/fixtures.js';
import { FaultyFiles } from '../support/faulty-files.js';

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'millrace-records-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const make = (change: Partial<RecordsOptions> = {}): RecordsSink =>
  new RecordsSink({
    ...{ path, zone: 'UTC', bars: false, equityEvery: 60_000_000, maxBytes: 100_000, session: 's1' },
    ...{ name: 'btc', mode: 'paper', build: '0.1.0', state: stateView(), log: logLines(), wall: () => T0 },
    fail: (error) => {
      throw error;
    },
    ...change,
  });
const read = (...parts: string[]): string => readFileSync(join(path, ...parts), 'utf8');

it('writes a session folder, numbered by day, with a row a record', async () => {
  for (const run of ['run_1', 'run_2']) {
    const sink = make();
    await sink.open();
    sink.write(orderEvent(1));
    sink.write(deniedEvent(2, 'MAX_POSITION: a="b, c"'));
    sink.write(fillEvent(3, 'x1'));
    sink.write(fillEvent(4, 'x1'));
    sink.write(positionEvent(4, '0.01'));
    expect(JSON.parse(read('2024-08-08', run, 'session.json'))).toMatchObject({
      state: 'running',
      session: 's1',
    });
    await sink.close();
    expect(sink.folder).toBe(join(path, '2024-08-08', run));
  }
  const folder = join('2024-08-08', 'run_2');
  expect(readdirSync(join(path, folder)).sort()).toEqual([
    ...['denials.csv', 'equity.csv', 'fills.csv', 'logs.csv', 'marks.csv', 'orders.csv', 'positions.csv'],
    'session.json',
  ]);
  expect(read(folder, 'fills.csv').split('\n')).toEqual([
    'session,seq,sub,time,strategy,broker,client_order_id,venue_order_id,exec_id,account,instrument,side,quantity,price,fee,fee_currency,liquidity',
    's1,3,0,2024-08-08T23:54:13.937085Z,ema,sim,c1,v1,x1,main,BTCUSDT,buy,0.01,60000.5,0.6,USDT,taker',
    '',
  ]);
  expect(read(folder, 'denials.csv')).toContain(',risk,MAX_POSITION,"MAX_POSITION: a=""b, c""",');
  expect(JSON.parse(read(folder, 'session.json'))).toMatchObject({
    ...{ state: 'complete', lost: 0, rows: { orders: 1, fills: 1, denials: 1, positions: 1, marks: 0 } },
  });
});

it('names the day in the configured zone', async () => {
  const sink = make({ zone: 'Asia/Tokyo' });
  await sink.open();
  sink.write(orderEvent(1));
  await sink.close();
  expect(sink.folder).toBe(join(path, '2024-08-09', 'run_1'));
});

it('loses nothing on a short stall of the disk', async () => {
  const files = new FaultyFiles();
  const sink = make({ files });
  await sink.open();
  sink.write(orderEvent(1));
  files.room = 50;
  for (let n = 2; n <= 20; n++) sink.write(orderEvent(n));
  expect(sink.flush()).toBe(false);
  files.room = Infinity;
  await sink.close();
  const rows = read('2024-08-08', 'run_1', 'orders.csv').split('\n').slice(1, -1);
  expect(rows.map((row) => Number(row.split(',')[1]))).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(sink.lost).toBe(0);
});

it('has a row of equity for a new account, a fill and each period of event time, with State of that turn', async () => {
  let state = stateView(1);
  const view: RecordsOptions['state'] = {
    get seq() {
      return state.seq;
    },
    get at() {
      return state.at;
    },
    portfolio: state.portfolio,
    orders: state.orders,
  };
  const sink = make({ state: view });
  await sink.open();
  const turn = (seq: number, at: number, event?: Event): void => {
    state = stateView(seq, at);
    if (event !== undefined) sink.write(event);
    if (at >= sink.sampleAt) sink.sample();
  };
  const minute = 60_000_000;
  turn(1, T0);
  turn(2, T0, stamped(makeAccount('sim', T0, 'sim', 'main', []), 2, 0));
  turn(3, T0 + 1, fillEvent(3, 'x1', '0.01', T0 + 1));
  turn(4, T0 + 2, fillEvent(4, 'x1', '0.01', T0 + 2));
  turn(5, T0 + minute);
  turn(6, T0 + minute + 1);
  turn(7, T0 + 3 * minute, fillEvent(7, 'x2', '0.01', T0 + 3 * minute));
  turn(8, T0 + 3 * minute + 1);
  await sink.close();
  const rows = read('2024-08-08', 'run_1', 'equity.csv').split('\n').slice(1, -1);
  expect(rows.map((row) => Number(row.split(',')[1]))).toEqual([2, 3, 5, 7, 8]);
});

it('says once that rows are lost, and again after the next failure', async () => {
  const files = new FaultyFiles();
  const failures: string[] = [];
  const sink = make({ files, maxBytes: 4096, fail: (error) => void failures.push(error.message) });
  await sink.open();
  sink.write(orderEvent(1));
  const stall = (): void => {
    files.room = 0;
    for (let n = 2; n <= 60; n++) sink.write(orderEvent(n));
    files.room = Infinity;
    expect(sink.flush()).toBe(true);
  };
  stall();
  expect(failures).toEqual(['a row of orders.csv was lost']);
  stall();
  expect(failures).toHaveLength(2);
  await sink.close();
  const { rows, lost } = JSON.parse(read('2024-08-08', 'run_1', 'session.json')) as {
    rows: { orders: number };
    lost: number;
  };
  expect([rows.orders + lost, sink.lost]).toEqual([119, lost]);
});
