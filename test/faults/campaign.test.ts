import { expect, test } from 'vitest';
import { tempFolder } from '../support/run-topology.js';
import { runCampaign } from './campaign.js';

/** A slice of `npm run test:faults`: every kind of fault from one seed, and everything equal afterwards. */
test('orders, fills, money and feed survive a mix of all faults', { timeout: 120_000 }, async () => {
  const seed = 11;
  const result = await runCampaign({ seed, orders: 120, longest: 5_000, every: 150, folder: tempFolder() });
  const again = `npm run test:faults -- --orders 120 --seed ${seed} --minutes 0.084 --every 150`;
  expect(result.wrong, `${again}\n${JSON.stringify(result.injected)}`).toEqual([]);
  expect(result.fills).toBeGreaterThan(0);
  expect(Object.keys(result.injected).length).toBeGreaterThan(1);
});
