import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { CaseResult } from './case.js';

/**
 * `npm run bench -- [--json] [--reps N] [--node PATH] [CASE...]`: every case in a process of its own, medians, beside a
 * hand-written loop in the same run. Ratios are what counts; absolute figures depend on the machine.
 */
const CASES: Readonly<Record<string, string>> = {
  hand: 'hand-written loop: the same State, risk, venue; no RxJS, no graph',
  engine: 'engine: EMA on quotes, risk, queue, throttle, paper fills',
  binary: 'engine + binary journal of every event',
  jsonl: 'engine + JSONL journal of every event',
  idle20: 'engine + 20 strategies on other instruments',
  bars: 'engine: normalize, 20-tick bars, EMA; one instrument',
  bars500: 'the same over 500 instruments',
  memory: '10 million events through one engine',
};

const args = process.argv.slice(2);
const json = args.includes('--json');
const option = (name: string): string | undefined => {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
};
const reps = option('--reps') ?? '5';
const node = option('--node') ?? process.execPath;
const chosen = args.filter((arg, i) => Object.hasOwn(CASES, arg) && args[i - 1]?.startsWith('--') !== true);
const names = chosen.length === 0 ? Object.keys(CASES) : chosen;
const script = fileURLToPath(new URL('./case.js', import.meta.url));
const version = execFileSync(node, ['--version']).toString().trim();

const median = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? NaN;
const results = new Map<string, CaseResult>();
for (const name of names) {
  if (!json) process.stderr.write(`${name} ...\n`);
  const output = execFileSync(node, ['--expose-gc', script, name, reps], { maxBuffer: 1 << 26 }).toString();
  results.set(name, JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as CaseResult);
}

const nsOf = (name: string): number => median(results.get(name)?.ns ?? []);
const ratios = {
  'throughput of the engine over the hand loop (>= 0.5)': nsOf('hand') / nsOf('engine'),
  'engine, events per second (>= 1,000,000)': 1e9 / nsOf('engine'),
  'binary journal adds, ns an event (<= 200)': nsOf('binary') - nsOf('engine'),
  'JSONL journal adds, ns an event (<= 1,500)': nsOf('jsonl') - nsOf('engine'),
  '20 idle strategies, cost ratio (<= 1.2)': nsOf('idle20') / nsOf('engine'),
  '500 instruments, cost ratio (<= 1.3)': nsOf('bars500') / nsOf('bars'),
  'resident memory over 10 million events, MB (< 300)': results.get('memory')?.rssMb ?? NaN,
};
const same =
  results.has('hand') && results.has('engine')
    ? results.get('hand')?.orders === results.get('engine')?.orders &&
      results.get('hand')?.equity === results.get('engine')?.equity
    : undefined;
const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Node ${version}`;

if (json) {
  console.log(JSON.stringify({ machine, same, ratios, results: [...results.values()] }, null, 2));
} else {
  console.log(`${machine}; ${results.get(names[0] ?? '')?.what ?? ''}; median of ${reps} rounds\n`);
  for (const [name, r] of results) {
    const { ns, events, orders } = r;
    console.log(
      `${name.padEnd(8)} ${median(ns).toFixed(0).padStart(6)} ns  (best ${(ns[0] ?? NaN).toFixed(0)})  ${Math.round(
        1e9 / median(ns),
      )
        .toLocaleString('en-US')
        .padStart(
          10,
        )}/s  ${events.toLocaleString('en-US')} events, ${orders} orders, ${r.rssMb} MB  ${CASES[name] ?? ''}`,
    );
  }
  console.log('');
  for (const [what, value] of Object.entries(ratios))
    if (Number.isFinite(value))
      console.log(
        `${what.padEnd(56)} ${value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toFixed(2)}`,
      );
  if (same !== undefined)
    console.log(`${'same orders and equity as the hand loop'.padEnd(56)} ${same ? 'yes' : 'NO'}`);
}
if (same === false) process.exitCode = 1;
