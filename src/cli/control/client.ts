import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { Argv } from 'yargs';
import { Agent, fetch, type Response } from 'undici';
import { readAddress } from '../../engine/control/address.js';
import { MillraceError } from '../../model/reason.js';
import { registerSecret } from '../../model/secrets.js';
import { isLoopback } from '../../topology/control-schema.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { printError } from '../output.js';

/** A command waits for the venue, and an engine may be busy. */
const TIMEOUT_MS = 75_000;

/** Options of every verb that talks to a running engine. */
export interface ControlOptions {
  readonly url?: string | undefined;
  readonly stateDir?: string | undefined;
  readonly topology?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly ca?: string | undefined;
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
    .option('ca', { type: 'string', describe: 'Certificate (PEM) to trust, for an engine with its own.' })
    .option('json', { type: 'boolean', default: false, describe: 'Print JSON.' });
}

/** The state folder the options mean. */
export function stateDirOf({ stateDir, topology }: Pick<ControlOptions, 'stateDir' | 'topology'>): string {
  if (stateDir !== undefined) return resolve(stateDir);
  if (topology === undefined) return resolve('./data/state');
  const written: unknown = (parse(readFileSync(topology, 'utf8')) as Record<string, unknown> | null)?.[
    'state_dir'
  ];
  if (typeof written === 'string' && written.includes('${'))
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `state_dir of ${topology} depends on the environment of the engine: ${written}`,
      'name the folder with --state-dir',
    );
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

const unreachable = (message: string, help: string): Extract<Reply<never>, { ok: false }> => ({
  ok: false,
  exit: EXIT.unreachable,
  code: 'UNREACHABLE',
  message,
  help,
});

/** Where an engine is, and what lets us in. */
export interface Target {
  readonly url: string;
  readonly token: string | undefined;
  readonly ca: string | undefined;
}

const isHere = (hostname: string): boolean => isLoopback(hostname.replace(/^\[|\]$/g, ''));

/** The token of an engine on this machine is not shown to another one, unless its state folder was named on purpose. */
function ownToken(options: ControlOptions, folder: string, hostname: string): string | undefined {
  const named = options.stateDir !== undefined || options.topology !== undefined;
  return named || isHere(hostname) || addressGiven(options) === undefined
    ? text(join(folder, 'operator.token'))
    : undefined;
}

/** An address that was named; undefined: it is read in the state folder. */
export const addressGiven = ({ url }: Pick<ControlOptions, 'url'>): string | undefined =>
  url ?? process.env['MILLRACE_URL'];

/** Finds the engine the options mean; or why there is none. A token never travels in the open to another machine. */
export function targetOf(options: ControlOptions): Target | Extract<Reply<never>, { ok: false }> {
  const folder = stateDirOf(options);
  const url = addressGiven(options) ?? readAddress(join(folder, 'control.json'))?.url;
  if (url === undefined)
    return unreachable(
      `no engine has left its address in ${folder}`,
      'is it running? Say where with --state-dir, --topology or --url',
    );
  if (!URL.canParse(url))
    return unreachable(`${url} is no address`, 'write for example http://127.0.0.1:9465');
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:' && !isHere(hostname))
    return unreachable(
      `${url} is another machine and not https: a token would travel in the open`,
      'give the engine control.tls and use https://, or use a tunnel to 127.0.0.1',
    );
  const token =
    options.tokenFile === undefined
      ? (process.env['MILLRACE_TOKEN'] ?? ownToken(options, folder, hostname))
      : text(options.tokenFile);
  if (token !== undefined) registerSecret(token);
  return { url, token, ca: options.ca === undefined ? undefined : text(options.ca) };
}

/** Calls a running engine. Never throws for what the engine or the network says. */
export async function call<T>(
  options: ControlOptions,
  method: 'GET' | 'POST',
  path: string,
  body?: Readonly<Record<string, unknown>>,
  timeoutMs: number = TIMEOUT_MS,
): Promise<Reply<T>> {
  const target = targetOf(options);
  if (!('url' in target)) return target;
  const { url, token, ca } = target;
  let response: Response;
  try {
    response = await fetch(new URL(path, url), {
      method,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      ...(ca === undefined ? {} : { dispatcher: new Agent({ connect: { ca } }) }),
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
    return unreachable(
      `no engine answers at ${url}: ${cause}`,
      'is it still running? `millrace doctor` looks for what it left behind',
    );
  }
  return replyOf<T>(response, url);
}

async function replyOf<T>(response: Response, url: string): Promise<Reply<T>> {
  const answer = (await response.json().catch(() => undefined)) as
    | (T & { readonly error?: { readonly code: string; readonly message: string; readonly help: string } })
    | undefined;
  if (response.ok && answer !== undefined) return { ok: true, body: answer };
  const told = answer?.error;
  if (told?.code === undefined)
    return unreachable(
      `${url} answered ${response.status}, which is no answer of an engine`,
      'is it the right address?',
    );
  return { ok: false, exit: EXIT.failed, code: told.code, message: told.message, help: told.help };
}

/** Says what went wrong, as JSON on stdout or for people on stderr. */
export function failed(reply: Extract<Reply<unknown>, { ok: false }>, json: boolean): ExitCode {
  const { code, message, help } = reply;
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message, help } }, null, 2)}\n`);
  else printError(`error ${code}: ${message}${help === '' ? '' : `\nhelp: ${help}`}`);
  return reply.exit;
}
