import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parseEnvFile } from '../../src/topology/env-file.js';
import { formatGithub, type Diagnostic } from '../../src/topology/diagnostic.js';
import { distance, suggest } from '../../src/topology/suggest.js';
import { broken, folder, GOOD, load, report } from './fixtures.js';

test('variables: value, default, empty, escape; numbers and booleans by the schema', async () => {
  const text = broken(
    'host: 127.0.0.1',
    'host: "${HOST}-${ZONE:-eu}-$${X}", port: "${PORT}", testnet: "${TEST:-true}"',
  );
  const { topology, diagnostics } = await load(text, { environment: { HOST: 'h', PORT: '99', ZONE: '' } });
  expect(diagnostics).toEqual([]);
  expect(topology?.brokers[0]?.config).toEqual({ host: 'h-eu-${X}', port: 99, testnet: true });
});

test('a variable inside { } needs quotes, and the error says so', async () => {
  const { diagnostics } = await load(broken('host: 127.0.0.1', 'host: ${HOST}'));
  expect(diagnostics.map(({ code, message, help }) => [code, message, help])).toEqual([
    ['E001', 'not valid YAML: inside { } and [ ] the text ${...} needs quotes.', 'write it as "${...}".'],
  ]);
});

test('a variable that looks like a number stays text where the schema wants text', async () => {
  const { topology } = await load(broken('host: 127.0.0.1', 'host: "${HOST}"'), {
    environment: { HOST: '42' },
  });
  expect(topology?.brokers[0]?.config.host).toBe('42');
});

test('a variable cannot change the structure, and comments are not read', async () => {
  const text = broken('host: 127.0.0.1 }', 'host: "${HOST}" } # ${NOT_SET}');
  const { topology } = await load(text, { environment: { HOST: 'x, port: 1 }\n  evil: {' } });
  expect(topology?.brokers.map(({ name }) => name)).toEqual(['acme', 'sim']);
});

test('secrets never show', async () => {
  const text = broken('host: 127.0.0.1', 'host: 127.0.0.1, secret: "${secret:KEY}", port: "${secret:KEY}"');
  const seen: string[] = [];
  const bad = await load(text, { environment: { KEY: 'hunter22' }, onSecret: (value) => seen.push(value) });
  expect(JSON.stringify(bad.diagnostics)).not.toContain('hunter22');
  expect(bad.diagnostics[0]?.message).toBe(
    '"port" must be a whole number at least 1 and at most 65535; got a secret of another form.',
  );
  const good = await load(broken('host: 127.0.0.1', 'host: 127.0.0.1, secret: "${secret:KEY}"'), {
    environment: { KEY: 'hunter22' },
  });
  expect(good.topology?.brokers[0]?.config.secret).toBe('hunter22');
  expect(good.topology?.configurationText).toContain('secret: "***"');
  expect(good.topology?.configurationText).not.toContain('hunter22');
  const other = await load(broken('host: 127.0.0.1', 'host: 127.0.0.1, secret: "${secret:KEY}"'), {
    environment: { KEY: 'hunter23' },
  });
  expect(other.topology?.configurationHash).toBe(good.topology?.configurationHash);
  expect(new Set(seen)).toEqual(new Set(['hunter22']));
});

test('a secret can come from a file', async () => {
  const dir = folder({ key: 's3cret\n' });
  const text = broken('host: 127.0.0.1', 'host: h, secret: "${secret:KEY}"');
  const { topology } = await load(text, { environment: { KEY_FILE: join(dir, 'key') } });
  expect(topology?.brokers[0]?.config.secret).toBe('s3cret');
});

test('env files: quotes, comments, export; the environment wins; a bad line is an error that does not show it', async () => {
  const found: Diagnostic[] = [];
  const text = '# c\nA=1\nexport B=\'two # x\'\nC="th\\nree" # c\nD=four # c\n\nE=\n';
  expect(parseEnvFile(text, 'e', found)).toEqual({ A: '1', B: 'two # x', C: 'th\nree', D: 'four', E: '' });
  expect(found).toEqual([]);
  const { diagnostics } = await load(GOOD, { envFiles: ['env'] }, { env: 'OK=1\nmy secret\n' });
  expect(diagnostics.map(({ code, place, message }) => [code, place.file, place.line, message])).toEqual([
    ['E003', 'env', 2, 'this line is not KEY=VALUE.'],
  ]);
  const both = await load(
    broken('host: 127.0.0.1', 'host: "${HOST}-${PORT}"'),
    { envFiles: ['env'], environment: { HOST: 'wins' } },
    { env: 'HOST=loses\nPORT=1\n' },
  );
  expect(both.topology?.brokers[0]?.config.host).toBe('wins-1');
});

