import type { Command } from './verb.js';

/** Every verb, in the order of `--help`. To add one: a file that exports `verb`, and a row here. */
export const COMMANDS: readonly Command[] = [
  { command: 'run <files..>', describe: 'Run a topology', load: () => import('./run.js') },
  {
    command: 'backtest <files..>',
    describe: 'Run over recorded data, as fast as possible',
    load: () => import('./backtest.js'),
  },
  {
    command: 'replay <journal>',
    describe: 'Feed a journal again and compare every decision',
    load: () => import('./replay.js'),
  },
  { command: 'lint <files..>', describe: 'Check topologies: files only', load: () => import('./lint.js') },
  {
    command: 'plan <files..>',
    describe: 'Compile a topology and show what would run; no network',
    load: () => import('./plan.js'),
  },
  {
    command: 'graph <files..>',
    describe: 'Draw a topology: mermaid, dot, svg or json',
    load: () => import('./graph.js'),
  },
  { command: 'list [section]', describe: 'List the components one can use', load: () => import('./list.js') },
  {
    command: 'describe <name>',
    describe: 'Explain a component or an error code',
    load: () => import('./describe.js'),
  },
  {
    command: 'schema',
    describe: 'Print the JSON schema of the language, for editors',
    load: () => import('./schema.js'),
  },
  {
    command: 'new <kind> <name>',
    describe: 'Write a topology or a strategy to start from',
    load: () => import('./new.js'),
  },
  {
    command: 'emulate <venue>',
    describe: 'Run a local venue that speaks the real protocol',
    load: () => import('./emulate.js'),
  },
  { command: 'journal <action> <path>', describe: 'Read a journal: cat', load: () => import('./journal.js') },
  {
    command: 'audit <action> <file>',
    describe: 'Check an audit file: verify',
    load: () => import('./audit.js'),
  },
];
