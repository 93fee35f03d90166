import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { BinanceBroker, binanceOptions } from '../../src/brokers/binance/index.js';
import { defineBroker, type BrokerSpec } from '../../src/topology/spec.js';
import { SYMBOLS } from './venue-options.js';

export const ACCOUNT = 'venue';
/** What each symbol must be subscribed to. */
export const STREAMS: readonly string[] = SYMBOLS.flatMap((symbol) =>
  ['trade', 'bookTicker', 'depth@100ms'].map((stream) => `${symbol.toLowerCase()}@${stream}`),
);

const RECV_WINDOW = 1_000;

/**
 * The adapter as it is, with times of the campaign in place of the venue's: seconds where the venue has minutes. What
 * the order of times proves stays: "not found" is believed only after the receive window and the most a clock may be
 * ahead, and answers are awaited longer than faults delay most of them.
 */
export const campaignBroker: BrokerSpec = defineBroker({
  type: 'binance_campaign',
  summary: 'Binance with the times of a fault campaign.',
  config: z.strictObject({
    rest: z.string(),
    streams: z.string(),
    ws_api: z.string(),
    api_key: z.string(),
    secret: z.string(),
    orders_by: z.enum(['ws', 'rest']),
  }),
  examples: [],
  reload: 'restart',
  simulated: false,
  make: (c, { name, instruments, log, host, seed }) =>
    new BinanceBroker(
      binanceOptions({
        name,
        account: ACCOUNT,
        environment: 'custom',
        endpoints: { rest: c.rest, streams: c.streams, wsApi: c.ws_api },
        credentials: { apiKey: c.api_key, secret: c.secret },
        orderTransport: c.orders_by,
        recvWindow: RECV_WINDOW,
        timeouts: {
          handshake: 1_000,
          ready: 2_000,
          request: 1_000,
          order: 1_000,
          streamSilence: 1_500,
          wsApiSilence: 1_500,
          feedSilence: 5_000,
        },
        reconnect: { initial: 50, factor: 2, max: 500, stable: 1_000 },
        feed: { statusEvery: 5_000, snapshotJitter: 20 },
        limits: { connections: 100_000, streamMessages: 50 },
        clockEvery: 1_000,
        seed,
      }),
      {
        instruments,
        log,
        bad: () => undefined,
        wall: () => host.wall(),
        symbols: SYMBOLS,
        resolve: { settle: 2 * RECV_WINDOW + 1_000, first: 50, longest: 400 },
      },
    ),
});

export interface VenueAddresses {
  readonly rest: string;
  readonly stream: string;
  readonly wsApi: string;
  readonly account: { readonly apiKey: string; readonly apiSecret: string };
}

export interface CampaignTopology {
  readonly seed: number;
  /** Quotes between two decisions of the strategy. */
  readonly every: number;
  readonly ordersBy: 'ws' | 'rest';
}

export function topologyText(venue: VenueAddresses, { seed, every, ordersBy }: CampaignTopology): string {
  const { apiKey, apiSecret } = venue.account;
  const strategy = fileURLToPath(new URL('strategy.ts', import.meta.url));
  const pairs = [
    ['BTC', '0.00001'],
    ['ETH', '0.0001'],
    ['SOL', '0.001'],
  ].map(
    ([base, lot]) =>
      `  ${base}USDT: { venue: binance, asset_class: crypto_spot, base: ${base}, quote: USDT, tick_size: 0.01, lot_size: ${lot}, min_notional: 5 }`,
  );
  return `version: 1
name: faults
mode: live
seed: ${seed}
state_dir: ./state
portfolio: { base_currency: USDT, marks: mid }
accounts: { ${ACCOUNT}: { balances: derived } }
instruments:
${pairs.join('\n')}
brokers:
  venue: { type: binance_campaign, rest: '${venue.rest}', streams: '${venue.stream}', ws_api: '${venue.wsApi}', api_key: '${apiKey}', secret: '${apiSecret}', orders_by: ${ordersBy} }
sources:
  market: { type: market_data, broker: venue, instruments: [${SYMBOLS.join(', ')}], emit: [trade, quote, book] }
  fills: { type: executions, broker: venue }
operators:
  busy: { type: strategy, use: '${strategy}', inputs: [market, fills], instruments: [${SYMBOLS.join(', ')}], params: { every: ${every}, most: 16 } }
  risk: { type: risk, inputs: [busy], limits: { max_open_orders: 100, self_trade: allow, price_collar: 5% } }
  pace: { type: throttle, inputs: [risk], orders: 200/s }
sinks:
  orders: { type: orders, broker: venue, inputs: [pace] }
  journal: { type: journal, path: ./journal, delivery: required, flush: 10ms }
  audit: { type: audit, inputs: ['*'], path: ./audit.jsonl, delivery: required }
safety: { watchdog: { enabled: false } }
reconcile: { orders: 2s, account: 2s, positions: 5s, grace: 3s, settle: 30ms, attempts: 10, timeout: 3s, retry_initial: 100ms, retry_max: 1s }
shutdown: { drain: 15s, open_orders: cancel }
`;
}
