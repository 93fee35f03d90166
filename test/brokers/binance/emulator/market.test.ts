import { toArray, lastValueFrom } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import type { FaultInput, Kline } from '../../../../src/emulators/binance/index.js';
import { MICROS_PER_MINUTE } from '../../../../src/model/time.js';
import { Desk, type DeskOptions } from './desk.js';
import { Tape } from './tape.js';

let desk: Desk | undefined;

async function open(options: DeskOptions = {}): Promise<Desk> {
  desk = await Desk.open({
    ...options,
    emulator: { market: { type: 'flow', rate: 500 }, ...options.emulator },
    broker: { credentials: undefined, ...options.broker },
    credentials: () => undefined, // market data needs none
  });
  return desk;
}

afterEach(async () => {
  await desk?.close();
  desk = undefined;
});

function candle(openTime: number): Kline {
  const price = '60000.00';
  return {
    openTime,
    closeTime: openTime + MICROS_PER_MINUTE - 1,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: '1.00000000',
    quoteVolume: price,
    trades: 1,
    takerBase: '0.50000000',
    takerQuote: '30000.00',
    firstTradeId: -1,
    lastTradeId: -1,
  };
}

describe('market data', () => {
  it('instruments with their rules', async () => {
    const l = await open();
    expect(l.instruments.get('BTCUSDT')).toMatchObject({ base: 'BTC', quote: 'USDT', status: 'open' });
    const { tickSize, lotSize, minNotional } = l.instruments.get('BTCUSDT') ?? {};
    expect([tickSize, lotSize, minNotional].map(String)).toEqual(['0.01', '0.00001', '5']);
    expect(l.link).toBe('ready');
  });

  it.each([
    ['live', 'trade', 'changes'],
    ['aligned', 'aggTrade', 'changes'],
    ['mixed', 'trade', 'levels'],
  ] as const)(
    'trades, quotes and books with snapshots %s, %s, book by %s',
    async (snapshots, trades, books) => {
      const l = await open({
        emulator: { snapshots },
        broker: { feed: { trades, books, snapshotJitter: 10 } },
      });
      const tape = new Tape(l, ['trade', 'quote', 'book'], trades === 'aggTrade');
      for (let i = 0; i < 2; i++) {
        await Promise.all([tape.more('trade', 20), tape.more('book', 4), tape.more('quote', 20)]);
        await tape.check();
      }
      expect(tape.gaps).toEqual([]);
      expect(l.bad).toEqual([]);
    },
  );

  it('bars as they close, and stored ones', async () => {
    const l = await open();
    const bars: unknown[] = [];
    const every = 1_000_000;
    l.broker
      .market({ source: 'm', instruments: ['BTCUSDT'], emit: ['bar'], every })
      .subscribe((e) => bars.push(e));
    await l.until(() => bars.length >= 3);
    l.emulator.market?.pause();
    await new Promise((done) => setTimeout(done, 400)); // the last one is over by any clock
    const [first, second, third] = bars as {
      start: number;
      open: number;
      close: number;
      high: number;
      low: number;
      volume: number;
    }[];
    expect([second?.start, third?.start]).toEqual([
      Number(first?.start) + every,
      Number(first?.start) + 2 * every,
    ]);
    const stored = await lastValueFrom(
      l.broker
        .history({
          source: 'm',
          instrument: 'BTCUSDT',
          every,
          from: Number(first?.start),
          to: Number(third?.start) + every,
        })
        .pipe(toArray()),
    );
    const plain = ({ start, open: o, high, low, close, volume }: NonNullable<typeof first>): number[] => [
      start,
      o,
      high,
      low,
      close,
      volume,
    ];
    expect(stored.map(plain)).toEqual(
      [first, second, third].map((bar) => plain(bar as NonNullable<typeof first>)),
    );
  });

  it('many stored bars, page by page', async () => {
    const l = await open({ emulator: { market: { type: 'none' } } });
    const to = Math.floor((Date.now() * 1_000) / MICROS_PER_MINUTE) * MICROS_PER_MINUTE;
    const from = to - 1_400 * MICROS_PER_MINUTE;
    const past = Array.from({ length: 1_400 }, (_, i) => from + i * MICROS_PER_MINUTE);
    l.emulator.exchange.seedKlines('BTCUSDT', '1m', past.map(candle));
    let done = 0;
    const bars = await lastValueFrom(
      l.broker
        .history({
          source: 'm',
          instrument: 'BTCUSDT',
          every: MICROS_PER_MINUTE,
          from,
          to,
          onProgress: (share) => (done = share),
        })
        .pipe(toArray()),
    );
    expect(bars.map((bar) => bar.start)).toEqual(past);
    expect(done).toBe(1);
  });

  it('the status of an instrument, and when it changes', async () => {
    const l = await open({ broker: { feed: { statusEvery: 50 } } });
    const tape = new Tape(l, ['status']);
    await tape.more('status', 1);
    l.emulator.exchange.market.status('BTCUSDT', 'HALT');
    await tape.more('status', 1);
    l.emulator.exchange.market.status('BTCUSDT', 'TRADING');
    await tape.more('status', 1);
    expect(tape.of('status').map((e) => e.status)).toEqual(['open', 'halted', 'open']);
  });
});

