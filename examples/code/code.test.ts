import { loadTopology, run } from 'millrace';
import { tradeOf } from 'millrace/testing';
import { from, lastValueFrom, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import { vwapOf } from './bare-operators.js';
import { pipeline } from './pipeline.js';

test('the pipeline in code trades exactly as the YAML it repeats', async () => {
  const { topology } = await loadTopology([`${import.meta.dirname}/../strategies/first.yaml`]);
  if (topology === undefined) throw new Error('the example has mistakes');
  const [code, yaml] = [await run(pipeline()), await run(topology)];
  const figures = ({ orders, fills, denied, equity, events }: typeof code): object => ({
    orders,
    fills,
    denied,
    equity,
    events,
  });
  expect(figures(code)).toEqual(figures(yaml));
  expect(code.orders).toBeGreaterThan(5);
});

test('operators compose without the engine', async () => {
  const trades = [tradeOf(100, 1), tradeOf(102, 3), tradeOf(110, 2), tradeOf(104, 2)];
  expect(await lastValueFrom(vwapOf(from(trades)).pipe(toArray()))).toEqual([102, 103]);
});
