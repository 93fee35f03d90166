import { randomInt } from 'node:crypto';
import type { BackOffOptions } from '../../streams/socket/back-off.js';
import {
  endpointsOf,
  type BinanceEndpoints,
  type BinanceEnvironment,
  type BinanceMarket,
} from './environments.js';

/** HMAC-SHA256 with `secret`, or Ed25519 with a private key in PEM (PKCS#8): the latter can authenticate a session. */
export type BinanceCredentials =
  | { readonly apiKey: string; readonly secret: string }
  | { readonly apiKey: string; readonly privateKeyPem: string };

/** All in milliseconds. */
export interface BinanceTimeouts {
  /** TCP, TLS and HTTP upgrade of a socket. Default 10,000. */
  readonly handshake: number;
  /** From an open socket to authenticated and subscribed. Default 10,000. */
  readonly ready: number;
  /** One REST or WebSocket API read. Default 10,000. */
  readonly request: number;
  /** One order request; afterwards its outcome is unknown. The venue itself gives up after 10 s. Default 10,000. */
  readonly order: number;
  /** A stream socket without any frame, pings included, for so long is dead. The venue pings every 20 s. Default 45,000. */
  readonly streamSilence: number;
  /** The same for the WebSocket API. Default 45,000. */
  readonly wsApiSilence: number;
  /** How long the user data stream may owe a message about a request that was carried out. 0: for ever. Default 10,000. */
  readonly userSilence: number;
  /** How often open orders are compared with the venue's while user data is silent. 0: never. Default 60,000. */
  readonly userCheck: number;
  /** A subscribed market stream that stays silent for so long is reported stale. 0: never. Default 60,000. */
  readonly feedSilence: number;
}

export interface BinanceRotation {
  /** Age at which a socket is replaced; the venue cuts it at 24 h. Default 23 h. Milliseconds. */
  readonly after: number;
  /** How long old and new socket run together after the new one is ready. Default 5,000. Milliseconds. */
  readonly overlap: number;
}

export interface BinanceBookOptions {
  /** Levels a side in emitted books. Default 20. */
  readonly depth: number;
  /** Levels a side of the snapshot that a local book starts from, 1 to 5000. Default 1000. */
  readonly snapshot: number;
  /** Update speed of depth streams. Default 100ms. */
  readonly speed: '100ms' | '1000ms';
  /** Depth events kept while the snapshot is on its way; more than that and the book starts anew. Default 10,000. */
  readonly buffer: number;
}

/** How the market data feed works. Times in milliseconds. */
export interface BinanceFeedOptions {
  /** Trades one by one, or added up per order and price as the venue does it. Default trade. */
  readonly trades: 'trade' | 'aggTrade';
  /** The whole book from its changes, or the best `book.depth` levels (5, 10 or 20) again and again. Default changes. */
  readonly books: 'changes' | 'levels';
  /** Missing trades fetched at most for one hole; more are declared missing. 0: never fetch. Default 5000. */
  readonly backfill: number;
  /** How long a hole may be a matter of order while two sockets overlap. Default 500. */
  readonly reorder: number;
  /** How often the status of instruments is asked. Default 60,000. */
  readonly statusEvery: number;
  /** Snapshots asked for at the same time. Default 2. */
  readonly snapshotsAtOnce: number;
  /** Snapshots are put off by up to so much, so that many books do not ask at once. Default 250. */
  readonly snapshotJitter: number;
  /** A trade stream may be silent for so long; trades may be rare. 0: for ever. Default 600,000. */
  readonly tradeSilence: number;
}

export interface BinanceLimitOptions {
  /** Share of the request weight that stays free for cancels and queries about orders, 0 to 1. Default 0.2. */
  readonly riskReserve: number;
  /** Share of the request weight that market data may use at most, 0 to 1. Default 0.5. */
  readonly marketShare: number;
  /** Connection attempts in 5 minutes, all sockets together. The venue allows 300. Default 250. */
  readonly connections: number;
  /** Frames a second sent on one stream socket, pongs included. The venue allows 5. Default 4. */
  readonly streamMessages: number;
  /** Streams on one socket. The venue allows 1024. Default 500. */
  readonly streamsPerSocket: number;
}

