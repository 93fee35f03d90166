import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dec, ZERO } from '../../../../src/model/decimal.js';
import { isClosed } from '../../../../src/model/order.js';
import { Rig, type Carrier } from './rig.js';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What becomes of one request: of the request itself, of its answer and of its reports. */
type Fate = 'well' | 'answer_last' | 'answer_lost' | 'request_lost' | 'arrives_late' | 'rest_only';
/** What becomes of reports of the stream. */
type Reports = 'told' | 'twice' | 'lost' | 'late';

type Step =
  | { readonly do: 'new'; readonly key: string; readonly fate: Fate; readonly reports: Reports }
  | {
      readonly do: 'cancel' | 'shrink' | 'reprice';
      readonly at: number;
      readonly fate: Fate;
      readonly reports: Reports;
    }
  | { readonly do: 'fill' | 'expire'; readonly at: number; readonly reports: Reports }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'reconnect' };

const fate = fc.constantFrom<Fate>(
  'well',
  'answer_last',
  'answer_lost',
  'request_lost',
  'arrives_late',
  'rest_only',
);
const reports = fc.constantFrom<Reports>('told', 'told', 'twice', 'lost', 'late');
const at = fc.nat(20);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('new' as const),
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    fate,
    reports,
  }),
  fc.record({
    do: fc.constantFrom('cancel' as const, 'shrink' as const, 'reprice' as const),
    at,
    fate,
    reports,
  }),
  fc.record({ do: fc.constantFrom('fill' as const, 'fill' as const, 'expire' as const), at, reports }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 300, 5_000, 30_000) }),
  fc.record({ do: fc.constant('reconnect' as const) }),
);

class Chaos {
  readonly rig: Rig = new Rig();
  #late: (() => void)[] = [];
  readonly #used = new Set<string>();

  async run(step: Step): Promise<void> {
    const { rig } = this;
    switch (step.do) {
      case 'new':
        if (this.#used.has(step.key)) return;
        this.#used.add(step.key);
        rig.carrier = this.#carrier(step.fate, step.reports);
        rig.send('new', { orderKey: step.key });
        return;
      case 'fill':
      case 'expire': {
        const open = rig.exchange.open;
        const order = open[step.at % Math.max(1, open.length)];
        if (order === undefined) return;
        this.#tell(
          step.do === 'fill' ? rig.exchange.fill(order, '1') : rig.exchange.expire(order),
          step.reports,
        );
        return;
      }
      case 'wait':
        await rig.settle(step.ms);
        this.flush();
        return;
      case 'reconnect':
        await rig.reconnect(() => this.flush());
        return;
      default:
        this.#change(step.do, step.at, step.fate, step.reports);
    }
  }

  flush(): void {
    for (const run of this.#late.splice(0)) run();
  }

  /** As the queue does: one new or replace in flight, a cancel any time but not twice. */
  #change(what: 'cancel' | 'shrink' | 'reprice', at: number, fate: Fate, reports: Reports): void {
    const { rig } = this;
    const orders = [...rig.state.orders.open()];
    const order = orders[at % Math.max(1, orders.length)];
    if (order === undefined) return;
    rig.carrier = this.#carrier(fate, reports);
    const same = { orderKey: order.orderKey, quantity: order.quantity, limitPrice: order.limitPrice };
    if (what === 'cancel') {
      if (order.state !== 'pending_cancel') rig.send('cancel', same);
      return;
    }
    if (order.inFlight !== undefined || order.quantity.lte(1)) return;
    if (what === 'shrink') rig.send('replace', { ...same, quantity: order.quantity.minus(1) });
    else rig.send('replace', { ...same, limitPrice: (order.limitPrice ?? ZERO).plus(1) });
  }

  #carrier(fate: Fate, reports: Reports): Carrier {
    return (carry, done) => {
      const lost = (): void => done({ kind: 'unknown', category: 'timeout', reason: 'no answer' });
      if (fate === 'request_lost') lost();
      else if (fate === 'arrives_late') {
        lost();
        // Inside the receive window; later the venue would refuse it.
        setTimeout(() => this.#tell(carry().events, reports), 1_500);
      } else if (fate === 'rest_only' && this.rig.requests.at(-1)?.by === 'ws')
        done({ kind: 'not_sent', category: 'network', reason: 'not ready' });
      else {
        const { answer, events } = carry();
        if (fate === 'answer_last') {
          this.#tell(events, reports);
          this.#late.push(() => done(answer));
        } else if (fate === 'answer_lost') {
          lost();
          this.#tell(events, reports);
        } else {
          done(answer);
          this.#tell(events, reports);
        }
      }
    };
  }

  #tell(events: readonly unknown[], reports: Reports): void {
    const { rig } = this;
    if (reports === 'late') this.#late.push(() => rig.tell(events));
    else if (reports !== 'lost') rig.tell(events);
    if (reports === 'twice') rig.tell(events);
  }
}

describe('whatever is lost, late or told twice', () => {
  it('orders, fills and position end as the venue has them, and no order is sent twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        vi.setSystemTime(1_700_000_000_000);
        const chaos = new Chaos();
        const { rig } = chaos;
        await rig.open();
        for (const one of steps) await chaos.run(one);
        chaos.flush();
        await rig.settle(300_000);
        await rig.reconnect();
        await rig.settle(300_000);

        const bought = rig.exchange.trades.reduce((sum, t) => sum.plus(t.quantity), ZERO);
        expect(rig.position).toBe(bought.toString());
        expect(rig.trading.session.notReady).toBe('');
        const placed = rig.requests.flatMap(({ method, params }) =>
          method === 'order.place' ? [(params as Record<string, string>)['newClientOrderId']] : [],
        );
        const carried = rig.exchange.orders.map((o) => o.clientOrderId);
        expect(new Set(carried).size).toBe(carried.length);
        const open = [...rig.state.orders.open()].map((o) => [
          o.clientOrderId,
          o.quantity.toString(),
          o.filled.toString(),
          o.inFlight,
        ]);
        const theirs = rig.exchange.open.map((o) => [
          o.clientOrderId,
          o.quantity.toString(),
          o.executed.toString(),
          undefined,
        ]);
        expect(open.sort()).toEqual(theirs.sort());
        for (const id of placed) {
          const order = rig.state.orders.byClientOrderId(id ?? '');
          const legs = rig.exchange.orders.filter(
            (o) => rig.state.orders.byClientOrderId(o.clientOrderId) === order,
          );
          const filled = legs.reduce((sum, o) => sum.plus(o.executed), dec(0));
          expect(order?.filled.toString()).toBe(filled.toString());
          expect(isClosed(order?.state ?? 'unknown')).toBe(
            legs.every((o) => !['NEW', 'PARTIALLY_FILLED'].includes(o.status)),
          );
        }
        rig.trading.close();
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});
