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

/** What of a request depends only on which parameters it has. */
interface Shape {
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
  /** Per sorted key: what stands before its value in the signed text, and in JSON. */
  readonly payload: readonly string[];
  readonly json: readonly string[];
}

/** Requests have few shapes; beyond so many the oldest is forgotten. */
const SHAPES = 16;

/** Builds parameters that carry their own signature: one pass over keys that were sorted once. */
export class SignedParams {
  readonly #signer: Signer;
  readonly #recvWindow: number;
  readonly #shapes: Shape[] = [];

  constructor(signer: Signer, recvWindow: number) {
    this.#signer = signer;
    this.#recvWindow = recvWindow;
  }

  /** Without braces. */
  build(params: Params, timestamp: number): string {
    const shape = this.#shapeOf(params);
    let payload = '';
    let text = '';
    for (let i = 0; i < shape.sorted.length; i++) {
      const key = shape.sorted[i] ?? '';
      const value = params[key] ?? this.#own(key, timestamp);
      if (value === undefined) continue;
      payload += (shape.payload[i] ?? '') + value;
      text += (shape.json[i] ?? '') + json(value) + ',';
    }
    return `${text}"signature":"${this.#signer.sign(payload.slice(1))}"`;
  }

  #own(key: string, timestamp: number): string | number | undefined {
    if (key === 'apiKey') return this.#signer.apiKey;
    if (key === 'timestamp') return timestamp;
    return key === 'recvWindow' ? this.#recvWindow : undefined;
  }

  #shapeOf(params: Params): Shape {
    const keys = Object.keys(params);
    for (const shape of this.#shapes) if (same(shape.keys, keys)) return shape;
    const sorted = [...new Set([...keys, 'apiKey', 'recvWindow', 'timestamp'])].sort();
    const shape = {
      keys,
      sorted,
      payload: sorted.map((key) => `&${key}=`),
      json: sorted.map((key) => `"${key}":`),
    };
    this.#shapes.push(shape);
    if (this.#shapes.length > SHAPES) this.#shapes.shift();
    return shape;
  }
}

function same(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
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
