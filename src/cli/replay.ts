import { isoMicros } from '../model/time.js';
import { EXIT } from './exit-code.js';
import { makeLog } from './log.js';
import { print, printError, printJson } from './output.js';
import { defineVerb, type Verb } from './verb.js';

export const verb: Verb = defineVerb({
  options: (yargs) =>
    yargs
      .positional('journal', {
        type: 'string',
        demandOption: true,
        describe: 'Folder of a session, or one segment.',
      })
      .option('verify', {
        type: 'boolean',
        default: false,
        describe:
          'Prove it: refuse when build, configuration or strategies differ; exit 1 at the first difference.',
      })
      .option('topology', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'Replay through this topology instead of the one recorded in the journal.',
      })
      .option('base', {
        type: 'string',
        describe: 'Folder relative paths of the recorded topology start from, if it has moved.',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON.' })
      .example('$0 replay data/journal/SESSION --verify', 'every decision again, compared with the record'),
  run: async ({ journal: path, verify: strict, topology: files, base, json }) => {
    const [{ readJournal }, { verifyJournal }, { buildVersion }, { recordedTopology }] = await Promise.all([
      import('../sinks/journal/index.js'),
      import('../engine/verify-journal.js'),
      import('../engine/session-info.js'),
      import('../engine/recorded-topology.js'),
    ]);
    const journal = readJournal(path);
    const { header } = journal;
    const topology = await recordedTopology(header, base ?? header.baseDir, files);
    if (!strict && header.build !== buildVersion())
      printError(`warning: written by build ${header.build}, this is ${buildVersion()}`);
    const started = process.hrtime.bigint();
    const result = await verifyJournal(journal, { topology, strict, log: makeLog('error') });
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    if (json) {
      printJson({ session: header.session, ...result, difference: result.difference ?? null, seconds });
      return result.identical ? EXIT.done : EXIT.failed;
    }
    if (result.torn !== undefined) printError(`warning JOURNAL_TORN: ${result.torn}`);
    print(
      [
        `session     ${header.session} (${header.mode}, started ${isoMicros(header.startedAt).slice(0, 19)}Z, build ${header.build})`,
        `turns       ${result.turns.toLocaleString('en-US')} with ${result.children.toLocaleString('en-US')} children, ${result.clockTurns.toLocaleString('en-US')} of them clock turns`,
        `decisions   ${result.orders} dispatched, ${result.denied} denied`,
        `checkpoints ${result.checkpoints} hashes of State compared`,
        `digest      ${result.digest}`,
        `time        ${seconds.toFixed(2)} s`,
      ].join('\n'),
    );
    if (result.difference === undefined) {
      print('identical: every input gave the recorded decisions.');
      return EXIT.done;
    }
    const { seq, sub, field, recorded, produced } = result.difference;
    printError(
      `error DIVERGED: first difference at turn ${seq}, ${sub === 0 ? 'its input' : `child ${sub}`}, field ${field}`,
    );
    printError(`  recorded ${recorded}\n  produced ${produced}`);
    printError(
      `help: millrace journal cat ${path} --from ${Math.max(1, seq - 3)} --to ${seq} shows what led to it.`,
    );
    return EXIT.failed;
  },
});
