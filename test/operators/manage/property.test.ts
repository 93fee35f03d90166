import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Decimal, ZERO } from '../../../src/model/decimal.js';
import { seededRandom } from '../../../src/model/random.js';
import { doubts } from '../../../src/engine/recover/doubts.js';
import type { Place } from '../../../src/operators/strategy/place.js';
import type { State, SavedState } from '../../../src/state/state.js';
import type { StateView } from '../../../src/state/view.js';
import { NO_FAULTS, type Faults } from '../../engine/support/flaky-broker.js';
import { Desk, type DeskOptions } from './desk.js';

const RUNS = Number(process.env['LINKED_RUNS'] ?? 15);
const seed = Number(process.env['LINKED_SEED'] ?? Date.now() & 0x7fffffff);

interface Scenario {
  readonly seed: number;
  readonly faults: Faults;
  readonly exits: 'both' | 'one';
  readonly stops: 'auto' | 'emulated';
  readonly reduce_only: 'keep' | 'drop';
  readonly on_reject: 'retry' | 'flatten';
  readonly latency: string;
  readonly events: number;
  /** In the middle: not, when all was answered, or while answers are on their way. */
  readonly restart: 'no' | 'settled' | 'at once';
  readonly side: 'buy' | 'sell';
}

const good: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.nat(),
  faults: fc.constant(NO_FAULTS),
  exits: fc.constantFrom('both', 'one'),
  stops: fc.constantFrom('auto', 'emulated'),
  reduce_only: fc.constantFrom('keep', 'drop'),
  on_reject: fc.constantFrom('retry', 'flatten'),
  latency: fc.constantFrom('0ms', '30ms', '400ms'),
  events: fc.constantFrom(40, 150),
  restart: fc.constantFrom('no', 'settled', 'at once'),
  side: fc.constantFrom('buy', 'sell'),
});
const bad: fc.Arbitrary<Faults> = fc.record({
  duplicate: fc.constantFrom(0, 0.4),
  late: fc.constantFrom(0, 0.3),
  delayMs: fc.constantFrom(50, 2_000),
  drop: fc.constant(0),
  notSent: fc.constantFrom(0, 0.1),
  unknown: fc.constant(0),
});

const prices = (side: 'buy' | 'sell', at: number): [string, string] =>
  side === 'buy' ? [String(at + 3), String(at - 3)] : [String(at - 3), String(at + 3)];

/** Every fill once, by its id: what the position must be. */
function summed(desk: Desk): Decimal {
  const seen = new Set<string>();
  let sum = ZERO;
  for (const event of desk.inputs) {
    if (event.kind !== 'execution' || event.report !== 'fill' || event.fill === undefined) continue;
    if (seen.has(event.execId)) continue;
    seen.add(event.execId);
    sum = event.side === 'buy' ? sum.plus(event.fill.quantity) : sum.minus(event.fill.quantity);
  }
  return sum;
}

const seen: Record<string, number> = {};

