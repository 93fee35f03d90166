import type { Argv } from 'yargs';
import type { CheckedTopology } from '../topology/checked.js';
import type { LoadResult } from '../topology/load.js';
import { printError, printJson } from './output.js';

export interface TopologyArguments {
  readonly files: string[];
  readonly set: string[];
  readonly envFile: string[];
  readonly json: boolean;
}

/** FILE..., --set, --env-file and --json: the same for every verb that reads a topology. */
export function topologyOptions<T>(yargs: Argv<T>, needed = true): Argv<T & TopologyArguments> {
  return yargs
    .positional('files', {
      type: 'string',
      array: true,
      demandOption: needed,
      describe: 'Topology files; several are joined.',
    })
    .option('set', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe:
        'Override one option, as PATH=VALUE; may be repeated. A relative path starts at the current folder.',
    })
    .option('env-file', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'File of KEY=VALUE lines for ${KEY}; the environment wins.',
    })
    .option('json', { type: 'boolean', default: false, describe: 'Print JSON.' }) as unknown as Argv<
    T & TopologyArguments
  >;
}

export async function load(argv: TopologyArguments, extra: Variables = {}): Promise<LoadResult> {
  const { loadTopology } = await import('../topology/load.js');
  const environment = { ...process.env, ...extra };
  return loadTopology(argv.files, { set: argv.set, envFiles: argv.envFile, environment });
}

/** Variables beside those of the process; they win. */
type Variables = Readonly<Record<string, string>>;

/**
 * The checked topology; or undefined after its mistakes were printed, when the verb returns `EXIT.badConfiguration`.
 * Warnings are printed and do not stop.
 */
export async function loadOrReport(
  argv: TopologyArguments,
  extra: Variables = {},
): Promise<CheckedTopology | undefined> {
  const result = await load(argv, extra);
  const { formatText, diagnosticsJson } = await import('../topology/diagnostic.js');
  if (result.topology === undefined && argv.json) printJson(diagnosticsJson(result.diagnostics));
  else if (result.diagnostics.length > 0) printError(formatText(result.diagnostics, result.texts));
  return result.topology;
}
