import { describe, expect, it } from 'vitest';
import { parseControl } from '../../../src/emulators/binance/streams/control-message.js';
import { notCovered, parseStreamName } from '../../../src/emulators/binance/streams/stream-name.js';
import { parseWsRequest } from '../../../src/emulators/binance/ws-api/request.js';

describe('stream names', () => {
  it.each([
    ['btcusdt@trade', { symbol: 'BTCUSDT', kind: { type: 'trade' } }],
    ['btcusdt@aggTrade', { symbol: 'BTCUSDT', kind: { type: 'aggTrade' } }],
    ['btcusdt@bookTicker', { symbol: 'BTCUSDT', kind: { type: 'bookTicker' } }],
    ['btcusdt@depth', { symbol: 'BTCUSDT', kind: { type: 'depth', every: 1_000 } }],
    ['btcusdt@depth@100ms', { symbol: 'BTCUSDT', kind: { type: 'depth', every: 100 } }],
    ['btcusdt@depth5', { symbol: 'BTCUSDT', kind: { type: 'partialDepth', levels: 5, every: 1_000 } }],
    ['btcusdt@depth20@100ms', { symbol: 'BTCUSDT', kind: { type: 'partialDepth', levels: 20, every: 100 } }],
    ['btcusdt@kline_1M', { symbol: 'BTCUSDT', kind: { type: 'kline', interval: '1M' } }],
    ['btcusdt@miniTicker', { symbol: 'BTCUSDT', kind: { type: 'miniTicker' } }],
    ['!miniTicker@arr', { symbol: '', kind: { type: 'allMiniTickers' } }],
    ['BTCUSDT@trade', undefined],
    ['btcusdt@depth7', undefined],
    ['btcusdt@depth@50ms', undefined],
    ['btcusdt@kline_7m', undefined],
    ['trade', undefined],
    ['', undefined],
    ['@trade', undefined],
    ['!ticker@arr', undefined],
  ])('%s', (name, expected) => {
    expect(parseStreamName(name)).toEqual(expected);
  });

  it.each([
    ['btcusdt@ticker_1h', true],
    ['!ticker_4h@arr', true],
    ['btcusdt@kline_1m@+08:00', true],
    ['btcusdt@kline_1m', false],
    ['btcusdt@ticker', false],
    ['nonsense', false],
  ])('%s is of the venue but not covered: %s', (name, expected) => {
    expect(notCovered(name)).toBe(expected);
  });
});

describe('control messages', () => {
  it.each([
    [
      '{"method":"SUBSCRIBE","params":["a@trade"],"id":1}',
      { method: 'SUBSCRIBE', names: ['a@trade'], id: 1 },
    ],
    ['{"method":"UNSUBSCRIBE","params":[],"id":"x"}', { method: 'UNSUBSCRIBE', names: [], id: 'x' }],
    ['{"method":"LIST_SUBSCRIPTIONS","id":null}', { method: 'LIST_SUBSCRIPTIONS', id: null }],
    [
      '{"method":"SET_PROPERTY","params":["combined",true],"id":5}',
      { method: 'SET_PROPERTY', combined: true, id: 5 },
    ],
    ['{"method":"GET_PROPERTY","params":["combined"],"id":5}', { method: 'GET_PROPERTY', id: 5 }],
  ])('%s', (text, expected) => {
    expect(parseControl(text)).toEqual(expected);
  });

  it.each([
    ['{"method":', 3],
    ['[]', 2],
    ['{"method":"SUBSCRIBE","params":["a"],"id":1.5}', 2],
    ['{"method":"SUBSCRIBE","params":["a"],"id":"with space"}', 2],
    ['{"method":"SUBSCRIBE","params":[1],"id":1}', 2],
    ['{"method":"SUBSCRIBE","id":1}', 2],
    ['{"method":"subscribe","params":["a"],"id":1}', 2],
    ['{"params":["a"],"id":1}', 2],
    ['{"method":"SET_PROPERTY","params":["combined","yes"],"id":1}', 1],
    ['{"method":"SET_PROPERTY","params":["other",true],"id":1}', 0],
    ['{"method":"GET_PROPERTY","params":[7],"id":1}', 2],
    ['{"method":"GET_PROPERTY","params":["combined",1,2],"id":1}', 2],
  ])('%s is wrong with code %i', (text, code) => {
    expect(parseControl(text)).toMatchObject({ method: 'error', code });
  });
});

describe('requests of the WebSocket API', () => {
  it('makes text of parameters as they were written', () => {
    const text =
      '{"id":"a","method":"m","params":{"n":7,"s":"0.10","b":true,"l":["A"],"none":null,"returnRateLimits":false}}';
    expect(parseWsRequest(text)).toEqual({
      id: 'a',
      method: 'm',
      params: { n: '7', s: '0.10', b: 'true', l: '["A"]', returnRateLimits: 'false' },
      returnRateLimits: false,
    });
  });

  it.each([
    ['nonsense', null, -1135],
    ['[]', null, -1135],
    ['{"id":{},"method":"m"}', null, -1100],
    ['{"id":3}', 3, -1102],
    ['{"id":3,"method":"m","params":[]}', 3, -1135],
  ])('%s', (text, id, code) => {
    expect(parseWsRequest(text)).toMatchObject({ id, code });
  });
});
