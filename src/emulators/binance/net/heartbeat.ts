import type { Connection } from './connection.js';
import type { ConnectionRules } from './connections.js';

interface Beat {
  /** The ping that waits for its pong, and when it was sent. */
  payload: string;
  pingedAt: number;
  /** When the last ping was answered. */
  pongAt: number;
}

/**
 * Pings every connection, cuts those whose pong (with the payload of the ping) stays out, and those that reached their
 * greatest age. A pong nobody asked for does not keep a connection alive.
 */
export class Heartbeat {
  readonly #rules: ConnectionRules;
  readonly #beats = new Map<Connection, Beat>();
  readonly #timer: NodeJS.Timeout;

  constructor(rules: ConnectionRules) {
    this.#rules = rules;
    const every = Math.max(5, Math.min(1_000, rules.pingMs / 4, rules.pongTimeoutMs / 4, rules.lifeMs / 4));
    this.#timer = setInterval(() => this.#sweep(Date.now()), every);
    this.#timer.unref();
  }

  add(connection: Connection): void {
    const now = Date.now();
    const beat: Beat = { payload: '', pingedAt: now, pongAt: now };
    this.#beats.set(connection, beat);
    connection.ws.on('pong', (data: Buffer) => {
      if (beat.payload !== '' && data.toString() === beat.payload) beat.pongAt = Date.now();
    });
  }

  remove(connection: Connection): void {
    this.#beats.delete(connection);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #sweep(now: number): void {
    const { pingMs, pongTimeoutMs, lifeMs } = this.#rules;
    for (const [connection, beat] of this.#beats) {
      if (connection.frozen) continue;
      if (now - connection.openedAt >= lifeMs) {
        connection.close(1008, 'Connection reached its greatest age');
        this.#beats.delete(connection);
      } else if (beat.payload !== '' && beat.pongAt < beat.pingedAt && now - beat.pongAt >= pongTimeoutMs) {
        connection.close(1008, 'Pong timeout');
        this.#beats.delete(connection);
      } else if (now - beat.pingedAt >= pingMs) {
        beat.payload = String(now);
        beat.pingedAt = now;
        connection.ws.ping(beat.payload);
      }
    }
  }
}
