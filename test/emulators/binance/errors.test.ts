import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { restPayload, verifierOf, wsPayload } from '../../../src/emulators/binance/signature.js';
import { KEY, KEY2, NOON, SECRET, Venue } from './venue.js';

const MS = NOON / 1_000;

describe('signatures', () => {
  const verify = verifierOf({
    apiKey: 'x',
    secret: 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j',
  });
  const plain =
    'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559';

  it.each([
    ['query', plain, ''],
    ['body', '', plain],
    ['both', plain.slice(0, 46), plain.slice(46)],
  ])('of REST, %s', (_, query, body) => {
    const signature = 'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71';
    expect(verify(restPayload(`${query}&signature=${signature}`.replace(/^&/, ''), body), signature)).toBe(
      true,
    );
    expect(verify(restPayload(query, body), signature.toUpperCase())).toBe(true);
    expect(verify(`${plain}0`, signature)).toBe(false);
  });

  it('of REST with a percent-encoded symbol', () => {
    const encoded = plain.replace('LTCBTC', encodeURIComponent('１２３４５６'));
    expect(verify(encoded, 'e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3')).toBe(true);
  });

  it('of the WebSocket API: sorted, not encoded, without the signature', () => {
    expect(wsPayload({ symbol: '１２', apiKey: 'k', timestamp: '1', signature: 's', price: '1.0' })).toBe(
      'apiKey=k&price=1.0&symbol=１２&timestamp=1',
    );
  });

  it('by Ed25519 and RSA keys', () => {
    const ed = generateKeyPairSync('ed25519');
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    for (const [pair, algorithm] of [
      [ed, null],
      [rsa, 'sha256'],
    ] as const) {
      const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
      const check = verifierOf({ apiKey: 'x', publicKey });
      const signature = sign(algorithm, Buffer.from('a=1'), pair.privateKey).toString('base64');
      expect(check('a=1', signature)).toBe(true);
      expect(check('a=2', signature)).toBe(false);
    }
  });
});

describe('who may ask', () => {
  const query = { symbol: 'BTCUSDT', orderId: 1 };
  const cases: readonly (readonly [
    string,
    Record<string, string | number>,
    string | null,
    number,
    number,
    string,
  ])[] = [
    ['no key', query, null, 401, -2014, 'API-key format invalid.'],
    ['malformed key', query, 'a b', 401, -2014, 'API-key format invalid.'],
    ['unknown key', query, 'c'.repeat(64), 401, -2015, 'Invalid API-key, IP, or permissions for action.'],
    [
      'bad signature',
      { ...query, signature: '0'.repeat(64) },
      KEY,
      400,
      -1022,
      'Signature for this request is not valid.',
    ],
    [
      'a second ahead',
      { ...query, timestamp: MS + 1_000 },
      KEY,
      400,
      -1021,
      "Timestamp for this request was 1000ms ahead of the server's time.",
    ],
    [
      'too late',
      { ...query, timestamp: MS - 5_001 },
      KEY,
      400,
      -1021,
      'Timestamp for this request is outside of the recvWindow.',
    ],
    [
      'window too long',
      { ...query, recvWindow: 60_001 },
      KEY,
      400,
      -1131,
      'recvWindow must be less than 60000.',
    ],
    [
      'malformed time',
      { ...query, timestamp: 'now' },
      KEY,
      400,
      -1100,
      "Illegal characters found in parameter 'timestamp'; legal range is '^[0-9]{1,20}$'.",
    ],
    ['empty signature', { ...query, signature: '' }, KEY, 400, -1105, "Parameter 'signature' was empty."],
  ];
  it.each(cases)('%s', (_, params, key, status, code, msg) => {
    const r = new Venue().call('order.status', params, key);
    expect([r.status, r.body]).toEqual([status, { code, msg }]);
  });

  it.each([
    ['just inside the future', { timestamp: MS + 999 }],
    ['just in time', { timestamp: MS - 5_000 }],
    ['in a longer window', { timestamp: MS - 59_000, recvWindow: '60000' }],
    ['in microseconds', { timestamp: NOON + 999_999 }],
    ['with a fractional window', { timestamp: NOON - 1_499, recvWindow: '1.5' }],
  ])('accepts a time %s', (_, params) => {
    expect(new Venue().call('account.status', params).status).toBe(200);
  });

  it('follows a skewed clock', () => {
    const v = new Venue();
    v.exchange.clock.skewMs = -2_000;
    expect(v.call('account.status').body.code).toBe(-1021);
    v.exchange.clock.skewMs = 6_000;
    expect(v.call('account.status').body.code).toBe(-1021);
  });

  it('refuses what a key may not do, and a revoked key', () => {
    const v = new Venue({
      accounts: [
        {
          id: 'carol',
          keys: [
            { apiKey: KEY, secret: SECRET, trade: false },
            { apiKey: KEY2, secret: SECRET, ips: ['10.0.0.1'] },
          ],
          balances: { USDT: '100' },
        },
      ],
    });
    expect(v.call('account.status').status).toBe(200);
    expect(v.place({ price: '100', quantity: '1' }).body.code).toBe(-2015);
    expect(v.call('account.status', {}, KEY2).body.code).toBe(-2015);
    const ended: string[] = [];
    v.exchange.onKeyRevoked((key) => ended.push(key));
    v.exchange.revokeKey(KEY);
    expect(ended).toEqual([KEY]);
    expect(v.call('account.status').body.code).toBe(-2015);
  });
});

