import WebSocket from 'ws';
import { parseDuration } from '../../model/units.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { print, printError } from '../output.js';
import { defineVerb, type Verb } from '../verb.js';
import { controlOptions, failed, targetOf, type ControlOptions } from './client.js';

interface Told {
  readonly seen: number;
  readonly missed: number;
  readonly events: readonly Readonly<Record<string, unknown>>[];
  readonly error?: { readonly code: string; readonly message: string; readonly help: string };
}

interface TapOptions extends ControlOptions {
  readonly node: string;
  readonly samples: number;
  readonly max?: number | undefined;
  readonly for?: string | undefined;
}

export const verb: Verb = defineVerb({
  options: (yargs) =>
    controlOptions(
      yargs
        .positional('node', {
          type: 'string',
          demandOption: true,
          describe: 'Output of the graph: bars, risk.denied.',
        })
        .option('samples', {
          type: 'number',
          default: 20,
          describe: 'Most events shown of every 100 ms; the others are counted.',
        })
        .option('max', { type: 'number', describe: 'End after so many events.' })
        .option('for', { type: 'string', describe: 'End after this time, for example 10s.' }),
    ),
  run: (argv) => tap(argv),
});

/** One line an event, as JSON; what was not shown is counted on stderr. */
function tap(argv: TapOptions): Promise<ExitCode> | ExitCode {
  const target = targetOf(argv);
  if (!('url' in target)) return failed(target, argv.json);
  const ms = argv.for === undefined ? undefined : (parseDuration(argv.for) ?? 0) / 1_000;
  const path = `/v1/tap/${encodeURIComponent(argv.node)}/stream?samples=${argv.samples}`;
  const url = new URL(path, target.url.replace(/^http/, 'ws'));
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: 16 * 1024 * 1024,
    headers: target.token === undefined ? {} : { authorization: `Bearer ${target.token}` },
    ...(target.ca === undefined ? {} : { ca: target.ca }),
  });
  let shown = 0;
  let hidden = 0;
  return new Promise((resolve) => {
    let code: ExitCode = EXIT.done;
    const timer = ms === undefined ? undefined : setTimeout(() => socket.close(), ms);
    const stop = (): void => socket.close();
    process.once('SIGINT', stop);
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      code = EXIT.failed;
      printError(`error: ${target.url} answered ${response.statusCode ?? 0}: is the token right?`);
      socket.terminate();
    });
    socket.on('error', (error) => {
      if (code !== EXIT.done) return;
      code = EXIT.unreachable;
      printError(`error UNREACHABLE: no engine answers at ${target.url}: ${error.message}`);
    });
    socket.on('message', (data: Buffer) => {
      const told = JSON.parse(String(data)) as Told;
      if (told.error !== undefined) {
        code = EXIT.failed;
        printError(`error ${told.error.code}: ${told.error.message}\nhelp: ${told.error.help}`);
        return;
      }
      const room = (argv.max ?? Infinity) - shown;
      const lines = told.events.slice(0, room);
      for (const event of lines) print(JSON.stringify(event));
      shown += lines.length;
      hidden += told.seen + told.missed - lines.length;
      if (shown >= (argv.max ?? Infinity)) socket.close();
    });
    socket.on('close', () => {
      clearTimeout(timer);
      process.off('SIGINT', stop);
      if (hidden > 0) printError(`${hidden} more passed and were not shown`);
      resolve(code);
    });
  });
}
