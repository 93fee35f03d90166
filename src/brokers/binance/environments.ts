/** Spot, or USD-margined futures (market data only). */
export type BinanceMarket = 'spot' | 'usdm';

/** live: real money. testnet: the venue's own test exchange. demo: live prices, fake funds. custom: given addresses. */
export type BinanceEnvironment = 'live' | 'testnet' | 'demo' | 'custom';

/** Base addresses without a trailing slash; paths are appended to them. */
export interface BinanceEndpoints {
  /** `https://host`; `/api/v3/...` or `/fapi/v1/...` is appended. */
  readonly rest: string;
  /** `wss://host`; `/ws` and `/stream` are appended. */
  readonly streams: string;
  /** The whole address of the WebSocket API, with its path. */
  readonly wsApi: string;
}

type Known = Exclude<BinanceEnvironment, 'custom'>;

const ENDPOINTS: Readonly<Record<BinanceMarket, Readonly<Record<Known, BinanceEndpoints>>>> = {
  spot: {
    live: {
      rest: 'https://api.binance.com',
      streams: 'wss://stream.binance.com:9443',
      wsApi: 'wss://ws-api.binance.com:443/ws-api/v3',
    },
    testnet: {
      rest: 'https://testnet.binance.vision',
      streams: 'wss://stream.testnet.binance.vision',
      wsApi: 'wss://ws-api.testnet.binance.vision/ws-api/v3',
    },
    demo: {
      rest: 'https://demo-api.binance.com',
      streams: 'wss://demo-stream.binance.com',
      wsApi: 'wss://demo-ws-api.binance.com/ws-api/v3',
    },
  },
  usdm: {
    live: {
      rest: 'https://fapi.binance.com',
      streams: 'wss://fstream.binance.com',
      wsApi: 'wss://ws-fapi.binance.com/ws-fapi/v1',
    },
    testnet: {
      rest: 'https://testnet.binancefuture.com',
      streams: 'wss://stream.binancefuture.com',
      wsApi: 'wss://testnet.binancefuture.com/ws-fapi/v1',
    },
    demo: {
      rest: 'https://demo-fapi.binance.com',
      streams: 'wss://fstream.binancefuture.com',
      wsApi: 'wss://testnet.binancefuture.com/ws-fapi/v1',
    },
  },
};

/** The addresses of an environment, each of which may be replaced. `custom` has none of its own: all must be given. */
export function endpointsOf(
  environment: BinanceEnvironment,
  market: BinanceMarket,
  replace: Partial<BinanceEndpoints> = {},
): BinanceEndpoints {
  const base: BinanceEndpoints =
    environment === 'custom' ? { rest: '', streams: '', wsApi: '' } : ENDPOINTS[market][environment];
  const endpoints = {
    rest: trimmed(replace.rest ?? base.rest),
    streams: trimmed(replace.streams ?? base.streams),
    wsApi: trimmed(replace.wsApi ?? base.wsApi),
  };
  checked('rest', endpoints.rest, ['https:', 'http:']);
  if (new URL(endpoints.rest).pathname !== '/')
    throw new RangeError(`the Binance address "rest" must have no path (got "${endpoints.rest}")`);
  checked('streams', endpoints.streams, ['wss:', 'ws:']);
  checked('wsApi', endpoints.wsApi, ['wss:', 'ws:']);
  return endpoints;
}

function trimmed(address: string): string {
  return address.replace(/\/+$/, '');
}

function checked(name: string, address: string, protocols: readonly string[]): void {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !protocols.includes(url.protocol))
    throw new RangeError(
      `the Binance address "${name}" must start with ${protocols.join(' or ')}// (got "${address}")`,
    );
}

/**
 * Base address of a market stream. Spot has one; USD-M futures answer book and tick streams under `/public` and all
 * others under `/market`, and a stream subscribed on the wrong one is acknowledged but never sent.
 */
export function streamBase(endpoints: BinanceEndpoints, market: BinanceMarket, stream: string): string {
  if (market === 'spot') return endpoints.streams;
  const channel = stream.slice(stream.indexOf('@') + 1).replace(/^!/, '');
  return `${endpoints.streams}/${/^(depth|rpiDepth|bookTicker|trade$)/.test(channel) ? 'public' : 'market'}`;
}
