import { expect, test } from 'vitest';
import { tempFolder } from '../support/run-topology.js';
import { runCampaign } from './campaign.js';

/** A slice of `npm run test:faults`: every kind of fault from one seed, and everything equal afterwards. */
test('orders, fills, money and feed survive a mix of all faults', { timeout: 120_000 }, async () => {
  const seed = 11;
  const result = await runCampaign({ seed, orders: 60, longest: 20_000, folder: tempFolder() });
  const again = `npm run test:faults -- --orders 60 --seed ${seed} --minutes 0.4`;
  expect(result.wrong, `${again}\n${JSON.stringify(result.injected)}`).toEqual([]);
  expect(result.fills).toBeGreaterThan(0);
  expect(Object.keys(result.injected).length).toBeGreaterThan(3);
});
