import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { CaseResult } from './case.js';
import { intake, type IntakeRow } from './venue/intake.js';
import { intakeRatios, intakeTable, wireRatios, wireTable } from './venue/report.js';
import { wire, type WireResult } from './venue/wire.js';

/**
 * `npm run bench -- [--json] [--rounds N] [--node PATH] [--only CASE] [CASE...]`: every case in a process of its own,
 * medians, beside a hand-written loop in the same run. Ratios are what counts; absolute figures depend on the machine.
 * `wire` and `intake` measure the way to a venue and back, over real sockets, beside bare `ws` clients.
 */
const CASES: Readonly<Record<string, string>> = {
  hand: 'hand-written loop: the same State, risk, venue; no RxJS, no graph',
  engine: 'engine: EMA on quotes, risk, queue, throttle, paper fills',
  binary: 'engine + binary journal of every event',
  jsonl: 'engine + JSONL journal of every event',
  idle20: 'engine + 20 strategies on other instruments',
  bars: 'engine: normalize, 20-tick bars, EMA; one instrument',
  bars500: 'the same over 500 instruments',
  recovery:
    'restart after a kill: a journal of 1,000,000 events fed again and compared, State loaded, ready to go on',
  memory: '10 million events through one engine',
};

const args = process.argv.slice(2);
const json = args.includes('--json');
const option = (name: string): string | undefined => {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
};
const rounds = Number(option('--rounds') ?? '5');
const node = option('--node') ?? process.execPath;
const VENUE = ['wire', 'intake'];
const known = (arg: string): boolean => Object.hasOwn(CASES, arg) || VENUE.includes(arg);
const VALUED = ['--rounds', '--node'];
const chosen = args.filter((arg, i) => known(arg) && !VALUED.includes(args[i - 1] ?? ''));
const only = option('--only');
if (only !== undefined && !known(only))
  throw new Error(`there is no case "${only}"; these are: ${[...Object.keys(CASES), ...VENUE].join(', ')}`);
const names = chosen.length === 0 ? Object.keys(CASES) : chosen.filter((name) => !VENUE.includes(name));
const wants = (name: string): boolean => chosen.length === 0 || chosen.includes(name);
const script = fileURLToPath(new URL('./case.js', import.meta.url));
const version = execFileSync(node, ['--version']).toString().trim();

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

// Every round runs every case, so that a slow stretch of the machine slows them all; each figure of a round is the
// best of its repetitions, each ratio is made inside a round, and the median over the rounds is shown.
const results = new Map<string, CaseResult>();
const best = new Map<string, number[]>(names.map((name) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const name of names) {
    if (name === 'memory' && round > 0) continue;
    if (!json) process.stderr.write(`round ${round + 1} of ${rounds}: ${name}\n`);
    const output = execFileSync(node, ['--expose-gc', script, name, '3'], { maxBuffer: 1 << 26 }).toString();
    const result = JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as CaseResult;
    results.set(name, result);
    best.get(name)?.push(result.ns[0] ?? NaN);
  }
}

const each = (make: (of: (name: string) => number) => number): number =>
  median(Array.from({ length: rounds }, (_, round) => make((name) => best.get(name)?.[round] ?? NaN)));
const ratios = {
  'throughput of the engine over the hand loop (>= 0.5)': each((of) => of('hand') / of('engine')),
  'engine, events per second (>= 1,000,000)': each((of) => 1e9 / of('engine')),
  'binary journal adds, ns an event (<= 200)': each((of) => of('binary') - of('engine')),
  'JSONL journal adds, ns an event (<= 1,500)': each((of) => of('jsonl') - of('engine')),
  '20 idle strategies, cost ratio (<= 1.2)': each((of) => of('idle20') / of('engine')),
  '500 instruments, cost ratio (<= 1.3)': each((of) => of('bars500') / of('bars')),
  'restart of a session with 1,000,000 events, s (< 5)': each((of) => of('recovery') / 1e3),
  'resident memory over 10 million events, MB (< 300)': results.get('memory')?.rssMb ?? NaN,
};
const same =
  results.has('hand') && results.has('engine')
    ? results.get('hand')?.orders === results.get('engine')?.orders &&
      results.get('hand')?.equity === results.get('engine')?.equity
    : undefined;
const say = (text: string): void => {
  if (!json) process.stderr.write(`${text}\n`);
};
const wired: WireResult | undefined = wants('wire') ? await wire(node, say) : undefined;
const taken: readonly IntakeRow[] | undefined = wants('intake') ? await intake(node, say) : undefined;
const venue = {
  ...(wired === undefined ? {} : wireRatios(wired)),
  ...(taken === undefined ? {} : intakeRatios(taken)),
};
const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${version}`;

if (json) {
  console.log(
    JSON.stringify(
      {
        machine,
        same,
        ratios: { ...ratios, ...venue },
        results: [...results.values()],
        wire: wired,
        intake: taken,
      },
      null,
      2,
    ),
  );
} else {
  const data = results.get(names[0] ?? '')?.what;
  console.log(data === undefined ? `${machine}\n` : `${machine}; ${data}; median of ${rounds} rounds\n`);
  for (const [name, r] of results) {
    const ns = median(best.get(name) ?? []);
    const rate = Math.round(1e9 / ns).toLocaleString('en-US');
    console.log(
      `${name.padEnd(8)} ${ns.toFixed(0).padStart(6)} ns  ${rate.padStart(10)}/s  ${r.events.toLocaleString('en-US')} events, ${r.orders} orders  ${CASES[name] ?? ''}`,
    );
  }
  if (wired !== undefined) console.log(`\n${wireTable(wired)}`);
  if (taken !== undefined) console.log(`\n${intakeTable(taken)}`);
  console.log('');
  for (const [what, value] of Object.entries({ ...ratios, ...venue }))
    if (Number.isFinite(value))
      console.log(
        `${what.padEnd(72)} ${value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2)}`,
      );
  if (same !== undefined)
    console.log(`${'same orders and equity as the hand loop'.padEnd(72)} ${same ? 'yes' : 'NO'}`);
}
if (same === false) process.exitCode = 1;
