import { runOnTerminal, runOptions } from './run-options.js';
import { EXIT } from './exit-code.js';
import { loadOrReport, topologyOptions } from './topology-options.js';
import { defineVerb, type Verb } from './verb.js';

export const verb: Verb = defineVerb({
  options: (yargs) =>
    runOptions(topologyOptions(yargs))
      .option('journal', {
        type: 'string',
        describe:
          'Take market data from this journal instead of the topology’s market sources; fills are made anew.',
      })
      .example('$0 backtest config/replay-binance.yaml', 'as fast as possible over recorded data')
      .example(
        '$0 backtest my-desk.yaml --journal data/journal/SESSION',
        'another strategy on what really happened',
      ),
  run: async (argv) => {
    const topology = await loadOrReport(argv);
    if (topology === undefined) return EXIT.badConfiguration;
    const { forBacktest } = await import('../engine/backtest.js');
    return runOnTerminal(forBacktest(topology, argv.journal), argv);
  },
});
