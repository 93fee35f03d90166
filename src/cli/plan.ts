import { diagnosticsJson, formatText } from '../topology/diagnostic.js';
import { tryStrategies } from '../topology/load-strategies.js';
import { planJson, planText } from '../topology/plan.js';
import { EXIT } from './exit-code.js';
import { print, printError, printJson } from './output.js';
import { loadOrReport, topologyOptions } from './topology-options.js';
import { defineVerb, type Verb } from './verb.js';

export const verb: Verb = defineVerb({
  options: (yargs) =>
    topologyOptions(yargs).example(
      '$0 plan desk.yaml --set operators.bars.every=5m',
      'see what a change does',
    ),
  run: async (argv) => {
    const checked = await loadOrReport(argv);
    if (checked === undefined) return EXIT.badConfiguration;
    const { topology, diagnostics } = await tryStrategies(checked);
    if (diagnostics.length > 0) {
      if (argv.json) printJson(diagnosticsJson(diagnostics));
      else printError(formatText(diagnostics, new Map()));
      return EXIT.badConfiguration;
    }
    if (argv.json) printJson(planJson(topology));
    else print(planText(topology));
    return EXIT.done;
  },
});
