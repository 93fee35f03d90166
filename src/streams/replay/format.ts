import { statSync } from 'node:fs';
import { readHead } from '../lines.js';

export type RecordedFormat = 'journal' | 'regimeflow' | 'binance' | 'csv';

/** What a file holds, told by its first line; a folder or a binary segment is a journal. */
export function detectFormat(path: string): RecordedFormat {
  if (path.endsWith('.mlj') || statSync(path).isDirectory()) return 'journal';
  const line = readHead(path).toString('utf8', 0, 4_096).split('\n', 1)[0] ?? '';
  if (/^\d{16,20} \{/.test(line)) return 'binance';
  if (line.includes('"schema":"regimeflow.replay.v1"')) return 'regimeflow';
  return line.includes('"schema":"millrace.journal.') ? 'journal' : 'csv';
}
