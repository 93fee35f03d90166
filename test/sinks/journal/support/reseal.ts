import { readFileSync, writeFileSync } from 'node:fs';
import { appendLine } from '../../../../src/sinks/journal/codec/json-text.js';
import { WordBuffer } from '../../../../src/sinks/journal/codec/word-buffer.js';
import { WordHash } from '../../../../src/sinks/journal/codec/word-hash.js';
import { RECORD } from '../../../../src/sinks/journal/codec/layout.js';

/** Changes one quote's bid in a segment and makes every checksum right again. */
export function resealBid(path: string, seq: number, bid: number): void {
  if (path.endsWith('.jsonl')) return resealLine(path, seq, bid);
  const file = readFileSync(path);
  const out = new WordBuffer(file.length);
  out.bytes.set(file);
  const hash = new WordHash();
  for (let at = 8; at < file.length;) {
    const word = at >>> 2;
    const bytes = ((out.u32[word] ?? 0) >>> 8) * 8;
    if (((out.u32[word] ?? 0) & 0xff) === RECORD.frame && out.u32[word + 2] === seq) {
      out.f64[(at >>> 3) + 5] = bid;
      hash.run(out.u32, word, (at + bytes) >>> 2);
      out.u32[word + 1] = hash.x;
    }
    at += bytes;
  }
  writeFileSync(path, out.bytes.subarray(0, file.length));
}

function resealLine(path: string, seq: number, bid: number): void {
  const out = new WordBuffer(1024);
  for (const line of readFileSync(path, 'latin1').trimEnd().split('\n')) {
    const { sum, ...rest } = JSON.parse(line) as Record<string, unknown>;
    if (typeof sum !== 'string') throw new Error('no sum');
    if (rest['seq'] === seq && rest['kind'] === 'quote') rest['bid'] = bid;
    appendLine(out, JSON.stringify(rest).slice(0, -1));
  }
  writeFileSync(path, out.bytes.subarray(0, out.end));
}
