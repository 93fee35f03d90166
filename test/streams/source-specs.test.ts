import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { pollingSpec } from '../../src/topology/components/sources/polling.js';
import { replaySpec } from '../../src/topology/components/sources/replay.js';
import { syntheticSpec } from '../../src/topology/components/sources/synthetic.js';

describe.each([replaySpec, syntheticSpec, pollingSpec])('source $type', (spec) => {
  it.each([...spec.examples])('has an example that parses: %s', (example) => {
    expect(spec.config.safeParse(parse(example)).error?.issues ?? []).toEqual([]);
  });

  it('describes every option', () => {
    for (const [name, field] of Object.entries(spec.config.shape))
      expect([name, typeof field.description]).toEqual([name, 'string']);
  });
});
