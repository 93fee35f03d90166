import { tooMany, unread } from './errors.js';
import { ParamReader } from './params.js';
import type { Caller, HttpMethod, Operation, Params, Security } from './types.js';

/** An operation as it is written down. */
export interface Definition {
  readonly name: string;
  /** `GET /api/v3/depth`; undefined: WebSocket API only. */
  readonly rest?: `${HttpMethod} /${string}`;
  /** False: REST only. */
  readonly ws?: boolean;
  readonly security?: Security;
  readonly permission?: 'read' | 'trade';
  /** Names of the parameters it takes besides key, time stamp, window and signature. */
  readonly params: readonly string[];
  readonly weight: number | ((read: ParamReader) => number);
  readonly orderCount?: number;
  readonly freeOnSuccess?: boolean;
  run(read: ParamReader, caller: Caller, params: Params): unknown;
}

const COMMON: ReadonlySet<string> = new Set([
  'apiKey',
  'timestamp',
  'recvWindow',
  'signature',
  'returnRateLimits',
]);

export function define(d: Definition): Operation {
  const known = new Set(d.params);
  const { weight } = d;
  const [method, path] = (d.rest ?? '').split(' ');
  const security = d.security ?? 'none';
  return {
    name: d.name,
    rest: path === undefined ? undefined : { method: method as HttpMethod, path },
    ws: d.ws ?? true,
    security,
    permission: d.permission ?? 'read',
    weight: (params) => (typeof weight === 'number' ? weight : weight(new ParamReader(params))),
    orderCount: () => d.orderCount ?? 0,
    freeOnSuccess: d.freeOnSuccess ?? false,
    run: (params, caller) => {
      refuseUnknown(params, known, security);
      return d.run(new ParamReader(params), caller, params);
    },
  };
}

function refuseUnknown(params: Params, known: ReadonlySet<string>, security: Security): void {
  const sent = Object.keys(params);
  const extra = sent.filter((name) => !known.has(name) && !COMMON.has(name)).length;
  if (extra === 0) return;
  if (security === 'none') throw tooMany(known.size, sent.length);
  throw unread(sent.length - extra, sent.length);
}
