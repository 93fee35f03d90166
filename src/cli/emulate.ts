import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { parse as parseYaml } from 'yaml';
import type { Argv } from 'yargs';
import { startBinanceEmulator, type BinanceEmulator } from '../emulators/binance/index.js';
import type { BinanceEmulatorOptions, EmulatedMarket, FaultInput } from '../emulators/binance/index.js';
import { MillraceError } from '../model/reason.js';
import { EXIT } from './exit-code.js';
import { printError } from './output.js';
import { defineVerb, type Verb } from './verb.js';

const number = (value: string | undefined, option: string): number | undefined => {
  if (value === undefined) return undefined;
  const parsed = Number(value);
  if (value.trim() !== '' && Number.isFinite(parsed) && parsed >= 0) return parsed;
  throw new MillraceError(
    'INVALID_CONFIGURATION',
    `--${option} ${value} is not a number from 0 up`,
    'write a number',
  );
};

export const verb: Verb = defineVerb<Given>({
  options: (yargs) => emulateOptions(yargs) as Argv<Given>,
  run: async (argv) => {
    const emulator = await startBinanceEmulator(optionsOf(argv));
    const stop = (): void => void emulator.close();
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    if (argv.withParent) process.stdin.once('end', stop).once('error', stop).resume();
    if (argv.certificate !== undefined && emulator.certificate !== undefined)
      await writeFile(argv.certificate, emulator.certificate);
    say(emulator, argv.json);
    await emulator.closed;
    if (argv.withParent) process.stdin.destroy();
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    return EXIT.done;
  },
});

/** The options of the verb. */
function emulateOptions(yargs: Argv): Argv {
  return yargs
    .positional('venue', {
      choices: ['binance'] as const,
      demandOption: true,
      describe: 'Venue to emulate.',
    })
    .option('port', { type: 'string', default: '0', describe: 'Port of the venue; 0: any free one.' })
    .option('control-port', { type: 'string', default: '0', describe: 'Port of the control endpoint.' })
    .option('host', { type: 'string', default: '127.0.0.1', describe: 'Address to listen on.' })
    .option('seed', { type: 'string', default: '1', describe: 'Seed of the market and of random faults.' })
    .option('symbols', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'Pairs, separated by commas; BTCUSDT=61000 begins at a price. May be repeated.',
    })
    .option('rate', {
      type: 'string',
      describe: 'Market events per second, all pairs together; default 50.',
    })
    .option('style', {
      choices: ['orders', 'quotes'] as const,
      default: 'orders' as const,
      describe: 'orders: a book with resting orders and takers. quotes: every event changes the best prices.',
    })
    .option('capture', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'Play this raw capture instead of a seeded market. May be repeated.',
    })
    .option('pace', {
      type: 'string',
      describe: 'Speed of a capture in multiples of real time; default 1.',
    })
    .option('paused', {
      type: 'boolean',
      default: false,
      describe: 'Let the market wait for the control endpoint.',
    })
    .option('faults', {
      type: 'string',
      describe: 'YAML or JSON file with a list of faults to begin with.',
    })
    .option('balance', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'Funds of the test account, as USDT=100000. May be repeated.',
    })
    .option('api-key', { type: 'string', describe: 'Key of the test account; default: random.' })
    .option('api-secret', { type: 'string', describe: 'Its secret; default: random.' })
    .option('tls', {
      type: 'boolean',
      default: false,
      describe: 'Speak TLS, with a certificate made at the start.',
    })
    .option('certificate', { type: 'string', describe: 'With --tls: write the certificate to this file.' })
    .option('json', {
      type: 'boolean',
      default: false,
      describe: 'Print one line of JSON when it is ready.',
    })
    .option('with-parent', {
      type: 'boolean',
      default: false,
      describe: 'End when standard input ends: for a program that starts it.',
    })
    .example('$0 emulate binance --port 0 --json', 'a local exchange for a script')
    .example(
      '$0 emulate binance --symbols BTCUSDT,ETHUSDT --rate 1000',
      'two pairs, a thousand events a second',
    )
    .example('$0 emulate binance --capture btcusdt.gz --symbols BTCUSDT --pace 10', 'a recorded market');
}

/** Options as yargs gives them: dashes become capitals. */
interface Given {
  readonly port: string;
  readonly controlPort: string;
  readonly host: string;
  readonly seed: string;
  readonly symbols: readonly string[];
  readonly rate: string | undefined;
  readonly style: 'orders' | 'quotes';
  readonly capture: readonly string[];
  readonly pace: string | undefined;
  readonly paused: boolean;
  readonly faults: string | undefined;
  readonly balance: readonly string[];
  readonly apiKey: string | undefined;
  readonly apiSecret: string | undefined;
  readonly tls: boolean;
  readonly certificate: string | undefined;
  readonly json: boolean;
  readonly withParent: boolean;
}

function optionsOf(argv: Given): BinanceEmulatorOptions {
  const symbols = argv.symbols.flatMap((list) => list.split(',')).filter((name) => name !== '');
  return {
    host: argv.host,
    port: number(argv.port, 'port') ?? 0,
    controlPort: number(argv.controlPort, 'control-port') ?? 0,
    seed: number(argv.seed, 'seed') ?? 1,
    ...(symbols.length === 0 ? {} : { symbols }),
    market: marketOf(argv),
    paused: argv.paused,
    account: {
      ...(argv.apiKey === undefined ? {} : { apiKey: argv.apiKey }),
      ...(argv.apiSecret === undefined ? {} : { apiSecret: argv.apiSecret }),
      ...(argv.balance.length === 0 ? {} : { balances: balancesOf(argv.balance) }),
    },
    ...(argv.faults === undefined ? {} : { faults: readFaults(argv.faults) }),
    tls: argv.tls,
  };
}

function marketOf({ capture, pace, rate, style }: Given): EmulatedMarket {
  if (capture.length > 0) return { type: 'capture', files: capture, pace: number(pace, 'pace') ?? 1 };
  const events = number(rate, 'rate');
  return { type: 'flow', style, ...(events === undefined ? {} : { rate: events }) };
}

function balancesOf(list: readonly string[]): Record<string, string> {
  const balances: Record<string, string> = {};
  for (const text of list.flatMap((item) => item.split(','))) {
    const [, asset = '', amount = ''] = /^([A-Z0-9]+)=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
    if (asset === '')
      throw new MillraceError(
        'INVALID_CONFIGURATION',
        `--balance ${text} is not an amount`,
        'write USDT=100000',
      );
    balances[asset] = amount;
  }
  return balances;
}

function readFaults(path: string): readonly FaultInput[] {
  let content: unknown;
  try {
    content = parseYaml(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `cannot read faults from ${path}: ${String(error)}`,
      'give a YAML or JSON file',
    );
  }
  return Array.isArray(content) ? (content as FaultInput[]) : [content as FaultInput];
}

/** The secret is the only one of the test account: it is shown on purpose, once. */
function say(emulator: BinanceEmulator, json: boolean): void {
  const { rest, stream, wsApi, control, account } = emulator;
  const { apiKey, apiSecret } = account;
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ venue: 'binance', rest, stream, wsApi, control, apiKey, apiSecret })}\n`,
    );
    return;
  }
  const rows = { rest, stream, 'ws api': wsApi, control, 'api key': apiKey, 'api secret': apiSecret };
  for (const [name, value] of Object.entries(rows)) process.stdout.write(`${name.padEnd(11)}${value}\n`);
  printError('An emulated Binance spot exchange is ready. Ctrl-C ends it.');
}
