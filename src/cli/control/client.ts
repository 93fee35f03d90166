import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { Argv } from 'yargs';
import { readAddress } from '../../engine/control/address.js';
import { registerSecret } from '../../model/secrets.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { printError } from '../output.js';

/** Options of every verb that talks to a running engine. */
export interface ControlOptions {
  readonly url?: string | undefined;
  readonly stateDir?: string | undefined;
  readonly topology?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly json: boolean;
}

export function controlOptions<T>(yargs: Argv<T>): Argv<T & ControlOptions> {
  return yargs
    .option('state-dir', {
      type: 'string',
      describe: 'state_dir of the engine: its address and token are read there. Default ./data/state.',
    })
    .option('topology', { type: 'string', describe: 'Topology file the engine runs: tells its state_dir.' })
    .option('url', { type: 'string', describe: 'Address of the engine, also MILLRACE_URL.' })
    .option('token-file', {
      type: 'string',
      describe: 'File with the token; also MILLRACE_TOKEN. Default: operator.token of the state_dir.',
    })
    .option('json', { type: 'boolean', default: false, describe: 'Print JSON.' });
}

/** The state folder the options mean. */
export function stateDirOf({ stateDir, topology }: ControlOptions): string {
  if (stateDir !== undefined) return resolve(stateDir);
  if (topology === undefined) return resolve('./data/state');
  const written: unknown = (parse(readFileSync(topology, 'utf8')) as Record<string, unknown> | null)?.[
    'state_dir'
  ];
  return resolve(dirname(topology), typeof written === 'string' ? written : './data/state');
}

/** What came back: the body, or why there is none, with the exit code that says so. */
export type Reply<T> =
  | { readonly ok: true; readonly body: T }
  | {
      readonly ok: false;
      readonly exit: ExitCode;
      readonly code: string;
      readonly message: string;
      readonly help: string;
    };

function text(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Calls a running engine. Never throws for what the engine or the network says. */
export async function call<T>(
  options: ControlOptions,
  method: 'GET' | 'POST',
  path: string,
  body?: Readonly<Record<string, unknown>>,
): Promise<Reply<T>> {
  const folder = stateDirOf(options);
  const address =
    options.url ?? process.env['MILLRACE_URL'] ?? readAddress(join(folder, 'control.json'))?.url;
  if (address === undefined)
    return {
      ok: false,
      exit: EXIT.unreachable,
      code: 'UNREACHABLE',
      message: `no engine has left its address in ${folder}`,
      help: 'is it running? Say where with --state-dir, --topology or --url',
    };
  const token =
    options.tokenFile === undefined
      ? (process.env['MILLRACE_TOKEN'] ?? text(join(folder, 'operator.token')))
      : text(options.tokenFile);
  if (token !== undefined) registerSecret(token);
  let response: Response;
  try {
    response = await fetch(new URL(path, address), {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(90_000),
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return {
      ok: false,
      exit: EXIT.unreachable,
      code: 'UNREACHABLE',
      message: `no engine answers at ${address}: ${cause}`,
      help: 'is it still running? `millrace doctor` looks for what it left behind',
    };
  }
  const answer = (await response.json().catch(() => undefined)) as
    | (T & { readonly error?: { readonly code: string; readonly message: string; readonly help: string } })
    | undefined;
  if (response.ok && answer !== undefined) return { ok: true, body: answer };
  const told = answer?.error;
  return {
    ok: false,
    exit: EXIT.failed,
    code: told?.code ?? 'UNREACHABLE',
    message: told?.message ?? `${address} answered ${response.status}, which is no answer of an engine`,
    help: told?.help ?? 'is it the right address?',
  };
}

/** Says what went wrong, as JSON on stdout or for people on stderr. */
export function failed(reply: Extract<Reply<unknown>, { ok: false }>, json: boolean): ExitCode {
  const { code, message, help } = reply;
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message, help } }, null, 2)}\n`);
  else printError(`error ${code}: ${message}${help === '' ? '' : `\nhelp: ${help}`}`);
  return reply.exit;
}
