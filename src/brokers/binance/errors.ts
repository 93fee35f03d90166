import type { BrokerErrorCategory } from '../../model/event.js';
import { redact } from '../../model/secrets.js';
import { BrokerError } from '../broker.js';
import { SocketError } from '../../streams/socket/socket-error.js';
import { explain } from './error-text.js';
import { CODES, classOf } from './error-codes.js';
import type { OrderAnswer } from './wire.js';

export interface BinanceErrorDetails {
  /** The venue's code, 0 when there is none. */
  readonly code?: number;
  /** HTTP status, or the status of a WebSocket API answer; 0 when there was no answer. */
  readonly httpStatus?: number;
  /** Milliseconds to wait as told, 0 when not told. */
  readonly retryAfter?: number;
  readonly data?: unknown;
}

/** A failed request to Binance. The message never holds a secret, a signature or an address with one. */
export class BinanceError extends BrokerError {
  readonly code: number;
  readonly httpStatus: number;
  readonly retryAfter: number;
  /** `data` of the venue's error, where it sends one. */
  readonly data: unknown;

  constructor(
    category: BrokerErrorCategory,
    message: string,
    retrySafe: boolean,
    details: BinanceErrorDetails = {},
  ) {
    super(category, clean(message), retrySafe);
    this.code = details.code ?? 0;
    this.httpStatus = details.httpStatus ?? 0;
    this.retryAfter = details.retryAfter ?? 0;
    this.data = details.data;
  }
}

/** An error as the venue words it, in a REST body or a WebSocket API answer. */
export interface VenueError {
  readonly code: number;
  readonly message: string;
  readonly data: unknown;
}

/** Reads `{code, msg, data}`; undefined when it is nothing of the kind. */
export function venueError(body: unknown): VenueError | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { code, msg, data } = body as { code?: unknown; msg?: unknown; data?: unknown };
  if (typeof code !== 'number' || !Number.isInteger(code)) return undefined;
  return { code, message: clean(typeof msg === 'string' ? msg : ''), data };
}

/** The error of a read that was answered with a failure status. `error`: undefined when the body was unreadable. */
export function readError(status: number, error: VenueError | undefined, retryAfter: number): BinanceError {
  const code = error?.code ?? 0;
  const details = { code, httpStatus: status, retryAfter, data: error?.data };
  const category = readCategory(status, code);
  const passing = category === 'unavailable' || category === 'rate_limit' || category === 'timeout';
  const retrySafe = (passing && status !== 403) || code === CODES.TIMESTAMP;
  return new BinanceError(category, explain(status, code, error?.message ?? ''), retrySafe, details);
}

function readCategory(status: number, code: number): BrokerErrorCategory {
  const kind = classOf(code);
  if (kind === 'rate_limit' || status === 429 || status === 418) return 'rate_limit';
  if (kind === 'auth' || status === 401) return 'auth';
  if (code === CODES.TIMEOUT || status === 408) return 'timeout';
  if (status === 403 && code === 0) return 'rate_limit';
  if (kind === 'unknown' && code !== 0) return 'unavailable';
  if (kind === 'not_executed' || status >= 500) return 'unavailable';
  return 'rejection';
}

/**
 * What became of an order that was answered with a failure. Only codes of a fixed list are a verdict; everything that
 * is on no list is unknown.
 */
export function orderFailure(status: number, error: VenueError | undefined): OrderAnswer {
  const code = error?.code ?? 0;
  const reason = explain(status, code, error?.message ?? '');
  // the answer to a cancel-replace says what became of each half, whatever the status is
  const told = error !== undefined && tellsOutcome(error.data);
  const kind = classOf(code);
  if (error !== undefined && (told || kind === 'verdict'))
    return {
      kind: 'refused',
      code,
      message: error.message === '' ? reason : error.message,
      data: error.data,
    };
  if (kind === 'rate_limit' || status === 429 || status === 418)
    return { kind: 'not_sent', category: 'rate_limit', reason };
  if (kind === 'auth' || status === 401) return { kind: 'not_sent', category: 'auth', reason };
  if (kind === 'not_executed') return { kind: 'not_sent', category: 'unavailable', reason };
  if (status === 403 && code === 0) return { kind: 'not_sent', category: 'rate_limit', reason };
  if (code === CODES.TIMEOUT || code === CODES.UNEXPECTED_RESPONSE)
    return { kind: 'unknown', category: 'timeout', reason };
  return {
    kind: 'unknown',
    category: error === undefined && status < 500 ? 'schema' : 'unavailable',
    reason,
  };
}

function tellsOutcome(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'cancelResult' in data && 'newOrderResult' in data;
}

/** What a socket's end means for those who use the broker. */
export function fromSocket(error: SocketError): BinanceError {
  return new BinanceError(error.category, error.message, error.category !== 'auth', {
    httpStatus: error.status,
    retryAfter: error.retryAfter,
  });
}

const LONGEST = 400;

/** One line without control characters, registered secrets or anything that looks like a signature. */
export function clean(text: string): string {
  const line = redact(text)
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/\b(signature|apiKey|X-MBX-APIKEY)(["']?\s*[=:]\s*["']?)[^\s&"',}]+/gi, '$1$2***');
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}...` : line;
}
