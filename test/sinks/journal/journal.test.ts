import { copyFileSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeLog } from '../../../src/model/make.js';
import {
  catJournal,
  checkFrame,
  FrameEncoder,
  journalSink,
  readJournal,
  type JournalEncoding,
  type JournalFrame,
  type JournalOptions,
} from '../../../src/sinks/journal/index.js';
import { context, tempFolder } from './support/disk.js';
import { quote, turn, turns } from './support/events.js';
import { resealBid } from './support/reseal.js';

const encodings: readonly JournalEncoding[] = ['binary', 'jsonl'];

async function record(
  options: Partial<JournalOptions>,
  count: number,
  clean = true,
): Promise<{ path: string; digest: string; files: string[] }> {
  const folder = tempFolder();
  const sink = journalSink({ path: folder, ...options }, context());
  await sink.open();
  for (let i = 1; i <= count; i++) {
    const { input, children } = turn(i, quote(i), i % 3 === 0 ? [makeLog('info', 'T', `turn ${i}`)] : []);
    sink.frame(input, children);
    if (i % 4 === 0) sink.checkpoint(`hash${i}`);
  }
  if (!clean) sink.commit(() => undefined);
  if (clean) await sink.close();
  const files = readdirSync(sink.path).sort();
  return { path: sink.path, digest: sink.digest, files: files.map((name) => join(sink.path, name)) };
}

const all = (path: string): JournalFrame[] => [...readJournal(path).frames()];

