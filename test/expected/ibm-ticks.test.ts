import { describe, expect, it } from 'vitest';
import type { BarEvent } from '../../src/model/event.js';
import { expected, market, rows, runFiles } from './support.js';

interface Published {
  readonly result: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const OPEN_MS = 34_200_000;
const CLOSE_MS = 57_600_000;
const DAYS = ['07', '08', '09', '10', '11'];

/** Milliseconds since local midnight: New York is four hours behind UTC in October. */
const sinceMidnight = (start: number): number => (start / 1000 - 4 * 3_600_000) % 86_400_000;

describe.skipIf(market === undefined)('IBM quote ticks to bars', () => {
  it('close where the vendor’s minute bars close, the last bar of the data included', async () => {
    const run = await runFiles(['ibm-ticks.yaml']);
    const { result } = expected<Published>('lean-bar-aggregation-ibm');
    const bars = run.children.filter((child): child is BarEvent => child.kind === 'bar');
    for (const day of DAYS) {
      const wanted = rows('us-equity', 'minute', 'ibm', `201310${day}_ibm_minute_quote.csv.gz`).filter(
        ([ms = 0]) => ms >= OPEN_MS && ms < CLOSE_MS,
      );
      const own = bars.filter((bar) => new Date(bar.start / 1000).getUTCDate() === Number(day));
      const count = (basis: string, column: number, of: (bar: BarEvent) => number): number => {
        const side = new Map(
          own.filter((bar) => bar.basis === basis).map((bar) => [sinceMidnight(bar.start), of(bar)]),
        );
        return wanted.filter((row) => side.get(row[0] ?? 0) === row[column]).length;
      };
      expect({
        quoteBars: wanted.length,
        bidCloseMatch: count('bid', 4, (bar) => Math.round(bar.close * 10_000)),
        askCloseMatch: count('ask', 9, (bar) => Math.round(bar.close * 10_000)),
        bidSizeMatch: count('bid', 5, (bar) => bar.volume),
      }).toEqual({
        quoteBars: result[`minute 201310${day}`]?.['quoteBars'],
        bidCloseMatch: result[`minute 201310${day}`]?.['bidCloseMatch'],
        askCloseMatch: result[`minute 201310${day}`]?.['askCloseMatch'],
        bidSizeMatch: result[`minute 201310${day}`]?.['bidSizeMatch'],
      });
    }
  });

  it('and where its second bars close', async () => {
    const day = '20131009';
    const run = await runFiles(
      ['ibm-ticks.yaml'],
      [
        `sources.ticks.path=${market ?? ''}/us-equity/tick/ibm/${day}_ibm_Quote_Tick.csv.gz`,
        'operators.bars.every=1s',
      ],
    );
    const bars = run.children.filter((child): child is BarEvent => child.kind === 'bar');
    const wanted = rows('us-equity', 'second', 'ibm', `${day}_ibm_second_quote.csv.gz`).filter(
      ([ms = 0]) => ms >= OPEN_MS && ms < CLOSE_MS,
    );
    const closes = (basis: string): Map<number, number> =>
      new Map(
        bars
          .filter((bar) => bar.basis === basis)
          .map((bar) => [sinceMidnight(bar.start), Math.round(bar.close * 10_000)]),
      );
    const bid = closes('bid');
    const ask = closes('ask');
    const wrong = wanted.filter((row) => bid.get(row[0] ?? 0) !== row[4] || ask.get(row[0] ?? 0) !== row[9]);
    expect(wrong.length).toBeLessThanOrEqual(1); // one ask close of the five days differs from the vendor's
    expect(wanted.length).toBeGreaterThan(10_000);
  });
});
