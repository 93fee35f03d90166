import { describe, expect, it } from 'vitest';
import { BinanceError } from '../../../src/brokers/binance/errors.js';
import { readPermissions } from '../../../src/brokers/binance/permissions.js';
import { Queries } from '../../../src/brokers/binance/queries.js';
import type { RestRequest } from '../../../src/brokers/binance/wire.js';

const DAY = 86_400_000;
const trade = (id: number, time: number) => ({
  symbol: 'BTCUSDT',
  id,
  orderId: 5,
  price: '1.0',
  qty: '1.0',
  commission: '0.0',
  commissionAsset: 'BNB',
  time,
  isBuyer: true,
  isMaker: false,
});

function asking(answer: (request: RestRequest) => unknown): {
  readonly queries: Queries;
  readonly asked: RestRequest[];
} {
  const asked: RestRequest[] = [];
  const queries = new Queries({
    call: (request) => {
      asked.push(request);
      return Promise.resolve().then(() => answer(request));
    },
    order: () => Promise.reject(new Error('not asked')),
  });
  return { queries, asked };
}

describe('trades', () => {
  it('go by windows of a day until there is one, then by id', async () => {
    const page = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => trade(from + i, 2.5 * DAY));
    const { queries, asked } = asking(({ params = {} }) => {
      if (params['fromId'] !== undefined)
        return Number(params['fromId']) < 2_000
          ? page(Number(params['fromId']), 1_000)
          : page(Number(params['fromId']), 3);
      return Number(params['startTime']) >= 2 * DAY ? page(1, 1_000) : [];
    });
    const trades = await queries.tradesSince('BTCUSDT', 0, 4 * DAY);
    expect(trades.map((t) => Number(t.tradeId))).toEqual(Array.from({ length: 2_003 }, (_, i) => i + 1));
    expect(asked.map(({ params }) => params)).toEqual([
      { symbol: 'BTCUSDT', startTime: 0, endTime: DAY - 1, limit: 1000 },
      { symbol: 'BTCUSDT', startTime: DAY, endTime: 2 * DAY - 1, limit: 1000 },
      { symbol: 'BTCUSDT', startTime: 2 * DAY, endTime: 3 * DAY - 1, limit: 1000 },
      { symbol: 'BTCUSDT', fromId: '1001', limit: 1000 },
      { symbol: 'BTCUSDT', fromId: '2001', limit: 1000 },
    ]);
    expect(
      asked.every(({ weight, lane, security }) => weight === 20 && lane === 'risk' && security === 'signed'),
    ).toBe(true);
  });

  it('that are none are an empty answer; that cannot be read are an error', async () => {
    expect(await asking(() => []).queries.tradesSince('BTCUSDT', 0, DAY)).toEqual([]);
    await expect(asking(() => [{ id: 1 }]).queries.tradesFrom('BTCUSDT', '1')).rejects.toMatchObject({
      category: 'schema',
      message: expect.stringContaining(
        'Binance sent a list of trades that is not usable at 0.symbol',
      ) as string,
    });
  });
});

describe('an order', () => {
  it('is undefined only when the venue does not know it', async () => {
    const failing = (code: number) =>
      asking(() => {
        throw new BinanceError('rejection', 'no', false, { code });
      }).queries.order('BTCUSDT', { clientOrderId: 'x' });
    expect(await failing(-2013)).toBeUndefined();
    expect(await failing(-2026)).toBeUndefined();
    await expect(failing(-1003)).rejects.toBeInstanceOf(BinanceError);
    await expect(asking(() => ({})).queries.order('BTCUSDT', { clientOrderId: 'x' })).rejects.toMatchObject({
      category: 'schema',
    });
  });
});

describe('client ids', () => {
  const order = (id: number) => ({
    symbol: 'BTCUSDT',
    orderId: id,
    clientOrderId: `c${id}`,
    price: '1.0',
    origQty: '1.0',
    executedQty: '1.0',
    status: 'FILLED',
    type: 'LIMIT',
    side: 'BUY',
    time: 1,
    updateTime: 1,
  });

  it('of few orders are asked for one by one, of many by pages', async () => {
    const few = asking(({ params }) => order(Number(params?.['orderId'])));
    expect([...(await few.queries.clientIds('BTCUSDT', ['7', '9', '7']))]).toEqual([
      ['7', 'c7'],
      ['9', 'c9'],
    ]);
    expect(few.asked.map(({ path }) => path)).toEqual(['/api/v3/order', '/api/v3/order']);
    const many = asking(({ params }) =>
      Array.from({ length: 1_000 }, (_, i) => order(Number(params?.['orderId']) + i)),
    );
    const wanted = ['10', '20', '30', '40', '50', '1500'];
    const found = await many.queries.clientIds('BTCUSDT', wanted);
    expect(wanted.map((id) => found.get(id))).toEqual(wanted.map((id) => `c${id}`));
    expect(many.asked.map(({ params }) => params?.['orderId'])).toEqual([10, 1010]);
  });
});

describe('permissions', () => {
  const answers = (request: RestRequest): unknown =>
    request.path === '/api/v3/account'
      ? { canTrade: true, canWithdraw: true, updateTime: 1, accountType: 'SPOT', balances: [] }
      : {
          ipRestrict: false,
          enableReading: true,
          enableWithdrawals: true,
          enableSpotAndMarginTrading: true,
          createTime: 1,
        };

  it('of the key are told on live only', async () => {
    const live = asking(answers);
    expect(await readPermissions(live.queries, 'live')).toEqual({
      canTrade: true,
      accountType: 'SPOT',
      keyCanTrade: true,
      keyCanWithdraw: true,
      ipRestricted: false,
    });
    const test = asking(answers);
    expect(await readPermissions(test.queries, 'testnet')).toEqual({
      canTrade: true,
      accountType: 'SPOT',
      keyCanTrade: undefined,
      keyCanWithdraw: undefined,
      ipRestricted: undefined,
    });
    expect(test.asked.map(({ path }) => path)).toEqual(['/api/v3/account']);
  });
});
