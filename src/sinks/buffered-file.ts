import type { FilePort, OpenFile } from './file-port.js';

export interface BufferedFileOptions {
  readonly files: FilePort;
  readonly path: string;
  /** Bytes that may wait while the disk does not take them; what comes beyond is refused. */
  readonly maxBytes: number;
  /** Bytes at which a batch is written at once. Default 64 KiB. */
  readonly batchBytes?: number;
  /** Told about the first error of a row of failures; `undefined`: writing works again. */
  readonly onState?: (error: Error | undefined) => void;
}

/** Ticks to wait after 1, 2, 3, ... failures in a row; the last value stays. */
const BACKOFF = [1, 2, 4, 8, 10] as const;
const CLOSE_ATTEMPTS = 5;

/**
 * Lines on their way to a file: collected, written in batches, kept while the disk fails and retried with back-off.
 * It has no timer: the owner calls `tick()` about every 100 ms and `flush()` when it wants everything out now.
 * Memory: `maxBytes` of text.
 */
export class BufferedFile {
  readonly #options: BufferedFileOptions;
  readonly #batchBytes: number;
  #file: OpenFile | undefined;
  #lines: string[] = [];
  /** Rest of a batch of which the disk took only a part. */
  #rest: Uint8Array | undefined;
  #pending = 0;
  #failures = 0;
  #wait = 0;
  #lastError: Error | undefined;

  constructor(options: BufferedFileOptions) {
    this.#options = options;
    this.#batchBytes = options.batchBytes ?? 65_536;
  }

  get path(): string {
    return this.#options.path;
  }
  get pendingBytes(): number {
    return this.#pending;
  }
  get failing(): boolean {
    return this.#failures > 0;
  }
  /** Why the last write failed that did. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** Opens the file; throws when that fails. */
  open(): OpenFile {
    return (this.#file ??= this.#options.files.open(this.#options.path));
  }

  /** Takes one line with its line end. False: the buffer is full and the line was not taken. */
  write(line: string): boolean {
    const bytes = Buffer.byteLength(line);
    // The last chance before a refusal ignores the back-off.
    if (this.#pending + bytes > this.#options.maxBytes && !this.flush()) return false;
    this.#lines.push(line);
    this.#pending += bytes;
    if (this.#pending >= this.#batchBytes && this.#wait === 0) this.flush();
    return true;
  }

  /** One step of the owner's timer: writes what waits unless the back-off says later. */
  tick(): void {
    if (this.#wait > 0) this.#wait--;
    if (this.#wait === 0) this.flush();
  }

  /** Writes everything now. False: the disk did not take it; it stays in the buffer. */
  flush(): boolean {
    if (this.#pending === 0) return true;
    const data = this.#rest ?? Buffer.from(this.#lines.join(''), 'utf8');
    if (this.#rest === undefined) this.#lines = [];
    this.#rest = data;
    try {
      const file = this.open();
      while (this.#rest.length > 0) {
        const taken = file.append(this.#rest);
        if (taken <= 0) throw new Error(`${this.path}: nothing could be written.`);
        this.#rest = this.#rest.subarray(taken);
        this.#pending -= taken;
      }
    } catch (error) {
      const first = this.#failures === 0;
      this.#wait = BACKOFF[Math.min(this.#failures, BACKOFF.length - 1)] ?? 1;
      this.#failures++;
      this.#lastError = error instanceof Error ? error : new Error(String(error));
      if (first) this.#options.onState?.(this.#lastError);
      return false;
    }
    this.#rest = undefined;
    if (this.#failures > 0) {
      this.#failures = 0;
      this.#wait = 0;
      this.#options.onState?.(undefined);
    }
    return this.#lines.length === 0 ? true : this.flush();
  }

  /** Writes everything; tries a few times and then throws, naming how much was not written. */
  async settle(): Promise<void> {
    for (let attempt = 1; !this.flush(); attempt++) {
      if (attempt === CLOSE_ATTEMPTS) {
        throw new Error(
          `${this.path}: ${this.#pending} bytes could not be written. Free space on the disk and check the end of the file.`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 50 * attempt));
    }
  }

  /** Writes, syncs and closes; throws like {@link settle}, with the file closed all the same. */
  async close(): Promise<void> {
    try {
      await this.settle();
      this.#file?.sync();
    } finally {
      this.abandon();
    }
  }

  /** Closes the file without writing what waits. */
  abandon(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}
