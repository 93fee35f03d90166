import { pino } from 'pino';
import pretty from 'pino-pretty';
import { redact } from '../sinks/secrets.js';
import type { Log } from '../topology/spec.js';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogThreshold = (typeof LOG_LEVELS)[number];

/** Log to stderr: lines for people on a terminal, JSON lines otherwise. Secrets never appear. */
export function makeLog(level: LogThreshold): Log {
  const stream = process.stderr.isTTY
    ? pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l' })
    : pino.destination({ dest: 2, sync: true });
  const logger = pino({ level, base: null }, stream);
  const fields = (given: Readonly<Record<string, unknown>> = {}): object =>
    JSON.parse(redact(JSON.stringify(given))) as object;
  return {
    info: (message, given) => logger.info(fields(given), redact(message)),
    warn: (message, given) => logger.warn(fields(given), redact(message)),
    error: (message, given) => logger.error(fields(given), redact(message)),
  };
}
