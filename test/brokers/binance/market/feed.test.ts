import { classifyHandshake } from '../../../../src/streams/socket/socket-error.js';
import type { Subscription } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MarketFeed } from '../../../../src/brokers/binance/market/feed.js';
import { binanceOptions, type BinanceOptionsInput } from '../../../../src/brokers/binance/options.js';
import type { RestRequest } from '../../../../src/brokers/binance/wire.js';
import { BrokerError, type MarketSubscription } from '../../../../src/brokers/broker.js';
import type { GapEvent, MarketEvent } from '../../../../src/model/event.js';
import { InstrumentTable } from '../../../../src/model/instruments.js';
import { StreamVenue } from './venue.js';

type Event = MarketEvent | GapEvent;

let venue: StreamVenue;
let feed: MarketFeed;
let subscriptions: Subscription[];
let statuses: string[];
let bad: string[];
let calls: RestRequest[];
let answers: (request: RestRequest) => unknown;

beforeEach(async () => {
  venue = new StreamVenue();
  await venue.listening();
  subscriptions = [];
  statuses = [];
  bad = [];
  calls = [];
  answers = (request) => {
    throw new BrokerError('unavailable', `no ${request.path} here`, true);
  };
});

afterEach(async () => {
  for (const subscription of subscriptions) subscription.unsubscribe();
  feed.close();
  await venue.close();
});

const SYMBOLS = Array.from({ length: 260 }, (_, i) => `C${i}USDT`);

function start(input: Partial<BinanceOptionsInput> = {}): void {
  const options = binanceOptions({
    name: 'binance',
    environment: 'custom',
    endpoints: { rest: 'http://127.0.0.1:1', streams: venue.url, wsApi: 'ws://127.0.0.1:1' },
    reconnect: { initial: 10, max: 50, stable: 1_000 },
    ...input,
    feed: { snapshotJitter: 0, ...input.feed },
    limits: { streamMessages: 100, ...input.limits },
  });
  feed = new MarketFeed({
    options,
    rest: {
      call: (request) => {
        calls.push(request);
        return Promise.resolve().then(() => answers(request));
      },
      order: () => Promise.reject(new Error('no orders here')),
    },
    instruments: new InstrumentTable(
      ['BTCUSDT', 'ETHUSDT', ...SYMBOLS].map((symbol) => ({ symbol, assetClass: 'crypto_spot' })),
    ),
    status: (part, { state, attempt, reason }) =>
      statuses.push(`${part} ${state} ${attempt}${reason === '' ? '' : ` ${reason}`}`),
    bad: (kind, _place, sample) => bad.push(`${kind} ${sample}`),
    wall: () => 5_000_000,
    clock: { now: () => 5_000 },
    random: () => 0.5,
    admit: () => 0,
    classify: classifyHandshake,
  });
}

function listen(subscription: Partial<MarketSubscription> & Pick<MarketSubscription, 'emit'>): Event[] {
  const events: Event[] = [];
  subscriptions.push(
    feed
      .market({ source: 'm', instruments: ['BTCUSDT'], ...subscription })
      .subscribe((event) => events.push(event)),
  );
  return events;
}

const trade = (t: number, p = '100.5'): unknown => ({
  e: 'trade',
  E: 2_000 + t,
  s: 'BTCUSDT',
  t,
  p,
  q: '0.25',
  T: 1_000 + t,
  m: true,
  M: true,
});
const ticker = (u: number): unknown => ({ u, s: 'BTCUSDT', b: '100.1', B: '1', a: '100.2', A: '2' });
const delta = (U: number, u: number, b: unknown[] = [], a: unknown[] = []): unknown => ({
  e: 'depthUpdate',
  E: 3_000,
  s: 'BTCUSDT',
  U,
  u,
  b,
  a,
});
const ids = (events: readonly Event[]): string[] =>
  events.map((event) =>
    event.kind === 'trade'
      ? event.tradeId
      : event.kind === 'gap'
        ? `${event.code} ${event.expected}-${event.received}`
        : event.kind === 'book'
          ? `${event.snapshot ? 'S' : 'd'}${event.last}`
          : event.kind,
  );
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 3_000, interval: 5 });
const subscribed = (name: string): Promise<void> => until(() => expect(venue.names()).toContain(name));

