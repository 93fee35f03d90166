import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { auditSpec } from '../../../src/topology/components/sinks/audit.js';
import { busSpec } from '../../../src/topology/components/sinks/bus.js';
import { journalSpec } from '../../../src/topology/components/sinks/journal.js';
import { ordersSpec } from '../../../src/topology/components/sinks/orders.js';
import { prometheusSpec } from '../../../src/topology/components/sinks/prometheus.js';
import { recordsSpec } from '../../../src/topology/components/sinks/records.js';
import { RESERVED } from '../../../src/topology/registry.js';

describe.each([auditSpec, busSpec, journalSpec, ordersSpec, prometheusSpec, recordsSpec])(
  'sink $type',
  (spec) => {
    it.each(spec.examples)('example %s', (example) => {
      const options = Object.entries(parse(example) as Record<string, unknown>).filter(
        ([key]) => !RESERVED.sinks.includes(key),
      );
      const config = Object.fromEntries(options);
      expect(spec.config.safeParse(config).error).toBeUndefined();
      expect(spec.config.safeParse({ ...config, nonsense: 1 }).success).toBe(false);
    });

    it('has an example, and says what every option means', () => {
      expect(spec.examples.length).toBeGreaterThan(0);
      for (const [name, field] of Object.entries(spec.config.shape) as [
        string,
        { readonly description?: string },
      ][])
        expect([name, field.description?.endsWith('.')]).toEqual([name, true]);
    });
  },
);

it.each([
  [prometheusSpec, { listen: '9464' }, 'an address and a port'],
  [prometheusSpec, { listen: 'localhost:70000' }, 'an address and a port'],
  [recordsSpec, { path: 'x', zone: 'Mars/Base' }, 'a time zone name'],
  [recordsSpec, { path: 'x', equity_every: '0s' }, 'a duration above zero'],
  [auditSpec, { path: '' }, 'expected string to have >=1 characters'],
  [journalSpec, { durability: 'maybe' }, 'expected one of "fsync"|"os"|"none"'],
] as const)('%#: a wrong option is refused with what is expected', (spec, config, message) => {
  expect(spec.config.safeParse(config).error?.issues[0]?.message).toContain(message);
});
