import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { MillraceError } from '../model/reason.js';
import type { JournalHeader } from '../sinks/journal/index.js';
import type { CheckedTopology } from '../topology/checked.js';
import { formatText } from '../topology/diagnostic.js';
import { loadTopology, type LoadResult } from '../topology/load.js';

/** The topology a journal was written by: from its header, or from files the user names. */
export async function recordedTopology(
  header: JournalHeader,
  baseDir: string,
  files: readonly string[] | undefined,
): Promise<CheckedTopology> {
  if (files !== undefined) return checked(await loadTopology(files), files.join(' '));
  const folder = mkdtempSync(join(tmpdir(), 'millrace-replay-'));
  const file = join(folder, 'recorded.yaml');
  try {
    writeFileSync(file, header.configuration);
    return {
      ...checked(
        await loadTopology([file], { baseDir: resolve(baseDir) }),
        'the topology recorded in the journal',
      ),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function checked(result: LoadResult, what: string): CheckedTopology {
  if (result.topology !== undefined) return result.topology;
  throw new MillraceError(
    'INVALID_CONFIGURATION',
    `${what} has mistakes:\n${formatText(result.diagnostics, result.texts)}`,
    'name a topology that fits with --topology FILE',
  );
}
