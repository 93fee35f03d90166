import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { listingFrom, statusOf, statusesIn } from '../../../../src/brokers/binance/market/instruments.js';
import { klineFrom, snapshotFrom, tradeFrom } from '../../../../src/streams/binance-wire/messages.js';
import { InstrumentTable } from '../../../../src/model/instruments.js';
import { sharedData } from '../../../support/shared-data.js';
import { cryptofeedLines, instrument, type Json } from './support.js';

const spot = {
  symbol: 'BTCUSDT',
  status: 'TRADING',
  baseAsset: 'BTC',
  baseAssetPrecision: 8,
  quoteAsset: 'USDT',
  quotePrecision: 8,
  orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT_LIMIT', 'NEW_ONE'],
  allowTrailingStop: true,
  cancelReplaceAllowed: true,
  amendAllowed: true,
  isSpotTradingAllowed: true,
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: '0.01000000', maxPrice: '1000000.00000000', tickSize: '0.01000000' },
    { filterType: 'LOT_SIZE', minQty: '0.00001000', maxQty: '9000.00000000', stepSize: '0.00001000' },
    { filterType: 'MARKET_LOT_SIZE', minQty: '0.00000000', maxQty: '100.00000000', stepSize: '0.00000000' },
    { filterType: 'PERCENT_PRICE_BY_SIDE', bidMultiplierUp: '5', bidMultiplierDown: '0.2', avgPriceMins: 5 },
    { filterType: 'NOTIONAL', minNotional: '5.00000000', applyMinToMarket: true, maxNotional: '9000000.00000000', applyMaxToMarket: false, avgPriceMins: 5 },
    { filterType: 'MAX_NUM_ORDERS', maxNumOrders: 200 },
  ],
}; // prettier-ignore

const listing = (...symbols: unknown[]): ReturnType<typeof listingFrom> => listingFrom({ symbols }, 'spot');

describe('instruments of exchangeInfo', () => {
  it('carry every filter', () => {
    const { instruments, rules, refused } = listing(spot);
    expect(refused).toEqual([]);
    const i = new InstrumentTable(instruments).get('BTCUSDT');
    expect(JSON.parse(JSON.stringify(i))).toMatchObject({
      venue: 'binance',
      venueSymbol: 'BTCUSDT',
      assetClass: 'crypto_spot',
      base: 'BTC',
      quote: 'USDT',
      settle: 'USDT',
      tickSize: '0.01',
      lotSize: '0.00001',
      minQuantity: '0.00001',
      maxQuantity: '9000',
      minPrice: '0.01',
      maxPrice: '1000000',
      minNotional: '5',
      maxNotional: '9000000',
      marketMaxQuantity: '100',
      pricePrecision: 2,
      quantityPrecision: 5,
      shortable: false,
      status: 'open',
      orderTypes: {
        limit: ['gtc', 'ioc', 'fok'],
        market: ['gtc', 'ioc'],
        stop: ['gtc'],
        stop_limit: ['gtc', 'ioc', 'fok'],
        trailing_stop: ['gtc'],
      },
      venueRules: {
        'PERCENT_PRICE_BY_SIDE.bidMultiplierUp': '5',
        'PERCENT_PRICE_BY_SIDE.avgPriceMins': '5',
        'NOTIONAL.applyMaxToMarket': 'false',
        'MAX_NUM_ORDERS.maxNumOrders': '200',
      },
    });
    expect(i?.marketLotSize).toBeUndefined();
    expect(i?.marketMinQuantity).toBeUndefined();
    expect(rules.get('BTCUSDT')).toEqual({
      symbol: 'BTCUSDT',
      orderTypes: new Set(spot.orderTypes),
      trailingStop: true,
      cancelReplace: true,
      amend: true,
    });
  });

  it('say what stops trading', () => {
    expect(statusOf('TRADING')).toEqual({ status: 'open', reason: '' });
    expect(statusOf('CANCEL_ONLY')).toEqual({ status: 'halted', reason: 'the venue says CANCEL_ONLY' });
    expect(statusOf('BREAK').status).toBe('halted');
    expect(statusOf('END_OF_DAY').status).toBe('closed');
    expect(statusOf('SOMETHING_NEW').status).toBe('unknown');
    expect(listing({ ...spot, isSpotTradingAllowed: false }).instruments[0]?.status).toBe('halted');
  });

  it('take no order types when none is known, since an empty list would mean every type', () => {
    expect(listing({ ...spot, orderTypes: ['NEW_ONE'] }).instruments[0]?.orderTypes).toEqual({ limit: [] });
  });

  it('leave out and name a symbol whose rules cannot be read', () => {
    const filters = [{ filterType: 'LOT_SIZE', minQty: 0.1, maxQty: '1', stepSize: '0.1' }];
    const { instruments, refused } = listing(
      spot,
      { ...spot, symbol: 'BAD', filters },
      { symbol: 'WORSE' },
      7,
    );
    expect(instruments.map(({ symbol }) => symbol)).toEqual(['BTCUSDT']);
    expect(refused.map(({ symbol }) => symbol)).toEqual([
      'BAD',
      'a symbol without a name',
      'a symbol without a name',
    ]);
    expect(refused[0]?.reason).toBe('LOT_SIZE.minQty is not a decimal in a text');
  });

  it('are never an empty answer when the answer is none', () => {
    expect(() => listingFrom({ code: -1003, msg: 'banned' }, 'spot')).toThrow('no list of symbols');
    expect(() => statusesIn({ symbols: [{}] })).toThrow('cannot be read');
  });
});

