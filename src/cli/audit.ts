import { verifyAudit } from '../sinks/audit/verify.js';
import { EXIT } from './exit-code.js';
import { print, printError, printJson } from './output.js';
import { defineVerb, type Verb } from './verb.js';

export const verb: Verb = defineVerb({
  options: (yargs) =>
    yargs
      .positional('action', {
        choices: ['verify'] as const,
        demandOption: true,
        describe: 'verify: check the chain of hashes.',
      })
      .positional('file', { type: 'string', demandOption: true, describe: 'Audit file, JSONL or CSV.' })
      .option('open', {
        type: 'boolean',
        default: false,
        describe: 'The session may still run, so a missing closing line is no fault.',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON.' }),
  run: ({ file, open, json }) => {
    const verdict = verifyAudit(file, { open });
    if (json) printJson(verdict);
    else if (verdict.intact) {
      const unclosed = verdict.unclosed === 0 ? '' : `; ${verdict.unclosed} never closed (killed)`;
      print(
        `${file}: intact, ${verdict.lines} lines, ${verdict.sessions} session${verdict.sessions === 1 ? '' : 's'}${unclosed}\nlast hash ${verdict.lastHash}`,
      );
    } else printError(`${file}:${verdict.fileLine}: ${verdict.problem}: ${verdict.message}`);
    return verdict.intact ? EXIT.done : EXIT.failed;
  },
});
