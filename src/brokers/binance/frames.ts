import { sortedPayload, type Signer } from './sign.js';
import type { Params } from './wire.js';

/**
 * Text of one WebSocket API request. Built by hand: on the way of an order every microsecond counts, and text and
 * signature must show the very same values.
 */
export function requestFrame(id: number, method: string, params: string): string {
  return params === ''
    ? `{"id":${id},"method":"${method}"}`
    : `{"id":${id},"method":"${method}","params":{${params}}}`;
}

/** Parameters of an authenticated session: only the time is added. Without braces. */
export function sessionParams(params: Params, timestamp: number, recvWindow: number): string {
  let text = '';
  for (const key in params) {
    const value = params[key];
    if (value !== undefined) text += `"${key}":${json(value)},`;
  }
  return `${text}"recvWindow":${recvWindow},"timestamp":${timestamp}`;
}

/** Parameters that carry their own signature. Without braces. */
export function signedParams(params: Params, signer: Signer, timestamp: number, recvWindow: number): string {
  const keys = Object.keys(params);
  keys.push('apiKey', 'recvWindow', 'timestamp');
  keys.sort();
  let payload = '';
  let text = '';
  for (const key of keys) {
    const value =
      key === 'apiKey'
        ? signer.apiKey
        : key === 'timestamp'
          ? timestamp
          : key === 'recvWindow'
            ? recvWindow
            : params[key];
    if (value === undefined) continue;
    payload += payload === '' ? `${key}=${value}` : `&${key}=${value}`;
    text += `"${key}":${json(value)},`;
  }
  return `${text}"signature":"${signer.sign(payload)}"`;
}

/** Parameters that need the key but no signature, or nothing at all. Without braces. */
export function plainParams(params: Params, apiKey: string | undefined): string {
  let text = apiKey === undefined ? '' : `"apiKey":${json(apiKey)}`;
  for (const key in params) {
    const value = params[key];
    if (value !== undefined) text += `${text === '' ? '' : ','}"${key}":${json(value)}`;
  }
  return text;
}

// eslint-disable-next-line no-control-regex -- control characters are what must be escaped
const UNSAFE = /["\\\u0000-\u001f\ud800-\udfff]/;

function json(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  return UNSAFE.test(value) ? JSON.stringify(value) : `"${value}"`;
}

/** `session.logon` and `userDataStream.subscribe.signature` sign key and time alone. */
export function logonParams(signer: Signer, timestamp: number, recvWindow: number): string {
  const payload = sortedPayload({ apiKey: signer.apiKey, recvWindow, timestamp });
  return `${plainParams({ recvWindow, timestamp }, signer.apiKey)},"signature":"${signer.sign(payload)}"`;
}
