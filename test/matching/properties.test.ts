import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MatchReport, MatchingOptions } from '../../src/matching/index.js';
import { Decimal, dec, ZERO } from '../../src/model/decimal.js';
import { Venue } from './venue.js';

/** Random markets and requests against one venue; the laws below hold for every one of them. */
type Step =
  | {
      readonly do: 'quote';
      readonly bid: number;
      readonly spread: number;
      readonly bidSize: number;
      readonly askSize: number;
    }
  | { readonly do: 'trade'; readonly price: number; readonly size: number; readonly aggressor: number }
  | {
      readonly do: 'bar';
      readonly open: number;
      readonly up: number;
      readonly down: number;
      readonly close: number;
    }
  | {
      readonly do: 'send';
      readonly side: 'buy' | 'sell';
      readonly type: number;
      readonly tif: number;
      readonly price: number;
      readonly stop: number;
      readonly quantity: number;
      readonly flag: number;
    }
  | { readonly do: 'cancel'; readonly which: number }
  | { readonly do: 'replace'; readonly which: number; readonly quantity: number; readonly price: number };

const price = fc.integer({ min: 90, max: 110 });
const size = fc.integer({ min: 0, max: 30 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('quote' as const),
      bid: price,
      spread: fc.integer({ min: 0, max: 4 }),
      bidSize: size,
      askSize: size,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('trade' as const),
      price,
      size,
      aggressor: fc.integer({ min: -1, max: 1 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('bar' as const),
      open: price,
      up: fc.integer({ min: 0, max: 3 }),
      down: fc.integer({ min: 0, max: 3 }),
      close: fc.integer({ min: -3, max: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      type: fc.integer({ min: 0, max: 4 }),
      tif: fc.integer({ min: 0, max: 3 }),
      price,
      stop: price,
      quantity: fc.integer({ min: 1, max: 20 }),
      flag: fc.integer({ min: 0, max: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(40) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('replace' as const),
      which: fc.nat(40),
      quantity: fc.integer({ min: 1, max: 25 }),
      price,
    }),
  },
);

const options: fc.Arbitrary<Partial<MatchingOptions>> = fc.record({
  liquidity: fc.constantFrom('unlimited' as const, 'displayed' as const),
  limit: fc.constantFrom('touch' as const, 'penetrate' as const),
  queue: fc.boolean(),
  slippage: fc.constantFrom(undefined, { value: new Decimal(3), unit: 'bps' as const }),
  fees: fc.constantFrom(
    { type: 'notional' as const, maker: dec('-0.0002'), taker: dec('0.001') },
    { type: 'per_unit' as const, perUnit: dec('0.005'), minimum: dec(1), maximum: dec('0.05') },
  ),
});

const TYPES = ['market', 'limit', 'stop', 'stop_limit', 'trailing_stop'] as const;
const TIFS = ['gtc', 'day', 'ioc', 'fok'] as const;

function play(steps: readonly Step[], chosen: Partial<MatchingOptions>): Venue {
  const v = new Venue({ options: chosen, cash: { USD: 10_000_000 } });
  let n = 0;
  for (const s of steps) {
    const target = (which: number): string => `o${(which % Math.max(1, n)) + 1}`;
    if (s.do === 'quote') v.quote(s.bid, s.bid + s.spread, s.bidSize, s.askSize);
    else if (s.do === 'trade') v.trade(s.price, s.size, s.aggressor);
    else if (s.do === 'bar') v.bar(s.open, s.open + s.up + 3, s.open - s.down - 3, s.open + s.close);
    else if (s.do === 'cancel') v.cancel(`c${v.at}-${v.reports.length}`, target(s.which));
    else if (s.do === 'replace')
      v.replace(`r${v.reports.length}`, target(s.which), s.quantity, s.price, s.price);
    else {
      n++;
      const type = TYPES[s.type] ?? 'market';
      v.send({
        clientOrderId: `o${n}`,
        side: s.side,
        type,
        quantity: s.quantity,
        timeInForce: TIFS[s.tif] ?? 'gtc',
        postOnly: s.flag === 0 && type === 'limit',
        reduceOnly: s.flag === 1,
        ...(type === 'limit' || type === 'stop_limit' ? { limitPrice: s.price } : {}),
        ...(type === 'stop' || type === 'stop_limit' ? { stopPrice: s.stop } : {}),
        ...(type === 'trailing_stop'
          ? { trailingOffset: { value: new Decimal(2), unit: 'price' as const } }
          : {}),
      });
    }
  }
  return v;
}

const fills = (v: Venue): MatchReport[] => v.reports.filter((r) => r.fill !== undefined);
const check = (law: (v: Venue) => void): void =>
  fc.assert(
    fc.property(fc.array(step, { minLength: 40, maxLength: 120 }), options, (steps, chosen) =>
      law(play(steps, chosen)),
    ),
    { numRuns: 150 },
  );

describe('whatever happens', () => {
  it('fills never exceed the quantity, and add up to what the order says', () => {
    check((v) => {
      const filled = new Map<string, Decimal>();
      for (const { order, fill } of fills(v)) {
        expect(fill?.quantity.gt(0)).toBe(true);
        const sum = (filled.get(order?.id ?? '') ?? ZERO).plus(fill?.quantity ?? ZERO);
        filled.set(order?.id ?? '', sum);
        expect(sum.lte(order?.quantity ?? ZERO)).toBe(true);
      }
      for (const { order } of fills(v)) {
        expect(order?.filled.eq(filled.get(order.id) ?? ZERO)).toBe(true);
        expect(order?.leaves.plus(order.filled).eq(order.quantity)).toBe(true);
      }
    });
  });

  it('the position is the sum of the fills, and cash is what they cost and no more', () => {
    check((v) => {
      let position = ZERO;
      let cash = dec(10_000_000);
      for (const { order, fill } of fills(v)) {
        const signed = (fill?.quantity ?? ZERO).times(order?.sign ?? 0);
        position = position.plus(signed);
        cash = cash.minus(signed.times(fill?.price ?? ZERO)).minus(fill?.fee ?? ZERO);
      }
      expect(v.account.position(0).toString()).toBe(position.toString());
      expect(v.account.cash('USD').toString()).toBe(cash.toString());
    });
  });

  it('no fill is worse than its limit, and fok is whole or nothing', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 40, maxLength: 120 }), options, (steps, chosen) => {
        const v = play(
          steps.filter((s) => s.do !== 'replace'),
          chosen,
        );
        for (const { order, fill } of fills(v)) {
          if (order?.limitPrice === undefined || fill === undefined) continue;
          expect(fill.price.minus(order.limitPrice).times(order.sign).lte(0)).toBe(true);
        }
        for (const { order } of fills(v))
          if (order?.timeInForce === 'fok') expect(order.leaves.isZero()).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('an order that ended says nothing more and never fills', () => {
    check((v) => {
      const over = new Set<string>();
      for (const { order, report } of v.reports) {
        if (order === undefined) continue;
        expect(over.has(order.id)).toBe(false);
        if (report === 'cancelled' || report === 'expired' || report === 'rejected') over.add(order.id);
      }
    });
  });

  it('what open orders reserve is what is left of them: all of it comes back', () => {
    check((v) => {
      for (const order of v.engine.openOrders())
        v.engine.cancel({ clientOrderId: 'x', targetClientOrderId: order.clientOrderId }, v.at);
      expect(v.engine.openOrders()).toEqual([]);
      const position = v.account.position(0);
      const locked = v.account.balances()[0]?.locked ?? ZERO;
      if (!position.isNegative()) expect(locked.toString()).toBe('0');
    });
  });

  it('the better price goes first, then the older order', () => {
    check((v) => {
      for (const list of ['buy', 'sell'] as const) {
        const resting = v.engine.openOrders().filter((o) => o.side === list && o.phase === 'limit');
        // One print through every price, too small for all: who gets it shows the priority.
        const trade = (list === 'buy' ? 1 : 200) as number;
        const before = v.reports.length;
        v.trade(trade, resting.length === 0 ? 1 : (resting[0]?.leaves.toNumber() ?? 1), 0);
        const filled = v.reports
          .slice(before)
          .filter((r) => r.fill !== undefined && r.order?.side === list && r.order.phase === 'limit');
        for (let i = 1; i < filled.length; i++) {
          const a = filled[i - 1]?.order;
          const b = filled[i]?.order;
          if (a === undefined || b === undefined) continue;
          expect((a.limit - b.limit) * a.sign > 0 || (a.limit === b.limit && a.rank < b.rank)).toBe(true);
        }
      }
    });
  });

  it('the same steps give the same reports', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 40, maxLength: 80 }), options, (steps, chosen) => {
        const words = (): string =>
          JSON.stringify(
            play(steps, chosen).reports.map((r) => [r.report, r.clientOrderId, r.at, r.reason, r.fill]),
          );
        expect(words()).toBe(words());
      }),
      { numRuns: 50 },
    );
  });
});
