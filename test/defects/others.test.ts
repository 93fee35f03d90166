import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createEngine } from '../../src/engine/api/create-engine.js';
import { readRegimeFlow, toRegimeFlow } from '../../src/compat/index.js';
import { makeBar, makeTrade, receivedAt } from '../../src/model/make.js';
import { InstrumentTable } from '../../src/model/instruments.js';
import type { Place } from '../../src/operators/strategy/place.js';
import { fromCallbacks } from '../../src/operators/strategy/callbacks.js';
import { AUDIT_FORMATS } from '../../src/sinks/audit/format.js';
import { nodeFiles, writeWhole } from '../../src/sinks/file-port.js';
import { fromJson, toJson } from '../../src/sinks/journal/index.js';
import { BestEffortRing } from '../../src/sinks/ring.js';
import { BarStore } from '../../src/streams/prefetch/bar-store.js';
import { backOff } from '../../src/streams/socket/back-off.js';
import { Desk } from '../operators/manage/desk.js';
import { intentOf, Loop, rates } from '../operators/throttle/support.js';
import { runTopology, tempFolder, topologyOf } from '../support/run-topology.js';

const YAML = `version: 1
name: defects
mode: paper
portfolio: { base_currency: USDT }
instruments: { BTCUSDT: { asset_class: crypto_spot, base: BTC, quote: USDT, tick_size: 0.1, lot_size: 0.0001 } }
brokers: { sim: { type: paper, prices: ticks, cash: { USDT: 1000000 }, latency: 100ms } }
sources:
  market: { type: synthetic, instruments: { BTCUSDT: { price: 60000 } }, emit: [trade, quote, book], duration: 40m, rate: 4/s }
  fills: { type: executions, broker: sim }
operators:
  ticks: { type: normalize, inputs: [market] }
  bars: { type: bars, inputs: [ticks], every: 10s }
  mood: { type: regime, inputs: [bars], window: 5, trend: 1 bps, volatility: 1 bps }
  ema: { type: strategy, use: ema-cross, inputs: [bars, ticks, mood, fills], params: { fast: 3, slow: 8, quantity: 0.01 } }
  risk: { type: risk, inputs: [ema] }
  pace: { type: throttle, inputs: [risk] }
sinks:
  orders: { type: orders, broker: sim, inputs: [pace] }
  memory: { type: memory, inputs: ["*"] }
`;
const engineYaml = YAML.replace('  memory: { type: memory, inputs: ["*"] }\n', '');

