import { expect, test } from 'vitest';
import { tempFolder } from '../support/run-topology.js';
import { endure, growth } from './endurance.js';

/** A slice of `npm run test:endurance -- --disconnects 1000`. */
test('connections that are cut again and again leave no socket behind', { timeout: 120_000 }, async () => {
  const result = await endure({ folder: tempFolder(), rate: 50, disconnects: 20, length: 0 });
  expect(result.failure).toBe('');
  expect(result.disconnects).toBe(20);
  expect(growth(result.samples).sockets).toBeLessThanOrEqual(0);
});
