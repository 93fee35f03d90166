import { join } from 'node:path';
import { ROLES, TokenStore } from '../../engine/control/tokens.js';
import { EXIT } from '../exit-code.js';
import { print, printError, printJson } from '../output.js';
import { defineVerb, type Verb } from '../verb.js';
import { stateDirOf } from './client.js';

export const verb: Verb = defineVerb({
  options: (yargs) =>
    yargs
      .positional('action', {
        choices: ['create', 'list', 'revoke'] as const,
        demandOption: true,
        describe: 'A token is shown once, when it is made; only its hash is kept.',
      })
      .positional('who', { type: 'string', describe: 'Name of the token, for revoke.' })
      .option('name', { type: 'string', describe: 'Who it is for: the actor of what is done with it.' })
      .option('role', {
        choices: ROLES,
        default: 'view' as const,
        describe:
          'view looks; operate also stops, arms and tightens; admin also releases, loosens, reloads, ends.',
      })
      .option('state-dir', { type: 'string', describe: 'state_dir of the engine. Default ./data/state.' })
      .option('topology', { type: 'string', describe: 'Topology file: tells its state_dir.' })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON.' })
      .check(({ action, who, name }) => {
        if (action === 'create' && (name ?? who) === undefined) throw new Error('create needs --name');
        if (action === 'revoke' && (who ?? name) === undefined)
          throw new Error('revoke needs the name of a token');
        return true;
      }),
  run: (argv) => {
    const { action, role, json } = argv;
    // Dashed names are read in camel case, which the types do not know.
    const { stateDir } = argv as unknown as { readonly stateDir: string | undefined };
    const store = new TokenStore(join(stateDirOf({ stateDir, topology: argv.topology }), 'tokens.json'));
    const name = argv.name ?? argv.who ?? '';
    if (action === 'create') {
      const token = store.create(name, role, new Date());
      // Not through print, which hides secrets: this is the one place that shows it.
      process.stdout.write(json ? `${JSON.stringify({ name, role, token }, null, 2)}\n` : `${token}\n`);
      if (!json) printError(`${name} (${role}): keep it, it is not shown again; use it as MILLRACE_TOKEN`);
      return EXIT.done;
    }
    if (action === 'revoke') {
      const revoked = store.revoke(name);
      if (json) printJson({ name, revoked });
      else if (revoked) print(`${name} is revoked: a running engine refuses it from now on`);
      if (!revoked) printError(`error: there is no token "${name}"; \`millrace token list\` shows them`);
      return revoked ? EXIT.done : EXIT.failed;
    }
    const tokens = store
      .list()
      .map(({ name: who, role: may, created }) => ({ name: who, role: may, created }));
    if (json) printJson(tokens);
    else if (tokens.length === 0) print('no tokens');
    else for (const { name: who, role: may, created } of tokens) print(`${who}  ${may}  ${created}`);
    return EXIT.done;
  },
});
