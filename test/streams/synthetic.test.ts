import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { InputEvent, QuoteEvent, TradeEvent } from '../../src/model/event.js';
import { syntheticSpec } from '../../src/topology/components/sources/synthetic.js';
import { collect, pull, sourceContext } from './support.js';

const base = {
  instruments: {
    BTCUSDT: { price: 60_000, volatility: '3%', tick: 0.1, lot: 0.0001, size: 0.2 },
    SPY: { price: 440, volatility: '1%', tick: 0.01, lot: 1 },
  },
};

const market = (options: object, seed = 1): Promise<InputEvent[]> => {
  const { context } = sourceContext('.', ['SPY', 'BTCUSDT']);
  return collect(
    pull(syntheticSpec.make(syntheticSpec.config.parse({ ...base, ...options }), { ...context, seed })),
  );
};
const digest = (events: InputEvent[]): string =>
  createHash('sha256').update(JSON.stringify(events)).digest('hex').slice(0, 16);

describe('synthetic market', () => {
  it('is the same for the same seed, everywhere', async () => {
    const one = await market({ events: 20_000, shocks: 3, gaps: 2, emit: ['trade', 'quote', 'book'] });
    expect(digest(one)).toBe(
      digest(await market({ events: 20_000, shocks: 3, gaps: 2, emit: ['trade', 'quote', 'book'] })),
    );
    expect(digest(one)).toBe('4890a80e7bea3bcc');
    expect(
      digest(await market({ events: 20_000, shocks: 3, gaps: 2, emit: ['trade', 'quote', 'book'] }, 2)),
    ).not.toBe(digest(one));
  });

  it('is well-formed: time, prices on the tick, bid below ask, trades at the quote', async () => {
    const quotes = new Map<number, QuoteEvent>();
    let last = 0;
    for (const event of await market({ duration: '20m', rate: '10/s' })) {
      expect(event.at).toBeGreaterThanOrEqual(last);
      last = event.at;
      if (event.kind === 'quote') {
        expect(event.bid).toBeLessThan(event.ask);
        expect(event.bidSize).toBeGreaterThan(0);
        const tick = event.instrument === 'SPY' ? 100 : 10;
        expect(event.bid).toBe(Math.round(event.bid * tick) / tick);
        quotes.set(event.ix, event);
      } else {
        const trade = event as TradeEvent;
        const quote = quotes.get(trade.ix);
        if (quote !== undefined) expect(trade.price).toBe(trade.aggressor === 1 ? quote.ask : quote.bid);
      }
    }
    expect(last - Date.UTC(2025, 0, 6) * 1_000).toBeGreaterThan(1_190_000_000);
  });

  it('trends: fast and slow averages of minute closes cross often, and the price goes somewhere', async () => {
    const closes = new Map<number, number>();
    for (const e of await market({ duration: '8h', rate: '20/s' })) {
      if (e.kind === 'quote' && e.instrument === 'BTCUSDT')
        closes.set(Math.floor(e.at / 60_000_000), (e.bid + e.ask) / 2);
    }
    let [fast, slow, crossings, side] = [60_000, 60_000, 0, 0];
    for (const close of closes.values()) {
      fast += (2 / 13) * (close - fast);
      slow += (2 / 27) * (close - slow);
      const now = Math.sign(fast - slow);
      if (now !== side) crossings++;
      side = now;
    }
    const prices = [...closes.values()];
    const range = Math.max(...prices) / Math.min(...prices) - 1;
    expect(crossings).toBeGreaterThan(6);
    expect(crossings).toBeLessThan(60);
    expect(range).toBeGreaterThan(0.01);
    expect(range).toBeLessThan(0.2);
  });

  it('puts in the shocks and gaps it was told', async () => {
    const events = await market({
      duration: '1h',
      shocks: [{ at: '30m', move: '-10%', over: '10s', instrument: 'SPY' }],
      gaps: [{ at: '10m', for: '5m' }],
    });
    const start = Date.UTC(2025, 0, 6) * 1_000;
    const minute = (m: number): number => start + m * 60_000_000;
    expect(events.filter((e) => e.at > minute(10.1) && e.at < minute(14.9))).toEqual([]);
    const mids = events.filter((e): e is QuoteEvent => e.kind === 'quote' && e.instrument === 'SPY');
    const before = mids.filter((e) => e.at < minute(30)).at(-1) as QuoteEvent;
    const after = mids.find((e) => e.at > minute(30.3)) as QuoteEvent;
    expect(after.bid / before.bid - 1).toBeLessThan(-0.08);
  });

  it('keeps memory flat and refuses instruments nobody knows', async () => {
    const { context } = sourceContext('.', ['SPY', 'BTCUSDT']);
    const source = pull(
      syntheticSpec.make(syntheticSpec.config.parse({ ...base, events: 500_000 }), context),
    );
    let count = 0;
    for await (const batch of source.batches()) {
      count += batch.length;
      if (batch.length > 1_024) throw new Error('a batch is too long');
    }
    expect(count).toBe(500_000);
    const config = syntheticSpec.config.parse({ instruments: { XYZ: { price: 1 } }, events: 1 });
    expect(() => syntheticSpec.make(config, context)).toThrow(/XYZ is not among/);
  });
});