/** Everything the adapter can be told. Plain data; the component spec makes it from YAML. */
export interface BinanceOptions {
  /** Topology name of the broker: `source` of its events and prefix of its connections. */
  readonly name: string;
  readonly account: string;
  readonly market: BinanceMarket;
  readonly environment: BinanceEnvironment;
  readonly endpoints: BinanceEndpoints;
  /** Absent: public market data only. */
  readonly credentials: BinanceCredentials | undefined;
  /** How old a request may be when the venue gets it, milliseconds, at most 60,000. Default 5000. */
  readonly recvWindow: number;
  /** Orders go by the WebSocket API and fall back to REST while it is not ready (`ws`), or always by REST. Default ws. */
  readonly orderTransport: 'ws' | 'rest';
  readonly timeouts: BinanceTimeouts;
  readonly reconnect: BackOffOptions;
  readonly rotation: BinanceRotation;
  readonly book: BinanceBookOptions;
  readonly feed: BinanceFeedOptions;
  readonly limits: BinanceLimitOptions;
  /** Tries of a read that is safe to repeat, the first included. Default 3. */
  readonly readTries: number;
  /** How often the clock offset is measured again, milliseconds. Default 600,000. */
  readonly clockEvery: number;
  /** Largest message or answer taken, bytes. Default 16 MiB. */
  readonly maxPayload: number;
  /** Seed of the jitter. Default: another one in every process, so that clients that failed together spread. */
  readonly seed: number;
}

type Nested = 'timeouts' | 'reconnect' | 'rotation' | 'book' | 'feed' | 'limits' | 'endpoints';

/** Options with defaults filled in; groups may be given in part. */
export type BinanceOptionsInput = Partial<Omit<BinanceOptions, Nested>> & {
  readonly [K in Nested]?: Partial<BinanceOptions[K]>;
} & Pick<BinanceOptions, 'name'>;

/** Fills in what was not given. Throws RangeError where a value cannot work. */
export function binanceOptions(input: BinanceOptionsInput): BinanceOptions {
  const environment = input.environment ?? 'live';
  const market = input.market ?? 'spot';
  const options: BinanceOptions = {
    account: input.name,
    credentials: undefined,
    recvWindow: 5_000,
    orderTransport: 'ws',
    readTries: 3,
    clockEvery: 600_000,
    maxPayload: 16 * 1024 * 1024,
    seed: randomInt(2 ** 31),
    ...input,
    environment,
    market,
    endpoints: endpointsOf(environment, market, input.endpoints),
    timeouts: {
      handshake: 10_000,
      ready: 10_000,
      request: 10_000,
      order: 10_000,
      streamSilence: 45_000,
      wsApiSilence: 45_000,
      userSilence: 10_000,
      userCheck: 60_000,
      feedSilence: 60_000,
      ...input.timeouts,
    },
    reconnect: { initial: 1_000, factor: 2, max: 30_000, stable: 60_000, ...input.reconnect },
    rotation: { after: 23 * 3_600_000, overlap: 5_000, ...input.rotation },
    book: { depth: 20, snapshot: 1_000, speed: '100ms', buffer: 10_000, ...input.book },
    feed: {
      trades: 'trade',
      books: 'changes',
      backfill: 5_000,
      reorder: 500,
      statusEvery: 60_000,
      snapshotsAtOnce: 2,
      snapshotJitter: 250,
      tradeSilence: 600_000,
      ...input.feed,
    },
    limits: {
      riskReserve: 0.2,
      marketShare: 0.5,
      connections: 250,
      streamMessages: 4,
      streamsPerSocket: 500,
      ...input.limits,
    },
  };
  check(options);
  return options;
}

function check(options: BinanceOptions): void {
  const { recvWindow, limits, book } = options;
  if (!(recvWindow > 0 && recvWindow <= 60_000))
    throw new RangeError('recvWindow must be above 0 and at most 60,000 ms');
  if (!(limits.riskReserve >= 0 && limits.riskReserve < 1))
    throw new RangeError('limits.riskReserve must be at least 0 and below 1');
  if (!(limits.marketShare > 0 && limits.marketShare <= 1 - limits.riskReserve))
    throw new RangeError('limits.marketShare must be above 0 and leave limits.riskReserve free');
  if (!(Number.isInteger(book.snapshot) && book.snapshot >= 1 && book.snapshot <= 5_000))
    throw new RangeError('book.snapshot must be a whole number from 1 to 5000');
}