describe('what a new order must be', () => {
  const limit = { price: '100', quantity: '1' };
  const mandatory = (name: string): string =>
    `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`;
  const amount = '^([0-9]{1,20})(\\.[0-9]{1,20})?$';
  const cases: readonly (readonly [string, Record<string, string | number>, number, string])[] = [
    ['no symbol', { ...limit, symbol: '' }, -1102, mandatory('symbol')],
    ['unknown symbol', { ...limit, symbol: 'NOPE' }, -1121, 'Invalid symbol.'],
    [
      'lower case symbol',
      { ...limit, symbol: 'btcusdt' },
      -1100,
      "Illegal characters found in parameter 'symbol'; legal range is '^[\\w\\-._&&[^a-z]]{1,50}$'.",
    ],
    ['side', { ...limit, side: 'LONG' }, -1117, 'Invalid side.'],
    ['type', { ...limit, type: 'TWAP' }, -1116, 'Invalid orderType.'],
    ['time in force', { ...limit, timeInForce: 'GTD' }, -1115, 'Invalid timeInForce.'],
    ['no time in force', { ...limit, timeInForce: '' }, -1102, mandatory('timeInForce')],
    ['no quantity', { price: '100' }, -1102, mandatory('quantity')],
    ['no price', { quantity: '1' }, -1102, mandatory('price')],
    [
      'exponent',
      { ...limit, quantity: '1e-7' },
      -1100,
      `Illegal characters found in parameter 'quantity'; legal range is '${amount}'.`,
    ],
    [
      'comma',
      { ...limit, price: '1,5' },
      -1100,
      `Illegal characters found in parameter 'price'; legal range is '${amount}'.`,
    ],
    ['precision', { ...limit, price: '100.123456789' }, -1111, "Parameter 'price' has too much precision."],
    [
      'dot in the id',
      { ...limit, newClientOrderId: 'a.b' },
      -1100,
      "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_]{1,36}$'.",
    ],
    [
      'long id',
      { ...limit, newClientOrderId: 'a'.repeat(37) },
      -1100,
      "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_]{1,36}$'.",
    ],
    ['empty id', { ...limit, newClientOrderId: '' }, -1105, "Parameter 'newClientOrderId' was empty."],
    ['stop on limit', { ...limit, stopPrice: '90' }, -1106, "Parameter 'stopPrice' sent when not required."],
    [
      'tif on market',
      { type: 'MARKET', quantity: '1', timeInForce: 'GTC' },
      -1106,
      "Parameter 'timeInForce' sent when not required.",
    ],
    [
      'price on market',
      { type: 'MARKET', quantity: '1', price: '1' },
      -1106,
      "Parameter 'price' sent when not required.",
    ],
    [
      'market of nothing',
      { type: 'MARKET' },
      -1102,
      "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!",
    ],
    [
      'market of both',
      { type: 'MARKET', quantity: '1', quoteOrderQty: '1' },
      -1128,
      'Combination of optional parameters invalid.',
    ],
    [
      'no stop',
      { ...limit, type: 'STOP_LOSS_LIMIT' },
      -1102,
      "Param 'stopPrice' or 'trailingDelta' must be sent, but both were empty/null!",
    ],
    [
      'response type',
      { ...limit, newOrderRespType: 'ALL' },
      -1130,
      "Data sent for parameter 'newOrderRespType' is not valid.",
    ],
    ['strategy', { ...limit, strategyType: 5 }, -1134, 'strategyType was less than 1000000.'],
    [
      'unread',
      { ...limit, colour: 'red' },
      -1104,
      "Not all sent parameters were read; read '8' parameter(s) but was sent '9'.",
    ],
    ['iceberg', { ...limit, icebergQty: '0.1' }, -2010, 'Iceberg orders are not supported for this symbol.'],
    ['tick', { ...limit, price: '100.001' }, -1013, 'Filter failure: PRICE_FILTER'],
    ['max price', { ...limit, price: '1000000.01' }, -1013, 'Filter failure: PRICE_FILTER'],
    ['zero price', { ...limit, price: '0' }, -1013, 'Filter failure: PRICE_FILTER'],
    ['step', { ...limit, quantity: '1.000001' }, -1013, 'Filter failure: LOT_SIZE'],
    ['zero quantity', { ...limit, quantity: '0' }, -1013, 'Filter failure: LOT_SIZE'],
    [
      'market lot',
      { type: 'MARKET', side: 'SELL', quantity: '1001' },
      -1013,
      'Filter failure: MARKET_LOT_SIZE',
    ],
    ['notional', { price: '1', quantity: '1' }, -1013, 'Filter failure: NOTIONAL'],
    [
      'trailing',
      { type: 'STOP_LOSS', quantity: '1', trailingDelta: 5 },
      -1013,
      'Filter failure: TRAILING_DELTA',
    ],
    [
      'money',
      { price: '500000', quantity: '3' },
      -2010,
      'Account has insufficient balance for requested action.',
    ],
    [
      'coins',
      { side: 'SELL', price: '500000', quantity: '10.1' },
      -2010,
      'Account has insufficient balance for requested action.',
    ],
  ];
  it.each(cases)('%s', (_, params, code, msg) => {
    const v = new Venue();
    const r = v.place(params);
    expect([r.status, r.body]).toEqual([400, { code, msg }]);
    expect(v.events()).toEqual([]);
    expect(v.exchange.audit.orders('alice')).toEqual([]);
  });

  it('not too far from the average price', () => {
    const v = new Venue();
    v.exchange.market.print('BTCUSDT', 100, 1, true);
    expect(v.place({ price: '501', quantity: '1' }).body.msg).toBe('Filter failure: PERCENT_PRICE_BY_SIDE');
    expect(v.place({ price: '19', quantity: '1' }).body.msg).toBe('Filter failure: PERCENT_PRICE_BY_SIDE');
    expect(v.place({ price: '21', quantity: '1' }).status).toBe(200);
  });

  it('not too many at once', () => {
    const v = new Venue({
      symbols: [
        {
          symbol: 'BTCUSDT',
          baseAsset: 'BTC',
          quoteAsset: 'USDT',
          filters: { maxNumOrders: 3, maxNumAlgoOrders: 1, maxPosition: '12' },
        },
      ],
    });
    const stop = { type: 'STOP_LOSS', side: 'SELL', stopPrice: '50', quantity: '1' };
    expect(v.place(stop).status).toBe(200);
    expect(v.place(stop).body.msg).toBe('Filter failure: MAX_NUM_ALGO_ORDERS');
    expect(v.place({ price: '100', quantity: '2.1' }).body.msg).toBe('Filter failure: MAX_POSITION');
    expect(v.place({ price: '100', quantity: '2' }).status).toBe(200);
    expect(v.place({ side: 'SELL', price: '200', quantity: '1' }).status).toBe(200);
    expect(v.place({ side: 'SELL', price: '200', quantity: '1' }).body.msg).toBe(
      'Filter failure: MAX_NUM_ORDERS',
    );
  });

  it('only while the symbol trades; cancels always pass', () => {
    const v = new Venue();
    v.place({ price: '100', quantity: '1' });
    v.exchange.market.status('BTCUSDT', 'CANCEL_ONLY');
    expect(v.place({ price: '100', quantity: '1' }).body).toEqual({ code: -2010, msg: 'Market is closed.' });
    expect(v.call('order.cancel', { symbol: 'BTCUSDT', orderId: 1 }).status).toBe(200);
    expect(v.call('exchangeInfo', { symbol: 'BTCUSDT' }).body.symbols[0].status).toBe('CANCEL_ONLY');
  });
});

