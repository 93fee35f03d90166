/** Codes that the adapter looks at by name. */
export const CODES = {
  UNKNOWN: -1000,
  DISCONNECTED: -1001,
  UNAUTHORIZED: -1002,
  TOO_MANY_REQUESTS: -1003,
  UNEXPECTED_RESPONSE: -1006,
  TIMEOUT: -1007,
  OVERLOADED: -1008,
  TOO_MANY_ORDERS: -1015,
  TIMESTAMP: -1021,
  SIGNATURE: -1022,
  TOO_MANY_CONNECTIONS: -1034,
  BAD_SYMBOL: -1121,
  NEW_ORDER_REJECTED: -2010,
  CANCEL_REJECTED: -2011,
  NO_SUCH_ORDER: -2013,
  BAD_API_KEY: -2014,
  REJECTED_KEY: -2015,
  CANCEL_REPLACE_PARTIAL: -2021,
  CANCEL_REPLACE_FAILED: -2022,
  ORDER_ARCHIVED: -2026,
  SUBSCRIPTION_ACTIVE: -2035,
} as const;

/**
 * verdict: the venue decided about this very request. rate_limit, auth, not_executed: it was not carried out, for a
 * reason that is no verdict about the order. unknown: it may have been carried out.
 */
export type CodeClass = 'verdict' | 'rate_limit' | 'auth' | 'not_executed' | 'unknown';

const CLASSES = new Map<number, CodeClass>();

function all(kind: CodeClass, codes: readonly number[]): void {
  for (const code of codes) CLASSES.set(code, kind);
}

all('rate_limit', [-1003, -1015, -1034]);
all('auth', [-1002, -1022, -1099, -2014, -2015]);
// overloaded before the engine was reached; the request was outside its time window
all('not_executed', [-1008, -1021]);
all(
  'verdict',
  [
    // filters, unsupported combinations, engine rejections
    -1010, -1013, -1014, -1020, -2010, -2011, -2013, -2016, -2018, -2019, -2020, -2021, -2022, -2024, -2025,
    -2026, -2038, -2039,
    // malformed requests: refused before anything else happens
    -1100, -1101, -1102, -1103, -1104, -1105, -1106, -1108, -1111, -1112, -1114, -1115, -1116, -1117, -1118,
    -1119, -1120, -1121, -1122, -1127, -1128, -1130, -1131, -1134, -1135, -1139, -1145, -1151,
  ],
);

/** Class of a code of the venue; a code that is on no list, and 0 for none at all, is unknown. */
export function classOf(code: number): CodeClass {
  return CLASSES.get(code) ?? 'unknown';
}
