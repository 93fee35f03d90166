import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decimal, dec, ZERO } from '../../../src/model/decimal.js';
import { KEY, KEY2, Venue } from './venue.js';

const ASSETS = ['BTC', 'USDT', 'ETH'];

const order = fc.record({
  kind: fc.constant('order' as const),
  who: fc.constantFrom(KEY, KEY2),
  symbol: fc.constantFrom('BTCUSDT', 'ETHBTC'),
  side: fc.constantFrom('BUY', 'SELL'),
  type: fc.constantFrom(
    'LIMIT',
    'LIMIT',
    'LIMIT',
    'MARKET',
    'LIMIT_MAKER',
    'STOP_LOSS',
    'TAKE_PROFIT_LIMIT',
    'STOP_LOSS_LIMIT',
  ),
  timeInForce: fc.constantFrom('GTC', 'GTC', 'IOC', 'FOK'),
  offset: fc.integer({ min: -30, max: 30 }),
  lots: fc.integer({ min: 1, max: 50_000 }),
  stp: fc.constantFrom('NONE', 'EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH', 'DECREMENT'),
});
const cancel = fc.record({
  kind: fc.constant('cancel' as const),
  who: fc.constantFrom(KEY, KEY2),
  id: fc.integer({ min: 1, max: 40 }),
});
const amend = fc.record({
  kind: fc.constant('amend' as const),
  who: fc.constantFrom(KEY, KEY2),
  id: fc.integer({ min: 1, max: 40 }),
  lots: fc.integer({ min: 1, max: 20_000 }),
});
const flow = fc.record({
  kind: fc.constantFrom('take' as const, 'level' as const, 'print' as const),
  side: fc.constantFrom('BUY' as const, 'SELL' as const),
  offset: fc.integer({ min: -30, max: 30 }),
  lots: fc.integer({ min: 1, max: 80_000 }),
});

/** What must hold after every step: nothing negative, locks equal what open orders need, state equals its fills. */
function audit(v: Venue): void {
  for (const id of ['alice', 'bob']) {
    const expected = new Map<string, Decimal>([
      ['BTC', dec('10')],
      ['USDT', dec('1000000')],
      ['ETH', dec('50')],
    ]);
    const change = (asset: string, by: Decimal): void => {
      expected.set(asset, (expected.get(asset) ?? ZERO).plus(by));
    };
    for (const f of v.exchange.audit.fills(id)) {
      const [base, quote] = f.symbol === 'BTCUSDT' ? ['BTC', 'USDT'] : ['ETH', 'BTC'];
      const sign = f.side === 'BUY' ? 1 : -1;
      change(base ?? '', dec(f.quantity).times(sign));
      change(quote ?? '', dec(f.quoteQuantity).times(-sign));
      change(f.commissionAsset, dec(f.commission).negated());
    }
    const locked = new Map<string, Decimal>();
    for (const o of v.exchange.audit.orders(id)) {
      const fills = v.exchange.audit
        .fills(id)
        .filter((f) => f.orderId === o.orderId && f.symbol === o.symbol);
      const sum = fills.reduce((s, f) => s.plus(f.quantity), ZERO);
      expect(sum.eq(o.executed)).toBe(true);
      expect(fills.reduce((s, f) => s.plus(f.quoteQuantity), ZERO).eq(o.cumulativeQuote)).toBe(true);
      expect(dec(o.executed).lte(o.quantity)).toBe(true);
      if (o.status === 'FILLED') expect(o.executed).toBe(o.quantity);
      if (o.side === 'SELL' && ['NEW', 'PARTIALLY_FILLED'].includes(o.status)) {
        const base = o.symbol === 'BTCUSDT' ? 'BTC' : 'ETH';
        locked.set(base, (locked.get(base) ?? ZERO).plus(o.quantity).minus(o.executed));
      }
    }
    for (const b of v.exchange.audit.balances(id)) {
      const total = dec(b.free).plus(b.locked);
      expect(dec(b.free).gte(0) && dec(b.locked).gte(0)).toBe(true);
      expect(`${id} ${b.asset} ${total.toFixed()}`).toBe(
        `${id} ${b.asset} ${(expected.get(b.asset) ?? ZERO).toFixed()}`,
      );
      expect(total.decimalPlaces()).toBeLessThanOrEqual(8);
    }
    // prevented quantity is not shown by the audit, so locks may be smaller than orders say, never greater
    expect(
      dec(v.exchange.audit.balances(id).find((b) => b.asset === 'ETH')?.locked ?? 0).lte(
        locked.get('ETH') ?? ZERO,
      ),
    ).toBe(true);
  }
}