describe('subscriptions', () => {
  it('shares one stream between sources, each with its own name on the events', async () => {
    start();
    const first = listen({ source: 'a', emit: ['trade'] });
    const second = listen({ source: 'b', emit: ['trade', 'quote'] });
    await subscribed('btcusdt@bookTicker');
    expect(venue.names()).toEqual(['btcusdt@bookTicker', 'btcusdt@trade']);
    expect(venue.frames.flatMap(({ params }) => params)).toHaveLength(2);
    venue.send('btcusdt@trade', trade(7));
    venue.send('btcusdt@bookTicker', ticker(9));
    await until(() => expect(second).toHaveLength(2));
    expect(first).toEqual([
      {
        kind: 'trade', seq: 0, sub: 0, at: 0, ts: 1_007_000, source: 'a', instrument: 'BTCUSDT', ix: 0,
        price: 100.5, size: 0.25, aggressor: -1, tradeId: '7',
      },
    ]); // prettier-ignore
    expect(second.map(({ kind, source, ts }) => [kind, source, ts])).toEqual([
      ['trade', 'b', 1_007_000],
      ['quote', 'b', 5_000_000],
    ]);

    subscriptions.shift()?.unsubscribe();
    venue.send('btcusdt@trade', trade(8));
    await until(() => expect(second).toHaveLength(3));
    expect(first).toHaveLength(1);
    expect(venue.names()).toContain('btcusdt@trade');
    subscriptions.shift()?.unsubscribe();
    await until(() => expect(venue.open).toHaveLength(0));
  });

  it('stays under the message limit, in batches, over as many connections as it takes', async () => {
    start({ limits: { streamMessages: 20, streamsPerSocket: 250 } });
    listen({ instruments: SYMBOLS, emit: ['trade', 'quote'] });
    await until(() => expect(venue.frames.flatMap(({ params }) => params)).toHaveLength(520));
    expect(venue.open.map(({ names }) => names.size).sort()).toEqual([20, 250, 250]);
    for (const n of [1, 2, 3]) {
      const frames = venue.frames.filter(({ connection }) => connection === n);
      frames.forEach(({ at, params }, i) => {
        expect(params.length).toBeLessThanOrEqual(100);
        const before = frames[i - 1];
        if (before !== undefined) expect(at - before.at).toBeGreaterThan(40);
      });
    }
    await until(() => expect(statuses.filter((line) => /^market(\/\d)? ready/.test(line))).toHaveLength(3));
    expect(feed.figures().find(({ name }) => name === 'feed_streams')?.value).toBe(520);
  });

  it('finds the stream that the venue refuses, and goes on with the others', async () => {
    start();
    venue.refuse.add('ethusdt@trade');
    const events = listen({ instruments: ['BTCUSDT', 'ETHUSDT'], emit: ['trade'] });
    await subscribed('btcusdt@trade');
    await until(() =>
      expect(bad).toEqual(['subscription_refused ethusdt@trade: Invalid request: unknown stream']),
    );
    expect(statuses).toContain(
      'market/ethusdt@trade down 0 the venue refused the subscription: Invalid request: unknown stream',
    );
    venue.send('btcusdt@trade', trade(1));
    await until(() => expect(ids(events)).toEqual(['1']));
  });

  it('takes a socket that does not answer for broken', async () => {
    venue.mute = true;
    start({ timeouts: { request: 60 } });
    listen({ emit: ['trade'] });
    await until(() => expect(statuses.join()).toContain('no answer to SUBSCRIBE within 60 ms'));
    venue.mute = false;
    await subscribed('btcusdt@trade');
    await until(() => expect(statuses).toContain('market/btcusdt@trade ready 0'));
  });

  it('refuses unknown instruments and bar lengths at once', () => {
    start();
    const error = (subscription: MarketSubscription): string => {
      let message = '';
      feed.market(subscription).subscribe({ error: (e: Error) => (message = e.message) });
      return message;
    };
    expect(error({ source: 'm', instruments: ['NOPE'], emit: ['trade'] })).toBe(
      'the instrument "NOPE" is not known',
    );
    expect(error({ source: 'm', instruments: ['BTCUSDT'], emit: ['bar'], every: 7_000_000 })).toBe(
      'Binance has no bars of 7s',
    );
  });
});

