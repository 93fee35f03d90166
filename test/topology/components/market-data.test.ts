import { NEVER, from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Broker, HistoryRequest, MarketSubscription } from '../../../src/brokers/broker.js';
import type { BarEvent, InputEvent } from '../../../src/model/event.js';
import { InstrumentTable } from '../../../src/model/instruments.js';
import { makeBar } from '../../../src/model/make.js';
import { marketDataSpec } from '../../../src/topology/components/sources/market_data.js';

const MINUTE = 60_000_000;
const parse = (options: object): ReturnType<typeof marketDataSpec.config.safeParse> =>
  marketDataSpec.config.safeParse({ broker: 'b', instruments: ['BTC'], ...options });

function events(options: object): {
  seen: InputEvent[];
  asked: HistoryRequest[];
  subscribed: MarketSubscription[];
} {
  const asked: HistoryRequest[] = [];
  const subscribed: MarketSubscription[] = [];
  const bar = (start: number): BarEvent =>
    makeBar('m', start, 'BTC', 0, {
      basis: 'trade', every: MINUTE, start, open: 1, high: 1, low: 1, close: 1, volume: 0, count: 0,
    }); // prettier-ignore
  const broker = {
    market: (subscription: MarketSubscription) => {
      subscribed.push(subscription);
      return NEVER;
    },
    history: (request: HistoryRequest) => {
      asked.push(request);
      return from([bar(request.from), bar(request.from + MINUTE)]);
    },
  } as unknown as Broker;
  const config = parse(options);
  if (!config.success) throw config.error;
  const source = marketDataSpec.make(config.data, {
    name: 'm',
    brokers: new Map([['b', broker]]),
    instruments: new InstrumentTable([{ symbol: 'BTC' }]),
    baseDir: '/nowhere',
  } as unknown as Parameters<typeof marketDataSpec.make>[1]);
  if (source.type !== 'push') throw new Error('not pushed');
  const seen: InputEvent[] = [];
  source.events$.subscribe((event) => seen.push(event)).unsubscribe();
  return { seen, asked, subscribed };
}

describe('market_data', () => {
  it('begins with bars of the past', () => {
    const { seen, asked, subscribed } = events({ emit: ['bar'], prefetch: { days: 2 } });
    expect(subscribed).toEqual([{ source: 'm', instruments: ['BTC'], emit: ['bar'], every: MINUTE }]);
    expect(asked).toMatchObject([{ source: 'm', instrument: 'BTC', every: MINUTE }]);
    const [{ from: first, to } = { from: 0, to: 0 }] = asked;
    expect(to - first).toBeGreaterThan(2 * 1_440 * MINUTE - 2 * MINUTE);
    expect(seen.map(({ kind }) => kind)).toEqual(['connection', 'bar', 'bar', 'connection']);
  });

  it('begins at a date', () => {
    const { asked } = events({ emit: ['bar'], prefetch: { date: '2026-01-02' } });
    expect(asked[0]?.from).toBe(Date.UTC(2026, 0, 2) * 1_000);
  });

  it('wants either days or date, and bars to prefetch', () => {
    expect(parse({ emit: ['bar'], prefetch: {} }).success).toBe(false);
    expect(parse({ emit: ['bar'], prefetch: { days: 1, date: '2026-01-02' } }).success).toBe(false);
    expect(parse({ emit: ['bar'], prefetch: { date: 'soon' } }).success).toBe(false);
    expect(() => events({ emit: ['trade'], prefetch: { days: 1 } })).toThrow('does not emit any');
  });

  it('says which kinds it emits', () => {
    const kinds = (emit: string[]): unknown => {
      const config = parse({ emit });
      return config.success ? marketDataSpec.emitsOf?.(config.data) : undefined;
    };
    expect(kinds(['trade'])).toEqual(['trade', 'gap']);
    expect(kinds(['bar'])).toEqual(['bar', 'connection', 'gap']);
  });
});
