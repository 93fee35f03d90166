import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { main } from '../../src/cli/main.js';
import { DENIALS, ERRORS } from '../../src/model/reason.js';
import { safetySchema } from '../../src/topology/safety-schema.js';
import { folder } from '../topology/fixtures.js';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');

interface Block {
  readonly language: string;
  readonly how: string;
  readonly text: string;
}
const blocks: readonly Block[] = [...page.matchAll(/^```(\w+) ?(\S*)\n([^]*?)^```$/gm)].map(
  ([, language = '', how = '', text = '']) => ({ language, how, text }),
);
const commands = (how: string): readonly string[] =>
  blocks
    .filter((block) => block.language === 'sh' && block.how === how)
    .flatMap(({ text }) => text.trim().split('\n'));
const words = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '').slice(2);

const home = process.cwd();
afterEach(() => {
  process.chdir(home);
  vi.restoreAllMocks();
});

/** Codes in the first column of the table below a heading. */
function codesBelow(heading: string): readonly string[] {
  const [section = ''] = (page.split(`## ${heading}\n`)[1] ?? '').split('\n## ');
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code));
}

describe('docs/operations.md', () => {
  test('every error, denial and protection has its line, once, and no other', () => {
    expect([...codesBelow('Every error and what to do')].sort()).toEqual(Object.keys(ERRORS).sort());
    expect([...codesBelow('Every denial and what to do')].sort()).toEqual(Object.keys(DENIALS).sort());
    const settings = Object.keys((safetySchema as unknown as { shape: object }).shape);
    const protections = settings.filter((name) => name !== 'arming' && name !== 'watchdog');
    expect([...codesBelow('What protections do')].sort()).toEqual([...protections, 'event_loop'].sort());
  });

  test('links lead somewhere', () => {
    const anchors = new Set(
      [...page.matchAll(/^#+ (.+)$/gm)].map(
        ([, title = '']) =>
          `#${title
            .toLowerCase()
            .replace(/[^\w\- ]/g, '')
            .replaceAll(' ', '-')}`,
      ),
    );
    for (const [, link = ''] of page.matchAll(/\]\(([^)]+)\)/g))
      expect([link, link.startsWith('#') ? anchors.has(link) : existsSync(join(root, 'docs', link))]).toEqual(
        [link, true],
      );
  });

  test(
    'every command works, in the order of the page, on a running engine',
    { timeout: 90_000 },
    async () => {
      const dir = folder({});
      process.chdir(dir);
      let out = '';
      vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
      vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((out += String(text)), true));
      for (const { how, text } of blocks) {
        const title = /^title=(.+)$/.exec(how)?.[1];
        if (title === undefined) continue;
        mkdirSync(dirname(join(dir, title)), { recursive: true });
        writeFileSync(join(dir, title), text);
      }
      const lines = commands('');
      const start = lines.findIndex((line) => / run /.test(line));
      for (const line of lines.filter((line, i) => i < start && / (doctor|lint|plan) /.test(line)))
        expect(`${line} -> ${await main(words(line))}\n${out}`).toMatch(/ -> 0\n/);
      let ended: number | undefined;
      const running = main(words(lines[start] ?? '')).then((code) => (ended = code));
      await vi.waitFor(() => expect(existsSync(join(dir, 'data/state/control.json'))).toBe(true), 20_000);
      await vi.waitFor(async () => expect(await main(['status'])).toBe(0), 20_000);
      const answers = lines.filter((line) => !/ (run|doctor|lint|plan) /.test(line));
      for (const line of answers.slice(0, -1)) {
        out = '';
        const code = await main(words(line));
        expect(`${line} -> ${code}${code === 0 ? '' : `\n${out}`}`).toBe(`${line} -> 0`);
      }
      // For live accounts: understood, and refused here for want of one.
      for (const line of commands('live')) {
        out = '';
        expect([line, await main(words(line))]).toEqual([line, 1]);
        expect(out).not.toContain('--help');
      }
      expect(ended).toBe(undefined);
      expect(answers.at(-1)).toContain(' shutdown ');
      expect(await main(words(answers.at(-1) ?? ''))).toBe(0);
      expect(await running).toBe(0);
      for (const line of commands('after')) {
        out = '';
        const code = await main(words(line));
        expect(`${line} -> ${code}${code === 0 ? '' : `\n${out}`}`).toBe(`${line} -> 0`);
      }
    },
  );
});
