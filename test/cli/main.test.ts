import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { main } from '../../src/cli/main.js';
import { folder } from '../topology/fixtures.js';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command line inside this process. */
async function run(...args: readonly string[]): Promise<Ran> {
  let out = '';
  let err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
  vi.spyOn(console, 'log').mockImplementation((...words: unknown[]) => void (out += `${words.join(' ')}\n`));
  vi.spyOn(console, 'error').mockImplementation(
    (...words: unknown[]) => void (err += `${words.join(' ')}\n`),
  );
  const code = await main(args);
  vi.restoreAllMocks();
  return { code, out, err };
}

afterEach(() => vi.restoreAllMocks());

const MINIMAL = `version: 1
name: tiny
mode: replay
sources:
  market: { type: replay, path: ./x.csv }
sinks:
  audit: { type: audit, inputs: ["*"], path: ./audit.jsonl }
  watch: { type: records, inputs: [market], path: ./records }
`;
const desk = (text: string): string => join(folder({ 'desk.yaml': text }), 'desk.yaml');

test('--help names every verb and the exit codes', async () => {
  const { code, out } = await run('--help');
  expect(code).toBe(0);
  for (const word of [
    'lint',
    'plan',
    'graph',
    'list',
    'describe',
    'schema',
    'new',
    'journal',
    'audit',
    'completion',
    '78 bad configuration',
  ])
    expect(out).toContain(word);
});

test('usage errors are 64 and say where help is', async () => {
  expect(await run()).toEqual({ code: 64, out: '', err: 'error: Name a verb.\nhelp: millrace --help\n' });
  const typo = await run('lnt', 'x.yaml');
  expect([typo.code, typo.err]).toEqual([64, 'error: Did you mean lint?\nhelp: millrace --help\n']);
  const option = await run('lint', 'x.yaml', '--frmat', 'json');
  expect(option.code).toBe(64);
  expect(option.err).toContain('help: millrace lint --help');
});

test('lint: 0 for a good file, 78 with every mistake, JSON and github forms', async () => {
  const good = await run('lint', desk(MINIMAL));
  expect([good.code, good.out]).toEqual([0, '0 errors, 0 warnings\n']);
  const bad = desk(MINIMAL.replace('replay, path', 'reply, path').replace('[market]', '[markt]'));
  const text = await run('lint', bad);
  expect(text.code).toBe(78);
  expect(text.out).toContain(`${bad}:5:19: error E102: there is no source type "reply".`);
  expect(text.out).toContain('= help: did you mean "market"?');
  expect(text.out.trimEnd().endsWith('2 errors, 0 warnings')).toBe(true);
  const json = await run('lint', bad, '--json');
  expect(JSON.parse(json.out)).toMatchObject({
    errors: 2,
    warnings: 0,
    diagnostics: [
      { code: 'E102', line: 5, col: 19, length: 5 },
      { code: 'E101', line: 8 },
    ],
  });
  expect((await run('lint', bad, '--format', 'github')).out).toContain('::error file=');
});

test('plan shows wiring and configuration; a bad file goes to stderr with 78', async () => {
  const good = await run('plan', desk(MINIMAL), '--set', 'seed=7');
  expect(good.code).toBe(0);
  expect(good.out).toContain('tiny: mode replay, seed 7');
  expect(good.out).toMatch(/sink\s+audit\s+audit\s+everything;/);
  expect(JSON.parse((await run('plan', desk(MINIMAL), '--json')).out)).toMatchObject({
    name: 'tiny',
    seed: 1,
    sources: [{ name: 'market', type: 'replay' }],
  });
  const bad = await run('plan', desk(`${MINIMAL}nmae: x\n`));
  expect([bad.code, bad.out]).toEqual([78, '']);
  expect(bad.err).toContain('did you mean "name"?');
});

test('graph prints, or writes a file', async () => {
  const file = desk(MINIMAL);
  expect((await run('graph', file)).out).toContain('market -->|bar| watch');
  const target = `${file}.svg`;
  expect((await run('graph', file, '--format', 'svg', '-o', target)).code).toBe(0);
  expect(readFileSync(target, 'utf8')).toMatch(/^<svg /);
});

test('list and describe', async () => {
  expect((await run('list', 'sinks')).out).toContain('journal');
  expect(JSON.parse((await run('list', '--json')).out)).toContainEqual(
    expect.objectContaining({ section: 'operators', type: 'risk' }),
  );
  expect((await run('describe', 'E301')).out).toContain('E301: Orders around risk or throttle');
  expect((await run('describe', 'max_position')).out).toContain('MAX_POSITION: Reason of a denial');
  expect((await run('describe', 'journal')).out).toContain('durability (default os)');
  const unknown = await run('describe', 'jornal');
  expect([unknown.code, unknown.err]).toEqual([
    64,
    'error: there is no component or code "jornal".\nhelp: did you mean "journal"?\n',
  ]);
});

test('new writes files that are not overwritten without --force', async () => {
  const file = join(folder({}), 'desk.yaml');
  const made = await run('new', 'topology', 'my-desk', '-o', file);
  expect(made.code).toBe(0);
  expect(made.out).toContain(`millrace run ${file}`);
  writeFileSync(file, 'mine');
  expect((await run('new', 'topology', 'my-desk', '-o', file)).code).toBe(1);
  expect(readFileSync(file, 'utf8')).toBe('mine');
  expect((await run('new', 'topology', 'My Desk')).code).toBe(64);
  const strategy = join(folder({}), 'a.ts');
  expect((await run('new', 'strategy', 'breakout', '-o', strategy, '--json')).code).toBe(0);
  expect(existsSync(strategy)).toBe(true);
});

test('schema and completion print', async () => {
  expect(JSON.parse((await run('schema')).out)).toMatchObject({ title: 'Millrace topology' });
  expect((await run('completion')).out).toContain('millrace');
});

test('an unexpected error prints code and help, no stack', async () => {
  const { code, err } = await run('journal', 'cat', '/nowhere/at/all');
  expect(code).toBe(78);
  expect(err).toMatch(/^error INVALID_CONFIGURATION: /);
  expect(err).toContain('help: ');
  expect(err).not.toContain('    at ');
});
