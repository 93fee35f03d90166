import { Subject } from 'rxjs';
import { marbles } from 'rxjs-marbles';
import { describe, expect, it } from 'vitest';
import { isApproved, type Approved } from '../../../src/model/command.js';
import { dec } from '../../../src/model/decimal.js';
import type { DeniedEvent } from '../../../src/model/event.js';
import type { Intent } from '../../../src/model/intent.js';
import { makeIntent, makeTrade } from '../../../src/model/make.js';
import type { Event } from '../../../src/model/record.js';
import type { OperatorContext } from '../../../src/operators/context.js';
import type { RiskOptions } from '../../../src/operators/risk/evaluate.js';
import { risk } from '../../../src/operators/risk/risk.js';
import { TestState, intentOf, orderOf } from '../../support/state-view.js';

interface Bench {
  readonly state: TestState;
  readonly approved: Approved[];
  readonly denied: DeniedEvent[];
  readonly context: OperatorContext;
  readonly send: (intent: Intent) => void;
}

/** The operator in the smallest engine: each approval is folded into State as it leaves. */
function bench(options: RiskOptions, state: TestState = new TestState()): Bench {
  const approved: Approved[] = [];
  const denied: DeniedEvent[] = [];
  const context = {
    name: 'risk',
    state,
    at: () => state.at,
    emit: (port: string, event: Event) => {
      expect(port).toBe('denied');
      denied.push(event as DeniedEvent);
    },
  } as unknown as OperatorContext;
  const source = new Subject<Event>();
  source.pipe(risk(options)(context)).subscribe((event) => {
    if (!isApproved(event)) throw new Error(`risk emitted ${event.kind}`);
    state.approve(event);
    approved.push(event);
  });
  return {
    state,
    approved,
    denied,
    context,
    send: (intent) => {
      source.next(makeIntent(intent));
    },
  };
}

describe('risk', () => {
  it('approves with the price it was valued at', () => {
    const { send, approved, denied } = bench({});
    send(intentOf({ orderKey: 'a' }));
    expect(denied).toEqual([]);
    expect(approved.map((a) => [a.kind, a.intent.orderKey, a.riskPrice.toString(), a.seq])).toEqual([
      ['approved', 'a', '101', 0],
    ]);
  });

  it('denies with code, text and stage on the named output', () => {
    const { send, approved, denied } = bench({ limits: { max_position: dec('0.5') } });
    const intent = intentOf({ orderKey: 'a' });
    send(intent);
    expect(approved).toEqual([]);
    expect(denied).toMatchObject([
      {
        kind: 'denied',
        code: 'MAX_POSITION',
        text: 'MAX_POSITION: position=0 working=0 order=1 limit=0.5',
        stage: 'risk',
      },
    ]);
    expect(denied[0]?.intent).toBe(intent);
  });

  it('counts what was approved just before', () => {
    const { send, approved, denied } = bench({ limits: { max_position: dec(2), max_open_orders: 9 } });
    for (let i = 0; i < 3; i += 1) send(intentOf());
    expect(approved).toHaveLength(2);
    expect(denied.map((d) => d.text)).toEqual(['MAX_POSITION: position=0 working=2 order=1 limit=2']);
  });

  it('values a cancel at zero', () => {
    const { send, approved, state } = bench({});
    state.put(orderOf(intentOf({ orderKey: 'a', limitPrice: 90 }), 90, 'accepted'));
    send(intentOf({ action: 'cancel', orderKey: 'a' }));
    expect(approved[0]?.riskPrice.isZero()).toBe(true);
  });

  it('normalizes before it checks, and approves what it normalized', () => {
    const round = bench({ normalize: 'round', limits: { max_order_quantity: dec(1) } });
    round.send(intentOf({ quantity: '1.0009', limitPrice: '99.999' }));
    round.send(intentOf({ side: 'sell', quantity: '0.9999', limitPrice: '110.001' }));
    round.send(intentOf({ quantity: '0.0009', limitPrice: 90 }));
    expect(
      round.approved.map((a) => `${a.intent.quantity.toString()}@${String(a.intent.limitPrice)}`),
    ).toEqual(['1@99.99', '0.999@110.01']);
    expect(round.denied.map((d) => d.text)).toEqual(['QUANTITY_INVALID: quantity=0']);
    const none = bench({});
    none.send(intentOf({ quantity: '1.0009' }));
    expect(none.denied.map((d) => d.code)).toEqual(['QUANTITY_PRECISION']);
  });

  it('rejects a post-only order that would trade, or drops the flag', () => {
    const intent = intentOf({ limitPrice: 101, postOnly: true });
    const reject = bench({});
    reject.send(intent);
    expect(reject.denied.map((d) => d.code)).toEqual(['POST_ONLY_WOULD_TRADE']);
    const drop = bench({ post_only: 'drop' });
    drop.send(intent);
    expect(drop.approved.map((a) => a.intent.postOnly)).toEqual([false]);
  });

  it('asks again without holding an intent against itself, and denies at the queue', () => {
    const limits = {
      max_position: dec(1),
      max_open_orders: 1,
      max_orders_per_second: 1,
      duplicate_window: 1_000_000,
    };
    const { send, approved, state } = bench({ limits });
    send(intentOf({ orderKey: 'a' }));
    const first = approved[0];
    if (first === undefined) throw new Error('not approved');
    const again = first.recheck(first.intent);
    expect(isApproved(again)).toBe(true);
    if (isApproved(again)) expect(isApproved(again.recheck(first.intent))).toBe(true);
    const folded = first.recheck({ ...first.intent, quantity: dec(2) });
    expect(folded).toMatchObject({ kind: 'denied', code: 'MAX_POSITION', stage: 'queue' });
    // A kill switch flipped while the order waited: it does not leave the queue any more.
    Object.assign(state.control, { trading: 'halted' });
    expect(first.recheck(first.intent)).toMatchObject({
      kind: 'denied',
      code: 'TRADING_HALTED',
      stage: 'queue',
    });
  });

  it('ignores what is no intent', () => {
    const { context } = bench({});
    const source = new Subject<Event>();
    const seen: Event[] = [];
    source.pipe(risk()(context)).subscribe((event) => seen.push(event));
    source.next(makeTrade('t', 0, 'BTCUSDT', 0, 1, 1, 0, ''));
    expect(seen).toEqual([]);
  });

  it(
    'passes completion and errors of its source',
    marbles((m) => {
      const { context } = bench({});
      const values = { a: makeIntent(intentOf()) };
      const through = (source: string): unknown =>
        m.hot<Event>(source, values).pipe(risk({ dry_run: true })(context));
      m.expect(through('--a--|') as never).toBeObservable('-----|');
      m.expect(through('--a--#') as never).toBeObservable('-----#');
    }),
  );
});
