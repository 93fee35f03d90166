import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MillraceError } from '../../model/reason.js';
import { registerSecret } from '../../model/secrets.js';
import type { Log } from '../../model/component.js';
import { CONTROL_DEFAULTS, listenOf, type ControlSettings } from '../../topology/control-schema.js';
import type { CheckedTopology } from '../../topology/checked.js';
import { wallMs } from '../guard.js';
import { safetyFiles } from '../safety.js';
import { isAlive, readAddress, removeAddress, writeAddress } from './address.js';
import { CallLog } from './call-log.js';
import { readPrivate, writePrivate } from './private-file.js';
import type { ControlHost } from './route.js';
import { startControlServer, type ControlServer } from './server.js';
import { StreamHub } from './stream.js';
import { TokenStore } from './tokens.js';

/** Name of the token that local command lines use, made at the start. */
const OPERATOR = 'operator';

/** Files of the control surface in a state folder. */
export const controlFiles = (
  folder: string,
): Record<'address' | 'tokens' | 'operator' | 'calls', string> => ({
  address: join(folder, 'control.json'),
  tokens: join(folder, 'tokens.json'),
  operator: join(folder, 'operator.token'),
  calls: join(folder, 'control.jsonl'),
});

export type SurfaceOptions = Omit<ControlHost, 'stream'> & {
  /** Input is live: without a word in the topology the surface is there. */
  readonly live: boolean;
};

/** The running control surface of one engine. */
export class ControlSurface {
  readonly url: string;
  readonly stream: StreamHub;
  readonly #server: ControlServer;
  readonly #address: string;
  readonly #session: string;

  constructor(server: ControlServer, stream: StreamHub, address: string, session: string) {
    this.url = server.url;
    this.stream = stream;
    this.#server = server;
    this.#address = address;
    this.#session = session;
  }

  async close(): Promise<void> {
    removeAddress(this.#address, this.#session);
    this.stream.close();
    await this.#server.close();
  }
}

/**
 * Listens, as the topology says; undefined: it says off. Before anything else opens, so that a taken port or a missing
 * certificate ends the run at once (INVALID_CONFIGURATION) and a kill is heard while venues are still being reached.
 */
export async function openControl(options: SurfaceOptions): Promise<ControlSurface | undefined> {
  const { engine, live } = options;
  const { topology, options: engineOptions } = engine;
  const { log, session } = engineOptions;
  const settings = topology.control ?? (live && topology.mode !== 'replay' ? CONTROL_DEFAULTS : undefined);
  const listen = settings === undefined ? undefined : listenOf(settings.listen);
  if (settings === undefined || listen === undefined) return undefined;
  const files = controlFiles(safetyFiles(topology).folder);
  const tokens = new TokenStore(files.tokens);
  operatorToken(files.operator, tokens);
  const stream = new StreamHub(engine, () => host);
  const host: ControlHost = { ...options, stream };
  const tls = tlsOf(settings, topology);
  const start = (port: number): ReturnType<typeof startControlServer> =>
    startControlServer({
      host: listen.host,
      port,
      ...(tls === undefined ? {} : { tls }),
      callsPerMinute: settings.calls_per_minute,
      tokens,
      target: host,
      calls: new CallLog(files.calls, log),
      log,
    });
  const server = await start(listen.port).catch((error: unknown) => {
    // Nobody asked for this very port: any will do, control.json tells which.
    if (topology.control !== undefined || !isTaken(error)) throw error;
    log.warn(`${(error as Error).message}; a free port is taken instead`);
    return start(0);
  });
  const { url } = server;
  noteOther(files.address, session, log);
  writeAddress(files.address, {
    url,
    pid: process.pid,
    session,
    topology: topology.name,
    started: new Date(wallMs()).toISOString(),
  });
  log.info(`control at ${url}; millrace status --state-dir ${safetyFiles(topology).folder}`);
  return new ControlSurface(server, stream, files.address, session);
}

const isTaken = (error: unknown): boolean =>
  error instanceof MillraceError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE';

/** So that command lines of the same user need no set-up: a token in a file that only this user may read. */
function operatorToken(path: string, tokens: TokenStore): void {
  const kept = readPrivate(path)?.trim();
  if (kept !== undefined && tokens.find(kept)?.name === OPERATOR) {
    registerSecret(kept);
    return;
  }
  tokens.revoke(OPERATOR);
  writePrivate(path, `${tokens.create(OPERATOR, 'admin', new Date(wallMs()))}\n`);
}

function tlsOf(
  { tls }: ControlSettings,
  { baseDir }: CheckedTopology,
): { readonly cert: string; readonly key: string } | undefined {
  if (tls === undefined) return undefined;
  const read = (file: string, what: string): string => {
    try {
      return readFileSync(resolve(baseDir, file), 'utf8');
    } catch (error) {
      throw new MillraceError(
        'INVALID_CONFIGURATION',
        `the ${what} of the control surface cannot be read: ${(error as Error).message}`,
        `mend control.tls.${what === 'certificate' ? 'cert' : 'key'}`,
      );
    }
  };
  return { cert: read(tls.cert, 'certificate'), key: read(tls.key, 'key') };
}

/** Two engines on one state folder: the newer one is found there. */
function noteOther(path: string, session: string, log: Log): void {
  const other = existsSync(path) ? readAddress(path) : undefined;
  if (other === undefined || other.session === session) return;
  if (other.pid === process.pid || !isAlive(other)) return;
  log.warn(
    `another engine (${other.topology}, pid ${other.pid}) uses this state folder; reach it with --url ${other.url}`,
  );
}
