import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { NO_FAULTS, type Faults } from './support/flaky-broker.js';
import { OrderPathRig, type Scenario } from './support/order-path-rig.js';

const RUNS = Number(process.env['ORDER_PATH_RUNS'] ?? 25);

const base: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.nat(),
  faults: fc.constant(NO_FAULTS),
  events: fc.constantFrom(60, 300),
  activity: fc.constantFrom(0.2, 0.6),
  orders: fc.constantFrom('100/s', '3/s', '1/2s', '2.5/s'),
  cancels: fc.constantFrom('10/s', '1/s'),
  messages: fc.constantFrom('100/s', '4/s', '1/s'),
  onLimit: fc.constantFrom('defer', 'reject'),
  maxQueue: fc.constantFrom(3, 1_000),
  maxPosition: fc.constantFrom(6, 20),
  latency: fc.constantFrom('0ms', '40ms', '900ms'),
  reportLatency: fc.constantFrom('0ms', '0ms', '300ms'),
  slowJournal: fc.boolean(),
  controls: fc.constantFrom(0, 0.05),
  accountType: fc.constantFrom('cash', 'margin', 'margin'),
  displayed: fc.boolean(),
  strategies: fc.constantFrom(1, 2),
  strategyReadsFills: fc.boolean(),
  stop: fc.constantFrom('leave', 'cancel'),
});

const faults: fc.Arbitrary<Faults> = fc.record({
  duplicate: fc.constantFrom(0, 0.3),
  late: fc.constantFrom(0, 0.3),
  delayMs: fc.constantFrom(50, 3_000),
  drop: fc.constantFrom(0, 0.05),
  notSent: fc.constantFrom(0, 0.1),
  unknown: fc.constantFrom(0, 0.1),
});

const seen: Record<string, number> = {};

async function hold(scenario: Scenario): Promise<void> {
  const rig = new OrderPathRig(scenario);
  await rig.run();
  for (const [what, n] of Object.entries(rig.invariants.seen)) seen[what] = (seen[what] ?? 0) + n;
  expect(rig.verify()).toBe(undefined);
}

const seed = Number(process.env['ORDER_PATH_SEED'] ?? Date.now() & 0x7fffffff);
const settings = { numRuns: RUNS, seed, endOnFailure: process.env['ORDER_PATH_SHRINK'] === undefined };

beforeAll(() => console.info(`order path: ORDER_PATH_SEED=${seed}`));

describe('the order path', () => {
  test('on a good wire: every rule holds, State and venue agree, replay is identical', async () => {
    await fc.assert(fc.asyncProperty(base, hold), settings);
  }, 120_000);

  test('on a bad wire: every rule holds and replay is identical', async () => {
    await fc.assert(
      fc.asyncProperty(base, faults, (scenario, wire) => hold({ ...scenario, faults: wire })),
      settings,
    );
  }, 120_000);

  test('the runs were rich enough to prove something', () => {
    for (const what of [
      'dispatch new',
      'dispatch replace',
      'dispatch cancel',
      'queued',
      'superseded',
      'position',
    ])
      expect([what, (seen[what] ?? 0) > 10]).toEqual([what, true]);
  });
});
