import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { main } from '../../src/cli/main.js';
import { newStrategy } from '../../src/topology/new.js';
import { folder } from '../topology/fixtures.js';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Block {
  readonly language: string;
  readonly title: string | undefined;
  readonly text: string;
}

/** Code blocks of a page, in order: "```yaml title=desk.yaml". */
function blocks(page: string): readonly Block[] {
  return [...read(page).matchAll(/^```(\w+)(?: title=(\S+))?\n([^]*?)^```$/gm)].map(
    ([, language = '', title, text = '']) => ({
      language,
      title,
      text,
    }),
  );
}

/** The words of a command line: quotes hold blanks together, `#` starts a comment. */
function words(line: string): string[] {
  return [...line.replace(/\s+#.*$/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  );
}

const home = process.cwd();
afterEach(() => {
  process.chdir(home);
  vi.restoreAllMocks();
});

/** Runs every `npx millrace` line of a page in a new folder, writing its titled files first; returns all output. */
async function follow(page: string, cwd?: string): Promise<{ dir: string; out: string }> {
  const dir = cwd ?? folder({});
  process.chdir(dir);
  let out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((out += String(text)), true));
  for (const { title, text } of blocks(page)) {
    if (title === undefined) continue;
    mkdirSync(dirname(join(dir, title)), { recursive: true });
    if (title !== 'first.ts') writeFileSync(join(dir, title), text);
  }
  for (const { language, text } of blocks(page)) {
    if (language !== 'sh') continue;
    for (const line of text.split('\n').filter((one) => one.startsWith('npx millrace '))) {
      const code = await main(words(line).slice(2));
      expect(`${line} -> ${code}\n${code === 0 ? '' : out}`).toBe(`${line} -> 0\n`);
    }
  }
  vi.restoreAllMocks();
  return { dir, out };
}

describe('docs/tutorial-first-strategy.md', () => {
  const page = 'docs/tutorial-first-strategy.md';
  test('its commands work and give what it says', async () => {
    const { dir, out } = await follow(page);
    expect(out).toContain('14 sent, 14 fills');
    expect(out).toContain('identical: every input gave the recorded decisions.');
    expect(readFileSync(join(dir, 'first.ts'), 'utf8')).toBe(
      blocks(page).find(({ title }) => title === 'first.ts')?.text,
    );
  });

  test('its files are those of examples/strategies, where they are tested, and of `millrace new`', () => {
    for (const title of ['first.ts', 'first.test.ts'])
      expect(blocks(page).find((block) => block.title === title)?.text).toBe(
        read(`examples/strategies/${title}`),
      );
    expect(newStrategy('first').text).toBe(read('examples/strategies/first.ts'));
  });
});

test('docs/tutorial-your-own-data.md: its commands work and give what it says', async () => {
  const { out } = await follow('docs/tutorial-your-own-data.md');
  expect(out).toMatch(/bad data +market: \w+ 1\n/);
  expect(out).toContain('identical: every input gave the recorded decisions.');
});

test('docs/topology.md: its topology lints, plans and draws', async () => {
  const { out } = await follow('docs/topology.md');
  expect(out).toContain('0 errors, 0 warnings');
});

describe('README.md', () => {
  test('opens with the two commands', () => {
    expect(
      read('README.md')
        .split('\n')
        .slice(0, 4)
        .map((line) => line.replace(/\s+#.*/, '')),
    ).toEqual(['```sh', 'npm start', 'npm test', '```']);
  });

  test('its commands work in a folder with the examples beside it', async () => {
    const dir = folder({});
    mkdirSync(join(dir, 'examples/data'), { recursive: true });
    for (const name of [
      'own-data.yaml',
      ...readdirSync(join(root, 'examples/data')).map((file) => `data/${file}`),
    ])
      writeFileSync(join(dir, 'examples', name), read(`examples/${name}`));
    const { out } = await follow('README.md', dir);
    expect(out).toContain('topology      my-desk (paper)');
    expect(out).toContain('topology      own-data (replay)');
  });

  test('the strategy it shows is the one `millrace new` writes', () => {
    const shown = blocks('README.md').find(({ text }) => text.startsWith('run:'))?.text ?? '';
    const flat = (text: string): string => text.replace(/\s+/g, ' ').trim();
    expect(flat(newStrategy('x').text)).toContain(flat(shown));
  });

  test('links lead somewhere', () => {
    for (const page of ['README.md', 'docs/topology.md', 'docs/architecture.md', 'docs/determinism.md'])
      for (const [, link = ''] of read(page).matchAll(/\]\(([^)#:]+)\)/g))
        expect(existsSync(resolve(root, dirname(page), link)) ? '' : `${page}: ${link}`).toBe('');
  });
});
