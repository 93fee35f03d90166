import { dirname } from 'node:path';
import { WordBuffer } from './codec/word-buffer.js';
import type { FilePort, OpenFile } from '../file-port.js';

export type Durability = 'fsync' | 'os' | 'none';

export interface WriterEvents {
  /** A write failed and will be tried again. */
  onRetry(error: Error): void;
  /** A sync failed. What was written before it may be lost, so nothing more can be promised: final. */
  onLost(error: Error): void;
}

const FIRST_RETRY_MS = 10;
const MAX_RETRY_MS = 1_000;
const CLOSE_RETRY_MS = 50;

/**
 * Bytes to segment files, in order, each once. What the disk does not take stays in the buffer and is written later to
 * the same position; a new segment begins exactly at the byte where it was asked for, also after a delay.
 */
export class SegmentWriter {
  /** Append here; `pending` counts it at once. */
  readonly buffer: WordBuffer = new WordBuffer(1 << 20);
  readonly #files: FilePort;
  readonly #durability: Durability;
  readonly #events: WriterEvents;
  readonly #cuts: { readonly at: number; readonly path: string }[] = [];
  readonly #waiters: { readonly target: number; readonly done: () => void }[] = [];
  #retired: OpenFile[] = [];
  #file: OpenFile | undefined;
  #path = '';
  #folderDirty = false;
  /** Absolute position of `buffer.bytes[0]`, and the place in the buffer up to which all is written. */
  #origin = 0;
  #start = 0;
  #synced = 0;
  #syncing = false;
  #broken: Error | undefined;
  #lastError: Error | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #closed = false;

  constructor(files: FilePort, durability: Durability, events: WriterEvents) {
    this.#files = files;
    this.#durability = durability;
    this.#events = events;
  }

  /** Bytes appended and not yet written. */
  get pending(): number {
    return this.buffer.end - this.#start;
  }
  get framed(): number {
    return this.#origin + this.buffer.end;
  }
  get written(): number {
    return this.#origin + this.#start;
  }
  /** Position up to which everything is safe to the configured durability. */
  get safe(): number {
    return this.#durability === 'fsync' ? this.#synced : this.written;
  }
  get lastError(): Error | undefined {
    return this.#broken ?? this.#lastError;
  }

  /** What is appended from now on belongs to a new file. */
  begin(path: string): void {
    this.#cuts.push({ at: this.framed, path });
  }

  /** Writes what is pending, unless a retry is waiting for its time and `force` is not set. True when all is written. */
  flush(force = false): boolean {
    if (this.#retry !== undefined && !force) return false;
    try {
      this.#write();
    } catch (error) {
      this.#failed(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
    this.#retryMs = FIRST_RETRY_MS;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    if (this.#durability !== 'fsync') this.#release();
    else if (this.#retired.length > 0) this.#sync();
    return true;
  }

  /** Calls `done` once everything appended so far is safe: at once when it is. */
  commit(done: () => void): void {
    if (this.#durability === 'none') return done();
    this.flush();
    if (this.safe >= this.framed) return done();
    this.#waiters.push({ target: this.framed, done });
    this.#sync();
  }

  /** Resolves when what was written so far, and the names of its files, survive a power cut. */
  sync(): Promise<void> {
    return this.#syncAll();
  }

  /** Writes and syncs everything and closes. Rejects when the disk does not take it within `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!this.flush(true)) {
      if (Date.now() >= deadline) break;
      await new Promise((resolve) => setTimeout(resolve, CLOSE_RETRY_MS));
    }
    this.#closed = true;
    clearTimeout(this.#retry);
    if (this.pending === 0 && this.#broken === undefined && this.#durability !== 'none') {
      await this.#syncAll();
      this.#release();
    }
    for (const file of [...this.#retired, this.#file]) file?.close();
    this.#retired = [];
    this.#file = undefined;
    if (this.pending > 0) throw this.lastError ?? new Error('the disk took no more bytes');
    if (this.#broken !== undefined) throw this.#broken;
  }

  /** Closes without writing what is pending. Returns the newest file it made. */
  abandon(): string {
    this.#closed = true;
    clearTimeout(this.#retry);
    for (const file of [...this.#retired, this.#file]) file?.close();
    this.#retired = [];
    this.#file = undefined;
    return this.#path;
  }

  #write(): void {
    const { buffer } = this;
    for (;;) {
      const cut = this.#cuts[0];
      if (cut !== undefined && cut.at === this.written) {
        this.#next(cut.path);
        this.#cuts.shift();
        continue;
      }
      const end = cut === undefined ? buffer.end : cut.at - this.#origin;
      const file = this.#file;
      if (this.#start === end || file === undefined) break;
      const bytes = file.append(buffer.bytes.subarray(this.#start, end));
      if (bytes <= 0) throw new Error('the disk took no bytes');
      this.#start += bytes;
    }
    this.#origin += buffer.end;
    this.#start = 0;
    buffer.end = 0;
  }

  #next(path: string): void {
    const file = this.#files.create(path);
    if (this.#file !== undefined) {
      if (this.#durability === 'fsync') this.#retired.push(this.#file);
      else this.#file.close();
    }
    this.#file = file;
    this.#path = path;
    this.#folderDirty = true;
  }

  #failed(error: Error): void {
    this.#lastError = error;
    this.#events.onRetry(error);
    if (this.#closed) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      if (this.flush() && this.#durability === 'fsync' && this.#waiters.length > 0) this.#sync();
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS);
  }

  #release(): void {
    while (this.#waiters.length > 0 && (this.#waiters[0]?.target ?? Infinity) <= this.safe)
      this.#waiters.shift()?.done();
  }

  /** One sync for everybody who waits; those who come meanwhile share the next one. */
  #sync(): void {
    if (this.#durability !== 'fsync' || this.#syncing || this.#broken !== undefined || this.#closed) return;
    if (this.written === this.#synced) return;
    this.#syncing = true;
    this.#syncAll().then(
      () => {
        this.#syncing = false;
        this.#release();
        if (this.#waiters.length > 0) this.#sync();
      },
      (error: unknown) => {
        this.#syncing = false;
        this.#broken = error instanceof Error ? error : new Error(String(error));
        this.#events.onLost(this.#broken);
      },
    );
  }

  async #syncAll(): Promise<void> {
    const target = this.written;
    const retired = this.#retired;
    const folder = this.#folderDirty ? dirname(this.#path) : undefined;
    this.#retired = [];
    this.#folderDirty = false;
    for (const file of retired) {
      await done((callback) => file.syncLater(callback));
      file.close();
    }
    const file = this.#file;
    if (file !== undefined) await done((callback) => file.syncLater(callback));
    if (folder !== undefined) await done((callback) => this.#files.syncFolder(folder, callback));
    this.#synced = Math.max(this.#synced, target);
  }
}

function done(run: (callback: (error: Error | undefined) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => run((error) => (error === undefined ? resolve() : reject(error))));
}
