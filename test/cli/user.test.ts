import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { resealBid } from '../sinks/journal/support/reseal.js';

const ROOT = resolve(import.meta.dirname, '../..');
const BIN = join(ROOT, 'dist/cli/main.js');
const SECRET = 'sk-live-5f3c9d2e77';
const folder = mkdtempSync(join(tmpdir(), 'millrace-user-'));

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}
const outputs: string[] = [];

/** The built program in a process of its own, without a terminal. `--`: Node 20 would take --env-file for itself. */
function millrace(args: readonly string[], env: Readonly<Record<string, string>> = {}): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--', BIN, ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 30_000,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  outputs.push(stdout, stderr);
  return { code: status, out: stdout, err: stderr };
}
/** The same built program inside this process: many mistakes in little time. */
async function inside(args: readonly string[]): Promise<Ran> {
  const { main } = (await import(pathToFileURL(BIN).href)) as {
    main: (args: readonly string[]) => Promise<number>;
  };
  let [out, err] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
  vi.spyOn(console, 'log').mockImplementation((...words: unknown[]) => void (out += `${words.join(' ')}\n`));
  const before = process.cwd();
  process.chdir(folder);
  try {
    const code = await main(args);
    outputs.push(out, err);
    return { code, out, err };
  } finally {
    process.chdir(before);
    vi.restoreAllMocks();
  }
}
const parsed = (ran: Ran): Record<string, unknown> => JSON.parse(ran.out) as Record<string, unknown>;
const write = (name: string, text: string | Uint8Array): string => {
  writeFileSync(join(folder, name), text);
  return name;
};

const TINY = `version: 1
name: tiny
mode: paper
portfolio: { base_currency: USDT }
instruments: { BTCUSDT: { asset_class: crypto_spot, base: BTC, quote: USDT, tick_size: 0.1, lot_size: 0.0001 } }
brokers: { sim: { type: paper, prices: ticks, cash: { USDT: 100000 }, fees: { maker: 2 bps, taker: 5 bps }, latency: 40ms } }
sources:
  market: { type: synthetic, instruments: { BTCUSDT: { price: 60000, volatility: 8% } }, duration: 10m, rate: 5/s }
  fills: { type: executions, broker: sim }
operators:
  ticks: { type: normalize, inputs: [market] }
  bars: { type: bars, inputs: [ticks], every: 15s }
  ema: { type: strategy, use: ema-cross, inputs: [bars, fills], params: { fast: 2, slow: 5, quantity: 0.1 } }
  risk: { type: risk, inputs: [ema], limits: { max_position: 0.1 } }
  pace: { type: throttle, inputs: [risk] }
sinks:
  orders: { type: orders, broker: sim, inputs: [pace] }
  journal: { type: journal, path: ./data/journal }
  audit: { type: audit, inputs: ["*"], path: ./data/audit.jsonl }
`;

