import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZERO, dec } from '../../../src/model/decimal.js';
import { isClosed } from '../../../src/model/order.js';
import { Desk } from './desk.js';
import { again } from './model-venue.js';

/** What happens next; `n` picks among what there is. */
interface Step {
  readonly what:
    | 'new'
    | 'replace'
    | 'cancel'
    | 'lost request'
    | 'unknown outcome'
    | 'not sent'
    | 'fill'
    | 'expire'
    | 'deliver'
    | 'lose'
    | 'repeat'
    | 'swap'
    | 'web order'
    | 'reconnect';
  readonly n: number;
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    what: fc.constantFrom<Step['what']>(
      'new',
      'new',
      'replace',
      'cancel',
      'lost request',
      'unknown outcome',
      'not sent',
      'fill',
      'fill',
      'expire',
      'deliver',
      'deliver',
      'deliver',
      'lose',
      'repeat',
      'swap',
      'web order',
      'reconnect',
    ),
    n: fc.nat(99),
  }),
  { minLength: 5, maxLength: 45 },
);

class Story {
  readonly desk: Desk = new Desk();
  #keys = 0;
  #web = 0;

  async step({ what, n }: Step): Promise<void> {
    const { desk } = this;
    const { venue } = desk;
    const open = [...desk.state.orders.open()].filter(({ clientOrderId }) => clientOrderId !== '');
    const order = open[n % Math.max(1, open.length)];
    const report = n % Math.max(1, venue.outgoing.length);
    switch (what) {
      case 'new': {
        const side = n % 2 === 0 ? 'buy' : 'sell';
        desk.request('new', `k${++this.#keys}`, { side, quantity: dec((n % 5) + 1) });
        return;
      }
      case 'replace':
      case 'cancel':
        // One request at a time, as the queue keeps it; a cancel may follow a replace.
        if (order === undefined || (order.inFlight !== undefined && what === 'replace')) return;
        desk.request(
          what,
          order.orderKey,
          what === 'cancel' ? {} : { quantity: order.filled.plus((n % 4) + 1) },
        );
        return;
      case 'lost request': {
        const key = `k${++this.#keys}`;
        desk.outcome(desk.send('new', key), 'new', key, 'unknown');
        return;
      }
      case 'not sent': {
        const key = `k${++this.#keys}`;
        desk.outcome(desk.send('new', key), 'new', key, 'not_sent');
        return;
      }
      case 'unknown outcome':
        if (order?.inFlight !== undefined)
          desk.outcome(order.inFlight.clientOrderId, order.inFlight.action, order.orderKey, 'unknown');
        return;
      case 'fill': {
        const legs = venue.openLegs();
        const leg = legs[n % Math.max(1, legs.length)];
        if (leg === undefined) return;
        const left = leg.quantity.minus(leg.filled);
        const part = n % 3 === 0 ? left : left.div(2);
        venue.fill(leg, part, dec(90 + (n % 20)), dec('0.001'), n % 4 === 0 ? 'BTC' : 'USDT');
        return;
      }
      case 'expire': {
        const leg = venue.openLegs()[0];
        if (leg !== undefined) venue.expire(leg);
        return;
      }
      case 'deliver': {
        const next = venue.outgoing.splice(0, 1)[0];
        if (next !== undefined) desk.turn(next);
        return;
      }
      case 'lose':
        venue.outgoing.splice(report, 1);
        return;
      case 'repeat': {
        const known = venue.outgoing[report];
        if (known !== undefined) venue.outgoing.push(again(known));
        return;
      }
      case 'swap':
        venue.outgoing.reverse();
        return;
      case 'web order':
        venue.place({
          action: 'new',
          clientOrderId: `web_${++this.#web}`,
          target: '',
          side: 'buy',
          quantity: dec(2),
          limitPrice: dec(80),
        });
        return;
      case 'reconnect':
        desk.connection('down');
        await desk.ready();
    }
  }

  /** Everything is quiet, half of what was on its way is lost, and the books are compared. */
  async settle(keep: boolean): Promise<void> {
    const { desk } = this;
    if (keep) desk.deliver();
    else desk.venue.outgoing = [];
    desk.connection('down');
    desk.pass(60_000);
    await desk.ready();
    await desk.reconciler.now();
  }
}

const RUNS = Number(process.env['RECONCILE_RUNS'] ?? 150);

describe('whatever is sent, told, repeated, lost and reconnected', () => {
  it('positions are the distinct fills, states follow the table, the books become the venue’s, once', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (all, keep) => {
        const story = new Story();
        const { desk } = story;
        await desk.ready();
        for (const step of all) await story.step(step);
        await story.settle(keep);
        const { venue, state } = desk;

        const filled = venue.trades.reduce(
          (sum, { side, fill }) =>
            fill === undefined ? sum : sum.plus(side === 'buy' ? fill.quantity : fill.quantity.neg()),
          ZERO,
        );
        expect(desk.position).toBe(filled.toString());

        const ours = [...state.orders.open()].map(
          (o) => `${o.side} ${o.quantity.toString()} ${o.filled.toString()} ${o.venueOrderId}`,
        );
        const theirs = venue
          .openLegs()
          .map((l) => `${l.side} ${l.quantity.toString()} ${l.filled.toString()} ${l.id}`);
        expect(ours.sort()).toEqual(theirs.sort());

        expect(state.readiness.of('venue')?.books).toBe('agree');
        for (const [currency, total] of venue.balances)
          expect([currency, state.portfolio.owned('main', currency).toString()]).toEqual([
            currency,
            total.toString(),
          ]);

        expect(desk.illegal).toEqual([]);
        expect(venue.arrived.length).toBe(new Set(venue.arrived).size);
        for (const leg of venue.legs) {
          const order = state.orders.byVenueOrderId('venue', leg.id);
          if (order !== undefined)
            expect([leg.id, order.filled.toString(), isClosed(order.state)]).toEqual([
              leg.id,
              leg.filled.toString(),
              leg.state !== 'open',
            ]);
        }

        const before = desk.inputs.length;
        expect((await desk.reconciler.now()).books).toBe('agree');
        expect(desk.inputs.slice(before)).toEqual([]);
        desk.reconciler.close();
      }),
      { numRuns: RUNS },
    );
  });
});
