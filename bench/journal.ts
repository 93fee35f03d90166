import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QuoteEvent } from '../src/model/event.js';
import { InstrumentTable } from '../src/model/instruments.js';
import { makeQuote } from '../src/model/make.js';
import { FrameEncoder, journalSink, readJournal, type JournalEncoding } from '../src/sinks/journal/index.js';

/**
 * Nanoseconds a quote for the whole journal (encode, digest, checksum, buffer, write to the system), and for reading
 * it again. Making the events is measured alone and taken off. Run by hand: build, then `node bench/journal.js`.
 */
const COUNT = 1_000_000;
const ROUNDS = 5;

function stamped(i: number): QuoteEvent {
  const ts = 1_723_161_253_000_000 + i * 137;
  const tick = 5_000_000 + ((i * 7_919) % 40_000);
  const event = makeQuote(
    'market',
    ts,
    'BTCUSDT',
    0,
    tick / 100,
    (i % 977) / 1_000,
    (tick + 1) / 100,
    (i % 613) / 1_000,
  );
  return Object.assign(event, { seq: i, at: ts + 42 });
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

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

const made: number[] = [];
const encoded: number[] = [];
const results: Record<JournalEncoding, { write: number; read: number; bytes: number }[]> = {
  binary: [],
  jsonl: [],
};
let kept = 0;
for (let round = 0; round < ROUNDS; round++) {
  made.push(time((event) => (kept += event.seq)));
  const encoder = new FrameEncoder();
  encoded.push(time((event) => encoder.digestFrame(event, NONE)));
  for (const encoding of ['binary', 'jsonl'] as const) results[encoding].push(await journal(encoding));
}
const base = median(made);
console.log(
  `node ${process.version}, ${COUNT} quotes, median of ${ROUNDS} rounds, making the event (${base.toFixed(0)} ns) taken off`,
);
console.log(`digest only: ${(median(encoded) - base).toFixed(0)} ns`);
for (const encoding of ['binary', 'jsonl'] as const) {
  const all = results[encoding];
  const [write, read] = [median(all.map((one) => one.write)), median(all.map((one) => one.read))];
  console.log(
    `${encoding}: write ${(write - base).toFixed(0)} ns, read ${read.toFixed(0)} ns, ${(all[0]?.bytes ?? NaN).toFixed(0)} bytes`,
  );
}
if (kept === 0) process.exitCode = 1;
