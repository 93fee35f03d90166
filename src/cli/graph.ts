import { writeFileSync } from 'node:fs';
import { renderGraph, GRAPH_FORMATS } from '../topology/graph.js';
import { EXIT } from './exit-code.js';
import { print } from './output.js';
import { loadOrReport, topologyOptions } from './topology-options.js';
import { defineVerb, type Verb } from './verb.js';

export const verb: Verb = defineVerb({
  options: (yargs) =>
    topologyOptions(yargs)
      .option('format', {
        choices: GRAPH_FORMATS,
        default: 'mermaid' as const,
        describe: 'Form of the drawing.',
      })
      .option('output', { alias: 'o', type: 'string', describe: 'File to write; default: stdout.' })
      .example('$0 graph desk.yaml --format svg -o desk.svg', 'a picture'),
  run: async (argv) => {
    const topology = await loadOrReport(argv);
    if (topology === undefined) return EXIT.badConfiguration;
    const text = renderGraph(topology, argv.json ? 'json' : argv.format);
    if (argv.output === undefined) print(text);
    else writeFileSync(argv.output, `${text}\n`);
    return EXIT.done;
  },
});
