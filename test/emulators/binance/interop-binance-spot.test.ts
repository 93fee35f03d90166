import { generateKeyPairSync } from 'node:crypto';
import { Spot, SpotRestAPI, SpotWebsocketAPI, SpotWebsocketStreams } from '@binance/spot';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startBinanceEmulator, type BinanceEmulator } from '../../../src/emulators/binance/index.js';
import { sleep } from './socket.js';

/** Binance's own connector as it comes from npm: only its addresses are set. */
const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const ED_KEY = 'e'.repeat(64);

let emulator: BinanceEmulator;
let hmac: Spot;
let ed25519: Spot;

function clientOf(key: { apiKey: string; apiSecret?: string; privateKey?: string }): Spot {
  return new Spot({
    configurationRestAPI: { ...key, basePath: emulator.rest },
    configurationWebsocketAPI: { ...key, wsURL: emulator.wsApi },
    configurationWebsocketStreams: { wsURL: emulator.stream },
  });
}

beforeAll(async () => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true); // the connector tells of each connection
  emulator = await startBinanceEmulator({
    symbols: ['BTCUSDT=60000', 'ETHUSDT=3000'],
    seed: 12,
    market: { type: 'flow', rate: 200 },
    accounts: [{ id: 'ed', keys: [{ apiKey: ED_KEY, publicKey }], balances: { USDT: '100000', BTC: '1' } }],
  });
  const { apiKey, apiSecret } = emulator.account;
  hmac = clientOf({ apiKey, apiSecret });
  ed25519 = clientOf({ apiKey: ED_KEY, privateKey });
});

afterAll(() => emulator.close());

const symbol = 'BTCUSDT';
const { NewOrderSideEnum: Side, NewOrderTypeEnum: Type, NewOrderTimeInForceEnum: Tif } = SpotRestAPI;

async function away(percent: number): Promise<number> {
  const { bidPrice } = (await (
    await hmac.restAPI.tickerBookTicker({ symbol })
  ).data()) as SpotRestAPI.TickerBookTickerResponse1;
  return Math.round(Number(bidPrice) * (1 + percent / 100));
}

