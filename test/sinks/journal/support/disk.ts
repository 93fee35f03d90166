import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { InstrumentTable } from '../../../../src/model/instruments.js';
import { nodeFiles, type FilePort, type JournalContext } from '../../../../src/sinks/journal/index.js';

export function tempFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'journal-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function context(over: Partial<JournalContext> = {}): JournalContext & { readonly failures: Error[] } {
  const failures: Error[] = [];
  return {
    mode: 'paper',
    session: 's1',
    instruments: new InstrumentTable([
      { symbol: 'BTCUSDT', assetClass: 'crypto_spot', quote: 'USDT', tickSize: '0.01' },
    ]),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    fail: (error) => failures.push(error),
    ...over,
    failures,
  };
}

/** A real disk with faults on demand. */
export class FaultyDisk implements FilePort {
  /** Every write throws this while it is set. */
  error: Error | undefined = undefined;
  /** At most this many bytes a write. */
  most: number = Infinity;
  /** Syncs wait here until released. */
  holdSyncs: boolean = false;
  syncError: Error | undefined = undefined;
  syncs: number = 0;
  readonly held: (() => void)[] = [];

  folder(path: string): readonly string[] {
    return nodeFiles.folder(path);
  }
  create(path: string): ReturnType<FilePort['create']> {
    if (this.error !== undefined) throw this.error;
    const file = nodeFiles.create(path);
    return {
      write: (bytes, offset, length, position) => {
        if (this.error !== undefined) throw this.error;
        return file.write(bytes, offset, Math.min(length, this.most), position);
      },
      sync: (done) => {
        this.syncs++;
        const run = (): void => (this.syncError === undefined ? file.sync(done) : done(this.syncError));
        if (this.holdSyncs) this.held.push(run);
        else run();
      },
      close: () => file.close(),
    };
  }
  syncFolder(path: string, done: (error: Error | undefined) => void): void {
    nodeFiles.syncFolder(path, done);
  }
  release(): void {
    this.holdSyncs = false;
    for (const run of this.held.splice(0)) run();
  }
}
