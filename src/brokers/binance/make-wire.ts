import { Random } from '../../streams/random.js';
import type { ClassifyHandshake } from '../../streams/socket/socket-error.js';
import type { BrokerFigure } from '../broker.js';
import { SyncedClock } from './clock.js';
import { ConnectionBudget } from './connection-budget.js';
import { BinanceError } from './errors.js';
import { binanceHandshake } from './handshake.js';
import { RequestLimits } from './limits.js';
import type { BinanceOptions } from './options.js';
import { RestClient } from './rest.js';
import { makeSigner } from './sign.js';
import { WEIGHTS } from './weights.js';
import type { BinanceRest, BinanceWsApi, VenueClock } from './wire.js';
import { WsApiClient } from './ws-api.js';

/** Taken at load time: the engine guards the global ones inside a turn, and orders may be sent from close to one. */
const wall: () => number = Date.now.bind(Date);
const monotonic: () => number = performance.now.bind(performance);

/** For tests: other clocks and other dice. */
export interface WireDeps {
  /** Local wall clock, milliseconds. */
  readonly wall?: () => number;
  /** Milliseconds that never go back. */
  readonly monotonic?: () => number;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

/** Everything that talks to one Binance account (or, without credentials, to its public part). */
export interface BinanceWire {
  readonly rest: BinanceRest;
  readonly wsApi: BinanceWsApi;
  readonly clock: VenueClock;
  readonly limits: RequestLimits;
  /** All sockets of the adapter ask it before an attempt. */
  readonly connections: ConnectionBudget;
  /** What a refused handshake of a market data socket means. */
  readonly classify: ClassifyHandshake;
  /** Jitter for sockets of the adapter. */
  readonly random: () => number;
  figures(): readonly BrokerFigure[];
  close(): Promise<void>;
}

/**
 * Makes the wire; nothing is connected and no request is sent yet. Throws RangeError for a key that cannot be used.
 * The clock is measured before the first signed session, or by `clock.sync()`.
 */
export function makeWire(options: BinanceOptions, deps: WireDeps = {}): BinanceWire {
  const clocks = { wall: deps.wall ?? wall, monotonic: deps.monotonic ?? monotonic };
  const dice = new Random(options.seed, `binance ${options.name}`);
  const random = deps.random ?? ((): number => dice.next());
  const { market, credentials } = options;
  const signer = credentials === undefined ? undefined : makeSigner(credentials);
  const timePath = market === 'spot' ? '/api/v3/time' : '/fapi/v1/time';
  const ask = async (): Promise<number> => {
    const answer = await rest.call({
      method: 'GET',
      path: timePath,
      security: 'none',
      weight: WEIGHTS[market].time,
      lane: 'risk',
    });
    return serverTime(answer);
  };
  const clock = new SyncedClock({ ...clocks, ask, every: options.clockEvery });
  const limits = new RequestLimits({
    market,
    options: options.limits,
    now: () => clock.now(),
    monotonic: clocks.monotonic,
  });
  const connections = new ConnectionBudget(options.limits.connections, clocks.monotonic, () =>
    limits.blockedFor(),
  );
  const rest = new RestClient({ options, signer, limits, clock, random, wall: clocks.wall });
  const userData = market === 'spot' && signer !== undefined;
  const wsApi = new WsApiClient({
    options,
    signer,
    limits,
    clock,
    monotonic: clocks.monotonic,
    userData,
    connections,
    random,
  });
  return {
    rest,
    wsApi,
    clock,
    limits,
    connections,
    classify: binanceHandshake(limits),
    random,
    figures: () => [
      ...limits.figures(),
      ...rest.figures(),
      ...wsApi.figures(),
      ...wireFigures(clock, connections),
    ],
    close: async () => {
      wsApi.close();
      clock.close();
      limits.close();
      await rest.close();
    },
  };
}

function serverTime(answer: unknown): number {
  const time =
    typeof answer === 'object' && answer !== null && 'serverTime' in answer ? answer.serverTime : undefined;
  if (typeof time !== 'number' || !Number.isFinite(time))
    throw new BinanceError('schema', 'the answer to a time request holds no serverTime', true);
  return time;
}

function wireFigures(clock: SyncedClock, connections: ConnectionBudget): readonly BrokerFigure[] {
  const labels = {};
  return [
    { name: 'clock_offset_ms', type: 'gauge', help: 'Venue clock minus ours.', labels, value: clock.offset },
    {
      name: 'clock_round_trip_ms',
      type: 'gauge',
      help: 'Round trip of the measurement behind the clock offset.',
      labels,
      value: clock.roundTrip,
    },
    {
      name: 'clock_failures_total',
      type: 'counter',
      help: 'Failed measurements of the clock.',
      labels,
      value: clock.failures,
    },
    {
      name: 'connection_attempts_total',
      type: 'counter',
      help: 'Connection attempts of all sockets.',
      labels,
      value: connections.attempts,
    },
  ];
}
