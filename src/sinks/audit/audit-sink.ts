import { dirname } from 'node:path';
import { MillraceError } from '../../model/reason.js';
import type { Micros } from '../../model/time.js';
import type { Event } from '../../model/record.js';
import type { StateView } from '../../state/view.js';
import { BufferedFile } from '../buffered-file.js';
import { nodeFiles, type FilePort, type OpenFile } from '../file-port.js';
import { takeLock } from '../lock.js';
import { newFolders } from '../new-folders.js';
import { openError } from '../open-error.js';
import { secrets, type Secrets } from '../secrets.js';
import { AuditEntries } from './entries.js';
import {
  AUDIT_FORMATS,
  FIRST_PREV,
  type AuditEntry,
  type AuditFormat,
  type AuditFormatName,
} from './format.js';

export interface AuditOptions {
  readonly path: string;
  readonly format: AuditFormatName;
  readonly mode: string;
  readonly session: string;
  readonly configurationHash: string;
  readonly build: string;
  /** Bytes that may wait for the disk before trading halts; as much again is kept for what happens after that. */
  readonly maxBytes: number;
  readonly state: Pick<StateView, 'portfolio' | 'orders'>;
  readonly log: { warn(message: string): void; info(message: string): void };
  /** The promise of delivery is broken: halts trading. */
  fail(error: Error): void;
  readonly files?: FilePort;
  readonly secrets?: Secrets;
  /** Wall clock for the first and the last line, in microseconds. */
  readonly wall?: () => Micros;
}

/** How often waiting lines are written, in milliseconds. */
const FLUSH_MS = 100;

interface Tail {
  readonly lines: number;
  readonly hash: string;
  readonly closed: boolean;
  /** Bytes of a line that a crash cut in the middle. */
  readonly torn: number;
}

/**
 * The audit trail: one line per event a person may have to account for, each chained to the one before by its hash.
 * Lines are written in batches, kept while the disk fails, and never dropped silently: when the buffer is full trading
 * halts, and lines that even the reserve cannot hold are counted in a line of their own.
 */
export class AuditSink {
  readonly #options: AuditOptions;
  readonly #format: AuditFormat;
  readonly #secrets: Secrets;
  readonly #entries: AuditEntries;
  readonly #file: BufferedFile;
  readonly #wall: () => Micros;
  readonly #files: FilePort;
  #release = (): void => undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #line = 0;
  #hash = FIRST_PREV;
  #lost = 0;
  #failed = false;