describe('the official connector over REST', () => {
  it('reads the market', async () => {
    const info = await (await hmac.restAPI.exchangeInfo({ symbol })).data();
    expect(info.symbols?.map((s) => [s.symbol, s.status, s.baseAsset])).toEqual([[symbol, 'TRADING', 'BTC']]);
    expect(info.rateLimits?.map((l) => l.rateLimitType)).toEqual(
      expect.arrayContaining(['REQUEST_WEIGHT', 'ORDERS', 'RAW_REQUESTS']),
    );
    expect(await (await hmac.restAPI.ping()).data()).toEqual({});
    expect(Math.abs(Number((await (await hmac.restAPI.time()).data()).serverTime) - Date.now())).toBeLessThan(
      2_000,
    );
    const depth = await (await hmac.restAPI.depth({ symbol, limit: 10 })).data();
    expect(depth.bids).toHaveLength(10);
    expect((await (await hmac.restAPI.getTrades({ symbol, limit: 3 })).data()).length).toBeGreaterThan(0);
    expect((await (await hmac.restAPI.aggTrades({ symbol, limit: 3 })).data()).length).toBeGreaterThan(0);
    const candles = await (
      await hmac.restAPI.klines({ symbol, interval: SpotRestAPI.KlinesIntervalEnum.INTERVAL_1m, limit: 7 })
    ).data();
    expect(candles.map((c) => c.length)).toEqual([12, 12, 12, 12, 12, 12, 12]);
    expect(await (await hmac.restAPI.ticker24hr({ symbol })).data()).toMatchObject({ symbol });
    expect(await (await hmac.restAPI.tickerPrice({ symbol })).data()).toMatchObject({ symbol });
    expect(await (await hmac.restAPI.avgPrice({ symbol })).data()).toMatchObject({ mins: 5 });
  });

  it.each([
    ['HMAC', () => hmac],
    ['Ed25519', () => ed25519],
  ] as const)('trades with a key of %s', async (_, which) => {
    const { restAPI } = which();
    const bought = await (
      await restAPI.newOrder({ symbol, side: Side.BUY, type: Type.MARKET, quantity: 0.002 })
    ).data();
    expect(bought).toMatchObject({ status: 'FILLED', executedQty: '0.00200000' });
    const price = await away(-5);
    const placed = await (
      await restAPI.newOrder({
        symbol,
        side: Side.BUY,
        type: Type.LIMIT,
        timeInForce: Tif.GTC,
        quantity: 0.002,
        price,
        newClientOrderId: 'conn-1',
      })
    ).data();
    expect(placed).toMatchObject({ status: 'NEW', clientOrderId: 'conn-1' });
    expect((await (await restAPI.getOpenOrders({ symbol })).data()).map((o) => o.clientOrderId)).toEqual([
      'conn-1',
    ]);
    const amended = await (
      await restAPI.orderAmendKeepPriority({
        symbol,
        origClientOrderId: 'conn-1',
        newClientOrderId: 'conn-2',
        newQty: 0.001,
      })
    ).data();
    expect(amended.amendedOrder).toMatchObject({ clientOrderId: 'conn-2', qty: '0.00100000', status: 'NEW' });
    const moved = await (
      await restAPI.orderCancelReplace({
        symbol,
        side: SpotRestAPI.OrderCancelReplaceSideEnum.BUY,
        type: SpotRestAPI.OrderCancelReplaceTypeEnum.LIMIT_MAKER,
        cancelReplaceMode: SpotRestAPI.OrderCancelReplaceCancelReplaceModeEnum.STOP_ON_FAILURE,
        cancelOrigClientOrderId: 'conn-2',
        newClientOrderId: 'conn-3',
        quantity: 0.003,
        price: price - 10,
      })
    ).data();
    expect(moved).toMatchObject({ cancelResult: 'SUCCESS', newOrderResult: 'SUCCESS' });
    const stop = await (
      await restAPI.newOrder({
        symbol,
        side: Side.SELL,
        type: Type.STOP_LOSS,
        quantity: 0.001,
        stopPrice: price,
        newClientOrderId: 'conn-4',
      })
    ).data();
    expect(stop.clientOrderId).toBe('conn-4');
    expect(await (await restAPI.getOrder({ symbol, origClientOrderId: 'conn-4' })).data()).toMatchObject({
      type: 'STOP_LOSS',
      status: 'NEW',
    });
    expect(await (await restAPI.deleteOrder({ symbol, origClientOrderId: 'conn-4' })).data()).toMatchObject({
      origClientOrderId: 'conn-4',
      status: 'CANCELED',
    });
    expect((await (await restAPI.deleteOpenOrders({ symbol })).data()).length).toBe(1);
    expect(await (await restAPI.getOpenOrders({ symbol })).data()).toEqual([]);
    const trades = await (await restAPI.myTrades({ symbol })).data();
    expect(trades.map((t) => Number(t.orderId))).toContain(Number(bought.orderId));
    const account = await (await restAPI.getAccount({ omitZeroBalances: true })).data();
    expect(account.balances?.every((b) => Number(b.locked) === 0)).toBe(true);
    expect((await (await restAPI.allOrders({ symbol })).data()).map((o) => o.status)).toEqual([
      'FILLED',
      'CANCELED',
      'CANCELED',
      'CANCELED',
    ]);
  });

  it('understands the errors', async () => {
    const wrong = (pending: Promise<unknown>): Promise<unknown> =>
      pending.then(
        () => 'no error',
        (e: Error) => `${e.name}: ${e.message}`,
      );
    const { restAPI } = hmac;
    expect(
      await wrong(restAPI.newOrder({ symbol, side: Side.SELL, type: Type.MARKET, quantity: 900 })),
    ).toMatch(/BadRequestError.*insufficient balance/);
    expect(
      await wrong(restAPI.newOrder({ symbol, side: Side.SELL, type: Type.MARKET, quantity: 0.000001 })),
    ).toMatch(/BadRequestError.*LOT_SIZE/);
    expect(await wrong(restAPI.depth({ symbol: 'NOPE' }))).toMatch(/BadRequestError.*Invalid symbol/);
    expect(await wrong(restAPI.getOrder({ symbol, orderId: 99_999_999 }))).toMatch(
      /BadRequestError.*Order does not exist/,
    );
    const { apiSecret } = emulator.account;
    const stranger = clientOf({ apiKey: 'W'.repeat(64), apiSecret });
    expect(await wrong(stranger.restAPI.getAccount())).toMatch(/UnauthorizedError/);
    emulator.faults.set({ kind: 'rate_limit', operation: 'order.place', retry_after: 1 });
    expect(
      await wrong(restAPI.newOrder({ symbol, side: Side.BUY, type: Type.MARKET, quantity: 0.001 })),
    ).toMatch(/TooManyRequestsError/);
    emulator.faults.set({ kind: 'rate_limit', status: 418, operation: 'order.place', retry_after: 1 });
    expect(
      await wrong(restAPI.newOrder({ symbol, side: Side.BUY, type: Type.MARKET, quantity: 0.001 })),
    ).toMatch(/RateLimitBanError/);
  });
});