describe('faults of the market streams', () => {
  const all = ['trade', 'quote', 'book'] as const;

  it.each<[string, FaultInput]>([
    ['lost messages', { kind: 'drop_message', message: 'market', probability: 0.1, for_ms: 500 }],
    ['a hole in the depth stream', { kind: 'depth_gap', times: 3, skip: 2 }],
    [
      'messages in another order',
      { kind: 'reorder_messages', message: 'market', probability: 0.05, hold: 3, for_ms: 600 },
    ],
    ['cut JSON', { kind: 'malformed_json', message: 'market', times: 5, skip: 20 }],
    ['a torn frame', { kind: 'torn_frame', message: 'market', times: 2, skip: 20 }],
    ['cut connections', { kind: 'disconnect', message: 'market', probability: 0.02, for_ms: 500 }],
    ['a disconnect storm', { kind: 'disconnect_storm', channel: 'stream', every_ms: 150, for_ms: 600 }],
    ['snapshots that are too old', { kind: 'stale_snapshot', times: 3 }],
    ['a shutdown that was announced', { kind: 'server_shutdown', channel: 'stream', delay_ms: 300 }],
  ])('%s: everything is repaired or declared', async (_, fault) => {
    const l = await open();
    const tape = new Tape(l, all);
    if (fault.kind !== 'stale_snapshot') await tape.more('book', 2);
    else {
      l.emulator.faults.set(fault);
      await tape.more('trade', 30);
    }
    if (fault.kind !== 'stale_snapshot') l.emulator.faults.set(fault);
    await l.until(() => l.emulator.faults.injected > 0);
    if (fault.for_ms !== undefined) await new Promise((done) => setTimeout(done, fault.for_ms ?? 0));
    await Promise.all([tape.more('trade', 20), tape.more('book', 3)]);
    await tape.check();
  });

  it.each<[string, FaultInput]>([
    ['repeated messages', { kind: 'duplicate_message', message: 'market', probability: 0.2, for_ms: 60_000 }],
    [
      'late messages',
      { kind: 'delay_message', message: 'market', probability: 0.02, delay_ms: 60, for_ms: 60_000 },
    ],
    ['unknown fields', { kind: 'unknown_field', message: 'market', for_ms: 60_000 }],
    ['unknown events', { kind: 'unknown_event', message: 'market', probability: 0.2, for_ms: 60_000 }],
    ['binary frames', { kind: 'binary_frame', message: 'market', probability: 0.3, for_ms: 60_000 }],
  ])('%s: nothing is missing, and no gap', async (_, fault) => {
    const l = await open();
    l.emulator.faults.set(fault);
    const tape = new Tape(l, all);
    await Promise.all([tape.more('trade', 40), tape.more('book', 4)]);
    await tape.check();
    expect(l.emulator.faults.injected).toBeGreaterThan(0);
    expect(tape.gaps).toEqual([]);
  });

  it('a half-open connection: silence ends it', async () => {
    const l = await open({
      emulator: { connections: { pingMs: 100, pongTimeoutMs: 60_000 } },
      broker: { timeouts: { streamSilence: 400 } },
    });
    const tape = new Tape(l, all);
    await tape.more('book', 2);
    l.emulator.faults.set({ kind: 'half_open', channel: 'stream' });
    await l.until(() => l.links.some((e) => e.state === 'down' && e.reason.includes('no frame')));
    await Promise.all([tape.more('trade', 20), tape.more('book', 4)]);
    await tape.check();
  });

  it('a stream that falls silent while its connection lives is subscribed again', async () => {
    const l = await open({ broker: { timeouts: { feedSilence: 300 } } });
    const tape = new Tape(l, all);
    await tape.more('book', 2);
    l.emulator.faults.set({ kind: 'drop_message', stream: '*@depth*', for_ms: 500 });
    await l.until(() => l.links.some((e) => e.state === 'degraded' && e.reason.includes('silent')));
    await tape.more('book', 4);
    await tape.check();
    expect(l.figure('feed_resubscriptions')).toBeGreaterThan(0);
  });

  it('a venue that refuses connections for a while, and one that restarts', async () => {
    const l = await open();
    const tape = new Tape(l, all);
    await tape.more('book', 2);
    l.emulator.faults.set({ kind: 'refuse_connections', status: 503, for_ms: 300 });
    l.emulator.cut();
    await l.until(() => l.links.some((e) => e.state === 'down' && e.reason.includes('503')));
    await tape.more('book', 2);
    await l.emulator.restart(100);
    await tape.more('book', 2);
    await tape.check();
  });
});
