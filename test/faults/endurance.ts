import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { run } from '../../src/engine/run.js';
import type { Engine } from '../../src/engine/engine.js';
import { loadCampaign } from './load.js';
import { topologyText, type VenueAddresses } from './topology.js';

export interface EnduranceOptions {
  readonly folder: string;
  /** Changes of the best prices a second. */
  readonly rate: number;
  /** Cuts of every connection, one after the other, each after everything came back; 0: none. */
  readonly disconnects: number;
  /** How long it runs without them, milliseconds. */
  readonly length: number;
}

export interface Sample {
  readonly megabytes: number;
  readonly sockets: number;
  /** Turns so far. */
  readonly turns: number;
}

export interface EnduranceResult {
  readonly samples: readonly Sample[];
  readonly perSecond: number;
  readonly disconnects: number;
  readonly failure: string;
}

interface Venue extends VenueAddresses {
  readonly control: string;
}

const SAMPLES = 20;

/** The engine on a busy feed, or on connections that are cut again and again, with its memory and sockets watched. */
export async function endure(options: EnduranceOptions): Promise<EnduranceResult> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { venue, stop: stopVenue } = await startVenueProcess(options.rate);
  const samples: Sample[] = [];
  let perSecond = 0;
  let failure = '';
  let disconnects = 0;
  try {
    const text = topologyText(venue, { seed: 7, every: 2_000, ordersBy: 'ws' });
    const topology = await loadCampaign(options.folder, text);
    const stop = new AbortController();
    const sample = (engine: Engine): void => {
      collect();
      samples.push({
        megabytes: process.memoryUsage().heapUsed / 2 ** 20,
        sockets: process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length,
        turns: engine.driver.seq,
      });
    };
    const watch = async (engine: Engine): Promise<void> => {
      await sleep(2_000);
      const [began, before] = [performance.now(), engine.driver.seq];
      for (let i = 0; i < SAMPLES; i++) {
        if (options.disconnects === 0) await sleep(options.length / SAMPLES);
        for (let n = 0; n < options.disconnects / SAMPLES; n++) {
          await cut(venue);
          await back(engine);
          disconnects++;
        }
        sample(engine);
      }
      perSecond = ((engine.driver.seq - before) / (performance.now() - began)) * 1_000;
    };
    const summary = await run(topology, {
      live: true,
      signal: stop.signal,
      onOpen: (engine) => {
        void watch(engine)
          .catch((error: unknown) => (failure = String(error)))
          .finally(() => stop.abort());
      },
    });
    failure ||= summary.error?.message ?? '';
  } finally {
    stopVenue();
  }
  return { samples, perSecond, disconnects, failure };
}

/** Largest growth between the second quarter, when all is warm, and the last one; and whether sockets became more. */
export function growth(samples: readonly Sample[]): { readonly megabytes: number; readonly sockets: number } {
  const quarter = Math.floor(samples.length / 4);
  const middle = (part: readonly Sample[], of: (sample: Sample) => number): number =>
    [...part].map(of).sort((a, b) => a - b)[Math.floor(part.length / 2)] ?? NaN;
  const early = samples.slice(quarter, 2 * quarter);
  const late = samples.slice(-quarter);
  return {
    megabytes: middle(late, (s) => s.megabytes) - middle(early, (s) => s.megabytes),
    sockets: middle(late, (s) => s.sockets) - middle(early, (s) => s.sockets),
  };
}

async function cut({ control }: Venue): Promise<void> {
  await fetch(`${control}/connections`, { method: 'DELETE', headers: { connection: 'close' } });
}

/** Until session and feed are whole again after a cut. */
async function back(engine: Engine): Promise<void> {
  const until = performance.now() + 20_000;
  const { control } = engine.state;
  const whole = (): boolean =>
    control.connection('venue') === 'ready' && control.connection('venue/market') === 'ready';
  await sleep(20);
  while (!whole()) {
    if (performance.now() > until) throw new Error('it did not come back within 20 s');
    await sleep(5);
  }
}

async function startVenueProcess(
  rate: number,
): Promise<{ readonly venue: Venue; readonly stop: () => void }> {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const jiti = join(here, '..', '..', 'node_modules', 'jiti', 'lib', 'jiti-cli.mjs');
  const child = spawn(process.execPath, [jiti, join(here, 'venue-process.ts'), String(rate)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout }))
    return { venue: JSON.parse(line) as Venue, stop: () => void child.kill() };
  throw new Error('the exchange did not start');
}
