import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { CheckedBroker, CheckedTopology } from '../topology/checked.js';
import { isLoopback } from '../topology/control-schema.js';
import { MillraceError } from '../model/reason.js';
import { registerSecret } from '../model/secrets.js';

/** How long the emulator may need until it says that it is ready. */
const PATIENCE_MS = 20_000;
/** What it may need to end after its input was closed. */
const END_MS = 3_000;

/** What `emulate binance --json` says when it is ready. */
interface Ready {
  readonly rest: string;
  readonly stream: string;
  readonly wsApi: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** An emulated venue in a process of its own, for one run. */
export interface EmulatedVenue {
  /** What `${NAME}` of a topology sees of it: addresses and the keys of its test account. */
  readonly environment: Readonly<Record<string, string>>;
  /** Throws unless every broker is simulated, or is this venue on this machine and nothing else. */
  onlyThis(topology: CheckedTopology): void;
  end(): Promise<void>;
}

/**
 * Starts `millrace emulate binance` of this very build and waits until it is ready. `options`: `KEY=VALUE`, as options of
 * that verb. It ends with {@link EmulatedVenue.end}, and by itself when this process is gone.
 */
export async function startEmulatedVenue(options: readonly string[]): Promise<EmulatedVenue> {
  const program = fileURLToPath(new URL('./main.js', import.meta.url));
  const words = options.flatMap((option) => wordsOf(option));
  // A group of its own: Ctrl-C is for the run, which still needs its venue to end in order.
  const child = spawn(
    process.execPath,
    ['--', program, 'emulate', 'binance', '--port', '0', '--json', '--with-parent', ...words],
    { stdio: ['pipe', 'pipe', 'pipe'], detached: process.platform !== 'win32', windowsHide: true },
  );
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said = `${said}${data.toString('utf8')}`.slice(-2_000);
  });
  child.stdin.on('error', () => undefined); // it is gone already
  const ended = new Promise<void>((done) => {
    child.once('close', () => done());
    child.once('error', () => done());
  });
  const end = async (): Promise<void> => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
    await ended;
    clearTimeout(timer);
  };
  const lines = createInterface({ input: child.stdout });
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  try {
    const first = await Promise.race([
      once(lines, 'line', { signal: patience.signal }).then(([line]) => String(line)),
      ended.then(() => undefined),
    ]);
    if (first === undefined) throw new Error(said.trim() || 'it ended at once');
    return { ...venueOf(JSON.parse(first) as Ready), end };
  } catch (error) {
    await end();
    throw notStarted(error);
  } finally {
    clearTimeout(timer);
    patience.abort();
  }
}

function venueOf(ready: Ready): Omit<EmulatedVenue, 'end'> {
  registerSecret(ready.apiSecret);
  registerSecret(ready.apiKey);
  const addresses = { rest: ready.rest, streams: ready.stream, ws_api: ready.wsApi };
  return {
    environment: {
      BINANCE_REST_URL: ready.rest,
      BINANCE_STREAM_URL: ready.stream,
      BINANCE_WS_API_URL: ready.wsApi,
      BINANCE_API_KEY: ready.apiKey,
      BINANCE_SECRET_KEY: ready.apiSecret,
    },
    onlyThis: ({ brokers }) => {
      for (const broker of brokers) if (!broker.spec.simulated) mustBe(broker, addresses);
    },
  };
}

/** The addresses a broker really uses are those of its environment, unless it is `custom`, which has none of its own. */
function mustBe({ name, spec, config }: CheckedBroker, addresses: Readonly<Record<string, string>>): void {
  const urls = (config['urls'] ?? {}) as Readonly<Record<string, unknown>>;
  const same = Object.entries(addresses).every(
    ([key, address]) => urls[key] === address && isLoopback(new URL(address).hostname),
  );
  if (spec.type === 'binance' && config['environment'] === 'custom' && same) return;
  throw new MillraceError(
    'INVALID_CONFIGURATION',
    `--emulate runs on the emulated venue alone, and broker "${name}" is another one`,
    'give it environment: custom and urls: { rest: "${BINANCE_REST_URL}", streams: "${BINANCE_STREAM_URL}", ws_api: "${BINANCE_WS_API_URL}" }, as config/quickstart.yaml has it',
  );
}

function wordsOf(option: string): readonly string[] {
  const [, key, value] = /^([a-z][a-z-]*)=(.+)$/.exec(option) ?? [];
  if (key === undefined || value === undefined)
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `--emulator ${option} is not KEY=VALUE`,
      'write for example --emulator rate=200; `millrace emulate --help` lists the keys',
    );
  return [`--${key}`, value];
}

function notStarted(error: unknown): MillraceError {
  const why = error instanceof Error && error.name !== 'AbortError' ? error.message : 'it did not get ready';
  return new MillraceError(
    'INVALID_CONFIGURATION',
    `the emulated venue did not start: ${why}`,
    'try `millrace emulate binance` by itself to see why',
  );
}
