import { MillraceError } from '../model/reason.js';
import { resumeOption, runOnTerminal, runOptions } from './run-options.js';
import { EXIT } from './exit-code.js';
import { loadOrReport, topologyOptions } from './topology-options.js';
import { defineVerb, type Verb } from './verb.js';

export const verb: Verb = defineVerb({
  options: (yargs) =>
    resumeOption(runOptions(topologyOptions(yargs)))
      .option('live', {
        type: 'boolean',
        default: false,
        describe: 'Needed, beside mode: live, to send real orders.',
      })
      .example('$0 run config/quickstart.yaml', 'trade a synthetic market on paper')
      .example(
        '$0 run my-desk.yaml --set operators.ema.params.fast=8 --for 30s',
        'override one option, stop after 30 s',
      ),
  run: async (argv) => {
    const topology = await loadOrReport(argv);
    if (topology === undefined) return EXIT.badConfiguration;
    if (topology.mode === 'live' && !argv.live) {
      throw new MillraceError(
        'INVALID_CONFIGURATION',
        'the topology says mode: live, which sends real orders',
        'add --live if that is what you want, or set mode: paper',
      );
    }
    if (topology.mode !== 'live' && argv.live) {
      throw new MillraceError(
        'INVALID_CONFIGURATION',
        `--live was given, but the topology says mode: ${topology.mode}`,
        'set mode: live in the topology, or leave --live out',
      );
    }
    return runOnTerminal(topology, argv);
  },
});
