import { resolve } from 'node:path';
import { examine } from '../engine/doctor/doctor.js';
import type { Finding } from '../engine/check/finding.js';
import type { Diagnostic } from '../topology/diagnostic.js';
import { EXIT } from './exit-code.js';
import { makeLog } from './log.js';
import { print, printJson } from './output.js';
import { load, topologyOptions } from './topology-options.js';
import { defineVerb, type Verb } from './verb.js';

const MARKS = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' } as const;

export const verb: Verb = defineVerb({
  options: (yargs) =>
    topologyOptions(yargs, false).example(
      '$0 doctor my-desk.yaml',
      'find what keeps it from running, with the command that mends it',
    ),
  run: async (argv) => {
    const files = (argv.files as readonly string[] | undefined) ?? [];
    const loaded = files.length === 0 ? undefined : await load({ ...argv, files: [...files] });
    const found: Finding[] = (loaded?.diagnostics ?? [])
      .filter(({ severity }) => severity === 'error')
      .map((diagnostic) => mistake(diagnostic, files));
    found.push(
      ...(await examine({
        topology: loaded?.topology,
        topologyFiles: files.join(' '),
        secretFiles: [...argv.envFile.map((file) => resolve(file)), ...secretFiles()],
        log: makeLog('error'),
      })),
    );
    if (argv.json) printJson({ findings: found });
    else print(found.map(line).join('\n'));
    return found.every(({ status }) => status === 'ok') ? EXIT.done : EXIT.failed;
  },
});

function line({ about, check, status, message, next }: Finding): string {
  return `${MARKS[status]} ${about}: ${check}: ${message}${next === '' ? '' : ` -> ${next}`}`;
}

/** A variable that is not set is mended in the shell, everything else in the file. */
function mistake({ code, message, place }: Diagnostic, files: readonly string[]): Finding {
  const variable = code === 'E106' ? /(?:variable|secret) (\S+) is not set/.exec(message)?.[1] : undefined;
  const where = `${place.file}:${place.line}`;
  return variable === undefined
    ? {
        ...{ about: 'topology', check: code, status: 'fail', message: `${where}: ${message}` },
        next: `millrace lint ${files.join(' ')}`,
      }
    : {
        ...{ about: 'topology', check: 'environment', status: 'fail', message: `${where}: ${message}` },
        next: `export ${variable}=...`,
      };
}

/** Files that variables of the environment name as holding a secret. */
function secretFiles(): readonly string[] {
  return Object.entries(process.env).flatMap(([name, path]) =>
    /(KEY|SECRET|TOKEN|PASSWORD).*_FILE$/.test(name) && path !== undefined ? [resolve(path)] : [],
  );
}
