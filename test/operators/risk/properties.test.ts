import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mintApproved } from '../../../src/model/command.js';
import { dec } from '../../../src/model/decimal.js';
import type { Intent } from '../../../src/model/intent.js';
import { leaves, type Order } from '../../../src/model/order.js';
import { OK, deny, type Check } from '../../../src/operators/risk/check.js';
import { evaluate, type RiskOptions } from '../../../src/operators/risk/evaluate.js';
import { TestState, intentOf } from '../../support/state-view.js';

const MAX = 5;
const options: RiskOptions = { limits: { max_position: dec(MAX) } };

const step = fc.record({
  what: fc.constantFrom('new', 'replace', 'cancel', 'fill'),
  key: fc.integer({ min: 0, max: 5 }),
  side: fc.constantFrom('buy' as const, 'sell' as const),
  quantity: fc.integer({ min: 1, max: 12 }),
  price: fc.option(fc.integer({ min: 50, max: 150 }), { nil: undefined }),
});

function reach(state: TestState): number {
  const now = state.portfolio.position('', 0)?.quantity.toNumber() ?? 0;
  const buys = state.orders.exposed('', 0, 'buy').toNumber();
  const sells = state.orders.exposed('', 0, 'sell').toNumber();
  return Math.max(Math.abs(now), now + buys, sells - now);
}

function approve(state: TestState, intent: Intent): void {
  const verdict = evaluate(intent, { state, options, at: state.at });
  if (!verdict.ok) return;
  if (intent.action === 'cancel') {
    const order = state.orders.get(intent.orderKey);
    if (order !== undefined) state.put({ ...order, state: 'cancelled', closedAt: state.at });
    return;
  }
  state.approve(
    mintApproved(verdict.intent, verdict.riskPrice, () => mintApproved(intent, verdict.riskPrice, never)),
  );
}

const never = (): never => {
  throw new Error('not asked here');
};

function fill(state: TestState, order: Order, wished: number): void {
  const left = leaves(order);
  const quantity = left.lt(wished) ? left : dec(wished);
  const filled = order.filled.plus(quantity);
  const done = filled.gte(order.quantity);
  state.put({
    ...order,
    filled,
    state: done ? 'filled' : 'partially_filled',
    closedAt: done ? state.at : undefined,
  });
  const now = state.portfolio.position('', 0)?.quantity ?? dec(0);
  state.hold('BTCUSDT', order.side === 'buy' ? now.plus(quantity) : now.minus(quantity));
}

describe('risk, whatever happens', () => {
  it('never lets position and working orders exceed max_position', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const state = new TestState();
        for (const [i, s] of steps.entries()) {
          const open = [...state.orders.open()];
          const order = open[s.key % Math.max(1, open.length)];
          const limitPrice = s.price === undefined ? {} : { limitPrice: s.price };
          if (s.what === 'new') {
            approve(
              state,
              intentOf({ orderKey: `n${String(i)}`, side: s.side, quantity: s.quantity, ...limitPrice }),
            );
          } else if (order !== undefined && s.what === 'fill') {
            fill(state, order, s.quantity);
          } else if (order !== undefined) {
            const action = s.what === 'cancel' ? 'cancel' : 'replace';
            approve(
              state,
              intentOf({
                action,
                orderKey: order.orderKey,
                side: order.side,
                quantity: s.quantity,
                ...limitPrice,
              }),
            );
          }
          expect(reach(state)).toBeLessThanOrEqual(MAX);
        }
      }),
    );
  });

  it('says the same of an approved intent however often it is asked again', () => {
    fc.assert(
      fc.property(step, fc.integer({ min: -MAX, max: MAX }), (s, held) => {
        const limits = {
          ...options.limits,
          max_gross_exposure: { amount: dec(700), currency: 'USDT' },
          max_open_orders: 1,
          max_orders_per_minute: 1,
          duplicate_window: 1_000_000,
          cash: 'require' as const,
        };
        const state = new TestState().hold('BTCUSDT', held);
        const intent = intentOf({
          side: s.side,
          quantity: s.quantity,
          ...(s.price === undefined ? {} : { limitPrice: s.price }),
        });
        const first = evaluate(intent, { state, options: { limits }, at: state.at });
        if (!first.ok) return;
        state.approve(mintApproved(first.intent, first.riskPrice, never));
        for (let i = 0; i < 3; i += 1) {
          const again = evaluate(first.intent, { state, options: { limits }, at: state.at, recheck: true });
          expect(again).toEqual(first);
        }
      }),
    );
  });

  it('a check more never turns a denial into an approval', () => {
    const pass: Check = () => OK;
    const refuse: Check = () => deny('NO');
    const fail: Check = () => {
      throw new Error('no');
    };
    fc.assert(
      fc.property(
        step,
        fc.array(fc.constantFrom(pass, refuse, fail)),
        fc.constantFrom(pass, refuse, fail),
        (s, own, more) => {
          const state = new TestState();
          const intent = intentOf({
            side: s.side,
            quantity: s.quantity,
            ...(s.price === undefined ? {} : { limitPrice: s.price }),
          });
          const ok = (checks: readonly Check[]): boolean =>
            evaluate(intent, { state, options: { ...options, checks }, at: state.at }).ok;
          if (!ok(own)) expect(ok([...own, more])).toBe(false);
        },
      ),
    );
  });
});
