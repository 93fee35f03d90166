import type { BrokerErrorCategory } from '../../model/event.js';

/** Why a socket could not be opened, or ended. `auth` is final; after everything else it is tried again. */
export class SocketError extends Error {
  override readonly name = 'SocketError';
  readonly category: BrokerErrorCategory;
  /** Milliseconds the other side asked to wait; 0 when it did not. */
  readonly retryAfter: number;
  /** HTTP status of a refused handshake, otherwise 0. */
  readonly status: number;

  constructor(category: BrokerErrorCategory, message: string, retryAfter = 0, status = 0) {
    super(message);
    this.category = category;
    this.retryAfter = retryAfter;
    this.status = status;
  }
}

/** What a refused handshake means. `retryAfter`: the header's milliseconds, 0 without one. */
export type ClassifyHandshake = (status: number, retryAfter: number) => SocketError;

/**
 * 401 is final; 429 and 418 wait as told; everything else may pass, also 403, which firewalls answer to everybody. Whoever
 * sends credentials with the handshake classifies for himself.
 */
export function classifyHandshake(status: number, retryAfter: number): SocketError {
  const message = `the handshake was answered with status ${status}`;
  if (status === 401) return new SocketError('auth', message, retryAfter, status);
  if (status === 429 || status === 418) return new SocketError('rate_limit', message, retryAfter, status);
  return new SocketError('unavailable', message, retryAfter, status);
}

/** Milliseconds of a `Retry-After` header, which is in seconds or a date; 0 when absent or not understood. */
export function retryAfterMs(header: string | readonly string[] | undefined, now: number): number {
  const value = typeof header === 'string' ? header : header?.[0];
  if (value === undefined || value.trim() === '') return 0;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
