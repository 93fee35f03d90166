import type { CheckedTopology } from '../topology/checked.js';
import { MillraceError } from '../model/reason.js';
import { resumeOption, runOnTerminal, runOptions, type RunArguments } from './run-options.js';
import { EXIT, type ExitCode } from './exit-code.js';
import type { EmulatedVenue } from './emulated-venue.js';
import { loadOrReport, topologyOptions } from './topology-options.js';
import { defineVerb, type Verb } from './verb.js';

interface Given extends RunArguments {
  readonly live: boolean;
  readonly emulate?: string | undefined;
  readonly emulator: readonly string[];
}

export const verb: Verb = defineVerb({
  options: (yargs) =>
    resumeOption(runOptions(topologyOptions(yargs)))
      .option('live', {
        type: 'boolean',
        default: false,
        describe: 'Needed, beside mode: live, to send real orders. Runs `check` first.',
      })
      .option('emulate', {
        choices: ['binance'] as const,
        describe: 'Start this venue on this machine, run on it (mode: live, armed), and end it afterwards.',
      })
      .option('emulator', {
        type: 'string',
        array: true,
        nargs: 1,
        default: [] as string[],
        describe: 'Option of the emulated venue, as KEY=VALUE; may be repeated. See emulate --help.',
      })
      .example('$0 run config/quickstart.yaml --emulate binance --for 20s', 'trade on an emulated Binance')
      .example(
        '$0 run my-desk.yaml --set operators.ema.params.fast=8 --for 30s',
        'override one option, stop after 30 s',
      ),
  run: async (argv) => (argv.emulate === undefined ? runOn(argv) : runEmulated(argv)),
});

async function runOn(argv: Given): Promise<ExitCode> {
  const topology = await loadOrReport(argv);
  if (topology === undefined) return EXIT.badConfiguration;
  mayRun(topology, argv.live);
  if (topology.mode === 'live') {
    const { checkFirst } = await import('./check.js');
    const code = await checkFirst(topology);
    if (code !== EXIT.done) return code;
  }
  return runOnTerminal(topology, argv);
}

/** The whole live order path on a venue of our own: it begins with us, so it has no past, and nothing real is behind it. */
async function runEmulated(argv: Given): Promise<ExitCode> {
  if (argv.live)
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      '--live sends real orders and --emulate sends none',
      'leave one of them out',
    );
  const { startEmulatedVenue } = await import('./emulated-venue.js');
  const venue: EmulatedVenue = await startEmulatedVenue(argv.emulator);
  try {
    const topology = await loadOrReport(argv, venue.environment);
    if (topology === undefined) return EXIT.badConfiguration;
    venue.onlyThis(topology);
    return await runOnTerminal(
      topology,
      { ...argv, resume: argv.resume ?? false },
      { arm: { actor: 'emulator', reason: 'every broker is the emulated venue of this run' } },
    );
  } finally {
    await venue.end();
  }
}

function mayRun({ mode }: CheckedTopology, live: boolean): void {
  if (mode === 'live' && !live)
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      'the topology says mode: live, which sends real orders',
      'add --live if that is what you want, or set mode: paper',
    );
  if (mode !== 'live' && live)
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `--live was given, but the topology says mode: ${mode}`,
      'set mode: live in the topology, or leave --live out',
    );
}
