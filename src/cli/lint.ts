import { countDiagnostics, diagnosticsJson, formatGithub, formatText } from '../topology/diagnostic.js';
import { EXIT } from './exit-code.js';
import { print, printJson } from './output.js';
import { load, topologyOptions } from './topology-options.js';
import { defineVerb, type Verb } from './verb.js';

const FORMATS = ['text', 'json', 'github'] as const;

export const verb: Verb = defineVerb({
  options: (yargs) =>
    topologyOptions(yargs)
      .option('format', { choices: FORMATS, default: 'text' as const, describe: 'Form of the findings.' })
      .example('$0 lint config/*.yaml --format github', 'annotate a pull request'),
  run: async (argv) => {
    const { diagnostics, texts } = await load(argv);
    const format: (typeof FORMATS)[number] = argv.json ? 'json' : argv.format;
    if (format === 'json') printJson(diagnosticsJson(diagnostics));
    else if (format === 'github') {
      if (diagnostics.length > 0) print(formatGithub(diagnostics));
    } else print(formatText(diagnostics, texts));
    return countDiagnostics(diagnostics).errors > 0 ? EXIT.badConfiguration : EXIT.done;
  },
});