beforeAll(() => {
  execFileSync(process.execPath, [join(ROOT, 'scripts/ready.mjs')], { stdio: 'ignore' });
  write('tiny.yaml', TINY);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('run and its records', () => {
  let journal = '';

  test('run --json ends with one object', () => {
    const ran = millrace(['run', 'tiny.yaml', '--json', '--session', 'user1']);
    expect(ran.code, ran.err).toBe(0);
    const summary = parsed(ran);
    expect(summary).toMatchObject({
      name: 'tiny',
      mode: 'paper',
      session: 'user1',
      error: null,
      ended: 'end',
      drained: true,
    });
    expect(Object.keys(summary)).toEqual(
      expect.arrayContaining([
        'session',
        'journal',
        'events',
        'eventsPerSecond',
        'orders',
        'fills',
        'denied',
        'positions',
        'equity',
        'pnl',
        'fees',
      ]),
    );
    for (const key of ['events', 'eventsPerSecond', 'orders', 'fills'])
      expect(summary[key]).toBeGreaterThan(0);
    for (const key of ['equity', 'pnl', 'fees']) expect(Number(summary[key])).not.toBeNaN();
    expect(Number(summary['equity']) - 100_000).toBeCloseTo(Number(summary['pnl']), 8);
    journal = String(summary['journal']);
  });

  test('without a terminal: plain lines, no escape sequences; a summary and three commands to try', () => {
    const { code, out, err } = millrace(['run', 'tiny.yaml', '--set', 'sinks.journal.path=./data/other']);
    expect(code, err).toBe(0);
    expect(out + err).not.toContain('\u001b');
    expect(out.split('\n').filter((line) => /^ +npx millrace /.test(line)).length).toBe(3);
  });

  test('replay --verify: identical; --json', () => {
    const ran = millrace(['replay', journal, '--verify', '--json']);
    expect(ran.code, ran.err).toBe(0);
    expect(parsed(ran)).toMatchObject({ session: 'user1', identical: true, difference: null, clean: true });
    expect(millrace(['replay', journal, '--verify']).out).toContain(
      'identical: every input gave the recorded decisions.',
    );
  });

  test('journal cat prints JSON lines, and a reader that leaves early is no error', () => {
    const { code, out } = millrace(['journal', 'cat', journal, '--kind', 'dispatch']);
    expect(code).toBe(0);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter(({ kind }) => kind === 'dispatch').length).toBeGreaterThan(0);
    const piped = spawnSync(
      'bash',
      ['-c', `set -o pipefail; "${process.execPath}" "${BIN}" journal cat "${journal}" | head -n 3`],
      { encoding: 'utf8' },
    );
    expect([piped.status, piped.stderr, piped.stdout.trimEnd().split('\n').length]).toEqual([0, '', 3]);
  });

  test('audit verify: intact, then changed', () => {
    const good = millrace(['audit', 'verify', 'data/audit.jsonl', '--json']);
    expect(good.code).toBe(0);
    expect(parsed(good)).toMatchObject({ intact: true, sessions: 2 });
    const lines = readFileSync(join(folder, 'data/audit.jsonl'), 'utf8').split('\n');
    write(
      'changed.jsonl',
      lines
        .map((line, i) => (i === 4 ? line.replace(/"actor":"[^"]*"/, '"actor":"nobody"') : line))
        .join('\n'),
    );
    const bad = millrace(['audit', 'verify', 'changed.jsonl']);
    expect(bad.code).toBe(1);
    expect(bad.err).toContain('changed.jsonl:5: ');
  });

  test('backtest repeats the market of a journal and makes its fills anew', () => {
    const ran = millrace([
      'backtest',
      'tiny.yaml',
      '--journal',
      journal,
      '--json',
      '--set',
      'sinks.journal.path=./data/back',
    ]);
    expect(ran.code, ran.err).toBe(0);
    const before = parsed(millrace(['replay', journal, '--json']));
    expect(parsed(ran)).toMatchObject({ mode: 'replay', orders: before['orders'] });
  });

  describe('corruptions', () => {
    const copy = (name: string, source: string): string => {
      mkdirSync(join(folder, name));
      for (const file of readdirSync(source))
        writeFileSync(join(folder, name, file), readFileSync(join(source, file)));
      return name;
    };
    const segment = (name: string): string => join(folder, name, readdirSync(join(folder, name))[0] ?? '');

    test('a damaged byte: JOURNAL_DAMAGED with file and byte', () => {
      const name = copy('damaged', journal);
      const bytes = readFileSync(segment(name));
      const at = Math.floor(bytes.length / 2);
      bytes[at] = (bytes[at] ?? 0) ^ 0x40;
      writeFileSync(segment(name), bytes);
      const { code, err } = millrace(['replay', name, '--verify']);
      expect(code).toBe(1);
      expect(err).toMatch(/^error JOURNAL_DAMAGED: .*000001\.mlj, byte \d+, record \d+/m);
      expect(Math.abs(Number(/byte (\d+)/.exec(err)?.[1]) - at)).toBeLessThan(4_096);
    });

    test('a damaged line of a JSONL journal: its number', () => {
      const ran = millrace([
        'run',
        'tiny.yaml',
        '--json',
        '--set',
        'sinks.journal.encoding=jsonl',
        '--set',
        'sinks.journal.path=./data/text',
      ]);
      const name = copy('damaged-text', String(parsed(ran)['journal']));
      const lines = readFileSync(segment(name), 'utf8').split('\n');
      lines[1_233] = (lines[1_233] ?? '').replace('"at":17', '"at":18');
      writeFileSync(segment(name), lines.join('\n'));
      const { code, err } = millrace(['replay', name, '--verify']);
      expect(code).toBe(1);
      expect(err).toMatch(/^error JOURNAL_DAMAGED: .*000001\.jsonl, line 1234\b/m);
    });

    test('a sealed but different input: position and first differing decision', () => {
      const name = copy('resealed', journal);
      const quotes = millrace(['journal', 'cat', journal, '--kind', 'quote']).out.trimEnd().split('\n');
      const quote = quotes
        .map((line) => JSON.parse(line) as { kind: string; seq: number; bid: number })
        .filter(({ kind }) => kind === 'quote')[600];
      if (quote === undefined) throw new Error('no quote');
      resealBid(segment(name), quote.seq, quote.bid * 0.97);
      const { code, err } = millrace(['replay', name, '--verify']);
      expect(code).toBe(1);
      expect(err).not.toContain('JOURNAL_DAMAGED');
      const turn = Number(/^error DIVERGED: first difference at turn (\d+)/m.exec(err)?.[1]);
      expect(turn).toBeGreaterThanOrEqual(quote.seq);
      expect(err).toMatch(/^ +recorded .*\n +produced /m);
      expect(err).toContain('help: millrace journal cat ');
    });

    test('a torn tail is cut, reported, and what is left verifies', () => {
      const name = copy('torn', journal);
      const bytes = readFileSync(segment(name));
      writeFileSync(segment(name), bytes.subarray(0, Math.floor(bytes.length * 0.7) + 3));
      const { code, err, out } = millrace(['replay', name, '--verify']);
      expect(err).toMatch(/^warning JOURNAL_TORN: \d+ bytes cut at /m);
      expect([code, out.includes('identical: ')]).toEqual([0, true]);
    });

    test('another configuration, another strategy: JOURNAL_MISMATCH', () => {
      write('other.yaml', TINY.replace('slow: 5', 'slow: 6'));
      const other = millrace(['replay', journal, '--verify', '--topology', 'other.yaml']);
      expect([
        other.code,
        other.err.startsWith('error JOURNAL_MISMATCH: the journal was written by another configuration'),
      ]).toEqual([1, true]);
      expect(other.err).toContain('help: ');
      expect(millrace(['new', 'strategy', 'mine']).code).toBe(0);
      const set = [
        '--set',
        'operators.ema.use=./mine.ts',
        '--set',
        'operators.ema.params={ quantity: 0.1 }',
        '--set',
        'sinks.journal.path=./data/mine',
      ];
      const ran = millrace(['run', 'tiny.yaml', '--json', ...set]);
      expect(ran.code, ran.err).toBe(0);
      const mine = String(parsed(ran)['journal']);
      expect(millrace(['replay', mine, '--verify']).code).toBe(0);
      write(
        'mine.ts',
        readFileSync(join(folder, 'mine.ts'), 'utf8').replace('bar.close - bar.open', 'bar.open - bar.close'),
      );
      const changed = millrace(['replay', mine, '--verify']);
      expect([changed.code, changed.err.split('\n')[0]]).toEqual([
        1,
        `error JOURNAL_MISMATCH: strategy "ema" (${join(folder, 'mine.ts')}) has changed since the journal was written`,
      ]);
      const loose = millrace(['replay', mine]);
      expect([loose.code, /DIVERGED/.test(loose.err)]).toEqual([1, true]);
    });
  });
});

describe('scaffolds', () => {
  test('a new topology and a new strategy lint, run and trade as they are', () => {
    expect(millrace(['new', 'topology', 'my-desk']).code).toBe(0);
    expect(millrace(['new', 'strategy', 'breakout']).code).toBe(0);
    expect(millrace(['lint', 'my-desk.yaml'])).toEqual({ code: 0, out: '0 errors, 0 warnings\n', err: '' });
    const own = [
      '--set',
      'operators.ema.use=./breakout.ts',
      '--set',
      'operators.ema.params={ quantity: 0.01 }',
    ];
    for (const more of [[], own]) {
      const summary = parsed(millrace(['run', 'my-desk.yaml', '--json', ...more]));
      expect(summary).toMatchObject({ error: null, drained: true });
      expect(summary['fills']).toBeGreaterThan(0);
    }
    expect(millrace(['new', 'topology', 'my-desk']).code).toBe(1);
  });
});

test('every printing verb has a --json that parses', async () => {
  for (const args of [
    ['lint', 'tiny.yaml'],
    ['plan', 'tiny.yaml'],
    ['graph', 'tiny.yaml'],
    ['list'],
    ['list', 'sinks'],
    ['describe', 'bars'],
    ['schema'],
    ['new', 'strategy', 'for-json'],
  ]) {
    const ran = await inside([...args, '--json']);
    expect(ran.code, `${args.join(' ')}: ${ran.err}`).toBe(0);
    expect(() => parsed(ran), args.join(' ')).not.toThrow();
  }
  expect((await inside(['completion'])).out).toContain('millrace');
  for (const format of ['mermaid', 'dot', 'svg'])
    expect((await inside(['graph', 'tiny.yaml', '--format', format])).out.length).toBeGreaterThan(100);
});

test('secrets of an --env-file reach the strategy and are never shown', async () => {
  write('desk.env', `API_TOKEN=${SECRET}\nQUANTITY=0.1\n`);
  write(
    'leaky.ts',
    `import { defineStrategy } from 'millrace';
import { map } from 'rxjs';
import { z } from 'zod';
export default defineStrategy({
  name: 'leaky', version: '1.0.0', params: z.object({ token: z.string(), quantity: z.coerce.number() }),
  run: ({ bars$, log }, { token, quantity }) => bars$.pipe(map((_, i) => {
    if (i === 0) log('info', 'connected with ' + token + ' for ' + quantity + ', ' + token.length + ' letters');
    throw new Error('refused: ' + token);
  })),
});
`,
  );
  write(
    'secret.yaml',
    TINY.replace('use: ema-cross', 'use: ./leaky.ts')
      .replace(
        'params: { fast: 2, slow: 5, quantity: 0.1 }',
        'params: { token: "${secret:API_TOKEN}", quantity: "${QUANTITY}" }',
      )
      .replaceAll('./data/', './secret/'),
  );
  const env = ['--env-file', 'desk.env'];
  const missing = await inside(['lint', 'secret.yaml']);
  expect(missing.code).toBe(78);
  expect(missing.out).toContain('API_TOKEN');
  for (const verb of ['lint', 'plan', 'graph'])
    for (const more of [[], ['--json']])
      expect((await inside([verb, 'secret.yaml', ...env, ...more])).code).toBe(0);
  const ran = millrace(['run', 'secret.yaml', '--json', ...env]);
  expect(ran.code, ran.err).toBe(0);
  const journal = String(parsed(ran)['journal']);
  const logged = millrace(['journal', 'cat', journal, '--kind', 'log']).out;
  expect(logged).toContain(`connected with *** for 0.1, ${SECRET.length} letters`);
  expect(logged).toContain('refused: ***');
  millrace(['run', 'secret.yaml', ...env, '--set', 'sinks.journal.encoding=jsonl', '--log-level', 'debug']);
  millrace(['plan', 'secret.yaml', ...env, '--set', 'operators.ema.params.quantity=x']);
  for (const text of outputs) expect(text).not.toContain(SECRET);
  const files = walk(folder).filter((file) => !file.endsWith('desk.env'));
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) expect(readFileSync(file).includes(SECRET), relative(folder, file)).toBe(false);
});

function walk(path: string): string[] {
  return readdirSync(path).flatMap((name) =>
    statSync(join(path, name)).isDirectory() ? walk(join(path, name)) : [join(path, name)],
  );
}

describe('whatever one types, an error says what is wrong and what to do', () => {
  const cases: readonly (readonly [string, () => readonly string[], number])[] = [
    ['no such file', () => ['run', 'nowhere.yaml'], 78],
    ['an empty file', () => ['run', write('empty.yaml', '')], 78],
    ['a folder', () => ['lint', '.'], 78],
    [
      'binary',
      () => [
        'run',
        write(
          'noise.yaml',
          Uint8Array.from({ length: 4_000 }, (_, i) => (i * 7919 + (i >> 3)) & 0xff),
        ),
      ],
      78,
    ],
    [
      'duplicate keys',
      () => ['lint', write('double.yaml', TINY.replace('name: tiny', 'name: tiny\nname: twice'))],
      78,
    ],
    ['a list', () => ['lint', write('list.yaml', '- a\n- b\n')], 78],
    ['a huge number', () => ['lint', write('huge.yaml', TINY.replace('rate: 5/s', 'rate: 1e400/s'))], 78],
    [
      'a huge seed',
      () => [
        'lint',
        write('seed.yaml', TINY.replace('name: tiny', 'name: tiny\nseed: 99999999999999999999999')),
      ],
      78,
    ],
    ['a wrong unit', () => ['run', 'tiny.yaml', '--set', 'operators.bars.every=15 parsecs'], 78],
    ['an unknown strategy', () => ['run', 'tiny.yaml', '--set', 'operators.ema.use=ema-kross'], 78],
    [
      'a strategy file that is missing',
      () => ['run', 'tiny.yaml', '--set', 'operators.ema.use=./none.ts'],
      78,
    ],
    [
      'a strategy file that is not a strategy',
      () => [
        'run',
        'tiny.yaml',
        '--set',
        `operators.ema.use=./${write('nothing.ts', 'export const x = 1;\n')}`,
      ],
      78,
    ],
    [
      'a strategy with a syntax error',
      () => [
        'run',
        'tiny.yaml',
        '--set',
        `operators.ema.use=./${write('syntax.ts', 'export default defineStrategy({\n')}`,
      ],
      78,
    ],
    [
      'a path of --set that is not there',
      () => ['run', 'tiny.yaml', '--set', 'operators.emma.params.fast=3'],
      78,
    ],
    ['a --set without a value', () => ['run', 'tiny.yaml', '--set', 'seed'], 78],
    ['a missing --env-file', () => ['run', 'tiny.yaml', '--env-file', 'none.env'], 78],
    ['a bad --for', () => ['run', 'tiny.yaml', '--for', 'soon'], 78],
    ['--live for paper', () => ['run', 'tiny.yaml', '--live'], 78],
    ['mode live without --live', () => ['run', 'tiny.yaml', '--set', 'mode=live'], 78],
    ['a journal that is not there', () => ['replay', 'data/none', '--verify'], 78],
    ['a journal folder without segments', () => ['replay', '.', '--verify'], 78],
    ['a journal that is something else', () => ['replay', 'tiny.yaml', '--verify'], 1],
    ['an audit file that is not there', () => ['audit', 'verify', 'none.jsonl'], 1],
    [
      'a recorded file that is not there',
      () => [
        'run',
        write(
          'missing-data.yaml',
          TINY.replace(/market: \{.*\}/, 'market: { type: replay, path: ./none.gz, venue: binance }'),
        ),
      ],
      1,
    ],
    ['no verb', () => [], 64],
    ['an unknown verb', () => ['runn', 'tiny.yaml'], 64],
    ['an unknown option', () => ['run', 'tiny.yaml', '--fats'], 64],
    ['no file', () => ['run'], 64],
    ['a bad choice', () => ['graph', 'tiny.yaml', '--format', 'png'], 64],
    ['a bad name', () => ['new', 'topology', '../x'], 64],
  ];
  test.each(cases)('%s', async (_, args, code) => {
    const ran = await inside(args());
    const said = ran.out + ran.err;
    expect(ran.code, said).toBe(code);
    expect(said).toMatch(/error|failed: /);
    expect(said).toMatch(/help[: ]|for example|must be/);
    expect(said).not.toMatch(/^ +at .*:\d+:\d+\)?$/m);
    expect(said).not.toContain('\u0000');
    expect(said.length).toBeLessThan(4_000);
  });

  test('CRLF, a byte order mark and a folder with spaces are all right', () => {
    write('crlf.yaml', `\uFEFF${TINY.replaceAll('\n', '\r\n')}`);
    expect(millrace(['lint', 'crlf.yaml'])).toEqual({ code: 0, out: '0 errors, 0 warnings\n', err: '' });
    mkdirSync(join(folder, 'a b'));
    write('a b/t.yaml', TINY);
    expect(millrace(['run', 'a b/t.yaml', '--json']).code).toBe(0);
  });
});

describe('signals', () => {
  /** Runs until the journal is there and some orders were made, then sends signals. */
  function interrupted(
    name: string,
    args: readonly string[],
    signals: readonly NodeJS.Signals[],
  ): Promise<Ran> {
    return new Promise((done) => {
      const child = spawn(process.execPath, ['--', BIN, ...args], { cwd: folder });
      let [out, err] = ['', ''];
      child.stdout.on('data', (data) => (out += String(data)));
      child.stderr.on('data', (data) => (err += String(data)));
      const poll = setInterval(() => {
        if (!existsSync(join(folder, name, 'journal'))) return;
        clearInterval(poll);
        signals.forEach((signal, i) => setTimeout(() => child.kill(signal), 1_500 + i * 300));
      }, 20);
      child.on('exit', (code) => {
        clearInterval(poll);
        done({ code, out, err });
      });
    });
  }
  const PACED = TINY.replace('rate: 5/s', 'rate: 200/s, pace: realtime')
    .replace('every: 15s', 'every: 100ms')
    .replaceAll('./data/', './paced/');

  test('Ctrl-C drains and ends in order', async () => {
    write('paced.yaml', `${PACED}shutdown: { open_orders: cancel, drain: 2s }\n`);
    const { code, out, err } = await interrupted('paced', ['run', 'paced.yaml', '--json'], ['SIGINT']);
    expect(err).toContain(
      'stopping: draining for at most 2 s, open orders: cancel; press Ctrl-C again to stop now.',
    );
    expect(code, err).toBe(0);
    const summary = JSON.parse(out) as Record<string, unknown>;
    expect(summary).toMatchObject({ ended: 'signal', drained: true, error: null });
    expect(millrace(['replay', String(summary['journal']), '--verify']).code).toBe(0);
  });

  /** A live feed of one's own: a plugin that pushes. */
  const FEED = `import { definePlugin, defineSource } from 'millrace';
import { interval, map } from 'rxjs';
import { z } from 'zod';
let n = 0;
export default definePlugin({ api: 1, components: [defineSource({
  type: 'feed', summary: 'Pushes quotes.', config: z.strictObject({}), examples: [], reload: 'restart',
  emits: ['quote'], pushed: true,
  make: (_, { name }) => ({ type: 'push', events$: interval(5).pipe(map(() => {
    const bid = 60000 + Math.round(Math.sin(n++ / 40) * 1000);
    return { kind: 'quote', seq: 0, sub: 0, at: 0, ts: Date.now() * 1000, source: name, instrument: 'BTCUSDT', ix: 0, bid, bidSize: 1, ask: bid + 1, askSize: 1 };
  })) }),
})] });
`;
  const live = (name: string, latency: string, shutdown: string): string => {
    write('feed.ts', FEED);
    const text = TINY.replace(/market: \{.*\}/, 'market: { type: feed }')
      .replace('every: 15s', 'every: 50ms, from: mid')
      .replace('latency: 40ms', `latency: ${latency}`)
      .replaceAll('./data/', `./${name}/`);
    return write(`${name}.yaml`, `${text}plugins: [./feed.ts]\nshutdown: ${shutdown}\n`);
  };

  test('a live feed: open orders are cancelled, the answers come in, 0', async () => {
    const { code, out, err } = await interrupted(
      'live',
      ['run', live('live', '30ms', '{ open_orders: cancel, drain: 5s }'), '--json'],
      ['SIGTERM'],
    );
    expect(code, err).toBe(0);
    const summary = JSON.parse(out) as Record<string, unknown>;
    expect(summary).toMatchObject({ ended: 'signal', drained: true, error: null });
    expect(summary['fills']).toBeGreaterThan(0);
    expect(millrace(['replay', String(summary['journal']), '--verify']).err).toBe('');
  });

  test('an answer that does not come within the drain time: 75', async () => {
    const { code, out, err } = await interrupted(
      'late',
      ['run', live('late', '1m', '{ drain: 300ms }'), '--json'],
      ['SIGINT'],
    );
    expect(code, err).toBe(75);
    expect(JSON.parse(out)).toMatchObject({ ended: 'signal', drained: false, fills: 0 });
  });

  test('a second Ctrl-C stops now: 130', async () => {
    const ran = await interrupted(
      'twice',
      ['run', live('twice', '1m', '{ drain: 30s }')],
      ['SIGINT', 'SIGINT'],
    );
    expect(ran.code, ran.err).toBe(130);
  });
});
