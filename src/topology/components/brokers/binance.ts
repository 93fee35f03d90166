import { z } from 'zod';
import { BinanceBroker, binanceOptions, type BinanceCredentials } from '../../../brokers/binance/index.js';
import type { Mode } from '../../../model/component.js';
import { MillraceError } from '../../../model/reason.js';
import { MICROS_PER_MS, type Micros } from '../../../model/time.js';
import { duration } from '../../fields.js';
import { defineBroker, type BrokerContext, type BrokerSpec } from '../../spec.js';

const address = (what: string): z.ZodOptional<z.ZodString> =>
  z.string().min(1).optional().describe(`${what}; left out: that of the environment.`);

const config = z.strictObject({
  environment: z
    .enum(['live', 'testnet', 'demo', 'custom'])
    .default('live')
    .describe(
      'live: real money. testnet: the venue’s test exchange. demo: live prices, fake funds. custom: `urls`.',
    ),
  market: z
    .enum(['spot', 'usdm'])
    .default('spot')
    .describe('spot, or USD-margined futures (market data only).'),
  urls: z
    .strictObject({
      rest: address('Base address of REST'),
      streams: address('Base address of the market streams'),
      ws_api: address('Address of the WebSocket API with its path'),
    })
    .prefault({})
    .describe('Addresses instead of those of the environment; `custom` needs all three.'),
  api_key: z.string().min(1).optional().describe('API key, as `${secret:NAME}`. Only used in mode live.'),
  secret: z
    .string()
    .min(1)
    .optional()
    .describe('Secret of an HMAC key, as `${secret:NAME}`. Only used in mode live.'),
  private_key: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Ed25519 private key (PEM, PKCS#8), as `${secret:NAME}`, instead of `secret`. Only used in mode live.',
    ),
  trading: z
    .boolean()
    .default(true)
    .describe('false: market data only, also in mode live; needs no credentials.'),
  account: z.string().min(1).optional().describe('Name of the account; the broker’s name when left out.'),
  instruments: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Symbols to load; left out: every symbol of the venue.'),
  orders_by: z
    .enum(['ws', 'rest'])
    .default('ws')
    .describe('ws: the WebSocket API, REST while it is down. rest: always REST.'),
  recv_window: duration()
    .prefault('5s')
    .describe('How old a request may be when the venue gets it, at most 60s.'),
  reconnect: z
    .strictObject({
      initial: duration().prefault('1s').describe('Wait before the first new attempt; half of it is random.'),
      factor: z.number().min(1).default(2).describe('Growth of the wait per failed attempt.'),
      max: duration().prefault('30s').describe('Longest wait.'),
      stable: duration().prefault('60s').describe('The wait starts anew after a connection stood so long.'),
    })
    .prefault({})
    .describe('Reconnection of every socket.'),
  timeouts: z
    .strictObject({
      handshake: duration().prefault('10s').describe('Opening a connection.'),
      ready: duration().prefault('10s').describe('From an open socket to authenticated and subscribed.'),
      request: duration().prefault('10s').describe('One read.'),
      order: duration()
        .prefault('10s')
        .describe('One order request; then its outcome is unknown and is asked for.'),
    })
    .prefault({})
    .describe('How long to wait for what.'),
  silence: z
    .strictObject({
      streams: duration()
        .prefault('45s')
        .describe('A market data socket without any frame for so long is dead.'),
      ws_api: duration().prefault('45s').describe('The same for the WebSocket API.'),
      feed: duration().prefault('60s').describe('A silent stream is reported stale after it; 0s: never.'),
    })
    .prefault({})
    .describe('When silence means failure. The venue pings every 20 s.'),
  rotation: z
    .strictObject({
      after: duration()
        .prefault('23h')
        .describe('Age at which a connection is replaced; the venue cuts it at 24h.'),
      overlap: duration().prefault('5s').describe('How long the old and the new one run together.'),
    })
    .prefault({})
    .describe('Replacing connections before the venue cuts them.'),
  book: z
    .strictObject({
      depth: z.int().positive().default(20).describe('Levels a side in emitted books.'),
      snapshot: z.int().min(1).max(5000).default(1000).describe('Levels a side a local book starts from.'),
      speed: z.enum(['100ms', '1000ms']).default('100ms').describe('Update speed of depth streams.'),
      buffer: z
        .int()
        .positive()
        .default(10_000)
        .describe('Depth events kept while the snapshot is on its way.'),
    })
    .prefault({})
    .describe('Local order books.'),
  clock_every: duration().prefault('10m').describe('How often the venue’s clock is measured.'),
  reads: z.int().min(1).max(10).default(3).describe('Tries of a read that is safe to repeat.'),
});

type Config = z.output<typeof config>;