describe('messages', () => {
  it('reports what it cannot use and applies nothing of it', async () => {
    start();
    const events = listen({ emit: ['trade', 'quote'] });
    await subscribed('btcusdt@trade');
    const withoutMaker = { ...(trade(1) as Record<string, unknown>), m: undefined };
    venue.send('btcusdt@trade', withoutMaker);
    venue.send('btcusdt@trade', { ...(trade(2) as object), p: 100.5 });
    venue.send('btcusdt@trade', trade(3, '0'));
    venue.send('btcusdt@trade', { ...(trade(4) as object), s: 'ETHUSDT' });
    venue.raw('{"stream":"btcusdt@trade","data":{');
    venue.raw('{"hello":1}');
    venue.send('btcusdt@trade', { ...(trade(5) as object), new: { from: ['the', 'venue'] } });
    await until(() => expect(ids(events)).toEqual(['5']));
    expect(bad.map((line) => line.split(' ')[0])).toEqual([
      'missing_field',
      'missing_field',
      'zero_price',
      'wrong_symbol',
      'malformed',
      'unknown_message',
    ]);
    expect(feed.figures().find(({ name }) => name === 'feed_bad_messages')?.value).toBe(6);
  });

  it('gives closed bars once', async () => {
    start();
    const events = listen({ emit: ['bar'], every: 60_000_000 });
    await subscribed('btcusdt@kline_1m');
    const kline = (t: number, x: boolean): unknown => ({
      e: 'kline', E: t + 60_000, s: 'BTCUSDT',
      k: { t, T: t + 59_999, s: 'BTCUSDT', i: '1m', f: 1, L: 2, o: '1', c: '2', h: '3', l: '0.5', v: '10', n: 4, x },
    }); // prettier-ignore
    venue.send('btcusdt@kline_1m', kline(60_000, false));
    venue.send('btcusdt@kline_1m', kline(60_000, true));
    venue.send('btcusdt@kline_1m', kline(60_000, true));
    venue.send('btcusdt@kline_1m', kline(120_000, true));
    await until(() => expect(events).toHaveLength(2));
    expect(events[0]).toMatchObject({
      kind: 'bar', start: 60_000_000, every: 60_000_000, ts: 120_000_000,
      open: 1, high: 3, low: 0.5, close: 2, volume: 10, count: 4, basis: 'trade',
    }); // prettier-ignore
  });

  it('tells the status of instruments, and when it changes', async () => {
    let status = 'TRADING';
    answers = () => ({ symbols: [{ symbol: 'BTCUSDT', status }] });
    start({ feed: { statusEvery: 20 } });
    const events = listen({ emit: ['status'] });
    await until(() => expect(events).toMatchObject([{ kind: 'status', status: 'open', reason: '' }]));
    status = 'CANCEL_ONLY';
    await until(() =>
      expect(events[1]).toMatchObject({ status: 'halted', reason: 'the venue says CANCEL_ONLY' }),
    );
    expect(calls[0]?.params).toEqual({ symbols: '["BTCUSDT"]' });
  });
});

