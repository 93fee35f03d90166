import fc from 'fast-check';
import { mintApproved, mintCommand } from '../../../../src/model/command.js';
import { Decimal, dec } from '../../../../src/model/decimal.js';
import type { ExecutionEvent, InputEvent } from '../../../../src/model/event.js';
import type { Intent } from '../../../../src/model/intent.js';
import * as make from '../../../../src/model/make.js';
import type { Order } from '../../../../src/model/order.js';
import type { Event } from '../../../../src/model/record.js';

/** Stamps a turn as the engine does. */
export function turn<E extends Event>(
  seq: number,
  input: E,
  children: readonly Event[] = [],
): { input: E; children: readonly Event[] } {
  const at = 1_723_161_253_937_085 + seq * 1_000;
  Object.assign(input, { seq, sub: 0, at });
  children.forEach((child, i) =>
    Object.assign(child, { seq, sub: i + 1, at, source: child.source === '' ? 'node' : child.source }),
  );
  return { input, children };
}

export function quote(i: number): InputEvent {
  return make.makeQuote(
    'market',
    1_723_161_253_000_000 + i,
    'BTCUSDT',
    0,
    100 + i / 100,
    1.5,
    100.01 + i / 100,
    2,
  );
}

/** Records with the prototype that ordinary objects have. */
const rec = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true });

const num = fc.double();
const text = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'grapheme', maxLength: 6 }));
const count = fc.nat(100_000);
const ix = fc.integer({ min: -1, max: 300 });
const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(20))
  .map(([digits, places]) => new Decimal(`${digits}e-${places}`));
const maybe = <T>(arb: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arb, { nil: undefined });
const side = fc.constantFrom('buy' as const, 'sell' as const);
const type = fc.constantFrom(
  'market' as const,
  'limit' as const,
  'stop' as const,
  'stop_limit' as const,
  'trailing_stop' as const,
);
const timeInForce = fc.constantFrom(
  'day' as const,
  'gtc' as const,
  'ioc' as const,
  'fok' as const,
  'gtd' as const,
  'opg' as const,
  'cls' as const,
);
const action = fc.constantFrom('new' as const, 'replace' as const, 'cancel' as const);
const trailingOffset = maybe(
  rec({ value: decimal, unit: fc.constantFrom('price' as const, 'ticks' as const, 'bps' as const) }),
);
const state = fc.constantFrom(
  'accepted' as const,
  'pending_cancel' as const,
  'unknown' as const,
  'filled' as const,
);

export const intent: fc.Arbitrary<Intent> = rec({
  action,
  orderKey: text,
  account: text,
  route: text,
  instrument: text,
  ix,
  side,
  type,
  quantity: decimal,
  limitPrice: maybe(decimal),
  stopPrice: maybe(decimal),
  trailingOffset,
  timeInForce,
  expireAt: maybe(count),
  postOnly: fc.boolean(),
  reduceOnly: fc.boolean(),
  links: maybe(fc.record({ oco: text, parent: text }, { requiredKeys: [], noNullPrototype: true })),
  strategy: text,
  tag: text,
  reason: text,
  metadata: maybe(fc.dictionary(text, text, { noNullPrototype: true })),
  cause: count,
});

const order: fc.Arbitrary<Order> = rec({
  orderKey: text,
  clientOrderId: text,
  venueOrderId: text,
  broker: text,
  account: text,
  instrument: text,
  ix,
  side,
  type,
  quantity: decimal,
  limitPrice: maybe(decimal),
  stopPrice: maybe(decimal),
  trailingOffset,
  timeInForce,
  expireAt: maybe(count),
  postOnly: fc.boolean(),
  reduceOnly: fc.boolean(),
  strategy: text,
  tag: text,
  state,
  previous: state,
  reason: text,
  filled: decimal,
  averagePrice: decimal,
  inFlight: maybe(
    rec({
      action,
      clientOrderId: text,
      since: count,
      quantity: maybe(decimal),
      limitPrice: maybe(decimal),
      stopPrice: maybe(decimal),
    }),
  ),
  riskPrice: decimal,
  createdAt: count,
  submittedAt: maybe(count),
  acceptedAt: maybe(count),
  closedAt: maybe(count),
  updatedAt: count,
});

const execution: fc.Arbitrary<ExecutionEvent> = rec({
  kind: fc.constant('execution' as const),
  seq: fc.constant(0),
  sub: fc.constant(0),
  at: fc.constant(0),
  ts: count,
  source: text,
  broker: text,
  account: text,
  report: fc.constantFrom('accepted' as const, 'fill' as const, 'cancel_rejected' as const),
  clientOrderId: text,
  venueOrderId: text,
  execId: text,
  instrument: text,
  ix,
  side,
  fill: maybe(
    rec({
      quantity: decimal,
      price: decimal,
      fee: decimal,
      feeCurrency: text,
      liquidity: fc.constantFrom('maker' as const, 'unknown' as const),
    }),
  ),
  cumulative: maybe(decimal),
  quantity: maybe(decimal),
  limitPrice: maybe(decimal),
  stopPrice: maybe(decimal),
  reason: text,
});

