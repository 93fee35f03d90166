import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QuoteEvent } from '../src/model/event.js';
import { InstrumentTable } from '../src/model/instruments.js';
import { makeQuote } from '../src/model/make.js';
import { FrameEncoder, journalSink, readJournal, type JournalEncoding } from '../src/sinks/journal/index.js';

/**
 * Nanoseconds a quote for the whole journal (encode, digest, checksum, buffer, write to the system), and for reading
 * it again, beside a bare `JSON.stringify` of the same event that goes nowhere. The loop that hands out the events is
 * measured alone and taken off. The best round counts: other processes can only make one slower.
 * Run by hand: build, then `node bench/journal.js`.
 */
const COUNT = 1_000_000;
const ROUNDS = 7;
const POOL = 1 << 14;

type Stamp = { seq: number; at: number; ts: number };

const pool: readonly QuoteEvent[] = Array.from({ length: POOL }, (_, i) => {
  const tick = 5_000_000 + ((i * 7_919) % 40_000);
  const [bidSize, askSize] = [(i % 977) / 1_000, (i % 613) / 1_000];
  return makeQuote('market', 0, 'BTCUSDT', 0, tick / 100, bidSize, (tick + 1) / 100, askSize);
});

/** The next quote of a busy market; objects are used again, so that the bench does not measure their making. */
function stamped(i: number): QuoteEvent {
  const event = pool[i & (POOL - 1)] as QuoteEvent; // below the length
  const stamp = event as unknown as Stamp;
  stamp.seq = i;
  stamp.ts = 1_723_161_253_000_000 + i * 137;
  stamp.at = stamp.ts + 42;
  return event;
}

const NONE: readonly never[] = [];

function time(run: (event: QuoteEvent) => void): number {
  const start = process.hrtime.bigint();
  for (let i = 1; i <= COUNT; i++) run(stamped(i));
  return Number(process.hrtime.bigint() - start) / COUNT;
}

async function journal(encoding: JournalEncoding): Promise<{ write: number; read: number; bytes: number }> {
  const path = mkdtempSync(join(tmpdir(), 'bench-'));
  const sink = journalSink(
    { path, encoding },
    {
      mode: 'paper',
      session: 'bench',
      instruments: new InstrumentTable([{ symbol: 'BTCUSDT' }]),
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      fail: (error) => {
        throw error;
      },
    },
  );
  await sink.open();
  const write = time((event) => sink.frame(event, NONE));
  await sink.close();
  const start = process.hrtime.bigint();
  let read = 0;
  for (const frame of readJournal(sink.path).frames()) read = frame.input.seq;
  const perRead = Number(process.hrtime.bigint() - start) / read;
  const bytes = sink.figures.bytes / COUNT;
  rmSync(path, { recursive: true });
  return { write, read: perRead, bytes };
}

const best = (values: readonly number[]): number => Math.min(...values);

const made: number[] = [];
const encoded: number[] = [];
const stringified: number[] = [];
const results: Record<JournalEncoding, { write: number; read: number; bytes: number }[]> = {
  binary: [],
  jsonl: [],
};
let kept = 0;
for (let round = 0; round < ROUNDS; round++) {
  made.push(time((event) => (kept += event.seq)));
  const encoder = new FrameEncoder();
  encoded.push(time((event) => encoder.digestFrame(event, NONE)));
  stringified.push(time((event) => (kept += JSON.stringify(event).length)));
  for (const encoding of ['binary', 'jsonl'] as const) results[encoding].push(await journal(encoding));
}
const base = best(made);
console.log(
  `node ${process.version}, ${COUNT} quotes, best of ${ROUNDS} rounds, the loop (${base.toFixed(0)} ns) taken off`,
);
console.log(`JSON.stringify only: ${(best(stringified) - base).toFixed(0)} ns`);
console.log(`digest only: ${(best(encoded) - base).toFixed(0)} ns`);
for (const encoding of ['binary', 'jsonl'] as const) {
  const all = results[encoding];
  const [write, read] = [best(all.map((one) => one.write)), best(all.map((one) => one.read))];
  console.log(
    `${encoding}: write ${(write - base).toFixed(0)} ns, read ${read.toFixed(0)} ns, ${(all[0]?.bytes ?? NaN).toFixed(0)} bytes`,
  );
}
if (kept === 0) process.exitCode = 1;