describe('trades', () => {
  const rows = (from: number, to: number): unknown[] =>
    Array.from({ length: to - from + 1 }, (_, i) => ({
      id: from + i, price: '100', qty: '1', time: 1_000 + from + i, isBuyerMaker: false, isBestMatch: true,
    })); // prettier-ignore

  it('are fetched where they are missing after a reconnect, in order', async () => {
    answers = ({ params }) =>
      rows(Number(params?.['fromId']), Number(params?.['fromId']) + Number(params?.['limit']) - 1);
    start();
    const events = listen({ emit: ['trade'] });
    await subscribed('btcusdt@trade');
    venue.send('btcusdt@trade', trade(1));
    await until(() => expect(events).toHaveLength(1));
    venue.cut();
    await until(() => expect(statuses.join()).toContain('market/btcusdt@trade down'));
    await subscribed('btcusdt@trade');
    venue.send('btcusdt@trade', trade(5));
    venue.send('btcusdt@trade', trade(6));
    await until(() => expect(ids(events)).toEqual(['1', '2', '3', '4', '5', '6']));
    expect(calls.map(({ path, params, weight, lane }) => [path, params, weight, lane])).toEqual([
      ['/api/v3/historicalTrades', { symbol: 'BTCUSDT', fromId: 2, limit: 3 }, 25, 'market'],
    ]);
  });

  it('are declared missing when they cannot be had', async () => {
    start();
    const events = listen({ emit: ['trade'] });
    await subscribed('btcusdt@trade');
    for (const t of [1, 4, 5]) venue.send('btcusdt@trade', trade(t));
    await until(() => expect(ids(events)).toEqual(['1', 'TRADE_GAP 2-4', '4', '5']));
    expect(events[1]).toMatchObject({ reason: 'no /api/v3/historicalTrades here' });
  });
});

describe('rotation', () => {
  it('overlaps without losing or repeating anything', async () => {
    start({ rotation: { after: 150, overlap: 150 }, feed: { reorder: 300 } });
    const events = listen({ emit: ['trade', 'quote'] });
    await subscribed('btcusdt@trade');
    let t = 0;
    // The old connection lags: what the new one brings first looks like a hole until the old one delivers.
    const late: number[] = [];
    const timer = setInterval(() => {
      t++;
      const [old, fresh] = venue.open.filter(({ names }) => names.has('btcusdt@trade'));
      if (fresh === undefined) venue.send('btcusdt@trade', trade(t));
      else if (old !== undefined) {
        venue.send('btcusdt@trade', trade(t), venue.open.indexOf(fresh));
        late.push(t);
        if (late.length > 2) venue.send('btcusdt@trade', trade(late.shift() ?? 0), venue.open.indexOf(old));
      }
      venue.send('btcusdt@bookTicker', ticker(t));
    }, 5);
    await until(() => expect(venue.sockets.length).toBeGreaterThan(3));
    clearInterval(timer);
    const trades = events.filter((event) => event.kind === 'trade').map(({ tradeId }) => Number(tradeId));
    expect(trades.length).toBeGreaterThan(20);
    expect(trades).toEqual(trades.map((_, i) => i + (trades[0] ?? 0)));
    expect(events.filter(({ kind }) => kind === 'gap')).toEqual([]);
    expect(calls).toEqual([]);
    expect(statuses.join()).not.toContain('down');
  });

  it('begins when the server is about to shut down', async () => {
    start();
    listen({ emit: ['trade'] });
    await until(() => expect(statuses).toContain('market ready 0'));
    venue.raw('{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1}}');
    await until(() => expect(venue.sockets).toHaveLength(2));
    await until(() => expect(statuses.join()).toContain('a fresh connection has taken over'));
  });
});