const levels = fc.array(num, { maxLength: 12 });
const bar = fc
  .tuple(
    text,
    text,
    ix,
    rec({
      basis: fc.constantFrom('trade' as const, 'mid' as const),
      every: count,
      start: count,
      open: num,
      high: num,
      low: num,
      close: num,
      volume: num,
      count,
    }),
  )
  .map(([source, instrument, index, fields]): InputEvent =>
    make.makeBar(source, 5, instrument, index, fields),
  );
const tradeId = fc.oneof(
  fc.constantFrom('', '0', '00', '123', '-1', '999999999999999', '9999999999999999', '1e3', 'é'),
  text,
);

/** Any input, of every kind. */
export const input: fc.Arbitrary<InputEvent> = fc.oneof(
  fc
    .tuple(text, text, ix, num, num, fc.constantFrom(-1, 0, 1, 7), tradeId)
    .map(([s, n, i, p, q, a, id]) => make.makeTrade(s, 3, n, i, p, q, a, id)),
  fc
    .tuple(text, text, ix, num, num, num, num)
    .map(([s, n, i, b, bs, a, as]) => make.makeQuote(s, 4, n, i, b, bs, a, as)),
  fc
    .tuple(text, text, ix, fc.boolean(), levels, levels, count)
    .map(([s, n, i, snap, b, a, c]) => make.makeBook(s, 4, n, i, snap, b, a, c, c + 1, 0)),
  bar,
  execution,
  fc.tuple(text, text, text).map(([s, n, r]): InputEvent => make.makeStatus(s, 1, n, 1, 'halted', r)),
  fc
    .tuple(
      text,
      fc.array(rec({ currency: text, total: decimal, free: decimal, locked: decimal }), { maxLength: 3 }),
    )
    .map(([s, b]): InputEvent => make.makeAccount(s, 1, 'sim', 'main', b)),
  fc.tuple(count, count).map(([due, wall]): InputEvent => make.makeClock(due, wall)),
  fc
    .tuple(text, text)
    .map(([a, r]): InputEvent =>
      Object.assign(head('control'), { action: 'kill' as const, actor: a, reason: r, target: '', value: '' }),
    ),
  fc
    .tuple(text, text)
    .map(([a, r]): InputEvent =>
      Object.assign(head('connection'), { name: a, state: 'ready' as const, attempt: 2, reason: r }),
    ),
  fc
    .tuple(text, num)
    .map(([a, n]): InputEvent =>
      Object.assign(head('gap'), { instrument: a, ix: 0, code: 'GAP', expected: n, received: n, reason: a }),
    ),
  fc
    .tuple(text, ix, maybe(decimal), maybe(order), fc.array(text, { maxLength: 3 }))
    .map(([t, i, d, o, ids]): InputEvent =>
      make.makeReconciliation(5, {
        ...{ broker: t, account: t, subject: 'order', code: 'UNKNOWN_ORDER', key: t, instrument: t, ix: i },
        ...{ clientOrderId: t, venueOrderId: t, ours: t, theirs: t, difference: d, amount: d, price: d },
        ...{ evidence: t, resolution: 'adopted', order: o, execIds: ids },
      }),
    ),
  fc.tuple(text, action).map(([a, act]): InputEvent =>
    Object.assign(head('outcome'), {
      broker: a,
      orderKey: a,
      clientOrderId: a,
      action: act,
      outcome: 'unknown' as const,
      category: 'timeout' as const,
      reason: a,
    }),
  ),
);

function head<K extends string>(
  kind: K,
): { kind: K; seq: number; sub: number; at: number; ts: number; source: string } {
  return { kind, seq: 0, sub: 0, at: 0, ts: 9, source: 'engine' };
}

/** Any child, of every kind. */
export const child: fc.Arbitrary<Event> = fc.oneof(
  bar,
  fc.tuple(text, num).map(([t, n]) => make.makeRegime(1, t, 0, t, 'calm', n, t)),
  intent.map((i) => make.makeIntent(i)),
  intent.map((i) => mintApproved(i, dec('1.5'), () => make.makeDenied(i, 'X', 'X', 'risk'))),
  intent.map((i) => mintCommand(mintApproved(i, dec('1.5'), () => make.makeDenied(i, 'X', 'X', 'risk')))),
  fc.tuple(intent, text).map(([i, t]) => make.makeDenied(i, 'MAX_POSITION', t, 'queue')),
  intent.map((i) => make.makeQueued(i, 'rate')),
  intent.map((i) => make.makeSuperseded(i, 'annihilated', 'cancel')),
  intent.map((i) => make.makeDispatch('c1', 'c0', 'sim', i)),
  order.map((o) => make.makeOrder(o)),
  fc.tuple(text, decimal).map(([t, d]) =>
    make.makePosition({
      account: t,
      instrument: t,
      ix: 3,
      quantity: d,
      averagePrice: d,
      realizedPnl: d,
      fees: d,
    }),
  ),
  fc.tuple(text, num).map(([t, n]) => make.makeMark(t, 0, t, n, t)),
  text.map((t) => make.makeLog('anomaly', 'ORDER_ANOMALY', t)),
  text.map((t) => make.makeHalt('KILL', t)),
);

export const turns: fc.Arbitrary<readonly { input: InputEvent; children: readonly Event[] }[]> = fc
  .array(fc.tuple(input, fc.array(child, { maxLength: 4 })), { minLength: 1, maxLength: 6 })
  .map((all) => all.map(([event, children], i) => turn(i + 1, event, children)));
