import { readHead } from '../lines.js';

export type TextFormat = 'binance' | 'csv' | 'regimeflow';

/** What a text file holds, told by its first line. */
export function detectFormat(path: string): TextFormat {
  const line = readHead(path).toString('utf8', 0, 4_096).split('\n', 1)[0] ?? '';
  if (/^\d{16,20} \{/.test(line)) return 'binance';
  if (line.includes('"schema":"regimeflow.replay.v1"')) return 'regimeflow';
  return 'csv';
}
