/** What a stream name asks for. `every`: milliseconds between two messages. */
export type StreamKind =
  | { readonly type: 'trade' | 'aggTrade' | 'bookTicker' }
  | { readonly type: 'depth'; readonly every: number }
  | { readonly type: 'partialDepth'; readonly levels: number; readonly every: number }
  | { readonly type: 'kline'; readonly interval: string }
  | { readonly type: 'miniTicker' | 'ticker' | 'avgPrice' | 'allMiniTickers' };

export interface StreamName {
  /** Upper case; empty for streams of all symbols. */
  readonly symbol: string;
  readonly kind: StreamKind;
}

const INTERVALS = new Set('1s 1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w 1M'.split(' '));
/** Streams the venue has and the emulator has not. */
const NOT_COVERED =
  /@(?:ticker_\d+[hd]|referencePrice|blockTrade|kline_\w+@[+-]\d\d:\d\d)$|^!ticker_\d+[hd]@arr$/;

/** True for a stream the venue has and the emulator does not carry: it says so, instead of staying silent. */
export function notCovered(name: string): boolean {
  return NOT_COVERED.test(name);
}

/** Reads a stream name; undefined when the venue has no such stream. Names are lower case but for their type. */
export function parseStreamName(name: string): StreamName | undefined {
  if (name === '!miniTicker@arr') return { symbol: '', kind: { type: 'allMiniTickers' } };
  const at = name.indexOf('@');
  const symbol = name.slice(0, at);
  if (at <= 0 || symbol !== symbol.toLowerCase()) return undefined;
  const kind = parseKind(name.slice(at + 1));
  return kind === undefined ? undefined : { symbol: symbol.toUpperCase(), kind };
}

function parseKind(text: string): StreamKind | undefined {
  switch (text) {
    case 'trade':
    case 'aggTrade':
    case 'bookTicker':
    case 'miniTicker':
    case 'ticker':
    case 'avgPrice':
      return { type: text };
  }
  if (text.startsWith('kline_')) {
    const interval = text.slice(6);
    return INTERVALS.has(interval) ? { type: 'kline', interval } : undefined;
  }
  const depth = /^depth(5|10|20)?(?:@(100|1000)ms)?$/.exec(text);
  if (depth === null) return undefined;
  const every = depth[2] === '100' ? 100 : 1_000;
  return depth[1] === undefined
    ? { type: 'depth', every }
    : { type: 'partialDepth', levels: Number(depth[1]), every };
}