test('--set overrides, adds options, and reads YAML', async () => {
  const { topology, diagnostics } = await load(GOOD, {
    set: [
      'operators.bars.every=5m',
      'mode=replay',
      'sources.market.emit=[bar]',
      'sources.market.broker=sim',
      'operators.bars.inputs.0=ticks',
      'brokers.acme.port=1',
    ],
  });
  expect(diagnostics.map(({ code }) => code)).toEqual(['W503']);
  expect(topology?.mode).toBe('replay');
  expect(topology?.operators[1]?.config.every).toBe(300_000_000);
  expect(topology?.sources[0]?.config.emit).toEqual(['bar']);
});

test('a relative path of --set starts at the current folder', async () => {
  const result = await load(GOOD, { set: ['sinks.audit.path=../x.jsonl'] });
  const path = String(result.topology?.sinks[2]?.config.path);
  expect(path).toBe(resolve(String(result.topology?.baseDir), '../x.jsonl'));
});

test('mistakes of --set point into it', async () => {
  const set = [
    'operators.bar.every=5m',
    'operators.bars.every=5',
    'operators.bars.evry=5m',
    'operators=1',
    'brokrs.a.b=1',
    'nonsense',
    'name.x=1',
    'sinks.audit.path=[',
    'operators.bars.inputs.7=x',
  ];
  expect(await report(GOOD, { set })).toMatchInlineSnapshot(`
    "--set:1:11: error E112: there is no "bar" under operators:.
        1 | operators.bar.every=5m
          |           ^^^
          = help: did you mean "bars"?
    --set:2:22: error E105: "every" must be a duration with a unit, for example 500ms, 5s or 1m; got the number 5.
        2 | operators.bars.every=5
          |                      ^
          = help: write 5s for seconds or 5ms for milliseconds.
    --set:3:1: error E103: bars has no field "evry".
        3 | operators.bars.evry=5m
          | ^^^^^^^^^^^^^^^^^^^
          = help: did you mean "every"?
    --set:4:1: error E112: --set changes one option; "operators" is not an option.
        4 | operators=1
          | ^^^^^^^^^
          = help: write --set operators.NAME.OPTION=VALUE.
    --set:5:1: error E112: there is no "brokrs" in a topology.
        5 | brokrs.a.b=1
          | ^^^^^^
          = help: did you mean "brokers"?
    --set:6:1: error E112: "nonsense" is not PATH=VALUE.
        6 | nonsense
          | ^^^^^^^^
          = help: write for example --set operators.bars.every=5m.
    --set:7:1: error E112: "name.x" leads into a value that has no parts.
        7 | name.x=1
          | ^^^^^^
          = help: shorten the path; list items are numbered from 0.
    --set:8:19: error E001: not valid YAML: a closing quote, bracket or colon is missing.
        8 | sinks.audit.path=[
          |                   ^
          = help: close what was opened on this line.
    --set:9:1: error E112: "operators.bars.inputs.7" leads into a value that has no parts.
        9 | operators.bars.inputs.7=x
          | ^^^^^^^^^^^^^^^^^^^^^^^
          = help: shorten the path; list items are numbered from 0.
    9 errors, 0 warnings"
  `);
});

test('several files are joined; a name in both is an error that names both places', async () => {
  const brokers =
    'brokers:\n  acme: { type: acme, host: 127.0.0.1 }\n  sim:  { type: paper, prices: ticks, cash: { USDT: 100000 }, latency: 40ms }\n';
  const names = ['topology.yaml', 'brokers.yaml'];
  const joined = await load(broken(brokers, ''), {}, { 'brokers.yaml': brokers }, names);
  expect(joined.diagnostics).toEqual([]);
  expect(joined.topology?.brokers.length).toBe(2);
  expect(await report(GOOD, {}, { 'brokers.yaml': `name: other\nversion: 1\n${brokers}` }, names))
    .toMatchInlineSnapshot(`
    "brokers.yaml:1:1: error E107: "name" is already set at topology.yaml:2.
        1 | name: other
          | ^^^^
          = help: set it in one file only, or override it with --set.
    brokers.yaml:4:3: error E107: the name "acme" is already used under brokers: at topology.yaml:6.
        4 |   acme: { type: acme, host: 127.0.0.1 }
          |   ^^^^
          = help: rename one of them; a change for one run is \`--set\`.
    brokers.yaml:5:3: error E107: the name "sim" is already used under brokers: at topology.yaml:7.
        5 |   sim:  { type: paper, prices: ticks, cash: { USDT: 100000 }, latency: 40ms }
          |   ^^^
          = help: rename one of them; a change for one run is \`--set\`.
    3 errors, 0 warnings"
  `);
});

