import { createHmac } from 'node:crypto';
import type { ExchangeConfig } from '../../../src/emulators/binance/config.js';
import { SpotExchange } from '../../../src/emulators/binance/exchange.js';
import { wsPayload } from '../../../src/emulators/binance/signature.js';
import type { Outcome, PublicEvent, UserEvent } from '../../../src/emulators/binance/types.js';

export const KEY = 'a'.repeat(64);
export const SECRET = 's'.repeat(64);
export const KEY2 = 'b'.repeat(64);
/** 2026-11-21T12:00:00Z in microseconds. */
export const NOON = Date.UTC(2026, 10, 21, 12) * 1_000;

export interface Answer {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are read as a client would read JSON
  readonly body: any;
  readonly limits: Readonly<Record<string, number>>;
  readonly retryAfter: number | undefined;
}

/** An exchange on a clock that stands still, with two accounts, called without servers. */
export class Venue {
  readonly exchange: SpotExchange;
  readonly user: { readonly account: string; readonly event: UserEvent }[] = [];
  readonly public: PublicEvent[] = [];
  now: number = NOON;

  constructor(config: Partial<ExchangeConfig> = {}) {
    this.exchange = new SpotExchange({
      symbols: [
        { symbol: 'BTCUSDT', baseAsset: 'BTC', quoteAsset: 'USDT' },
        {
          symbol: 'ETHBTC',
          baseAsset: 'ETH',
          quoteAsset: 'BTC',
          filters: {
            tickSize: '0.00001',
            minPrice: '0.00001',
            stepSize: '0.0001',
            minQty: '0.0001',
            minNotional: '0.0001',
          },
        },
      ],
      accounts: [
        {
          id: 'alice',
          keys: [{ apiKey: KEY, secret: SECRET }],
          balances: { BTC: '10', USDT: '1000000', ETH: '50' },
          makerCommission: '0.001',
          takerCommission: '0.002',
        },
        {
          id: 'bob',
          keys: [{ apiKey: KEY2, secret: SECRET }],
          balances: { BTC: '10', USDT: '1000000', ETH: '50' },
        },
      ],
      now: () => this.now,
      limits: { weightPerMinute: 1_000_000, ordersPer10Seconds: 100_000 },
      ...config,
    });
    this.exchange.onUserEvent((account, event) => this.user.push({ account, event }));
    this.exchange.onMarket((event) => this.public.push(event));
  }

  /** Calls as alice unless told otherwise; signs what needs a signature. */
  call(
    name: string,
    params: Record<string, string | number | boolean> = {},
    apiKey: string | null = KEY,
  ): Answer {
    const operation = this.exchange.operations.get(name);
    if (operation === undefined) throw new Error(`no operation ${name}`);
    const text: Record<string, string> = {};
    for (const [k, v] of Object.entries(params)) text[k] = String(v);
    if (operation.security === 'signed') {
      text['timestamp'] ??= String(Math.floor(this.now / 1_000));
      text['signature'] ??= createHmac('sha256', SECRET).update(wsPayload(text)).digest('hex');
    }
    let got: Outcome | undefined;
    this.exchange.handle(
      {
        transport: 'ws',
        operation,
        params: text,
        payload: wsPayload(text),
        apiKey: apiKey ?? undefined,
        session: undefined,
        ip: '127.0.0.1',
        timeUnit: 'ms',
      },
      (outcome) => {
        got = outcome;
      },
    );
    if (got?.kind !== 'answer') throw new Error('no answer');
    const { status, body, limits, retryAfter } = got.response;
    const counts = Object.fromEntries(
      limits.map((l) => [`${l.rateLimitType} ${l.intervalNum}${l.interval}`, l.count]),
    );
    return { status, body, limits: counts, retryAfter };
  }

  place(params: Record<string, string | number>, apiKey: string = KEY): Answer {
    const limit = String(params['type'] ?? 'LIMIT');
    const tif =
      limit === 'LIMIT' || limit.endsWith('S_LIMIT') || limit.endsWith('T_LIMIT')
        ? { timeInForce: 'GTC' }
        : {};
    return this.call(
      'order.place',
      { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', ...tif, ...params },
      apiKey,
    );
  }

  /** A market with one level on each side. */
  quote(bid: number, bidSize: number, ask: number, askSize: number, symbol = 'BTCUSDT'): void {
    this.exchange.market.levels(symbol, [bid, bidSize], [ask, askSize], true);
  }

  balance(account: string, asset: string): string {
    const b = this.exchange.audit.balances(account).find((x) => x.asset === asset);
    return `${b?.free ?? '0'} + ${b?.locked ?? '0'}`;
  }

  /** Events of an account since the last call, short: `executionReport NEW/NEW`. */
  events(account = 'alice'): string[] {
    const mine = this.user
      .filter((e) => e.account === account)
      .map(({ event }) => {
        const b = event.body('ms');
        if (event.type === 'executionReport') return `${String(b['x'])}/${String(b['X'])}`;
        return event.type === 'listStatus' ? `listStatus ${String(b['L'])}` : event.type;
      });
    this.user.length = 0;
    return mine;
  }
}