describe('the official connector over the WebSocket API', () => {
  it.each([
    ['signed requests of an HMAC key', () => hmac, false],
    ['a session of an Ed25519 key', () => ed25519, true],
  ] as const)('%s', async (_, which, session) => {
    const connection = await which().websocketAPI.connect();
    try {
      if (session) {
        const [logon] = await connection.sessionLogon();
        expect(logon?.data).toMatchObject({ apiKey: ED_KEY });
      }
      const { stream } = session
        ? await connection.userDataStreamSubscribe()
        : await connection.userDataStreamSubscribeSignature();
      const events: { e?: string; x?: string; c?: string }[] = [];
      stream.on('message', (event) => void events.push(event));
      const { OrderPlaceSideEnum, OrderPlaceTypeEnum, OrderPlaceTimeInForceEnum } = SpotWebsocketAPI;
      const newClientOrderId = session ? 'ws-ed' : 'ws-hmac';
      const placed = await connection.orderPlace({
        symbol,
        side: OrderPlaceSideEnum.BUY,
        type: OrderPlaceTypeEnum.LIMIT,
        timeInForce: OrderPlaceTimeInForceEnum.GTC,
        quantity: 0.002,
        price: await away(-4),
        newClientOrderId,
      });
      expect(placed.data).toMatchObject({ status: 'NEW', clientOrderId: newClientOrderId });
      const status = await connection.orderStatus({ symbol, origClientOrderId: newClientOrderId });
      expect(status.data).toMatchObject({ status: 'NEW' });
      const open = await connection.openOrdersStatus({ symbol });
      expect(open.data).toHaveLength(1);
      expect(
        (await connection.orderCancel({ symbol, origClientOrderId: newClientOrderId })).data,
      ).toMatchObject({ status: 'CANCELED' });
      expect((await connection.accountStatus()).data).toMatchObject({ canTrade: true });
      expect((await connection.depth({ symbol, limit: 5 })).data.asks).toHaveLength(5);
      expect((await connection.myTrades({ symbol })).data).toBeInstanceOf(Array);
      for (let i = 0; i < 100 && events.length < 4; i++) await sleep(10);
      expect(events.filter((e) => e.e === 'executionReport').map((e) => e.x)).toEqual(['NEW', 'CANCELED']);
      expect(events.filter((e) => e.e === 'outboundAccountPosition')).toHaveLength(2);
    } finally {
      await connection.disconnect();
    }
  });
});

describe('the official connector over market streams', () => {
  it('subscribes and unsubscribes', async () => {
    // Five messages a second are allowed on a connection: the others come with the address.
    const connection = await hmac.websocketStreams.connect({
      stream: ['btcusdt@ticker', 'btcusdt@miniTicker'],
    });
    try {
      const { PartialBookDepthLevelsEnum, KlineIntervalEnum } = SpotWebsocketStreams;
      const got = new Set<string>();
      const open = {
        trade: connection.trade({ symbol }),
        bookTicker: connection.bookTicker({ symbol }),
        depth: connection.diffBookDepth({ symbol }),
        depth20: connection.partialBookDepth({ symbol, levels: PartialBookDepthLevelsEnum.LEVELS_20 }),
        kline: connection.kline({ symbol, interval: KlineIntervalEnum.INTERVAL_1m }),
      };
      for (const [name, stream] of Object.entries(open)) stream.on('message', () => void got.add(name));
      connection.on('message', (text: string) => {
        const { stream } = JSON.parse(text) as { stream?: string };
        if (stream !== undefined && /@(ticker|miniTicker)$/.test(stream)) got.add(stream);
      });
      const all = [...Object.keys(open), 'btcusdt@ticker', 'btcusdt@miniTicker'];
      for (let i = 0; i < 250 && got.size < all.length; i++) await sleep(20);
      expect([...got].sort()).toEqual(expect.arrayContaining(all));
      open.trade.unsubscribe();
      open.depth.unsubscribe();
      await sleep(100);
      got.clear();
      for (let i = 0; i < 250 && !got.has('bookTicker'); i++) await sleep(20);
      expect(got).not.toContain('trade');
      expect(got).not.toContain('depth');
    } finally {
      await connection.disconnect();
    }
  });
});
