import { describe, expect, it } from 'vitest';
import { endpointsOf, streamBase } from '../../../src/brokers/binance/environments.js';
import { binanceOptions } from '../../../src/brokers/binance/options.js';
import { backOff } from '../../../src/streams/socket/back-off.js';
import { classifyHandshake, retryAfterMs } from '../../../src/streams/socket/socket-error.js';

describe('environments', () => {
  it('have addresses of their own, each of which may be replaced', () => {
    expect(endpointsOf('live', 'spot')).toEqual({
      rest: 'https://api.binance.com',
      streams: 'wss://stream.binance.com:9443',
      wsApi: 'wss://ws-api.binance.com:443/ws-api/v3',
    });
    expect(endpointsOf('testnet', 'spot', { rest: 'https://api1.testnet.binance.vision/' }).rest).toBe(
      'https://api1.testnet.binance.vision',
    );
    const hosts = (['live', 'testnet', 'demo'] as const).map((e) => endpointsOf(e, 'spot').rest);
    expect(new Set(hosts).size).toBe(3);
  });

  it('custom needs all addresses, and of the right kind', () => {
    const rest = 'http://127.0.0.1:1';
    const streams = 'ws://127.0.0.1:1';
    expect(() => endpointsOf('custom', 'spot', { rest, streams })).toThrow(
      /"wsApi" must start with wss: or ws:/,
    );
    expect(() => endpointsOf('custom', 'spot', { rest: streams, streams, wsApi: streams })).toThrow(
      /"rest" must start/,
    );
    expect(() => endpointsOf('custom', 'spot', { rest: `${rest}/api`, streams, wsApi: streams })).toThrow(
      /no path/,
    );
    expect(endpointsOf('custom', 'spot', { rest, streams, wsApi: `${streams}/ws-api/v3` }).wsApi).toBe(
      'ws://127.0.0.1:1/ws-api/v3',
    );
  });

  it('futures streams are routed by their kind', () => {
    const endpoints = endpointsOf('live', 'usdm');
    const route = (stream: string): string => streamBase(endpoints, 'usdm', stream).slice(-6);
    expect(['btcusdt@depth@100ms', 'btcusdt@bookTicker', 'btcusdt@trade', '!bookTicker'].map(route)).toEqual(
      Array.from({ length: 4 }, () => 'public'),
    );
    expect(['btcusdt@aggTrade', 'btcusdt@kline_1m', 'btcusdt@markPrice', '!ticker@arr'].map(route)).toEqual(
      Array.from({ length: 4 }, () => 'market'),
    );
    expect(streamBase(endpointsOf('live', 'spot'), 'spot', 'btcusdt@depth')).toBe(
      'wss://stream.binance.com:9443',
    );
  });
});

describe('binanceOptions', () => {
  it('fills in what is not given, also inside groups', () => {
    const options = binanceOptions({ name: 'b', timeouts: { order: 5 }, seed: 9 });
    expect(options).toMatchObject({
      name: 'b',
      account: 'b',
      market: 'spot',
      environment: 'live',
      recvWindow: 5_000,
    });
    expect(options.timeouts).toMatchObject({ order: 5, request: 10_000 });
    expect(options.reconnect).toEqual({ initial: 1_000, factor: 2, max: 30_000, stable: 60_000 });
    expect(binanceOptions({ name: 'b' }).seed).not.toBe(binanceOptions({ name: 'b' }).seed);
  });

  it('refuses what cannot work', () => {
    expect(() => binanceOptions({ name: 'b', recvWindow: 60_001 })).toThrow(/recvWindow/);
    expect(() => binanceOptions({ name: 'b', limits: { riskReserve: 1 } })).toThrow(/riskReserve/);
    expect(() => binanceOptions({ name: 'b', limits: { marketShare: 0.9 } })).toThrow(
      /leave limits.riskReserve free/,
    );
    expect(() => binanceOptions({ name: 'b', book: { snapshot: 5_001 } })).toThrow(/book.snapshot/);
  });
});

describe('waiting', () => {
  const settings = { initial: 1_000, factor: 2, max: 30_000, stable: 60_000 };

  it('doubles up to the maximum, half of it fixed and half of it jitter', () => {
    expect([1, 2, 3, 6, 1_000].map((attempt) => backOff(settings, attempt, () => 1))).toEqual([
      1_000, 2_000, 4_000, 30_000, 30_000,
    ]);
    expect(backOff(settings, 3, () => 0)).toBe(2_000);
    expect(backOff({ ...settings, max: 1e12, initial: 1e12 }, 1, () => 1)).toBe(2 ** 31 - 1);
  });

  it('reads Retry-After as seconds or as a date', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(
      ['2', '0.5', 'Thu, 01 Jan 2026 00:00:10 GMT', 'soon', '', '-3'].map((h) => retryAfterMs(h, now)),
    ).toEqual([2_000, 500, 10_000, 0, 0, 0]);
    expect([retryAfterMs(undefined, now), retryAfterMs(['7'], now)]).toEqual([0, 7_000]);
  });

  it('depends on what a refused handshake says', () => {
    expect([401, 403, 418, 429, 500].map((status) => classifyHandshake(status, 5).category)).toEqual([
      'auth',
      'unavailable',
      'rate_limit',
      'rate_limit',
      'unavailable',
    ]);
    expect(classifyHandshake(429, 5).retryAfter).toBe(5);
  });
});
