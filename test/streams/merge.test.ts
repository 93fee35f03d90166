import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InputEvent } from '../../src/model/event.js';
import { makeTrade, receivedAt } from '../../src/model/make.js';
import { mergeBatches, type MergeInput } from '../../src/streams/merge.js';

const trade = (source: string, at: number, id: number): InputEvent =>
  receivedAt(makeTrade(source, 0, 'X', 0, 1, 1, 0, String(id)), at);

async function drain(inputs: MergeInput[], size?: number): Promise<InputEvent[]> {
  const all: InputEvent[] = [];
  for await (const batch of mergeBatches(inputs, size)) all.push(...batch);
  return all;
}

describe('mergeBatches', () => {
  it('orders by (at, input, order within the input), however batches are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 30 }), fc.boolean(), fc.boolean()),
          { maxLength: 6 },
        ),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 50 }),
        async (lists, cut, size) => {
          const events = lists.map(([ats], s) =>
            ats.sort((a, b) => a - b).map((at, i) => trade(String(s), at, i)),
          );
          const inputs = events.map((list, s): MergeInput => {
            const batches: InputEvent[][] = [];
            for (let i = 0; i < list.length; i += cut) batches.push(list.slice(i, i + cut), []);
            const first = list[0]?.at;
            const read = lists[s]?.[1] === true ? () => batches : () => slowly(batches);
            return lists[s]?.[2] === true && first !== undefined
              ? { first, batches: read }
              : { batches: read };
          });
          const wanted = events.flat().sort((a, b) => a.at - b.at || Number(a.source) - Number(b.source));
          expect(await drain(inputs, size)).toEqual(wanted);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('opens an input with a known start only when it gets there, and closes what is left', async () => {
    const opened: string[] = [];
    const closed: string[] = [];
    const input = (name: string, ats: number[]): MergeInput => ({
      first: ats[0] ?? 0,
      async *batches() {
        opened.push(name);
        try {
          for (const at of ats) {
            await Promise.resolve();
            yield [trade(name, at, 0)];
          }
        } finally {
          closed.push(name);
        }
      },
    });
    for await (const batch of mergeBatches([input('a', [1, 2, 3]), input('b', [10, 11])], 1)) {
      if (batch[0]?.at === 2) {
        expect(opened).toEqual(['a']);
        break;
      }
    }
    expect(closed).toEqual(['a']);
  });

  it('passes an error on', async () => {
    const broken: MergeInput = {
      batches: () => {
        throw new Error('disk gone');
      },
    };
    await expect(drain([broken])).rejects.toThrow('disk gone');
  });
});

async function* slowly(batches: InputEvent[][]): AsyncGenerator<InputEvent[]> {
  for (const batch of batches) {
    await Promise.resolve();
    yield batch;
  }
}