async function hold(scenario: Scenario): Promise<void> {
  const random = seededRandom(scenario.seed);
  const pick = (n: number): number => Math.floor(random() * n);
  let price = 100;
  const scripts = {
    enter: (place: Place, [at = '', quantity = '', limited = '', trails = '']: readonly string[]) => {
      const [target, stop] = prices(scenario.side, Number(at));
      const limit = scenario.side === 'buy' ? Number(at) + 1 : Number(at) - 1;
      return place.bracket({
        side: scenario.side,
        quantity,
        ...(limited === 'yes' ? { limitPrice: limit } : {}),
        takeProfit: target,
        stopLoss: trails === 'no' ? { stopPrice: stop } : { trailing: { offset: 2 } },
      });
    },
    // Of entries only: a strategy that takes its stops away has no protection, and that is its own wish.
    cancel: (place: Place, _words: readonly string[], view: StateView) =>
      [...view.orders.open()]
        .filter(({ orderKey, state }) => !orderKey.includes('.') && state !== 'pending_cancel')
        .map(({ orderKey }) => place.cancel(orderKey)),
  };
  const options: DeskOptions = {
    scripts,
    seed: scenario.seed,
    faults: scenario.faults,
    paper: { latency: scenario.latency, report_latency: scenario.latency },
    manage: {
      exits: scenario.exits,
      stops: scenario.stops,
      on_reject: scenario.on_reject,
      reduce_only: scenario.reduce_only,
    },
  };
  const enter = (at: number): string =>
    `enter ${Math.round(at)} ${1 + pick(9)} ${random() < 0.5 ? 'yes' : 'no'} ${random() < 0.5 ? 'yes' : 'no'}`;
  let desk = await new Desk(options).open();
  const watched = (one: Desk): void => {
    one.onTurn = () => check(one.engine.state, scenario);
  };
  watched(desk);
  let before = ZERO;
  desk.quote(99.5, 100.5);
  for (let i = 0; i < scenario.events; i++) {
    price = Math.max(20, price + (random() - 0.5) * 3);
    const bid = Math.round(price * 2) / 2;
    const what = random();
    if (what < 0.5) desk.quote(bid, bid + 0.5, 1 + pick(6));
    else desk.trade(bid, what < 0.62 ? enter(price) : what < 0.68 ? 'cancel' : '', 1 + pick(6));
    desk.wait(pick(3) === 0 ? pick(5_000) : pick(300));
    if (scenario.restart !== 'no' && i === Math.floor(scenario.events / 2)) {
      if (scenario.restart === 'settled') desk.wait(10_000);
      expect(desk.verify()).toBe(undefined);
      before = desk.position;
      expect(summed(desk).toString()).toBe(before.toString());
      const saved: SavedState = desk.snapshot();
      await desk.engine.close();
      desk = new Desk({ ...options, opening: saved, at: desk.at + 5_000_000 });
      expect(desk.engine.state.emulated.openCount()).toBe(saved.emulated?.open.length);
      // As a restart does: what was on its way to a simulated venue did not arrive.
      await desk.open(doubts(desk.engine.state, desk.engine.brokers, desk.at));
      watched(desk);
    }
  }
  // The market comes to every stop, up and down, until all is done.
  desk.trade(price, 'cancel');
  for (const to of [price, 10, 400, 10, 400]) {
    desk.quote(to, to + 0.5, 1_000).trade(to);
    desk.wait(5_000);
    desk.quote(to, to + 0.5, 1_001).trade(to);
    desk.wait(5_000);
  }
  desk.wait(120_000);
  const { state } = desk.engine;
  for (const code of desk.codes('log')) seen[code] = (seen[code] ?? 0) + 1;
  seen[state.control.trading] = (seen[state.control.trading] ?? 0) + 1;
  seen['filled'] =
    (seen['filled'] ?? 0) + desk.inputs.filter((e) => e.kind === 'execution' && e.report === 'fill').length;
  expect(state.portfolio.position('sim', 0)?.quantity.toString() ?? '0').toBe(
    before.plus(summed(desk)).toString(),
  );
  if (state.control.trading === 'active') {
    expect([...state.orders.open()].map((o) => `${o.orderKey} ${o.state}`)).toEqual([]);
    expect(desk.held).toEqual([]);
    expect(desk.position.toString()).toBe('0');
  }
  expect(desk.verify()).toBe(undefined);
}

/**
 * Exits that stand at the venue never come to more than what they protect: with one exit at a time in all, with both
 * each leg alone. A leg that leaves at once while a cancel is out is the race the documentation names.
 */
function check(state: State, { exits }: Scenario): void {
  const groups = new Map<string, Decimal>();
  for (const held of state.emulated.open()) {
    const { parent, children, watch } = held;
    if (parent === undefined || watch?.triggered === true || held.failures > 0) continue;
    const out = children
      .filter((c) => c.purpose === 'work' && ['accepted', 'partially_filled', 'submitted'].includes(c.state))
      .filter((c) => c.replacing === 'no' && c.cancelledAt === 0)
      .reduce((sum, c) => sum.plus(c.quantity), ZERO);
    const key = exits === 'one' ? parent.key : held.key;
    groups.set(key, (groups.get(key) ?? ZERO).plus(out));
    if (groups.get(key)?.gt(Decimal.max(parent.filled, ZERO)) === true)
      throw new Error(
        `exits of ${parent.key}: ${String(groups.get(key))} at work for ${parent.filled.toString()}`,
      );
  }
}

const settings = { numRuns: RUNS, seed, endOnFailure: process.env['LINKED_SHRINK'] === undefined };

test('on a good wire: sized by fills, position is the sum of fills, nothing is left over', async () => {
  console.info(`linked orders: LINKED_SEED=${seed}`);
  await fc.assert(fc.asyncProperty(good, hold), settings);
}, 120_000);

test('on a bad wire', async () => {
  await fc.assert(
    fc.asyncProperty(good, bad, (scenario, faults) => hold({ ...scenario, faults })),
    settings,
  );
}, 120_000);

test('LINKED_SEED=2101082218: an entry that filled late, after its exits were done, is protected again', async () => {
  await hold({
    ...{ seed: 460080974, exits: 'one', stops: 'emulated', reduce_only: 'drop', on_reject: 'flatten' },
    ...{ latency: '400ms', events: 40, restart: 'no', side: 'sell' },
    faults: { duplicate: 0.4, late: 0.3, delayMs: 2_000, drop: 0, notSent: 0.1, unknown: 0 },
  });
});

test('the runs were rich enough to prove something', () => {
  console.info(JSON.stringify(seen));
  for (const what of ['filled', 'active']) expect([what, (seen[what] ?? 0) > RUNS]).toEqual([what, true]);
});
