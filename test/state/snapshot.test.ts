import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal, dec } from '../../src/model/decimal.js';
import { pack, unpack } from '../../src/state/pack.js';
import { State, type SavedState } from '../../src/state/state.js';
import { stateConfig } from '../../src/engine/state-config.js';
import { InstrumentTable, toInput } from '../../src/model/instruments.js';
import { OrderPathRig, type Scenario } from '../engine/support/order-path-rig.js';

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(pack(value)));

describe('pack', () => {
  it('gives back what JSON cannot hold', () => {
    const value = {
      numbers: [0, -0, NaN, Infinity, -Infinity, 1e-300],
      none: undefined,
      nothing: null,
      money: dec('-12.340000000000000001'),
      map: new Map<string, unknown>([['a', new Set(['x', 'y'])]]),
      floats: Float64Array.of(1.5, NaN, -0),
      flags: Uint8Array.of(0, 1, 255),
      dictionary: { $d: '1', b: '2' },
    };
    expect(unpack(json(value))).toEqual(value);
  });

  it('gives back any dictionary, list and decimal', () => {
    const leaf = fc.oneof(
      fc.double(),
      fc.string(),
      fc.boolean(),
      fc.constant(undefined),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => new Decimal(n)),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('tree')),
        fc.dictionary(fc.string(), tie('tree')),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        expect(unpack(json(value))).toEqual(value);
      }),
      { numRuns: 300 },
    );
  });
});

const scenario: Scenario = {
  seed: 0,
  faults: { duplicate: 0.2, late: 0.2, delayMs: 500, drop: 0.03, notSent: 0.05, unknown: 0.05 },
  events: 150,
  activity: 0.6,
  orders: '3/s',
  cancels: '10/s',
  messages: '4/s',
  onLimit: 'defer',
  maxQueue: 100,
  maxPosition: 20,
  latency: '40ms',
  reportLatency: '300ms',
  slowJournal: false,
  controls: 0.05,
  accountType: 'margin',
  displayed: true,
  strategies: 2,
  strategyReadsFills: true,
  stop: 'leave',
};

describe('a State that was saved and loaded', () => {
  it('is the same to the last bit, whatever happened before', async () => {
    let waiting = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const rig = new OrderPathRig({ ...scenario, seed });
        rig.onTurn = ({ state, topology, instruments, driver }) => {
          if (driver.seq % 7 !== 0) return;
          const hash = state.hash();
          const saved = unpack(json(state.save())) as SavedState;
          const table = new InstrumentTable(instruments.all.map(toInput));
          const loaded = new State(stateConfig(topology), table);
          loaded.load(saved);
          expect(loaded.hash()).toBe(hash);
          // Nothing is shared that could change afterwards.
          expect(pack(loaded.save())).toEqual(pack(state.save()));
          if (state.queue.size > 0) waiting++;
          for (const order of state.orders.open()) {
            for (const side of ['buy', 'sell'] as const) {
              const { account, ix } = order;
              expect(loaded.orders.exposed(account, ix, side)).toEqual(
                state.orders.exposed(account, ix, side),
              );
            }
            expect(loaded.orders.byClientOrderId(order.clientOrderId)?.orderKey).toBe(
              state.orders.byClientOrderId(order.clientOrderId)?.orderKey,
            );
          }
        };
        await rig.run();
      }),
      { numRuns: 6 },
    );
    expect(waiting).toBeGreaterThan(0);
  }, 120_000);

  it('is untouched by what happens to the State it was saved from', async () => {
    const rig = new OrderPathRig({ ...scenario, seed: 11 });
    const taken: { readonly saved: SavedState; readonly text: string }[] = [];
    rig.onTurn = ({ state, driver }) => {
      if (driver.seq % 50 !== 0) return;
      const saved = state.save();
      taken.push({ saved, text: JSON.stringify(pack(saved)) });
    };
    await rig.run();
    expect(taken.length).toBeGreaterThan(3);
    for (const { saved, text } of taken) expect(JSON.stringify(pack(saved))).toBe(text);
  }, 60_000);
});
