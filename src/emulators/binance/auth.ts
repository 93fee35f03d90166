import type { ApiKey } from './account.js';
import { ApiError } from './api-error.js';
import { illegal, missing } from './errors.js';
import { ParamReader, toMicros } from './params.js';
import type { ApiRequest, Caller, Security } from './types.js';
import type { Micros } from '../../model/time.js';

/** Longest window in which a request may be late, milliseconds. */
const MAX_RECV_WINDOW = 60_000;
const DEFAULT_RECV_WINDOW = 5_000;

const rejectedKey = (): ApiError =>
  new ApiError(401, -2015, 'Invalid API-key, IP, or permissions for action.');

export interface AuthRequest extends Omit<ApiRequest, 'operation'> {
  readonly permission: 'read' | 'trade';
}

/** Checks key, time stamp and signature as far as `security` asks for them. Throws the venue's errors. */
export function authenticate(
  r: AuthRequest,
  security: Security,
  keys: ReadonlyMap<string, ApiKey>,
  now: Micros,
): Caller {
  const { ip, transport, timeUnit } = r;
  if (security === 'none')
    return { accountId: undefined, apiKey: undefined, ip, transport, timeUnit, at: now };
  const text = r.apiKey ?? r.session?.apiKey;
  if (text === undefined || !/^[A-Za-z0-9_-]{1,256}$/.test(text))
    throw new ApiError(401, -2014, 'API-key format invalid.');
  if (security === 'signed') checkForm(r);
  const key = keys.get(text);
  if (key === undefined || key.revoked || !allowed(key, r)) throw rejectedKey();
  if (security === 'signed') {
    checkTime(r, now);
    if (!loggedOn(r, text) && !key.verify(r.payload, r.params['signature'] ?? ''))
      throw new ApiError(400, -1022, 'Signature for this request is not valid.');
  }
  return { accountId: key.account.id, apiKey: text, ip, transport, timeUnit, at: now };
}

/** A logged on connection signs nothing, unless a request brings a key of its own. */
const loggedOn = (r: AuthRequest, key: string): boolean =>
  r.session !== undefined &&
  (r.apiKey === undefined || r.apiKey === key) &&
  r.params['signature'] === undefined;

function allowed(key: ApiKey, r: AuthRequest): boolean {
  if (r.permission === 'trade' && !key.mayTrade) return false;
  return key.ips.length === 0 || key.ips.includes(r.ip);
}

function checkForm(r: AuthRequest): void {
  const read = new ParamReader(r.params);
  if (!read.has('timestamp')) throw missing('timestamp');
  if (r.session === undefined && !read.has('signature')) throw missing('signature');
  const signature = read.text('signature');
  if (signature !== undefined && !/^[A-Za-z0-9+/=]{1,1024}$/.test(signature))
    throw illegal('signature', '^[A-Za-z0-9+/=]{1,1024}$');
}

/** A request may come up to a second from the future, and as late as its window allows. */
function checkTime(r: AuthRequest, now: Micros): void {
  const read = new ParamReader(r.params);
  const sent = read.integer('timestamp');
  if (sent === undefined) throw missing('timestamp');
  const text = read.text('recvWindow') ?? String(DEFAULT_RECV_WINDOW);
  if (!/^[0-9]{1,5}(\.[0-9]{1,3})?$/.test(text)) throw illegal('recvWindow', '^[0-9]{1,5}(\\.[0-9]{1,3})?$');
  const window = Number(text);
  if (window > MAX_RECV_WINDOW) throw new ApiError(400, -1131, 'recvWindow must be less than 60000.');
  const timestamp = toMicros(sent);
  if (timestamp >= now + 1_000_000)
    throw new ApiError(400, -1021, "Timestamp for this request was 1000ms ahead of the server's time.");
  if (now - timestamp > window * 1_000)
    throw new ApiError(400, -1021, 'Timestamp for this request is outside of the recvWindow.');
}