describe('books', () => {
  const image = (lastUpdateId: number, bid = '100', ask = '101'): unknown => ({
    lastUpdateId,
    bids: [[bid, '1']],
    asks: [[ask, '1']],
  });

  it('asks again for a snapshot that is older than what was kept, and keeps it', async () => {
    const ids_ = [4, 12];
    let hold: (() => void) | undefined;
    answers = async () => {
      await new Promise<void>((resolve) => (hold = resolve));
      return image(ids_.shift() ?? 0);
    };
    start();
    const events = listen({ emit: ['book'] });
    await subscribed('btcusdt@depth@100ms');
    await until(() => expect(calls).toHaveLength(1));
    venue.send('btcusdt@depth@100ms', delta(8, 10));
    venue.send('btcusdt@depth@100ms', delta(11, 15, [['100', '2']]));
    await until(() => expect(feed.figures().find(({ name }) => name === 'feed_messages')?.value).toBe(3));
    hold?.();
    await until(() => expect(calls).toHaveLength(2));
    hold?.();
    await until(() => expect(ids(events)).toEqual(['S12', 'd15']));
    expect(calls[0]).toMatchObject({
      path: '/api/v3/depth',
      params: { limit: 1000 },
      weight: 50,
      lane: 'market',
    });
  });

  it('declares a hole and starts anew; a crossed book as well; one who joins later gets the book', async () => {
    let next = 10;
    answers = () => image(next);
    start();
    const name = 'btcusdt@depth@100ms';
    const events = listen({ emit: ['book'] });
    await subscribed(name);
    await until(() => expect(ids(events)).toEqual(['S10']));
    venue.send(name, delta(11, 12, [['99', '3']]));
    next = 20;
    venue.send(name, delta(14, 15));
    await until(() => expect(ids(events)).toEqual(['S10', 'd12', 'BOOK_GAP 13-14', 'S20']));
    next = 30;
    venue.send(name, delta(21, 21, [['102', '1']]));
    await until(() => expect(ids(events).slice(4)).toEqual(['BOOK_CROSSED 20-21', 'S30']));
    expect(events[4]).toMatchObject({ reason: 'bid 102 is not below ask 101' });
    venue.send(name, delta(31, 33, [['100', '7']]));
    await until(() => expect(events).toHaveLength(7));
    const later = listen({ source: 'late', emit: ['book'] });
    expect(later).toMatchObject([
      { kind: 'book', source: 'late', snapshot: true, bids: [100, 7], asks: [101, 1], first: 33, last: 33 },
    ]);
    expect(statuses.filter((line) => line.startsWith(`market/${name}`))).toEqual([
      `market/${name} up 0 waiting for a snapshot`,
      `market/${name} ready 0`,
      `market/${name} degraded 1 the book is built anew from a snapshot`,
      `market/${name} ready 0`,
      `market/${name} degraded 2 the book is built anew from a snapshot`,
      `market/${name} ready 0`,
    ]);
  });
});

describe('silence', () => {
  it('is declared and answered by a new subscription', async () => {
    start({ timeouts: { feedSilence: 80 } });
    const events = listen({ emit: ['quote'] });
    await subscribed('btcusdt@bookTicker');
    venue.send('btcusdt@bookTicker', ticker(3));
    await until(() => expect(ids(events)).toEqual(['quote', 'QUOTE_GAP 3-0']));
    await until(() =>
      expect(venue.frames.map(({ method }) => method)).toEqual(['SUBSCRIBE', 'UNSUBSCRIBE', 'SUBSCRIBE']),
    );
    await until(() => expect(statuses.join()).toContain('market/btcusdt@bookTicker degraded 1 silent'));
    venue.send('btcusdt@bookTicker', ticker(1));
    await until(() => expect(ids(events)).toEqual(['quote', 'QUOTE_GAP 3-0', 'quote']));
    await until(() => expect(statuses).toContain('market/btcusdt@bookTicker ready 0 it speaks again'));
    expect(feed.figures().find(({ name }) => name === 'feed_resubscriptions')?.value).toBe(1);
  });
});