describe.each(encodings)('a %s journal', (encoding) => {
  it('gives back every kind of turn', async () => {
    await fc.assert(
      fc.asyncProperty(turns, async (given) => {
        const sink = journalSink({ path: tempFolder(), encoding }, context());
        await sink.open();
        for (const { input, children } of given) sink.frame(input, children);
        await sink.close();
        const journal = readJournal(sink.path);
        const found = [...journal.frames()];
        expect(found.map((frame) => ({ ...frame.input }))).toStrictEqual(
          given.map(({ input }) => ({ ...input })),
        );
        expect(found.map((frame) => frame.children.map((c) => ({ ...c })))).toStrictEqual(
          given.map(({ children }) => children.map((c) => ({ ...c }))),
        );
        expect(journal.tail).toEqual({
          clean: true,
          torn: undefined,
          seq: given.length,
          digest: sink.digest,
        });
      }),
      { numRuns: 40 },
    );
  });

  it('has checkpoints, a header, and the same digest as the other encoding', async () => {
    const { path, digest } = await record({ encoding }, 12);
    const other = await record({ encoding: encoding === 'binary' ? 'jsonl' : 'binary' }, 12);
    const journal = readJournal(path);
    expect(digest).toBe(other.digest);
    expect([...journal.frames()].map((frame) => frame.checkpoint?.state)).toEqual([
      undefined,
      undefined,
      undefined,
      'hash4',
      undefined,
      undefined,
      undefined,
      'hash8',
      undefined,
      undefined,
      undefined,
      'hash12',
    ]);
    expect(journal.header).toMatchObject({
      session: 's1',
      mode: 'paper',
      encoding,
      segment: 1,
      after: 0,
      node: process.version,
    });
    expect(journal.header.instruments[0]).toEqual(context().instruments.all[0]);
  });

  it('rotates by size and by time, never inside a turn, with the same digest', async () => {
    const whole = await record({ encoding }, 60);
    const bySize = await record({ encoding, segmentBytes: 4_000 }, 60);
    const byTime = await record({ encoding, segmentTime: 20_000 }, 60);
    expect(bySize.files.length).toBeGreaterThan(2);
    expect(byTime.files.length).toBe(3);
    for (const parts of [bySize, byTime]) {
      expect(parts.digest).toBe(whole.digest);
      expect(all(parts.path).map((frame) => frame.input)).toEqual(
        all(whole.path).map((frame) => frame.input),
      );
      const third = parts.files[2] ?? '';
      const alone = readJournal(third);
      const first = [...alone.frames()][0];
      expect(first?.input.seq).toBe(alone.header.after + 1);
      expect(first?.input.source).toBe('market');
    }
  });

  it('cuts a tail torn at any byte of its last turn, and says so', async () => {
    const before = await record({ encoding }, 5, false);
    const after = await record({ encoding }, 6, false);
    const [start, end] = [before, after].map((one) => readFileSync(one.files[0] ?? '').length) as [
      number,
      number,
    ];
    const copy = join(tempFolder(), `000001.${encoding === 'binary' ? 'mlj' : 'jsonl'}`);
    for (let size = start; size <= end; size++) {
      copyFileSync(after.files[0] ?? '', copy);
      truncateSync(copy, size);
      const journal = readJournal(copy);
      const found = [...journal.frames()];
      expect(found.map((frame) => frame.input.seq)).toEqual(
        size === end ? [1, 2, 3, 4, 5, 6] : [1, 2, 3, 4, 5],
      );
      expect(journal.tail?.clean).toBe(false);
      expect(journal.tail?.torn?.bytes).toBe(size === start || size === end ? undefined : size - start);
    }
  });

  it('finds any single flipped bit', async () => {
    const { files } = await record({ encoding }, 3);
    const good = readFileSync(files[0] ?? '');
    const copy = join(tempFolder(), `000001.${encoding === 'binary' ? 'mlj' : 'jsonl'}`);
    for (let bit = 0; bit < good.length * 8; bit += 11) {
      const bad = Buffer.from(good);
      bad[bit >>> 3] = (bad[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      writeFileSync(copy, bad);
      let outcome: string;
      try {
        const journal = readJournal(copy);
        const count = [...journal.frames()].length;
        outcome =
          journal.tail?.torn === undefined ? `${count} turns, clean ${String(journal.tail?.clean)}` : 'torn';
      } catch (error) {
        outcome = (error as { code?: string }).code ?? String(error);
      }
      expect(['JOURNAL_DAMAGED', 'torn'], `bit ${bit}`).toContain(outcome);
    }
  });

  it('tells damage, with its place, from a different input that is validly sealed', async () => {
    const { files, digest } = await record({ encoding }, 9);
    const file = files[0] ?? '';
    const check = (): { digest: string; found: string[] } => {
      const encoder = new FrameEncoder();
      const found = all(file).map((frame) =>
        checkFrame(
          encoder,
          frame,
          frame.input.seq % 3 === 0
            ? turn(frame.input.seq, quote(frame.input.seq), [makeLog('info', 'T', `turn ${frame.input.seq}`)])
                .children
            : [],
        ),
      );
      return {
        digest: encoder.digest,
        found: found.flatMap((difference) => (difference === undefined ? [] : [difference.text])),
      };
    };
    expect(check()).toEqual({ digest, found: [] });
    resealBid(file, 5, 77);
    expect(check().found).toEqual([]);
    expect(check().digest).not.toBe(digest);
    expect(all(file)[4]?.input).toMatchObject({ bid: 77 });
    const bytes = readFileSync(file);
    const at = encoding === 'binary' ? bytes.length - 300 : bytes.lastIndexOf('"bid"') + 6;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    expect(() => all(file)).toThrow(
      encoding === 'binary'
        ? /000001\.mlj, byte \d+, record \d+: the checksum of a record is wrong \(after turn \d\)/
        : /000001\.jsonl, line \d+: the checksum of a line is wrong \(after turn 8\)/,
    );
  });

  it('names the first difference by position and field', async () => {
    const { path } = await record({ encoding }, 3);
    const third = all(path)[2];
    if (third === undefined) throw new Error('no third turn');
    const said = turn(3, quote(3), [makeLog('info', 'T', 'else')]).children;
    expect(checkFrame(new FrameEncoder(), third, said)?.text).toBe(
      'turn 3, child 1: message was "turn 3", is now "else"',
    );
    expect(checkFrame(new FrameEncoder(), third, [])?.text).toBe(
      'turn 3, child 1: event was log, is now nothing',
    );
  });

  it('prints as JSONL that is a journal itself', async () => {
    const { path } = await record({ encoding }, 12);
    const lines: string[] = [];
    catJournal(path, (line) => lines.push(line));
    const copy = join(tempFolder(), 'printed.jsonl');
    writeFileSync(copy, `${lines.join('\n')}\n`);
    expect(all(copy).map(({ input, children, checkpoint }) => ({ input, children, checkpoint }))).toEqual(
      all(path).map(({ input, children, checkpoint }) => ({ input, children, checkpoint })),
    );
    const some: string[] = [];
    catJournal(path, (line) => some.push(line), { kinds: ['log'], from: '4', to: '9' });
    expect(some.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual([
      'turn 6',
      'turn 9',
    ]);
  });

  it('refuses missing turns, missing segments and records behind the end', async () => {
    const { path, files } = await record({ encoding, segmentBytes: 4_000 }, 60);
    writeFileSync(files[1] ?? '', readFileSync(files[2] ?? ''));
    expect(() => all(path)).toThrow(/expected segment 2 of session s1 after turn \d+, found segment 3/);
  });
});

it('calls zeros after a power cut a torn tail', async () => {
  const { files } = await record({}, 5, false);
  const file = files[0] ?? '';
  writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.alloc(4_096)]));
  const journal = readJournal(file);
  expect([...journal.frames()]).toHaveLength(5);
  expect(journal.tail?.torn?.bytes).toBe(4_096);
});

it('says where there is no journal', () => {
  const empty = tempFolder();
  expect(() => readJournal(join(empty, 'nothing'))).toThrow('there is no journal at');
  expect(() => readJournal(empty)).toThrow('holds no journal segments');
});
