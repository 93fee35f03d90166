import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { InstrumentTable } from '../../../../src/model/instruments.js';
import type { JournalContext } from '../../../../src/sinks/journal/index.js';

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
