import ccxt, { type Order } from 'ccxt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBinanceEmulator, type BinanceEmulator } from '../../../src/emulators/binance/index.js';

/** ccxt as it comes from npm; only its addresses and the parts of Binance it loads are set. */
type Client = InstanceType<typeof ccxt.pro.binance>;

let emulator: BinanceEmulator;
let client: Client;

async function connect(apiKey: string, secret: string): Promise<Client> {
  const made = new ccxt.pro.binance({
    apiKey,
    secret,
    options: {
      defaultType: 'spot',
      fetchMarkets: { types: ['spot'] },
      fetchCurrencies: false,
      fetchMargins: false,
    },
  });
  const api = made.urls['api'] as Record<string, unknown>;
  api['public'] = api['private'] = `${emulator.rest}/api/v3`;
  (api['ws'] as Record<string, unknown>)['spot'] = `${emulator.stream}/stream-emu/ws`;
  ((api['ws'] as Record<string, unknown>)['ws-api'] as Record<string, unknown>)['spot'] = emulator.wsApi;
  await made.loadHttpProxyAgent(); // plain http and ws
  return made;
}

beforeAll(async () => {
  emulator = await startBinanceEmulator({
    symbols: ['BTCUSDT=60000', 'ETHUSDT=3000'],
    seed: 11,
    market: { type: 'flow', rate: 200 },
  });
  client = await connect(emulator.account.apiKey, emulator.account.apiSecret);
  await client.loadMarkets();
});

afterAll(async () => {
  await client.close();
  await emulator.close();
});

const SYMBOL = 'BTC/USDT';

/** The price some percent away from the middle, on the tick. */
async function away(percent: number): Promise<number> {
  const { bids } = await client.fetchOrderBook(SYMBOL, 5);
  return Number(client.priceToPrecision(SYMBOL, Number(bids[0]?.[0]) * (1 + percent / 100)));
}

