import { dirname } from 'node:path';
import type { Event } from '../../model/record.js';
import { BufferedFile } from '../buffered-file.js';
import { nodeFiles, type FilePort } from '../file-port.js';
import { openError } from '../open-error.js';
import { redact } from '../secrets.js';
import type { Sink } from '../sink.js';
import { COLUMNS, reconciliationRow } from './rows.js';

export interface ReconciliationSinkOptions {
  readonly path: string;
  /** Bytes that may wait for the disk; further lines are a failure. */
  readonly maxBytes: number;
  /** Called when a line could not be kept. */
  readonly fail: (error: Error) => void;
  readonly files?: FilePort;
}

const FLUSH_MS = 100;

/** Appends to `reconciliation_journal.tsv`: what happened to each order, and each difference found with a venue. */
export class ReconciliationSink implements Sink {
  readonly #options: ReconciliationSinkOptions;
  readonly #files: FilePort;
  readonly #file: BufferedFile;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: ReconciliationSinkOptions) {
    this.#options = options;
    this.#files = options.files ?? nodeFiles;
    this.#file = new BufferedFile({ files: this.#files, path: options.path, maxBytes: options.maxBytes });
  }

  open(): Promise<void> {
    return new Promise<void>((resolve) => {
      this.#files.makeFolder(dirname(this.#options.path));
      const fresh = this.#file.open().size() === 0;
      if (fresh) this.#file.write(`${COLUMNS.join('\t')}\n`);
      this.#timer = setInterval(() => this.#file.tick(), FLUSH_MS);
      this.#timer.unref();
      resolve();
    }).catch((error: unknown) => {
      throw openError('the reconciliation journal', this.#options.path, error);
    });
  }

  write(event: Event): void {
    const row = reconciliationRow(event);
    if (row === undefined || this.#file.write(redact(row))) return;
    this.#options.fail(
      this.#file.lastError ?? new Error(`${this.#options.path}: the disk does not take lines`),
    );
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#file.close();
  }
}