const us = (...path: string[]): string | undefined => sharedData('venue-payloads', 'binance', ...path);
const sessions = [
  ['spot', us('cryptofeed', 'BINANCE.0.gz')],
  ['usdm', sharedData('market', 'cryptofeed-raw', 'BINANCE_FUTURES.0.gz')],
] as const;

describe('recorded answers', () => {
  for (const [market, path] of sessions) {
    it.skipIf(path === undefined)(`exchangeInfo ${market}: every symbol`, () => {
      const answers = cryptofeedLines(path ?? '').filter(([, , url]) => url.includes('exchangeInfo'));
      for (const [, text] of answers) {
        const json = JSON.parse(text) as { symbols: { status: string; isSpotTradingAllowed?: boolean }[] };
        const { instruments, refused } = listingFrom(json, market);
        expect(refused).toEqual([]);
        expect(instruments).toHaveLength(json.symbols.length);
        const table = new InstrumentTable(instruments);
        for (const i of table.all) {
          expect(i.tickSize.gt(0) && i.lotSize.gt(0) && i.minQuantity.gt(0)).toBe(true);
          expect(Object.keys(i.orderTypes)).toContain('limit');
        }
        expect(table.all.filter(({ status }) => status === 'unknown')).toEqual([]);
        const open = json.symbols.filter(
          ({ status, isSpotTradingAllowed }) => status === 'TRADING' && isSpotTradingAllowed !== false,
        ).length;
        expect(table.all.filter(({ status }) => status === 'open')).toHaveLength(open);
        if (market === 'usdm') expect(table.get('BTCUSDT')?.initialMargin.toString()).toBe('0.05');
        if (market === 'usdm') expect(table.get('BTCUSDT')?.minNotional?.toString()).toBe('5');
      }
      expect(answers.length).toBeGreaterThan(0);
    });
  }

  const http = us('gocryptotrader-http.json');
  it.skipIf(http === undefined)('of a REST client: listings, depth, trades, klines', () => {
    const { routes } = JSON.parse(readFileSync(http ?? '', 'utf8')) as Record<string, unknown> & {
      routes?: Record<string, { data: unknown; query: string }[]>;
    };
    const all =
      routes ?? (JSON.parse(readFileSync(http ?? '', 'utf8')) as Record<string, { data: unknown }[]>);
    const data = (route: string): unknown[] => (all[route] ?? []).map((one) => one.data);
    const i = instrument('BTCUSDT');
    let checked = 0;
    for (const answer of data('GET /api/v3/exchangeInfo')) {
      const { instruments, refused } = listingFrom(answer, 'spot');
      expect(refused).toEqual([]);
      checked += instruments.length;
    }
    for (const answer of data('GET /api/v3/depth')) {
      expect(snapshotFrom(answer as Json, '', i, 0)).toMatchObject({ kind: 'book' });
      checked++;
    }
    for (const answer of data('GET /api/v3/klines') as unknown[][]) {
      for (const row of answer) expect(klineFrom(row, '', i)).toMatchObject({ kind: 'bar' });
      checked += answer.length;
    }
    for (const answer of data('GET /api/v3/aggTrades') as Json[][]) {
      for (const row of answer) {
        // some rows were damaged by hand: the field `m` lost its name
        if ('m' in row) expect(tradeFrom(row, '', i, 0)).toMatchObject({ kind: 'trade' });
        else expect(tradeFrom(row, '', i, 0)).toBe('missing_field');
      }
      checked += answer.length;
    }
    expect(checked).toBeGreaterThan(25);
  });

  const examples = us('docs-examples.json');
  it.skipIf(examples === undefined)('of the documentation: every exchangeInfo with symbols', () => {
    const list = (JSON.parse(readFileSync(examples ?? '', 'utf8')) as { examples: { payload: unknown }[] })
      .examples;
    const listings = list.filter(
      ({ payload }) =>
        Array.isArray((payload as { symbols?: unknown } | null)?.symbols) &&
        'serverTime' in (payload as object),
    );
    for (const { payload } of listings) expect(listingFrom(payload, 'spot').refused).toEqual([]);
    expect(listings.length).toBeGreaterThan(0);
  });
});