test('exact decimals keep every digit', async () => {
  const { topology } = await load(broken('max_position: 0.05', 'max_position: 12345678901234567.123456789'));
  const { limits } = topology?.operators[3]?.config as { limits: { max_position: { toString(): string } } };
  expect(limits.max_position.toString()).toBe('12345678901234567.123456789');
});

test('files that cannot be read, are empty, or are no map', async () => {
  expect(await report(GOOD, {}, {}, ['none.yaml'])).toMatchInlineSnapshot(`
    "none.yaml:1:1: error E002: the file cannot be read: there is no such file.
          = help: check the path; \`millrace new topology NAME\` makes a file.
    1 error, 0 warnings"
  `);
  expect(await report('')).toMatchInlineSnapshot(`
    "topology.yaml:1:1: error E001: not valid YAML: the file is empty.
        1 | 
          | ^
          = help: start with \`millrace new topology NAME\`.
    1 error, 0 warnings"
  `);
  expect(await report('- a\n')).toMatchInlineSnapshot(`
    "topology.yaml:1:1: error E001: a topology is a map of version, name, sources and so on.
        1 | - a
          | ^^^
          = help: start with \`millrace new topology NAME\`.
    1 error, 0 warnings"
  `);
  expect(await report('version: 1\nname: x\nbrokers: &a { b: *a }\n')).toMatchInlineSnapshot(`
    "topology.yaml:3:13: error E001: not valid YAML: aliases make this file refer to itself or grow without end.
        3 | brokers: &a { b: *a }
          |             ^^^^^^^^^
          = help: write the values out.
    1 error, 0 warnings"
  `);
});

test('plugins: TypeScript and JavaScript, with the cause when they fail', async () => {
  const dir = folder({});
  writeFileSync(
    join(dir, 'good.ts'),
    `import { z } from 'zod';
const every: number = 1;
export default { api: 1, components: [{ section: 'operators', type: 'mine', summary: 'Mine.', config: z.strictObject({ n: z.int().default(every) }), examples: [], reload: 'restart', accepts: ['trade'], emits: 'same', make: () => (s: unknown) => s }] };`,
  );
  writeFileSync(join(dir, 'bad.mjs'), 'throw new Error("no licence");');
  writeFileSync(join(dir, 'empty.mjs'), 'export default 1;');
  writeFileSync(
    join(dir, 'taken.mjs'),
    `import { z } from 'zod'; export default [{ section: 'operators', type: 'bars', summary: 'x', config: z.strictObject({}), examples: [], reload: 'hot', accepts: [], emits: [], make() {} }];`,
  );
  const text = broken(
    'brokers:',
    `plugins: [${dir}/good.ts, ${dir}/bad.mjs, ${dir}/empty.mjs, ${dir}/taken.mjs]\nbrokers:`,
    broken('type: normalize', 'type: mine', broken('    stale_after: 5s\n', '')),
  );
  const { diagnostics } = await load(text);
  expect(diagnostics.map(({ code, message }) => `${code} ${message.replaceAll(dir, '')}`)).toEqual([
    'E108 plugin /bad.mjs cannot be used: no licence.',
    'E108 plugin /empty.mjs cannot be used: it must export default definePlugin({ api: 1, components: [...] }).',
    `E108 plugin /taken.mjs cannot be used: two operator components are called "bars": one from fixtures, one from ${'/taken.mjs'}.`,
  ]);
});

test('suggestions', () => {
  expect(distance('equites', 'equities')).toBe(1);
  expect(distance('positoin', 'position')).toBe(1);
  expect(suggest('barz', ['bars', 'risk'])).toBe('bars');
  expect(suggest('xyz', ['bars', 'risk'])).toBeUndefined();
});

test('github annotations', async () => {
  const { diagnostics } = await load(broken('every: 1m', 'every: 60'));
  expect(formatGithub(diagnostics)).toMatchInlineSnapshot(
    `"::error file=topology.yaml,line=21,col=12,endColumn=14,title=E105::E105 "every" must be a duration with a unit, for example 500ms, 5s or 1m; got the number 60. help: write 60s for seconds or 60ms for milliseconds."`,
  );
});
