import { describe, expect, it } from 'vitest';
import { registerSecret } from '../../../src/model/secrets.js';
import { BrokerError } from '../../../src/brokers/broker.js';
import { banLeft } from '../../../src/brokers/binance/error-text.js';
import { BinanceError, orderFailure, readError, venueError } from '../../../src/brokers/binance/errors.js';

const error = (code: number, msg = 'text.', data?: unknown) => venueError({ code, msg, data });

describe('what became of an order that failed', () => {
  it.each([
    [400, -1013, 'Filter failure: LOT_SIZE'],
    [400, -1100, 'Illegal characters found in parameter.'],
    [400, -1111, 'Precision is over the maximum.'],
    [400, -1121, 'Invalid symbol.'],
    [400, -2010, 'Account has insufficient balance for requested action.'],
    [400, -2011, 'Unknown order sent.'],
    [400, -2013, 'Order does not exist.'],
    [400, -2022, 'Order cancel-replace failed.'],
    [409, -2021, 'Order cancel-replace partially failed.'],
  ])('%i %i is a verdict', (status, code, message) => {
    expect(orderFailure(status, error(code, message))).toEqual({
      kind: 'refused',
      code,
      message,
      data: undefined,
    });
  });

  it.each([
    [429, -1003, 'rate_limit'],
    [418, -1003, 'rate_limit'],
    [429, -1015, 'rate_limit'],
    [400, -1034, 'rate_limit'],
    [400, -1021, 'unavailable'],
    [503, -1008, 'unavailable'],
    [401, -2015, 'auth'],
    [400, -2014, 'auth'],
    [400, -1022, 'auth'],
    [401, -1002, 'auth'],
  ])('%i %i was not carried out: %s', (status, code, category) => {
    expect(orderFailure(status, error(code))).toMatchObject({ kind: 'not_sent', category });
  });

  it.each([
    [504, -1007, 'timeout'],
    [500, -1006, 'timeout'],
    [500, -1000, 'unavailable'],
    [400, -1001, 'unavailable'],
    [503, -1016, 'unavailable'],
    [400, -9999, 'unavailable'],
    [200_000, 1, 'unavailable'],
  ])('%i %i is unknown: %s', (status, code, category) => {
    expect(orderFailure(status, error(code))).toMatchObject({ kind: 'unknown', category });
  });

  it('without a readable body only 429, 418, 401 and the firewall are sure', () => {
    expect(orderFailure(429, undefined)).toMatchObject({ kind: 'not_sent', category: 'rate_limit' });
    expect(orderFailure(418, undefined)).toMatchObject({ kind: 'not_sent', category: 'rate_limit' });
    expect(orderFailure(403, undefined)).toMatchObject({ kind: 'not_sent', category: 'rate_limit' });
    expect(orderFailure(401, undefined)).toMatchObject({ kind: 'not_sent', category: 'auth' });
    for (const status of [500, 502, 503, 504])
      expect(orderFailure(status, undefined)).toMatchObject({ kind: 'unknown', category: 'unavailable' });
    for (const status of [400, 404, 413])
      expect(orderFailure(status, undefined)).toMatchObject({ kind: 'unknown', category: 'schema' });
  });

  it('a cancel-replace that tells about both halves is told, whatever its status', () => {
    const data = { cancelResult: 'SUCCESS', newOrderResult: 'FAILURE' };
    expect(orderFailure(429, error(-1015, 'Too many new orders.', data))).toEqual({
      kind: 'refused',
      code: -1015,
      message: 'Too many new orders.',
      data,
    });
  });
});

describe('failed reads', () => {
  it('say whether repeating them is safe', () => {
    const kinds = [
      [400, -1121, 'rejection', false],
      [401, -2015, 'auth', false],
      [429, -1003, 'rate_limit', true],
      [418, 0, 'rate_limit', true],
      [403, 0, 'rate_limit', false],
      [500, 0, 'unavailable', true],
      [504, -1007, 'timeout', true],
      [400, -1021, 'unavailable', true],
    ] as const;
    for (const [status, code, category, retrySafe] of kinds) {
      const failure = readError(status, code === 0 ? undefined : error(code), 5);
      expect(failure).toBeInstanceOf(BrokerError);
      expect(failure).toMatchObject({ category, retrySafe, code, httpStatus: status, retryAfter: 5 });
    }
  });

  it('give one sentence with the next step', () => {
    const text = (status: number, code: number, msg: string): string =>
      readError(status, error(code, msg), 0).message;
    expect(text(401, -2015, 'Invalid API-key, IP, or permissions for action.')).toBe(
      'Binance answered with code -2015, status 401: Invalid API-key, IP, or permissions for action; the API key is unknown here, lacks the permission, or this IP is not on its list: check all three in the API management of the account (live, testnet and demo each have keys of their own)',
    );
    expect(text(400, -1021, 'Timestamp outside.')).toContain('synchronise the clock (NTP)');
    expect(text(400, -1121, 'Invalid symbol.')).toContain('check the spelling and the market');
    expect(text(401, -1002, 'Not authorized.')).toContain('enable the permission');
    expect(
      text(418, -1003, 'Way too much request weight used; IP banned until 1659146400000. Use streams.'),
    ).toContain('this IP is banned until 2022-07-30T02:00:00.000Z, stop whatever else uses it, and wait');
    expect(readError(451, undefined, 0).message).toContain('does not serve this place');
  });

  it('reads the end of a ban from the words', () => {
    expect(banLeft('IP banned until 1659146400000.', 1_659_146_390_000)).toBe(10_000);
    expect(banLeft('IP banned until 1659146400000.', 1_659_146_500_000)).toBe(0);
    expect(banLeft('nothing', 0)).toBe(0);
  });
});

describe('what must never be shown', () => {
  it('is taken out of every message, also when the venue or a library repeats it', () => {
    registerSecret('canary-secret-0123456789');
    const said =
      'GET /api?symbol=A&signature=0123abcd failed, "apiKey":"zzzz9999", X-MBX-APIKEY: qqqq8888, canary-secret-0123456789\n\u0007';
    for (const message of [
      new BinanceError('network', said, true).message,
      readError(400, error(-1100, said), 0).message,
      JSON.stringify(orderFailure(400, error(-1100, said))),
      JSON.stringify(orderFailure(500, error(-1000, said))),
    ])
      for (const secret of ['0123abcd', 'zzzz9999', 'qqqq8888', 'canary-secret', '\u0007'])
        expect(message).not.toContain(secret);
  });

  it('and an overlong text is cut', () => {
    expect(new BinanceError('network', 'x'.repeat(5_000), true).message.length).toBeLessThan(500);
  });
});

describe('venueError', () => {
  it('reads only what is an error of the venue', () => {
    expect(venueError({ code: -1, msg: 'm', data: 1 })).toEqual({ code: -1, message: 'm', data: 1 });
    expect(venueError({ code: -1 })).toEqual({ code: -1, message: '', data: undefined });
    for (const body of [null, undefined, 'x', [], {}, { code: '1' }, { code: 1.5 }])
      expect(venueError(body)).toBeUndefined();
  });
});