/** Asks until the answer fits: fees and orders of a fill come a moment after the answer. */
async function eventually<T>(ask: () => Promise<T>, fits: (answer: T) => boolean): Promise<T> {
  for (let i = 0; i < 100; i++) {
    const answer = await ask();
    if (fits(answer)) return answer;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error('the answer never fitted');
}

describe('ccxt reads the market', () => {
  it('markets with their rules', () => {
    expect(Object.keys(client.markets ?? {}).sort()).toEqual(['BTC/USDT', 'ETH/USDT']);
    const market = client.market(SYMBOL);
    expect(market).toMatchObject({ id: 'BTCUSDT', base: 'BTC', quote: 'USDT', spot: true, active: true });
    expect(market.precision).toMatchObject({ price: 0.01, amount: 0.00001 });
    expect(market.limits.cost?.min).toBe(5);
    expect(client.amountToPrecision(SYMBOL, 0.123456789)).toBe('0.12345');
  });

  it('time, order book, trades, candles and tickers', async () => {
    expect(Math.abs(Number(await client.fetchTime()) - Date.now())).toBeLessThan(2_000);
    const book = await client.fetchOrderBook(SYMBOL, 20);
    expect(book.bids).toHaveLength(20);
    expect(book.nonce).toBeGreaterThan(0);
    expect(Number(book.bids[0]?.[0])).toBeLessThan(Number(book.asks[0]?.[0]));
    const trades = await client.fetchTrades(SYMBOL, undefined, 10);
    expect(trades.length).toBeGreaterThan(0);
    expect(trades.every((t) => t.symbol === SYMBOL && Number(t.price) > 0 && Number(t.amount) > 0)).toBe(
      true,
    );
    const candles = await client.fetchOHLCV(SYMBOL, '1m', undefined, 50);
    expect(candles).toHaveLength(50);
    for (const [i, [time, open, high, low, close]] of candles.entries()) {
      if (i > 0) expect(Number(time) - Number(candles[i - 1]?.[0])).toBe(60_000);
      expect(Number(high)).toBeGreaterThanOrEqual(Math.max(Number(open), Number(close), Number(low)));
    }
    const ticker = await client.fetchTicker(SYMBOL);
    expect(ticker).toMatchObject({ symbol: SYMBOL });
    expect(Number(ticker.bid)).toBeLessThan(Number(ticker.ask));
    expect(Object.keys(await client.fetchTickers()).sort()).toEqual(['BTC/USDT', 'ETH/USDT']);
    expect(Object.keys(await client.fetchBidsAsks()).sort()).toEqual(['BTC/USDT', 'ETH/USDT']);
  });

  it('watches the book, trades, candles and tickers', async () => {
    const [book, trades, candles, ticker, best] = await Promise.all([
      client.watchOrderBook(SYMBOL),
      client.watchTrades(SYMBOL),
      client.watchOHLCV(SYMBOL, '1m'),
      client.watchTicker(SYMBOL),
      client.watchBidsAsks([SYMBOL]),
    ]);
    expect(Number(book.bids[0]?.[0])).toBeLessThan(Number(book.asks[0]?.[0]));
    expect(trades[0]).toMatchObject({ symbol: SYMBOL });
    expect(Number(candles[0]?.[0]) % 60_000).toBe(0);
    expect(Number(ticker.last)).toBeGreaterThan(0);
    expect(Number(best[SYMBOL]?.bid)).toBeGreaterThan(0);
  });

  it('keeps the book in step: every level it has is the venue’s', async () => {
    let book = await client.watchOrderBook(SYMBOL);
    const first = Number(book.nonce);
    while (Number(book.nonce) < first + 50) book = await client.watchOrderBook(SYMBOL);
    emulator.market?.pause();
    const truth = emulator.exchange.depth('BTCUSDT', 20);
    while (Number(book.nonce) < truth.lastUpdateId) book = await client.watchOrderBook(SYMBOL);
    const top = (side: typeof book.bids) => side.slice(0, 20).map(([p, q]) => [Number(p), Number(q)]);
    const wanted = (side: readonly (readonly [string, string])[]) =>
      side.map(([p, q]) => [Number(p), Number(q)]);
    expect(top(book.bids)).toEqual(wanted(truth.bids));
    expect(top(book.asks)).toEqual(wanted(truth.asks));
    emulator.market?.resume();
  });
});

describe('ccxt trades', () => {
  it('market orders by quantity and by cost', async () => {
    const bought = await client.createOrder(SYMBOL, 'market', 'buy', 0.01);
    expect(bought).toMatchObject({
      symbol: SYMBOL,
      type: 'market',
      side: 'buy',
      status: 'closed',
      filled: 0.01,
    });
    expect(bought.trades.length).toBeGreaterThan(0);
    const fees = bought.trades.reduce((sum, t) => sum + Number(t.fee?.cost), 0);
    expect(fees).toBeCloseTo(0.01 * 0.001, 10);
    const spent = await client.createMarketBuyOrderWithCost(SYMBOL, 600);
    expect(spent.status).toBe('closed');
    expect(Number(spent.cost)).toBeLessThanOrEqual(600);
    expect(Number(spent.cost)).toBeGreaterThan(590);
    const mine = await client.fetchMyTrades(SYMBOL);
    const ids = [...bought.trades, ...spent.trades].map((t) => t.id);
    expect(mine.map((t) => t.id)).toEqual(expect.arrayContaining(ids));
    expect((await client.fetchOrderTrades(bought.id ?? '', SYMBOL)).map((t) => t.id)).toEqual(
      bought.trades.map((t) => t.id),
    );
  });

  it('limit, post-only, stop and trailing orders, found and cancelled', async () => {
    const below = await away(-5);
    const trigger = await away(5);
    const placed: Order[] = [
      await client.createOrder(SYMBOL, 'limit', 'buy', 0.001, below),
      await client.createOrder(SYMBOL, 'limit', 'buy', 0.001, below, { postOnly: true }),
      await client.createOrder(SYMBOL, 'limit', 'buy', 0.001, trigger, { triggerPrice: trigger }),
      await client.createOrder(SYMBOL, 'market', 'sell', 0.001, undefined, { stopLossPrice: below }),
      await client.createOrder(SYMBOL, 'market', 'sell', 0.001, undefined, { takeProfitPrice: trigger }),
      await client.createOrder(SYMBOL, 'market', 'sell', 0.001, undefined, {
        trailingPercent: 2,
        stopLossOrTakeProfit: 'stopLoss',
      }),
    ];
    const open = await client.fetchOpenOrders(SYMBOL);
    expect(open.map((o) => o.id).sort()).toEqual(placed.map((o) => o.id).sort());
    expect(open.every((o) => o.status === 'open' && o.filled === 0)).toBe(true);
    const found = await client.fetchOrder(placed[0]?.id ?? '', SYMBOL);
    expect(found).toMatchObject({
      price: below,
      amount: 0.001,
      side: 'buy',
      status: 'open',
      timeInForce: 'GTC',
    });
    expect(await client.fetchOrder(placed[1]?.id ?? '', SYMBOL)).toMatchObject({ postOnly: true });
    expect(await client.fetchOrder(placed[2]?.id ?? '', SYMBOL)).toMatchObject({ triggerPrice: trigger });
    const { id } = await client.cancelOrder(placed[0]?.id ?? '', SYMBOL);
    expect(await client.fetchOrder(id ?? '', SYMBOL)).toMatchObject({ status: 'canceled' });
    await client.cancelAllOrders(SYMBOL);
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([]);
    const all = await client.fetchOrders(SYMBOL);
    expect(all.filter((o) => placed.some((p) => p.id === o.id)).map((o) => o.status)).toEqual(
      placed.map(() => 'canceled'),
    );
  });

  it('changes an order, and the balance moves with it', async () => {
    const before = await client.fetchBalance();
    const price = await away(-5);
    const placed = await client.createOrder(SYMBOL, 'limit', 'buy', 0.01, price);
    const locked = await client.fetchBalance();
    expect(Number(locked['USDT']?.used) - Number(before['USDT']?.used)).toBeCloseTo(price * 0.01, 6);
    expect(Number(locked['USDT']?.total)).toBeCloseTo(Number(before['USDT']?.total), 6);
    const lower = await away(-6);
    const edited = await client.editOrder(placed.id ?? '', SYMBOL, 'limit', 'buy', 0.02, lower);
    expect(edited).toMatchObject({ price: lower, amount: 0.02, status: 'open' });
    expect((await client.fetchOpenOrders(SYMBOL)).map((o) => o.id)).toEqual([edited.id]);
    await client.cancelOrder(edited.id ?? '', SYMBOL);
    expect((await client.fetchBalance())['USDT']?.used).toBe(before['USDT']?.used);
  });

  it('over the WebSocket API', async () => {
    const price = await away(-5);
    const placed = await client.createOrderWs(SYMBOL, 'limit', 'buy', 0.002, price);
    expect(placed).toMatchObject({ status: 'open', price, amount: 0.002 });
    expect(await client.fetchOrderWs(placed.id ?? '', SYMBOL)).toMatchObject({
      id: placed.id,
      status: 'open',
    });
    expect((await client.fetchOpenOrdersWs(SYMBOL)).map((o) => o.id)).toEqual([placed.id]);
    const edited = await client.editOrderWs(placed.id ?? '', SYMBOL, 'limit', 'buy', 0.003, price);
    expect(await client.cancelOrderWs(edited.id ?? '', SYMBOL)).toMatchObject({ status: 'canceled' });
    // ccxt 4.5.84 leaves the parsing of this answer to its caller for spot.
    const { info } = await client.fetchBalanceWs();
    expect(info).toMatchObject({
      balances: expect.arrayContaining([expect.objectContaining({ asset: 'USDT' })]) as unknown,
    });
    expect((await client.fetchOHLCVWs(SYMBOL, '1m', undefined, 5)).length).toBe(5);
    expect((await client.fetchMyTradesWs(SYMBOL)).length).toBeGreaterThan(0);
  });

  it('watches its orders, trades and balance', async () => {
    // The first watch connects and subscribes; what was before is not told again.
    const orders: Order[] = [];
    const first = client.watchOrders(SYMBOL);
    const trades = client.watchMyTrades(SYMBOL);
    const balance = client.watchBalance();
    await eventually(
      async () => Promise.resolve(emulator.connectionList()),
      (all) => all.some((c) => c.channel === 'ws_api' && c.subscriptions.length > 0),
    );
    const price = await away(-5);
    const placed = await client.createOrder(SYMBOL, 'limit', 'buy', 0.001, price);
    orders.push(...(await first));
    await client.cancelOrder(placed.id ?? '', SYMBOL);
    while (!orders.some((o) => o.id === placed.id && o.status === 'canceled'))
      orders.push(...(await client.watchOrders(SYMBOL)));
    expect(orders.filter((o) => o.id === placed.id).map((o) => o.status)).toContain('canceled');
    const sold = await client.createOrder(SYMBOL, 'market', 'sell', 0.001);
    expect((await trades).map((t) => t.order)).toContain(sold.id);
    expect(Number((await balance)['USDT']?.total)).toBeGreaterThan(0);
  });
});

describe('ccxt understands the errors', () => {
  const wrong = (pending: Promise<unknown>): Promise<unknown> =>
    pending.then(
      () => 'no error',
      (e: unknown) => e,
    );

  it.each<[string, () => Promise<unknown>, new (text: string) => Error]>([
    ['insufficient funds', () => client.createOrder(SYMBOL, 'market', 'sell', 500), ccxt.InsufficientFunds],
    [
      'a post-only order that would trade',
      async () => client.createOrder(SYMBOL, 'limit', 'buy', 0.001, await away(3), { postOnly: true }),
      ccxt.OrderImmediatelyFillable,
    ],
    [
      'a stop that would trigger at once',
      async () =>
        client.createOrder(SYMBOL, 'limit', 'buy', 0.001, await away(-3), { triggerPrice: await away(-3) }),
      ccxt.OrderImmediatelyFillable,
    ],
    [
      'a quantity of too many digits',
      () =>
        client.privatePostOrder({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.0000000001' }),
      ccxt.BadRequest,
    ],
    [
      'a quantity below the smallest',
      () => client.privatePostOrder({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.000001' }),
      ccxt.InvalidOrder,
    ],
    ['an order nobody knows', () => client.fetchOrder('123456789', SYMBOL), ccxt.OrderNotFound],
    ['a cancel of an order nobody knows', () => client.cancelOrder('123456789', SYMBOL), ccxt.OrderNotFound],
    ['a symbol that is not listed', () => client.publicGetDepth({ symbol: 'NOPEUSDT' }), ccxt.BadSymbol],
    [
      'something that is not emulated',
      () => client.privatePostSorOrder({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.01' }),
      ccxt.ExchangeError,
    ],
  ])('%s', async (_, call, kind) => {
    expect(await wrong(call())).toBeInstanceOf(kind);
  });

  it('a wrong key and a wrong secret', async () => {
    for (const [key, secret] of [
      ['W'.repeat(64), emulator.account.apiSecret],
      [emulator.account.apiKey, 'W'.repeat(64)],
    ] as const) {
      const stranger = await connect(key, secret);
      stranger.markets = client.markets;
      stranger.markets_by_id = client.markets_by_id;
      expect(await wrong(stranger.fetchBalance())).toBeInstanceOf(ccxt.AuthenticationError);
      await stranger.close();
    }
  });

  it('a clock that runs away', async () => {
    emulator.exchange.clock.skewMs += 60_000;
    expect(await wrong(client.fetchBalance())).toBeInstanceOf(ccxt.InvalidNonce);
    emulator.exchange.clock.skewMs -= 60_000;
  });

  it('too many requests', async () => {
    emulator.faults.set({ kind: 'rate_limit', operation: 'account.status', retry_after: 1 });
    expect(await wrong(client.fetchBalance())).toBeInstanceOf(ccxt.DDoSProtection);
  });
});
