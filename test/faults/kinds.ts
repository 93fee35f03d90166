import type { FaultInput, FaultKind } from '../../src/emulators/binance/faults/spec.js';
import type { Random } from '../../src/model/random.js';

type Draw = (random: Random) => FaultInput;

const between = (random: Random, low: number, high: number): number =>
  Math.round(low + random() * (high - low));
const oneOf = <T>(random: Random, all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
const chance = (random: Random, probability: number): boolean => random() < probability;

/** Half of the time only what concerns orders. */
const about = (random: Random): { readonly operation: string } => ({
  operation: oneOf(random, ['order.*', 'order.*', 'order.place', '*']),
});
const times = (random: Random): { readonly times: number } => ({ times: between(random, 1, 4) });
/** Some messages of a while: of every class, or of one. */
const messages = (random: Random): Omit<FaultInput, 'kind'> => ({
  ...oneOf(random, [
    {},
    { message: 'user' as const },
    { message: 'market' as const },
    { message: 'answer' as const },
  ]),
  probability: 0.05 + random() * 0.3,
  for_ms: between(random, 100, 600),
});
/** One message, somewhere in the next ones. */
const one = (random: Random): Omit<FaultInput, 'kind'> => ({
  ...oneOf(random, [{}, { channel: 'stream' as const }, { channel: 'ws_api' as const }]),
  skip: between(random, 0, 20),
  times: 1,
});

/** One fault of every kind the emulator has, drawn from the seed. Delays stay below the receive window. */
export const DRAWS: Readonly<Record<FaultKind, Draw>> = {
  delay_request: (r) => ({ kind: 'delay_request', ...about(r), ...times(r), delay_ms: between(r, 5, 700) }),
  delay_answer: (r) => ({ kind: 'delay_answer', ...about(r), ...times(r), delay_ms: between(r, 5, 1_500) }),
  error: (r) => ({
    kind: 'error',
    ...about(r),
    ...times(r),
    status: oneOf(r, [500, 502, 503, 504]),
    code: oneOf(r, [-1000, -1001, -1006]),
    execute: chance(r, 0.5),
  }),
  timeout: (r) => ({
    kind: 'timeout',
    ...about(r),
    ...times(r),
    delay_ms: between(r, 5, 700),
    execute: chance(r, 0.5),
  }),
  lost_answer: (r) => ({ kind: 'lost_answer', ...about(r), ...times(r), execute: chance(r, 0.5) }),
  drop_connection: (r) => ({ kind: 'drop_connection', ...about(r), times: 1, execute: chance(r, 0.5) }),
  rate_limit: (r) => ({
    kind: 'rate_limit',
    ...about(r),
    ...times(r),
    status: chance(r, 0.25) ? 418 : 429,
    retry_after: chance(r, 0.7) ? 0.2 : 1,
  }),
  maintenance: (r) => ({ kind: 'maintenance', for_ms: between(r, 100, 800) }),
  stale_snapshot: (r) => ({ kind: 'stale_snapshot', for_ms: between(r, 300, 1_500) }),
  drop_message: (r) => ({ kind: 'drop_message', ...messages(r) }),
  duplicate_message: (r) => ({ kind: 'duplicate_message', ...messages(r) }),
  delay_message: (r) => ({ kind: 'delay_message', ...messages(r), delay_ms: between(r, 5, 400) }),
  reorder_messages: (r) => ({
    kind: 'reorder_messages',
    ...messages(r),
    hold: between(r, 1, 6),
    delay_ms: between(r, 20, 300),
  }),
  torn_frame: (r) => ({ kind: 'torn_frame', ...one(r) }),
  malformed_json: (r) => ({ kind: 'malformed_json', ...messages(r) }),
  unknown_field: (r) => ({ kind: 'unknown_field', ...messages(r) }),
  unknown_event: (r) => ({ kind: 'unknown_event', ...messages(r) }),
  binary_frame: (r) => ({ kind: 'binary_frame', ...messages(r) }),
  half_open: (r) => ({ kind: 'half_open', ...one(r) }),
  disconnect: (r) => ({ kind: 'disconnect', ...one(r) }),
  disconnect_after: (r) => ({ kind: 'disconnect_after', ...one(r) }),
  stale_user_stream: (r) => ({ kind: 'stale_user_stream', for_ms: between(r, 100, 1_000) }),
  depth_gap: (r) => ({ kind: 'depth_gap', ...times(r), skip: between(r, 0, 10) }),
  clock_skew: (r) => ({
    kind: 'clock_skew',
    skew_ms: between(r, -1_500, 1_500),
    for_ms: between(r, 300, 2_000),
  }),
  clock_drift: (r) => ({ kind: 'clock_drift', drift_ppm: between(r, -200_000, 200_000), for_ms: 1_000 }),
  disconnect_storm: (r) => ({
    kind: 'disconnect_storm',
    ...oneOf(r, [{}, { channel: 'stream' as const }, { channel: 'ws_api' as const }]),
    every_ms: between(r, 50, 300),
    for_ms: between(r, 200, 900),
  }),
  server_shutdown: (r) => ({ kind: 'server_shutdown', delay_ms: between(r, 20, 600) }),
  end_user_streams: () => ({ kind: 'end_user_streams' }),
  refuse_connections: (r) => ({
    kind: 'refuse_connections',
    for_ms: between(r, 100, 700),
    status: oneOf(r, [503, 429]),
    retry_after: 0.2,
  }),
  hidden_orders: (r) => ({
    kind: 'hidden_orders',
    delay_ms: between(r, 50, 400),
    for_ms: between(r, 300, 1_500),
  }),
};
