import { z } from 'zod';

/** Faults of one request, through REST or the WebSocket API. */
export const REQUEST_FAULTS = [
  'delay_request',
  'delay_answer',
  'error',
  'timeout',
  'lost_answer',
  'drop_connection',
  'rate_limit',
  'maintenance',
  'stale_snapshot',
] as const;

/** Faults of one message the venue sends on a WebSocket connection. */
export const MESSAGE_FAULTS = [
  'drop_message',
  'duplicate_message',
  'delay_message',
  'reorder_messages',
  'torn_frame',
  'malformed_json',
  'unknown_field',
  'unknown_event',
  'binary_frame',
  'half_open',
  'disconnect',
  'disconnect_after',
  'stale_user_stream',
  'depth_gap',
] as const;

/** Faults of the venue as a whole: they begin when they are set, and end by `for_ms` or when they are cleared. */
export const VENUE_FAULTS = [
  'clock_skew',
  'clock_drift',
  'disconnect_storm',
  'server_shutdown',
  'end_user_streams',
  'refuse_connections',
  'hidden_orders',
] as const;

export type FaultKind =
  (typeof REQUEST_FAULTS)[number] | (typeof MESSAGE_FAULTS)[number] | (typeof VENUE_FAULTS)[number];
export const FAULT_KINDS: readonly FaultKind[] = [...REQUEST_FAULTS, ...MESSAGE_FAULTS, ...VENUE_FAULTS];

/** A fault with its defaults filled in; the meaning of each field stands at {@link faultSpec}. */
export interface FaultSpec {
  readonly kind: FaultKind;
  readonly id?: string | undefined;
  readonly transport?: 'rest' | 'ws' | undefined;
  readonly operation?: string | undefined;
  readonly symbol?: string | undefined;
  readonly channel?: 'stream' | 'ws_api' | undefined;
  readonly message?: 'market' | 'user' | 'answer' | 'control' | undefined;
  readonly stream?: string | undefined;
  readonly skip: number;
  readonly times?: number | undefined;
  readonly probability?: number | undefined;
  readonly after_ms: number;
  readonly for_ms?: number | undefined;
  readonly execute: boolean;
  readonly delay_ms: number;
  readonly hold: number;
  readonly status?: number | undefined;
  readonly code?: number | undefined;
  readonly msg?: string | undefined;
  readonly retry_after: number;
  readonly skew_ms: number;
  readonly drift_ppm: number;
  readonly every_ms: number;
}

/** A fault as it is written: everything but `kind` may be left out. */
export type FaultInput = { readonly [K in keyof FaultSpec]?: FaultSpec[K] | undefined } & {
  readonly kind: FaultKind;
};

const glob = z.string().min(1).max(200);
const ms = z.number().min(0).max(86_400_000);

/** One fault as configuration and the control endpoint write it. */
export const faultSpec: z.ZodType<FaultSpec, FaultInput> = z.strictObject({
  kind: z.enum([...REQUEST_FAULTS, ...MESSAGE_FAULTS, ...VENUE_FAULTS]).describe('What happens.'),
  id: z.string().min(1).max(64).optional().describe('Name to clear it by; given when missing.'),

  transport: z.enum(['rest', 'ws']).optional().describe('Requests: only through this transport.'),
  operation: glob
    .optional()
    .describe('Requests and answers: only operations of this name; `*` stands for any text.'),
  symbol: z.string().optional().describe('Requests: only of this symbol.'),
  channel: z.enum(['stream', 'ws_api']).optional().describe('Messages: only on connections of this kind.'),
  message: z
    .enum(['market', 'user', 'answer', 'control'])
    .optional()
    .describe('Messages: only of this class.'),
  stream: glob
    .optional()
    .describe('Messages: only of this stream or user event type; `*` stands for any text.'),

  skip: z.int().min(0).default(0).describe('Let so many occasions pass first.'),
  times: z
    .int()
    .min(1)
    .optional()
    .describe('Happens so often. Default: once, unless probability or for_ms is given: then without limit.'),
  probability: z.number().min(0).max(1).optional().describe('Chance on every occasion, from the seed.'),
  after_ms: ms.default(0).describe('Begins so long after it was set.'),
  for_ms: ms.optional().describe('Ends so long after it began.'),

  execute: z
    .boolean()
    .default(true)
    .describe('error, timeout, lost_answer, drop_connection: the request runs nevertheless.'),
  delay_ms: ms
    .default(100)
    .describe('Delays and how long a reordered message may be held; server_shutdown: until the cut.'),
  hold: z.int().min(1).max(1_000).default(1).describe('reorder_messages: messages that pass the held one.'),
  status: z
    .int()
    .min(400)
    .max(599)
    .optional()
    .describe('error, rate_limit, refuse_connections: HTTP status.'),
  code: z.int().optional().describe('error: the code of the venue.'),
  msg: z.string().max(500).optional().describe('error: its message.'),
  retry_after: z
    .number()
    .min(0)
    .default(1)
    .describe('rate_limit, refuse_connections: Retry-After in seconds.'),
  skew_ms: z
    .number()
    .min(-86_400_000)
    .max(86_400_000)
    .default(0)
    .describe('clock_skew: how far the venue is ahead.'),
  drift_ppm: z.number().default(0).describe('clock_drift: microseconds the venue gains every second.'),
  every_ms: z.number().min(1).default(1_000).describe('disconnect_storm: time between two cuts.'),
});

/** True when `text` fits `pattern`, in which `*` stands for any text. */
export function fits(pattern: string | undefined, text: string): boolean {
  if (pattern === undefined || pattern === '*' || pattern === text) return true;
  if (!pattern.includes('*')) return false;
  const parts = pattern.split('*');
  const last = parts.pop() ?? '';
  const first = parts.shift() ?? '';
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}
