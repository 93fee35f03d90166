import type { FilePort, FixedFile } from '../../sinks/file-port.js';
import { crc32 } from '../../sinks/journal/codec/crc32.js';

/** One kill as it is kept on disk. */
export interface LatchEntry {
  /** `global`, `account:NAME` or `strategy:NAME`. */
  readonly scope: string;
  readonly actor: string;
  readonly reason: string;
  /** Wall time, ISO 8601. */
  readonly since: string;
}

/** Two halves, written in turn: whatever interrupts a write, the other half still says what was true before. */
const HALF = 4_096;
const MAGIC = 'millrace-latch 1';
const LONGEST = 300;

/**
 * The kill latches of one topology on disk: a file made beforehand, written over in place and synced, so that a full
 * disk cannot keep a kill from being remembered. Two threads may write it, one after the other: each write reads first
 * which half is newer.
 */
export class LatchFile {
  readonly path: string;
  readonly #files: FilePort;
  #file: FixedFile | undefined;

  constructor(files: FilePort, path: string) {
    this.#files = files;
    this.path = path;
  }

  /** Makes the file, so that a later kill needs no new space. Throws the error of the operating system. */
  prepare(): void {
    this.#file ??= this.#files.fixed(this.path, 2 * HALF);
  }

  /**
   * What is latched; nothing when there is no file. A file of which no half can be read is a kill of everything: what
   * cannot be read may have said so.
   */
  read(): readonly LatchEntry[] {
    if (!this.#files.exists(this.path)) return [];
    const bytes = this.#file === undefined ? this.#files.read(this.path) : this.#file.read();
    const newest = newestOf(bytes);
    if (newest !== undefined) return newest.entries;
    if (bytes.every((byte) => byte === 0)) return []; // made, never written
    return [
      {
        scope: 'global',
        actor: 'engine',
        reason: `the latch file ${this.path} cannot be read`,
        since: new Date(0).toISOString(),
      },
    ];
  }

  /** Replaces what is latched. Returns when it survives a power cut; throws when it does not. */
  write(entries: readonly LatchEntry[]): void {
    this.prepare();
    const file = this.#file as FixedFile;
    const newest = newestOf(file.read());
    const count = (newest?.count ?? 0) + 1;
    file.write(newest?.half === 0 ? HALF : 0, encode(count, entries));
    file.sync();
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}

interface Half {
  readonly half: 0 | 1;
  readonly count: number;
  readonly entries: readonly LatchEntry[];
}

function newestOf(bytes: Uint8Array): Half | undefined {
  const halves = [decode(bytes, 0), decode(bytes, 1)].filter((half) => half !== undefined);
  return halves.sort((a, b) => b.count - a.count)[0];
}

/** `millrace-latch 1 CRC LENGTH\n` and that many bytes of JSON. */
function encode(count: number, entries: readonly LatchEntry[]): Uint8Array {
  const short = entries.map((entry) => ({ ...entry, reason: entry.reason.slice(0, LONGEST) }));
  let json = Buffer.from(JSON.stringify({ count, entries: short }));
  if (json.length > HALF - 64) {
    const everything = {
      scope: 'global',
      actor: 'engine',
      reason: 'too many scopes to keep apart',
      since: '',
    };
    json = Buffer.from(
      JSON.stringify({ count, entries: [{ ...everything, since: entries[0]?.since ?? '' }] }),
    );
  }
  const half = Buffer.alloc(HALF);
  const head = half.write(`${MAGIC} ${crc32(json, 0, json.length).toString(16)} ${json.length}\n`);
  json.copy(half, head);
  return half;
}

function decode(bytes: Uint8Array, half: 0 | 1): Half | undefined {
  const all = Buffer.from(bytes.subarray(half * HALF, (half + 1) * HALF));
  const end = all.indexOf(10);
  const [magic, version, crc, length] = all.subarray(0, Math.max(0, end)).toString('latin1').split(' ');
  if (`${magic} ${version}` !== MAGIC) return undefined;
  const json = all.subarray(end + 1, end + 1 + Number(length));
  if (json.length !== Number(length) || crc32(json, 0, json.length).toString(16) !== crc) return undefined;
  const { count, entries } = JSON.parse(json.toString('utf8')) as Omit<Half, 'half'>;
  return { half, count, entries };
}

/** What a person is told who finds trading latched. */
export function latchedText(entries: readonly LatchEntry[]): string {
  return entries
    .map(({ scope, actor, reason, since }) => `${scope}, by ${actor} at ${since}: ${reason}`)
    .join('; ');
}
