import { readFileSync } from 'node:fs';
import type { Log } from '../model/component.js';
import { MillraceError } from '../model/reason.js';
import { Findings, type Finding } from '../engine/check/finding.js';
import type { CheckedBroker, CheckedTopology } from '../topology/checked.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { makeLog } from './log.js';
import { print, printError, printJson } from './output.js';
import { loadOrReport, topologyOptions, type TopologyArguments } from './topology-options.js';
import { defineVerb, type Verb } from './verb.js';

interface Given extends TopologyArguments {
  readonly exercise: boolean;
  readonly fill: boolean;
  readonly instrument?: string | undefined;
  readonly record?: string | undefined;
  readonly emulate?: string | undefined;
  readonly emulator: readonly string[];
}

export const verb: Verb = defineVerb({
  options: (yargs) =>
    topologyOptions(yargs)
      .option('exercise', {
        type: 'boolean',
        default: false,
        describe:
          'Place a passive order, find it, cancel it, see that it is gone. Testnet, demo and emulator only.',
      })
      .option('fill', {
        type: 'boolean',
        default: false,
        describe: 'With --exercise: also buy the smallest amount at market and sell it.',
      })
      .option('instrument', {
        type: 'string',
        describe: 'Symbol to exercise with; default: the first one the broker’s feed subscribes to.',
      })
      .option('record', {
        type: 'string',
        describe: 'With --exercise: write date and result into this page, such as docs/venues/binance.md.',
      })
      .option('emulate', {
        choices: ['binance'] as const,
        describe: 'Check against this venue, emulated on this machine for the time of the check.',
      })
      .option('emulator', {
        type: 'string',
        array: true,
        nargs: 1,
        default: [] as string[],
        describe: 'Option of the emulated venue, as KEY=VALUE; may be repeated.',
      })
      .example(
        '$0 check config/binance-testnet.yaml --exercise',
        'try key, orders and cancels on the testnet',
      ),
  run: async (argv) => (argv.emulate === undefined ? checkWith(argv) : checkEmulated(argv)),
});

async function checkEmulated(argv: Given): Promise<ExitCode> {
  const { startEmulatedVenue } = await import('./emulated-venue.js');
  const venue = await startEmulatedVenue(argv.emulator);
  try {
    return await checkWith(argv, venue.environment, (topology) => venue.onlyThis(topology));
  } finally {
    await venue.end();
  }
}

async function checkWith(
  argv: Given,
  environment: Readonly<Record<string, string>> = {},
  admit: (topology: CheckedTopology) => void = () => undefined,
): Promise<ExitCode> {
  if (!argv.exercise && (argv.fill || argv.record !== undefined || argv.instrument !== undefined))
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      '--fill, --instrument and --record belong to --exercise',
      'add --exercise, or leave them out',
    );
  const topology = await loadOrReport(argv, environment);
  if (topology === undefined) return EXIT.badConfiguration;
  admit(topology);
  const broker = argv.exercise ? await toExercise(topology) : undefined;
  const all: Finding[] = [];
  const told = (finding: Finding): void => {
    all.push(finding);
    if (!argv.json) print(line(finding));
  };
  const { checkTopology } = await import('../engine/check/check.js');
  await checkTopology(topology, { log: quiet(), onFinding: told });
  if (broker !== undefined && codeOf(all) === EXIT.done) await exerciseWith(broker, topology, argv, told);
  const code = codeOf(all);
  if (argv.json) printJson({ name: topology.name, mode: topology.mode, result: worst(all), findings: all });
  else print(conclusion(all));
  return code;
}

/** `run --live` looks first: says what is wrong, and only what fails keeps it from starting. */
export async function checkFirst(topology: CheckedTopology): Promise<ExitCode> {
  const { checkTopology } = await import('../engine/check/check.js');
  const all = await checkTopology(topology, { log: quiet() });
  const wrong = all.filter(({ status }) => status !== 'ok');
  for (const finding of wrong) printError(line(finding));
  const code = codeOf(all);
  if (code !== EXIT.done)
    printError('nothing was started: `millrace check` shows everything that was looked at.');
  return code;
}

/** The broker orders are tried on. Throws unless there is exactly one, and no real money behind it. */
async function toExercise(topology: CheckedTopology): Promise<CheckedBroker> {
  const { realBrokers } = await import('../engine/state-config.js');
  const { exercisable } = await import('../engine/check/exercisable.js');
  const refused = (message: string, help: string): MillraceError =>
    new MillraceError('INVALID_CONFIGURATION', message, help);
  const brokers = topology.mode === 'live' ? realBrokers(topology) : [];
  const [broker] = brokers;
  if (broker === undefined)
    throw refused(
      '--exercise sends orders, and this topology sends none to a venue',
      'use one with mode: live',
    );
  if (brokers.length > 1)
    throw refused('--exercise tries one broker, and this topology has several', 'use a topology with one');
  if (exercisable(broker) === undefined)
    throw refused(
      `--exercise is refused: real money may be behind broker "${broker.name}"`,
      'use it with environment: testnet or demo without other urls, or with --emulate binance',
    );
  return broker;
}

async function exerciseWith(
  broker: CheckedBroker,
  topology: CheckedTopology,
  argv: Given,
  told: (finding: Finding) => void,
): Promise<void> {
  const { exerciseBroker } = await import('../engine/check/exercise.js');
  const { exercisable } = await import('../engine/check/exercisable.js');
  const { usedAt } = await import('../engine/check/instruments.js');
  const instrument = argv.instrument ?? usedAt(broker, topology)[0] ?? '';
  const results: Finding[] = [];
  const found = new Findings(broker.name, (finding) => {
    results.push(finding);
    told(finding);
  });
  await exerciseBroker(found, broker, topology, { instrument, fill: argv.fill, log: quiet() });
  if (argv.record === undefined) return;
  const { recordExercise } = await import('../engine/check/record.js');
  recordExercise(argv.record, {
    date: new Date().toISOString().slice(0, 10),
    where: exercisable(broker) ?? '',
    what: argv.fill ? 'submit_cancel_reconcile, fill_reconcile' : 'submit_cancel_reconcile',
    result:
      worst(results) === 'ok'
        ? 'ok'
        : results
            .filter(({ status }) => status !== 'ok')
            .map(({ message }) => message)
            .join('; '),
    version: version(),
  });
}

/** What the parts say while they are checked is in the findings already. */
function quiet(): Log {
  return process.env.MILLRACE_DEBUG === undefined
    ? { info: ignore, warn: ignore, error: ignore }
    : makeLog('info');
}
const ignore = (): void => undefined;

function line({ status, about, check, message, next }: Finding): string {
  const words = `${status.padEnd(5)} ${`${about}: ${check}`.padEnd(28)} ${message}`;
  return next === '' ? words : `${words}. Next: ${next}.`;
}

function conclusion(all: readonly Finding[]): string {
  const count = (status: Finding['status']): number =>
    all.filter((finding) => finding.status === status).length;
  return `\n${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} failed`;
}

function worst(all: readonly Finding[]): Finding['status'] {
  if (all.some(({ status }) => status === 'fail')) return 'fail';
  return all.some(({ status }) => status === 'warn') ? 'warn' : 'ok';
}

function codeOf(all: readonly Finding[]): ExitCode {
  const failed = all.filter(({ status }) => status === 'fail');
  if (failed.length === 0) return EXIT.done;
  return failed.every(({ unreachable }) => unreachable === true) ? EXIT.unreachable : EXIT.failed;
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}