describe('other answers', () => {
  const cases: readonly (readonly [string, string, Record<string, string | number>, number])[] = [
    ['unknown parameter of a public call', 'time', { a: 1 }, -1101],
    ['two ways to name symbols', 'exchangeInfo', { symbol: 'BTCUSDT', symbols: '["BTCUSDT"]' }, -1128],
    ['unknown symbol', 'depth', { symbol: 'NOPE' }, -1121],
    ['interval', 'klines', { symbol: 'BTCUSDT', interval: '7m' }, -1120],
    ['ticker type', 'ticker.24hr', { symbol: 'BTCUSDT', type: 'HUGE' }, -1139],
    ['no order named', 'order.cancel', { symbol: 'BTCUSDT' }, -1102],
    ['cancel restriction', 'order.cancel', { symbol: 'BTCUSDT', orderId: 1, cancelRestrictions: 'X' }, -1145],
    ['nothing to cancel', 'openOrders.cancelAll', { symbol: 'BTCUSDT' }, -2011],
    ['more than a day', 'myTrades', { symbol: 'BTCUSDT', startTime: 1, endTime: 90_000_000 }, -1127],
    ['unknown list', 'orderList.cancel', { symbol: 'BTCUSDT', orderListId: 5 }, -2011],
  ];
  it.each(cases)('%s', (_, name, params, code) => {
    const r = new Venue().call(name, params);
    expect([r.status, r.body.code]).toEqual([400, code]);
  });

  it('says what is not emulated', () => {
    const r = new Venue().call('sor.order.place');
    expect([r.status, r.body]).toEqual([
      501,
      { code: -1020, msg: 'POST /api/v3/sor/order is not emulated by this exchange.' },
    ]);
  });

  it('honours cancel restrictions', () => {
    const v = new Venue();
    v.place({ price: '100', quantity: '1' });
    const cancel = { symbol: 'BTCUSDT', orderId: 1, cancelRestrictions: 'ONLY_PARTIALLY_FILLED' };
    expect(v.call('order.cancel', cancel).body.msg).toBe(
      'Order was not canceled due to cancel restrictions.',
    );
    v.exchange.market.take('BTCUSDT', 'SELL', 0.5);
    expect(v.call('order.cancel', cancel).body.status).toBe('CANCELED');
  });
});