  constructor(options: AuditOptions) {
    this.#options = options;
    this.#format = AUDIT_FORMATS[options.format];
    this.#secrets = options.secrets ?? secrets;
    this.#entries = new AuditEntries(options.mode, options.state.orders);
    this.#wall = options.wall ?? ((): Micros => Date.now() * 1000);
    this.#files = options.files ?? nodeFiles;
    this.#file = new BufferedFile({
      files: this.#files,
      path: options.path,
      maxBytes: options.maxBytes * 2,
      onState: (error) => {
        if (error === undefined) {
          this.#failed = false;
          options.log.info(`${options.path}: writing again.`);
        } else {
          options.log.warn(
            `${options.path}: cannot write, trying again: ${this.#secrets.redact(error.message)}`,
          );
        }
      },
    });
  }

  /** Lines so far and hash of the last one. */
  get chain(): { readonly lines: number; readonly lastHash: string } {
    return { lines: this.#line, lastHash: this.#hash };
  }

  get pendingBytes(): number {
    return this.#file.pendingBytes;
  }

  /** Rejects when another run writes the file, when it cannot be opened or when its end is not an audit line. */
  open(): Promise<void> {
    const { path, session, log } = this.#options;
    const removeFolders = newFolders(this.#files, dirname(path));
    let existed = true;
    return new Promise<void>((resolve) => {
      this.#release = takeLock({ files: this.#files, path, what: 'the audit trail', session, log });
      existed = this.#files.exists(path);
      const file = this.#file.open();
      const tail = this.#continue(file);
      for (const p of this.#options.state.portfolio.positions())
        this.#entries.held(p.account, p.instrument, p.quantity);
      const { configurationHash, build, mode } = this.#options;
      const metadata: Record<string, string> = { session, configuration: configurationHash, build, mode };
      if (tail.lines > 0) {
        metadata['continues'] = String(tail.lines);
        metadata['previous_session'] = tail.closed ? 'closed' : 'not closed';
      }
      if (tail.torn > 0) metadata['torn_bytes_cut'] = String(tail.torn);
      this.#append(this.#mark('system_start', `session ${session} started`, metadata));
      if (!this.#file.flush()) throw this.#file.lastError ?? new Error('the disk takes no bytes');
      this.#timer = setInterval(() => this.#file.tick(), FLUSH_MS);
      this.#timer.unref();
      resolve();
    }).catch((error: unknown) => {
      this.#file.abandon();
      if (!existed) this.#files.remove(path);
      this.#release();
      removeFolders();
      throw openError('the audit trail', path, error);
    });
  }

  write(event: Event): void {
    for (const entry of this.#entries.of(event)) this.#append(entry);
  }

  /** Writes what waits now; for the end of a turn batch. False: the disk does not take it. */
  flush(): boolean {
    return this.#file.flush();
  }

  /** Writes the closing line; rejects when lines could not be written. */
  close(): Promise<void> {
    return this.#close('stopped');
  }

  /** An audit trail takes nothing back: it says that the session never began. */
  discard(): Promise<void> {
    return this.#close('did not begin');
  }

  async #close(how: string): Promise<void> {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    const { session } = this.#options;
    try {
      // Room for the closing line first: a buffer full of waiting lines would refuse it.
      if (this.#lost > 0 || this.#file.failing) await this.#file.settle();
      const lines = String(this.#line + 1);
      this.#append(this.#mark('system_stop', `session ${session} ${how}`, { session, lines }));
      await this.#file.close();
    } finally {
      this.#file.abandon();
      this.#release();
    }
  }

  #mark(type: string, details: string, metadata: Record<string, string>): AuditEntry {
    return { seq: 0, sub: 0, at: this.#wall(), type, actor: 'engine', reason: '', details, metadata };
  }

  #append(entry: AuditEntry): void {
    if (this.#lost > 0 && this.#put(this.#lostEntry(entry))) this.#lost = 0;
    if (this.#lost > 0 || !this.#put(this.#redacted(entry))) this.#lost++;
    if (this.#file.pendingBytes > this.#options.maxBytes && !this.#failed && !this.#file.flush()) {
      this.#failed = true;
      const why = this.#secrets.redact(this.#file.lastError?.message ?? 'the disk takes no bytes');
      this.#options.fail(
        new MillraceError(
          'SINK_FAILED',
          `${this.#options.path} cannot be written (${why}) and ${this.#file.pendingBytes} bytes wait`,
          'free space or repair the disk, then resume',
        ),
      );
    }
  }

  /** Adds a line to the chain; a refused line leaves the chain as it was. */
  #put(entry: AuditEntry): boolean {
    const { text, hash } = this.#format.encode(entry, this.#line + 1, this.#hash);
    if (!this.#file.write(text)) return false;
    this.#line++;
    this.#hash = hash;
    return true;
  }

  #lostEntry(next: AuditEntry): AuditEntry {
    const details = `${this.#lost} audit lines could not be kept while the disk failed`;
    const metadata = { lost: String(this.#lost) };
    return { ...next, type: 'audit_lost', actor: 'engine', reason: 'SINK_FAILED', details, metadata };
  }

  #redacted(entry: AuditEntry): AuditEntry {
    if (this.#secrets.size === 0) return entry;
    const clean = (text: string): string => this.#secrets.redact(text);
    const metadata: Record<string, string> = {};
    for (const [key, value] of Object.entries(entry.metadata)) metadata[key] = clean(value);
    const { actor, reason, details } = entry;
    return { ...entry, actor: clean(actor), reason: clean(reason), details: clean(details), metadata };
  }

  /** Finds the end of an existing chain; a line that a crash cut in the middle is cut off and noted. */
  #continue(file: OpenFile): Tail {
    const { path } = this.#options;
    const size = file.size();
    const text = size === 0 ? '' : Buffer.from(this.#files.read(path)).toString('utf8');
    const end = text.lastIndexOf('\n') + 1;
    const torn = Buffer.byteLength(text.slice(end));
    if (torn > 0) file.truncate(size - torn);
    const lines = text.slice(0, end).split('\n').slice(0, -1);
    if (this.#format.header !== '' && lines.length === 0) this.#file.write(this.#format.header);
    const last = lines.at(-1);
    if (last === undefined || `${last}\n` === this.#format.header)
      return { lines: 0, hash: FIRST_PREV, closed: true, torn };
    const read = this.#format.decode(last);
    const expected = lines.length - (this.#format.header === '' ? 0 : 1);
    if (read === undefined || read.computed !== read.hash || read.line !== expected)
      throw new Error(
        `${path}: its last line is not the end of an audit chain. Run "millrace audit verify ${path}" and give another path, or move the file away.`,
      );
    this.#line = read.line;
    this.#hash = read.hash;
    return { lines: read.line, hash: read.hash, closed: read.type === 'system_stop', torn };
  }
}