/** Defects of the systems Millrace takes over from, by their number in the list; each stays mended. */
describe('defects of engine, journal and formats', () => {
  it('2: one sequencer: market data and execution reports have one order, without gaps', async () => {
    const { records } = await runTopology(YAML);
    const inputs = records.filter(({ sub }) => sub === 0);
    expect(inputs.map(({ seq }) => seq)).toEqual(inputs.map((_, i) => i + 1));
    expect(inputs.every(({ at }, i) => at >= (inputs[i - 1]?.at ?? 0))).toBe(true);
    const kinds = new Set(inputs.map(({ kind }) => kind));
    for (const kind of ['trade', 'quote', 'book', 'execution', 'outcome', 'clock', 'control'] as const)
      expect([kind, kinds.has(kind)]).toEqual([kind, true]);
  });

  it('12: cancelling many goes on past one that is refused, and leaves closed orders alone', async () => {
    const made = createEngine(engineYaml.replace('rate: 4/s', 'rate: 4/s, pace: 50x'), {
      baseDir: tempFolder(),
      environment: {},
    });
    await made.start();
    const order = { instrument: 'BTCUSDT', side: 'buy', type: 'limit', quantity: 0.1 } as const;
    const keys: string[] = [];
    while (keys.length < 3) {
      const answer = await made.orders.submit({ ...order, limitPrice: 30_000 + keys.length });
      if (answer.accepted) keys.push(answer.orderKey);
      else await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const [first = ''] = keys;
    await made.orders.cancel(first);
    while (made.orders.get(first)?.state !== 'cancelled')
      await new Promise((resolve) => setTimeout(resolve, 5));
    const answers = await made.orders.cancelSymbol('BTCUSDT');
    expect(answers.filter(({ orderKey }) => keys.includes(orderKey)).map(({ accepted }) => accepted)).toEqual(
      [true, true],
    );
    const pair = await Promise.all([made.orders.cancel(first), made.orders.cancelAll()]);
    expect(pair[0].reason.split(':')[0]).toBe('ORDER_CLOSED');
    await made.stop();
  });

  it('14: every safety key is in the schema', async () => {
    const safety = `safety:
  daily_loss: { limit: 500 USDT, action: kill }
  drawdown: { limit: 10% }
  rolling_loss: { limit: 100 USDT, window: 1h }
  rejections: { limit: 5, window: 1m }
  stale_feed: { limit: 30s }
  reconcile_failures: { limit: 3 }
  journal_failure: { action: halt }
  clock_skew: { limit: 500ms }
  operator: { limit: 1h }
  cancel_on_disconnect: { after: 60s }
reconcile: { orders: 30s, positions: 60s, account: 30s, on_break: halt }
`;
    const risk =
      'risk: { type: risk, inputs: [ema], limits: { max_order_value: 100000 USDT, max_daily_loss: 500 USDT, duplicate_window: 500ms, max_orders_per_minute: 60 } }';
    const text = `${engineYaml.replace('risk: { type: risk, inputs: [ema] }', risk)}${safety}`;
    const topology = await topologyOf(text).catch((error: unknown) => String(error));
    expect(typeof topology === 'string' ? topology : topology.safety?.daily_loss?.action).toBe('kill');
  });

  it('15: a journal line has its real sequence and the symbol; a torn tail is left out, a bad line is not', () => {
    const trade = (seq: number) => ({ ...makeTrade('m', 5, 'MSFT', 1, 12.5, 3, 1, 'x'), seq, at: seq });
    const lines = [7, 8, 9].map((seq) => toRegimeFlow(trade(seq)) ?? '');
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject(
      [7, 8, 9].map((sequence) => ({ sequence, instrument: 'MSFT' })),
    );
    const read = (text: string): number => {
      const path = join(tempFolder(), 'replay.jsonl');
      writeFileSync(path, text);
      const { events } = readRegimeFlow(path, { source: 'm', instrument: () => ({ symbol: 'MSFT', ix: 1 }) });
      return [...events].length;
    };
    expect(read(`${lines.join('\n')}\n${(lines[0] ?? '').slice(0, 40)}`)).toBe(3);
    expect(() => read(`${lines[0] ?? ''}\n{"schema":\n${lines[1] ?? ''}\n`)).toThrow();
  });

  it('16: the audit trail is quoted CSV and holds fills, positions and what operators did', async () => {
    const entry = {
      seq: 1,
      sub: 0,
      at: 0,
      type: 'ERROR',
      actor: 'a,b',
      reason: 'he said "no"',
      details: 'x\ny',
    };
    const { text } = AUDIT_FORMATS.csv.encode({ ...entry, metadata: { k: 'v,w' } }, 1, '0');
    expect(text.trimEnd().split('\n')).toHaveLength(1);
    expect(text).toContain('"a,b","he said ""no""",x\\ny,"{""k"":""v,w""}"');
    const folder = tempFolder();
    const audited = engineYaml.replace(
      'sinks:\n',
      'sinks:\n  audit: { type: audit, inputs: ["*"], path: ./a.csv }\n',
    );
    const made = createEngine(audited.replace('rate: 4/s', 'rate: 4/s, pace: 2000x'), { baseDir: folder });
    await made.start();
    await made.disableTrading({ actor: 'anna', reason: 'lunch, "long"' });
    await made.enableTrading({ actor: 'anna', reason: 'back' });
    while (made.isRunning()) await new Promise((resolve) => setTimeout(resolve, 20));
    const trail = readFileSync(join(folder, 'a.csv'), 'utf8');
    expect(trail).toContain('anna,"lunch, ""long"""');
    for (const type of ['fill', 'position_opened', 'position_closed']) expect(trail).toContain(`,${type},`);
  });

  it('17: a codec escapes what it writes, and what it does not know is an error, never something else', () => {
    const trade = makeTrade('a|b"\n', 5, 'X|Y', 1, 12.5, 3, 1, '|');
    const text = JSON.stringify(toJson(receivedAt(trade, 5)));
    expect(fromJson(JSON.parse(text))).toMatchObject({ source: 'a|b"\n', instrument: 'X|Y', tradeId: '|' });
    const unknown = { ...(JSON.parse(text) as object), kind: 'tirade' };
    expect(() => fromJson(unknown)).toThrow();
  });

  it('18: every callback of a strategy fires', async () => {
    const fired = new Set<string>();
    const note = (name: string) => (): void => void fired.add(name);
    let orders = 0;
    const strategy = fromCallbacks({
      ...{ name: 'everything', version: '1.0.0', params: z.object({}), timer: { every: '10s' } },
      endOfDay: { time: '00:10', zone: 'UTC' },
      ...{ onStart: note('start'), onTick: note('tick'), onQuote: note('quote'), onBook: note('book') },
      ...{ onOrderUpdate: note('order'), onFill: note('fill'), onRegimeChange: note('regime') },
      ...{ onTimer: note('timer'), onEndOfDay: note('day'), onStop: note('stop') },
      onBar: (_, { place }) => {
        fired.add('bar');
        return orders++ < 3 ? place.market({ side: 'buy', quantity: 0.01 }) : undefined;
      },
    });
    const made = createEngine(engineYaml, { baseDir: tempFolder(), environment: {} });
    made.loadStrategy(strategy);
    await made.run();
    expect([...fired].sort()).toEqual(
      'bar book day fill order quote regime start stop tick timer'.split(' '),
    );
  });

  it('20: a file is replaced as a whole, and samples are bounded', () => {
    const path = join(tempFolder(), 'performance.json');
    writeWhole(nodeFiles, path, '{"a":1}');
    const full = (): never => {
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    };
    const broken = {
      ...nodeFiles,
      open: (name: string) => {
        const file = nodeFiles.open(name);
        return {
          path: name,
          append: full,
          truncate: full,
          size: full,
          sync: full,
          syncLater: full,
          close: () => file.close(),
        };
      },
    };
    expect(() => writeWhole(broken, path, '{"a":2}')).toThrow('ENOSPC');
    expect(readFileSync(path, 'utf8')).toBe('{"a":1}');
    const ring = new BestEffortRing<number>(100);
    for (let i = 0; i < 1_000; i++) ring.push(i);
    expect([ring.size, ring.dropped]).toEqual([100, 900]);
  });

  it('21: the message limit counts orders, replacements and cancels together', () => {
    const loop = new Loop({ messages: rates('4/s') });
    loop.approve(...['a', 'b', 'c', 'd', 'e'].map((orderKey) => intentOf('new', { orderKey })));
    expect(loop.log).toHaveLength(3);
    loop.approve(intentOf('cancel', { orderKey: 'a' }), intentOf('cancel', { orderKey: 'b' }));
    expect(loop.log).toEqual(['new a', 'new b', 'new c', 'cancel a']);
    loop.advance(1_000_000);
    expect(loop.log[4]).toBe('cancel b');
  });

  it('22: a lost connection is tried again: 1 s, doubled up to 30 s, with jitter', () => {
    const options = { initial: 1_000, factor: 2, max: 30_000, stable: 60_000 };
    const longest = [1, 2, 3, 4, 5, 6, 7, 100].map((attempt) => backOff(options, attempt, () => 1));
    expect(longest).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(backOff(options, 3, () => 0)).toBe(2_000);
  });

  it('24: a strategy knows its order by its key, and stop and target are placed or refused, never ignored', async () => {
    const keys: string[] = [];
    const strategy = fromCallbacks({
      ...{ name: 'keys', version: '1.0.0', params: z.object({}) },
      onBar: (_, { place }) => {
        if (keys.length > 0) return undefined;
        const intent = place.market({ side: 'buy', quantity: 0.01 });
        keys.push(intent.orderKey);
        return intent;
      },
      onFill: ({ clientOrderId }, { state }) =>
        void keys.push(state.view.orders.byClientOrderId(clientOrderId)?.orderKey ?? ''),
    });
    const made = createEngine(engineYaml, { baseDir: tempFolder(), environment: {} });
    made.loadStrategy(strategy);
    await made.run();
    expect([keys.length, keys[0] === keys[1], keys[0] !== '']).toEqual([2, true, true]);
    const scripts = {
      bracket: (place: Place) =>
        place.bracket({
          side: 'buy',
          quantity: 10,
          limitPrice: 100,
          takeProfit: 110,
          stopLoss: { stopPrice: 95 },
        }),
    };
    for (const [manage, codes] of [
      [false, ['LINKED_UNSUPPORTED', 'LINKED_UNSUPPORTED', 'LINKED_UNSUPPORTED']],
      [{}, []],
    ] as const) {
      const desk = await new Desk({ scripts, manage }).open();
      desk.quote(100, 101).trade(100.5, 'bracket');
      expect(desk.codes('denied')).toEqual(codes);
    }
  });

  it('25: stored bars are appended and found by a later run, behind a torn line too', () => {
    const folder = tempFolder();
    const table = new InstrumentTable([
      { symbol: 'X', assetClass: 'equity', base: 'X', quote: 'USD', tickSize: 1, lotSize: 1 } as never,
    ]);
    const instrument = table.all[0];
    if (instrument === undefined) throw new Error('no instrument');
    const minute = 60_000_000;
    const store = (): BarStore => new BarStore(folder, instrument, minute);
    const ohlc = { open: 1, high: 2, low: 1, close: 2, volume: 5, count: 1 };
    const bar = (i: number) =>
      makeBar('m', 0, 'X', 0, { basis: 'trade', every: minute, start: i * minute, ...ohlc });
    for (const i of [1, 2, 3]) {
      const run = store();
      run.add(bar(i));
      run.close();
      if (i === 2) appendFileSync(join(folder, 'X-60s.jsonl'), '[180000');
    }
    const bars = store().load('m', 0, 10 * minute);
    expect(bars.map(({ start }) => start / minute)).toEqual([1, 2]);
    const again = store();
    again.load('m', 0, 1);
    again.add(bar(4));
    again.close();
    expect(
      store()
        .load('m', 0, 10 * minute)
        .map(({ start }) => start / minute),
    ).toContain(4);
  });

  it('26: every provider starts from its defaults, and `running` is told without a prefetch', async () => {
    const statuses: string[] = [];
    const made = createEngine(engineYaml.replace('duration: 40m', 'duration: 1m'), { baseDir: tempFolder() });
    await made.run({ onStatusUpdate: (status) => statuses.push(status) });
    expect(statuses).toEqual(['running', 'stopping', 'stopped']);
    const binance = engineYaml.replace(
      /brokers:.*/,
      'brokers: { sim: { type: paper, prices: ticks, cash: { USDT: 1 } }, venue: { type: binance } }',
    );
    expect((await topologyOf(binance)).brokers.map(({ spec }) => spec.type)).toEqual(['paper', 'binance']);
  });
});
