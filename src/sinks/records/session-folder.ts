import { join } from 'node:path';
import { isoMicros, type Micros } from '../../model/time.js';
import type { Zone } from '../../model/zone.js';
import { writeWhole, type FilePort } from '../file-port.js';

/** Makes `{root}/{YYYY-MM-DD}/run_N`, N one above the highest of that day; two processes never get the same one. */
export function makeSessionFolder(files: FilePort, root: string, at: Micros, zone: Zone): string {
  const day = join(root, new Date(Math.floor(zone.toLocal(at) / 1000)).toISOString().slice(0, 10));
  let n = 0;
  for (const name of files.list(day)) {
    const match = /^run_(\d+)$/.exec(name);
    if (match !== null) n = Math.max(n, Number(match[1]));
  }
  for (;;) {
    const folder = join(day, `run_${++n}`);
    if (files.makeFolder(folder)) return folder;
  }
}

export interface SessionFile {
  readonly session: string;
  readonly name: string;
  readonly mode: string;
  readonly build: string;
  /** Wall time, ISO 8601 UTC. */
  readonly started: string;
  readonly state: 'running' | 'complete';
  readonly stopped?: string;
  /** Engine time of the first and the last record. */
  readonly firstRecord?: string;
  readonly lastRecord?: string;
  /** Rows by file. */
  readonly rows?: Readonly<Record<string, number>>;
  /** Rows that could not be kept while the disk failed. */
  readonly lost?: number;
}

export function writeSessionFile(files: FilePort, folder: string, content: SessionFile): void {
  writeWhole(files, join(folder, 'session.json'), `${JSON.stringify(content, undefined, 2)}\n`);
}

/** Undefined for 0: nothing was recorded. */
export function timeText(at: Micros): string | undefined {
  return at === 0 ? undefined : isoMicros(at);
}