function play(v: Venue, actions: readonly unknown[]): void {
  let n = 0;
  for (const action of actions as readonly Record<string, never>[]) {
    v.now += 1_000;
    const a = action as unknown as {
      kind: string;
      who: string;
      symbol: string;
      side: 'BUY' | 'SELL';
      type: string;
      timeInForce: string;
      offset: number;
      lots: number;
      stp: string;
      id: number;
    };
    const btc = a.symbol === 'BTCUSDT';
    const price = btc ? (100 + a.offset * 0.37).toFixed(2) : (0.04 + a.offset * 0.00017).toFixed(5);
    const quantity = btc ? (a.lots * 0.00001 + 0.06).toFixed(5) : (a.lots * 0.0001 + 0.01).toFixed(4);
    if (a.kind === 'order') {
      const limit = a.type.includes('LIMIT');
      const stop = a.type.startsWith('STOP') || a.type.startsWith('TAKE');
      v.call(
        'order.place',
        {
          symbol: a.symbol,
          side: a.side,
          type: a.type,
          quantity,
          newClientOrderId: `c${++n}`,
          selfTradePreventionMode: a.stp,
          ...(limit ? { price } : {}),
          ...(limit && a.type !== 'LIMIT_MAKER' ? { timeInForce: a.timeInForce } : {}),
          ...(stop ? { stopPrice: price } : {}),
        },
        a.who,
      );
    } else if (a.kind === 'cancel') v.call('order.cancel', { symbol: 'BTCUSDT', orderId: a.id }, a.who);
    else if (a.kind === 'amend')
      v.call(
        'order.amend.keepPriority',
        { symbol: 'BTCUSDT', orderId: a.id, newQty: (a.lots * 0.00001).toFixed(5) },
        a.who,
      );
    else {
      const at = Number((100 + a.offset * 0.37).toFixed(2));
      const lots = Number((a.lots * 0.00001).toFixed(5));
      if (a.kind === 'take') v.exchange.market.take('BTCUSDT', a.side, lots);
      else if (a.kind === 'print') v.exchange.market.print('BTCUSDT', at, lots, a.side === 'SELL');
      else
        v.exchange.market.levels(
          'BTCUSDT',
          a.side === 'BUY' ? [at, lots] : [],
          a.side === 'SELL' ? [at, lots] : [],
        );
    }
  }
}

describe('money', () => {
  it('is where the fills say, to the last digit, whatever happens', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 5, arbitrary: order }, cancel, amend, { weight: 3, arbitrary: flow }), {
          maxLength: 60,
        }),
        (actions) => {
          const v = new Venue({ limits: { weightPerMinute: 10_000_000, ordersPer10Seconds: 100_000 } });
          play(v, actions);
          audit(v);
          expect(v.exchange.journal().filter((e) => e.status === 500)).toEqual([]);
          for (const symbol of ['BTCUSDT', 'ETHBTC']) v.call('openOrders.cancelAll', { symbol });
          for (const symbol of ['BTCUSDT', 'ETHBTC']) v.call('openOrders.cancelAll', { symbol }, KEY2);
          for (const id of ['alice', 'bob'])
            for (const b of v.exchange.audit.balances(id))
              expect(`${b.asset} ${b.locked}`).toBe(`${b.asset} 0`);
          audit(v);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is neither made nor lost between accounts, fees aside', () => {
    fc.assert(
      fc.property(fc.array(order, { maxLength: 60 }), (actions) => {
        const v = new Venue();
        play(v, actions);
        const fills = ['alice', 'bob'].flatMap((id) => v.exchange.audit.fills(id));
        for (const asset of ASSETS) {
          const start = asset === 'USDT' ? dec(2_000_000) : asset === 'BTC' ? dec(20) : dec(100);
          const held = ['alice', 'bob']
            .flatMap((id) => v.exchange.audit.balances(id))
            .filter((b) => b.asset === asset)
            .reduce((s, b) => s.plus(b.free).plus(b.locked), ZERO);
          const fees = fills
            .filter((f) => f.commissionAsset === asset)
            .reduce((s, f) => s.plus(f.commission), ZERO);
          expect(held.plus(fees).toFixed()).toBe(start.toFixed());
        }
        // every trade has two sides, and trade ids have no holes
        for (const symbol of ['BTCUSDT', 'ETHBTC']) {
          const ids = fills
            .filter((f) => f.symbol === symbol)
            .map((f) => f.tradeId)
            .sort((a, b) => a - b);
          expect(ids).toEqual(ids.map((_, i) => Math.floor(i / 2) + 1));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('and the book that diffs tell is the book that snapshots show', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(order, cancel, { weight: 2, arbitrary: flow }), { maxLength: 60 }),
        (actions) => {
          const v = new Venue();
          play(v, actions);
          const bids = new Map<string, string>();
          const asks = new Map<string, string>();
          let last = 1;
          for (const e of v.public) {
            if (e.kind !== 'depth' || e.symbol !== 'BTCUSDT') continue;
            expect(e.first).toBe(last + 1);
            last = e.last;
            for (const [p, q] of e.bids)
              if (Number(q) === 0) bids.delete(p);
              else bids.set(p, q);
            for (const [p, q] of e.asks)
              if (Number(q) === 0) asks.delete(p);
              else asks.set(p, q);
          }
          const shown = v.exchange.depth('BTCUSDT', 5_000);
          expect(shown.lastUpdateId).toBe(last);
          const sorted = (m: Map<string, string>, sign: number) =>
            [...m].sort((a, b) => (Number(a[0]) - Number(b[0])) * sign);
          expect(sorted(bids, -1)).toEqual(shown.bids);
          expect(sorted(asks, 1)).toEqual(shown.asks);
          // the market's own levels may overlap as the test set them; accounts' orders never stay crossed with each other
          const [bid] = v.exchange.audit
            .orders('alice')
            .concat(v.exchange.audit.orders('bob'))
            .filter(
              (o) =>
                o.symbol === 'ETHBTC' &&
                o.side === 'BUY' &&
                o.type === 'LIMIT' &&
                ['NEW', 'PARTIALLY_FILLED'].includes(o.status),
            )
            .map((o) => Number(o.price))
            .sort((a, b) => b - a);
          const [ask] = v.exchange.audit
            .orders('alice')
            .concat(v.exchange.audit.orders('bob'))
            .filter(
              (o) =>
                o.symbol === 'ETHBTC' &&
                o.side === 'SELL' &&
                o.type === 'LIMIT' &&
                ['NEW', 'PARTIALLY_FILLED'].includes(o.status),
            )
            .map((o) => Number(o.price))
            .sort((a, b) => a - b);
          if (bid !== undefined && ask !== undefined) expect(bid).toBeLessThan(ask);
        },
      ),
      { numRuns: 100 },
    );
  });
});
