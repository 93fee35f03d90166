import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { run, type RunOptions } from '../../src/engine/run.js';
import type { RunSummary } from '../../src/engine/summary.js';
import { EVENT_KINDS, type Event } from '../../src/model/record.js';
import { readJournal, type Journal } from '../../src/sinks/journal/index.js';
import { builtins } from '../../src/topology/builtins.js';
import type { CheckedTopology } from '../../src/topology/checked.js';
import { formatText } from '../../src/topology/diagnostic.js';
import { loadTopology } from '../../src/topology/load.js';
import { defineSink, type ComponentSpec, type Log } from '../../src/topology/spec.js';

export interface RunTopologyOptions extends Omit<RunOptions, 'log' | 'files'> {
  /** Further components, beside the built-in ones and `memory`. */
  readonly components?: readonly ComponentSpec[];
  /** Files beside the topology. */
  readonly files?: Readonly<Record<string, string>>;
  /** Folder to use; default: a new one, removed after the test. */
  readonly folder?: string;
  readonly set?: readonly string[];
}

export interface TopologyRun {
  readonly summary: RunSummary;
  readonly topology: CheckedTopology;
  readonly folder: string;
  /** What the sink `memory` saw: every input and child, in order; empty when the topology has none. */
  readonly records: readonly Event[];
  readonly logs: readonly string[];
  /** The journal written; throws when there is none. */
  readonly journal: () => Journal;
}

export function tempFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'millrace-run-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A log that remembers lines. */
export function memoryLog(lines: string[] = []): Log {
  const take =
    (level: string) =>
    (message: string): void =>
      void lines.push(`${level} ${message}`);
  return { info: take('info'), warn: take('warn'), error: take('error') };
}

/** Loads YAML text from a temporary folder; throws what lint says when it is not right. */
export async function topologyOf(
  text: string,
  options: Pick<RunTopologyOptions, 'components' | 'files' | 'folder' | 'set'> = {},
): Promise<CheckedTopology> {
  const folder = options.folder ?? tempFolder();
  for (const [name, content] of Object.entries(options.files ?? {}))
    writeFileSync(join(folder, name), content);
  writeFileSync(join(folder, 'topology.yaml'), text);
  const registry = builtins().with(options.components ?? [], 'test');
  const loaded = await loadTopology([join(folder, 'topology.yaml')], {
    registry,
    environment: {},
    set: options.set ?? [],
  });
  if (loaded.topology === undefined) throw new Error(formatText(loaded.diagnostics, loaded.texts));
  return loaded.topology;
}

/** YAML text through everything a run is: load, run, summary, journal, records. */
export async function runTopology(text: string, options: RunTopologyOptions = {}): Promise<TopologyRun> {
  const { components = [], files, folder = tempFolder(), set, ...runOptions } = options;
  const records: Event[] = [];
  const logs: string[] = [];
  const topology = await topologyOf(text, {
    components: [memorySink(records), ...components],
    folder,
    ...(files === undefined ? {} : { files }),
    ...(set === undefined ? {} : { set }),
  });
  const summary = await run(topology, { log: memoryLog(logs), ...runOptions });
  return {
    summary,
    topology,
    folder,
    records,
    logs,
    journal: () => {
      if (summary.journal === null) throw new Error('the topology has no journal');
      return readJournal(summary.journal);
    },
  };
}

function memorySink(records: Event[]): ComponentSpec {
  return defineSink({
    type: 'memory',
    summary: 'Keeps every record.',
    config: z.strictObject({}),
    examples: [],
    reload: 'restart',
    accepts: EVENT_KINDS,
    delivery: 'required',
    make: () => ({
      open: () => Promise.resolve(),
      write: (event) => void records.push(event),
      close: () => Promise.resolve(),
    }),
  });
}
