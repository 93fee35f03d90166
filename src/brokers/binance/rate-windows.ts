/** A limit as the venue tells it, in `exchangeInfo` and with every WebSocket API answer. */
export interface RateLimitRow {
  readonly type: string;
  /** Length of the window, milliseconds. */
  readonly length: number;
  readonly limit: number;
  /** Used in the present window; undefined when the row only states the limit. */
  readonly count: number | undefined;
}

const INTERVALS: Readonly<Record<string, number>> = {
  SECOND: 1_000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: 86_400_000,
};

/** Reads `rateLimits`; what is not understood is left out, because limits are also learned from headers. */
export function rateLimitRows(rateLimits: unknown): readonly RateLimitRow[] {
  if (!Array.isArray(rateLimits)) return [];
  return rateLimits.flatMap((row: unknown): RateLimitRow[] => {
    if (typeof row !== 'object' || row === null) return [];
    const { rateLimitType, interval, intervalNum, limit, count } = row as Record<string, unknown>;
    const unit = typeof interval === 'string' ? INTERVALS[interval] : undefined;
    if (typeof rateLimitType !== 'string' || unit === undefined) return [];
    if (typeof intervalNum !== 'number' || typeof limit !== 'number' || !(limit > 0)) return [];
    return [
      {
        type: rateLimitType,
        length: unit * intervalNum,
        limit,
        count: typeof count === 'number' ? count : undefined,
      },
    ];
  });
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Used counts of the headers `X-MBX-USED-WEIGHT-1M`, `X-MBX-ORDER-COUNT-10S` and the like: [type, length, count]. */
export function headerCounts(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): readonly (readonly ['REQUEST_WEIGHT' | 'ORDERS', number, number])[] {
  const counts: (readonly ['REQUEST_WEIGHT' | 'ORDERS', number, number])[] = [];
  for (const name in headers) {
    const match = /^x-mbx-(used-weight|order-count)-(\d+)([smhd])$/.exec(name);
    const value = headers[name];
    if (match === null || typeof value !== 'string') continue;
    const length = Number(match[2]) * (UNITS[match[3] ?? ''] ?? 0);
    const count = Number(value);
    if (Number.isFinite(count))
      counts.push([match[1] === 'used-weight' ? 'REQUEST_WEIGHT' : 'ORDERS', length, count]);
  }
  return counts;
}

/** `10s`, `1m`, `1d`. */
export function windowName(length: number): string {
  if (length % 86_400_000 === 0) return `${length / 86_400_000}d`;
  if (length % 3_600_000 === 0) return `${length / 3_600_000}h`;
  return length % 60_000 === 0 ? `${length / 60_000}m` : `${length / 1_000}s`;
}
