import { readFileSync, readdirSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { builtins } from '../../src/topology/builtins.js';
import { EXPLANATIONS } from '../../src/topology/explain.js';
import { describeText, findDescribed } from '../../src/topology/describe.js';
import { renderGraph } from '../../src/topology/graph.js';
import { topologyJsonSchema } from '../../src/topology/json-schema.js';
import { listText } from '../../src/topology/list.js';
import { newTopology, TEMPLATES } from '../../src/topology/new.js';
import { planText } from '../../src/topology/plan.js';
import { Registry, SECTIONS } from '../../src/topology/registry.js';
import { fixtureRegistry, fixtureSpecs, broken, GOOD, load } from './fixtures.js';

const ajv = new Ajv({ allErrors: true, strict: false, formats: { date: true, uri: true } });
const validate = ajv.compile(topologyJsonSchema(fixtureRegistry));

/** Place and keyword of each complaint, without those of the enclosing `if`. */
function complaints(text: string): readonly string[] {
  validate(parse(text));
  return (validate.errors ?? [])
    .filter(({ keyword }) => keyword !== 'if')
    .map(({ instancePath, keyword, params }) => `${instancePath} ${keyword} ${JSON.stringify(params)}`);
}

test('the JSON schema accepts good files, with variables where numbers stand', () => {
  expect(complaints(GOOD)).toEqual([]);
  expect(complaints(broken('host: 127.0.0.1', 'host: "${H}", port: "${PORT:-1}"'))).toEqual([]);
});

test('the JSON schema says one thing for one mistake', () => {
  expect(complaints(broken('stale_after', 'stale_afer'))).toEqual([
    '/operators/ticks additionalProperties {"additionalProperty":"stale_afer"}',
  ]);
  expect(complaints(broken('type: bars\n', 'type: bar\n'))).toHaveLength(1);
  expect(complaints(broken('    every: 1m\n', ''))).toEqual([
    '/operators/bars required {"missingProperty":"every"}',
  ]);
  expect(complaints(broken('inputs: [ticks]', 'inputs: ticks'))).toEqual([
    '/operators/bars/inputs type {"type":"array"}',
  ]);
  expect(complaints(broken('version: 1', 'version: 2'))).toHaveLength(1);
  expect(complaints(`${GOOD}\nextra: 1\n`)).toHaveLength(1);
});

test('the topologies that come with Millrace fit the schema of its components', () => {
  const own = ajv.compile(topologyJsonSchema(builtins()));
  for (const file of readdirSync('config').filter((name) => name.endsWith('.yaml'))) {
    own(parse(readFileSync(`config/${file}`, 'utf8')));
    expect([file, own.errors ?? []]).toEqual([file, []]);
  }
});

test.each(['mermaid', 'dot', 'svg', 'json'] as const)('graph as %s', async (format) => {
  const { topology } = await load(GOOD);
  if (topology === undefined) throw new Error('the fixture is broken');
  expect(renderGraph(topology, format)).toMatchSnapshot();
});

test('plan', async () => {
  const { topology } = await load(GOOD);
  if (topology === undefined) throw new Error('the fixture is broken');
  expect(planText(topology).replace(/configuration [0-9a-f]{64}/, 'configuration HASH')).toMatchSnapshot();
});

test('list and describe', () => {
  expect(listText(fixtureRegistry, ['brokers', 'operators'])).toMatchSnapshot();
  expect(findDescribed('bars', fixtureRegistry).items.map(describeText).join('\n')).toMatchSnapshot();
  expect(findDescribed('sinks.journal', fixtureRegistry).items).toHaveLength(1);
});

test('every code that can be reported is explained', () => {
  const sources = ['src/topology', 'src/topology/rules'].flatMap((dir) =>
    readdirSync(dir)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(`${dir}/${name}`, 'utf8')),
  );
  const used = new Set(
    sources
      .join('\n')
      .match(/'[EW]\d{3}'/g)
      ?.map((word) => word.slice(1, -1)),
  );
  expect([...used].sort()).toEqual(Object.keys(EXPLANATIONS).sort());
});

test('the registry refuses twins, reserved words and malformed components, naming them', () => {
  const spec = fixtureSpecs.find(({ type }) => type === 'bars');
  if (spec === undefined) throw new Error('no bars');
  expect(() => fixtureRegistry.with([spec], './mine.ts')).toThrow(
    'two operator components are called "bars": one from fixtures, one from ./mine.ts',
  );
  expect(() => new Registry().with([{ ...spec, type: 'Bars' }], 'x')).toThrow(
    'its type "Bars" is not lower-case',
  );
  expect(() => new Registry().with([null as never], 'x')).toThrow('it is null, not a component spec');
});

test('the built-in components document every option', () => {
  for (const section of SECTIONS) {
    for (const spec of builtins().list(section)) {
      const text = describeText({ kind: 'component', spec, from: '' });
      expect(text, spec.type).not.toContain('): another value');
    }
  }
});

test('templates are YAML with the parts of a topology', () => {
  for (const template of TEMPLATES) {
    const body = parse(newTopology('desk', template).text) as Record<string, unknown>;
    expect(Object.keys(body)).toEqual(
      expect.arrayContaining(['version', 'name', 'mode', 'brokers', 'sources', 'operators', 'sinks']),
    );
  }
});