export const binanceSpec: BrokerSpec = defineBroker({
  type: 'binance',
  summary: 'Binance spot: market data, orders and user data; USD-M futures: market data.',
  description: [
    'One session for feeds and orders. Orders go over the WebSocket API (REST while it is down) and are never sent twice:',
    'an unknown outcome is asked for by client order id. After every interruption fills, open orders and balances are',
    'reconciled before orders may go again. Keys: HMAC or Ed25519. Outside mode live credentials are never used.',
    '',
    'Spot has no day, gtd, opg or cls, no resting reduce-only and no linked orders; trailing stops take whole bps. A `stop`',
    'is STOP_LOSS; metadata `trigger: take_profit` makes it TAKE_PROFIT. What the venue lacks is refused, never changed.',
    'A replace that only shrinks the quantity keeps its place where the symbol allows it; any other one is a cancel-replace,',
    'which is refused once the order has filled in part.',
  ].join('\n'),
  config,
  examples: [
    'type: binance\nenvironment: live',
    'type: binance\nenvironment: testnet\napi_key: key-of-the-testnet\nsecret: secret-of-the-testnet\ninstruments: [BTCUSDT, ETHUSDT]',
    'type: binance\nenvironment: custom\nurls: { rest: "http://127.0.0.1:8080", streams: "ws://127.0.0.1:8080", ws_api: "ws://127.0.0.1:8080/ws-api/v3" }\nreconnect: { initial: 200ms, max: 5s }',
    'type: binance\nmarket: usdm\nbook: { depth: 50 }',
  ],
  reload: 'restart',
  simulated: false,
  liveOnly: ['api_key', 'secret', 'private_key'],
  make: (c, context) => makeBinance(c, context),
});

function makeBinance(c: Config, { name, mode, instruments, log, host, seed }: BrokerContext): BinanceBroker {
  const told = new Set<string>();
  const bad = (kind: string, place: string, sample: string): void => {
    if (told.has(kind)) return;
    told.add(kind);
    log.warn(`broker ${name}: ${kind} at ${place}; further ones are only counted`, {
      sample: sample.slice(0, 200),
    });
  };
  try {
    return new BinanceBroker(optionsOf(c, name, mode, seed), {
      instruments,
      log,
      bad,
      wall: () => host.wall(),
      symbols: c.instruments ?? [],
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `broker "${name}": ${error.message}`,
      'correct it under brokers:',
    );
  }
}

function optionsOf(c: Config, name: string, mode: Mode, seed: number): ReturnType<typeof binanceOptions> {
  const { urls, timeouts, silence, rotation, reconnect } = c;
  return binanceOptions({
    name,
    account: c.account ?? name,
    market: c.market,
    environment: c.environment,
    endpoints: {
      ...(urls.rest === undefined ? {} : { rest: urls.rest }),
      ...(urls.streams === undefined ? {} : { streams: urls.streams }),
      ...(urls.ws_api === undefined ? {} : { wsApi: urls.ws_api }),
    },
    credentials: credentialsOf(c, name, mode),
    recvWindow: ms(c.recv_window),
    orderTransport: c.orders_by,
    reconnect: {
      initial: ms(reconnect.initial),
      factor: reconnect.factor,
      max: ms(reconnect.max),
      stable: ms(reconnect.stable),
    },
    timeouts: {
      handshake: ms(timeouts.handshake),
      ready: ms(timeouts.ready),
      request: ms(timeouts.request),
      order: ms(timeouts.order),
      streamSilence: ms(silence.streams),
      wsApiSilence: ms(silence.ws_api),
      feedSilence: ms(silence.feed),
    },
    rotation: { after: ms(rotation.after), overlap: ms(rotation.overlap) },
    book: c.book,
    clockEvery: ms(c.clock_every),
    readTries: c.reads,
    seed,
  });
}

/** Only a live topology that trades has credentials; every other one must not even hold them. */
function credentialsOf(c: Config, name: string, mode: Mode): BinanceCredentials | undefined {
  if (mode !== 'live' || !c.trading || c.market !== 'spot') return undefined;
  const { api_key: apiKey, secret, private_key: privateKey } = c;
  if (apiKey === undefined || (secret === undefined) === (privateKey === undefined))
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `broker "${name}" trades live and needs api_key and either secret or private_key`,
      'write api_key: ${secret:BINANCE_API_KEY} and secret: ${secret:BINANCE_SECRET_KEY}, or trading: false for market data only',
    );
  if (secret !== undefined) return { apiKey, secret };
  // One line in an environment variable: \n stands for the line breaks of the PEM file.
  return { apiKey, privateKeyPem: (privateKey ?? '').replaceAll('\\n', '\n') };
}

function ms(duration: Micros): number {
  return duration / MICROS_PER_MS;
}
