import { classifyHandshake, SocketError, type ClassifyHandshake } from '../../streams/socket/socket-error.js';
import type { RequestLimits } from './limits.js';

/** 403 is the venue's firewall, not a verdict on the key, which a handshake does not show. Milliseconds. */
const FIREWALL_WAIT = 60_000;

/** What a refused handshake of any socket of the venue means; 429 and 418 stop everything else from this IP too. */
export function binanceHandshake(limits: RequestLimits): ClassifyHandshake {
  return (status, retryAfter) => {
    limits.refused(status, 0, retryAfter);
    if (status !== 401 && status !== 403) return classifyHandshake(status, retryAfter);
    const message = `the handshake was answered with status ${status}: the venue blocks this IP or its country`;
    return new SocketError('unavailable', message, Math.max(retryAfter, FIREWALL_WAIT), status);
  };
}
