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
    command: 'check <files..>',
    describe: 'Connect read-only: keys, clocks, instruments, account, disk; --exercise tries an order',
    load: () => import('./check.js'),
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
  {
    command: 'doctor [files..]',
    describe: 'Find what keeps an engine from running, with the command that mends it',
    load: () => import('./doctor.js'),
  },
  { command: 'journal <action> <path>', describe: 'Read a journal: cat', load: () => import('./journal.js') },
  {
    command: 'audit <action> <file>',
    describe: 'Check an audit file: verify',
    load: () => import('./audit.js'),
  },
  {
    command: 'status',
    describe: 'See what runs, whether it may trade, and why not',
    load: () => import('./control/status.js'),
  },
  {
    command: 'top',
    describe: 'Watch a running engine: status, money, positions',
    load: () => import('./control/top.js'),
  },
  {
    command: 'tap <node>',
    describe: 'See what passes on an output of the running graph',
    load: () => import('./control/tap.js'),
  },
  {
    command: 'orders [id]',
    describe: 'Orders of a running engine, or one of them',
    load: () => import('./control/orders.js'),
  },
  {
    command: 'positions',
    describe: 'Positions of a running engine',
    load: () => import('./control/positions.js'),
  },
  {
    command: 'account',
    describe: 'Cash, equity, profit and loss of a running engine',
    load: () => import('./control/account.js'),
  },
  {
    command: 'limits [action] [limit] [value]',
    describe: 'Risk limits of a running engine: list, tighten, loosen',
    load: () => import('./control/limits.js'),
  },
  {
    command: 'strategies [action] [name] [values..]',
    describe: 'Strategies of a running engine: list, enable, disable, set parameters',
    load: () => import('./control/strategies.js'),
  },
  {
    command: 'arm <account>',
    describe: 'Let new orders of a live account out',
    load: () => import('./control/arm.js'),
  },
  {
    command: 'disarm [account]',
    describe: 'Hold new orders of live accounts back',
    load: () => import('./control/disarm.js'),
  },
  {
    command: 'pause',
    describe: 'No new orders until resume',
    load: () => import('./control/pause.js'),
  },
  {
    command: 'resume',
    describe: 'Trade again',
    load: () => import('./control/resume.js'),
  },
  {
    command: 'reduce',
    describe: 'Only orders that reduce a position, until resume',
    load: () => import('./control/reduce.js'),
  },
  {
    command: 'kill',
    describe: 'Close the gate, latch, cancel open orders and verify it; positions stay',
    load: () => import('./control/kill.js'),
  },
  {
    command: 'release',
    describe: 'Clear a kill latch',
    load: () => import('./control/release.js'),
  },
  {
    command: 'flatten',
    describe: 'Cancel open orders and close positions',
    load: () => import('./control/flatten.js'),
  },
  {
    command: 'reconcile [brokers..]',
    describe: 'Compare the books with the venues now',
    load: () => import('./control/reconcile.js'),
  },
  {
    command: 'acknowledge <target>',
    describe: 'Take note of differences of a broker or of a protection that fired',
    load: () => import('./control/acknowledge.js'),
  },
  {
    command: 'cancel [id]',
    describe: 'Cancel one order, those of an instrument, or all',
    load: () => import('./control/cancel.js'),
  },
  {
    command: 'reload',
    describe: 'Take over what changed in the files of a running topology',
    load: () => import('./control/reload.js'),
  },
  {
    command: 'shutdown',
    describe: 'End a running engine in order',
    load: () => import('./control/shutdown.js'),
  },
  {
    command: 'token <action> [who]',
    describe: 'Tokens of the control surface: create, list, revoke',
    load: () => import('./control/token.js'),
  },
];
