import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { InputEvent } from '../../src/model/event.js';
import { InstrumentTable } from '../../src/model/instruments.js';
import type { PullSource, Source } from '../../src/streams/source.js';
import type { SourceContext } from '../../src/topology/spec.js';
import { replaySpec } from '../../src/topology/components/sources/replay.js';

export interface BadRecord {
  readonly kind: string;
  readonly place: string;
  readonly sample: string;
}

export function sourceContext(
  baseDir: string,
  symbols: readonly string[],
): { readonly context: SourceContext; readonly bad: BadRecord[] } {
  const bad: BadRecord[] = [];
  const silent = (): void => undefined;
  const context: SourceContext = {
    name: 'market',
    mode: 'replay',
    baseDir,
    instruments: new InstrumentTable(symbols.map((symbol) => ({ symbol }))),
    log: { info: silent, warn: silent, error: silent },
    session: 'test',
    seed: 1,
    brokers: new Map(),
    bad: (kind, place, sample) => bad.push({ kind, place, sample }),
  };
  return { context, bad };
}

export const csvMappings = parse(
  readFileSync(fileURLToPath(new URL('./fixtures/csv-mappings.yaml', import.meta.url)), 'utf8'),
) as Readonly<Record<string, Record<string, unknown>>>;

/** Makes a replay source from YAML options, as a topology would. */
export function replay(options: unknown, context: SourceContext): PullSource {
  return pull(replaySpec.make(replaySpec.config.parse(options), context));
}

export function pull(source: Source): PullSource {
  if (source.type !== 'pull') throw new Error('not a pull source');
  return source;
}

export async function collect(source: PullSource): Promise<InputEvent[]> {
  const events: InputEvent[] = [];
  for await (const batch of source.batches()) for (const event of batch) events.push(event);
  return events;
}

/** Everything of one kind of a replayed file or pattern, with the check that time never goes back. */
export async function replayed(
  options: { readonly path: string | readonly string[] } & Readonly<Record<string, unknown>>,
  symbols: readonly string[],
  baseDir = '.',
): Promise<{ readonly events: InputEvent[]; readonly bad: BadRecord[] }> {
  const { context, bad } = sourceContext(baseDir, symbols);
  const events = await collect(replay(options, context));
  let last = -Infinity;
  for (const event of events) {
    if (event.at < last) throw new Error(`time goes back at ${event.at}`);
    last = event.at;
  }
  return { events, bad };
}
