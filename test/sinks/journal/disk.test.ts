import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { journalSink, readJournal, type JournalOptions } from '../../../src/sinks/journal/index.js';
import type { JournalSink } from '../../../src/topology/spec.js';
import { FaultyFiles } from '../support/faulty-files.js';
import { context, tempFolder } from './support/disk.js';
import { quote, turn } from './support/events.js';

const ENOSPC = new Error('ENOSPC: no space left on device');
let disk: FaultyFiles;

beforeEach(() => {
  disk = new FaultyFiles();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => vi.useRealTimers());

async function open(
  options: Partial<JournalOptions> = {},
): Promise<{ sink: JournalSink; failures: Error[]; feed: (from: number, to: number) => void }> {
  const surroundings = context();
  const sink = journalSink({ path: tempFolder(), files: disk, ...options }, surroundings);
  await sink.open();
  const feed = (from: number, to: number): void => {
    for (let i = from; i <= to; i++) sink.frame(turn(i, quote(i)).input, []);
  };
  return { sink, failures: surroundings.failures, feed };
}
const seqs = (sink: JournalSink): number[] =>
  [...readJournal(sink.path).frames()].map((frame) => frame.input.seq);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('durability', () => {
  it('os: done at once, with the bytes handed to the system', async () => {
    const { sink, feed } = await open();
    feed(1, 3);
    const done = vi.fn();
    sink.commit(done);
    expect(done).toHaveBeenCalledTimes(1);
    expect(seqs(sink)).toEqual([1, 2, 3]);
    expect(sink.figures).toMatchObject({ records: 3, pendingBytes: 0, syncedSeq: 3, errors: 0 });
  });

  it('none: done at once, the bytes follow with the next flush', async () => {
    const { sink, feed } = await open({ durability: 'none' });
    feed(1, 3);
    const done = vi.fn();
    sink.commit(done);
    expect([done.mock.calls.length, seqs(sink)]).toEqual([1, []]);
    vi.advanceTimersByTime(100);
    expect(seqs(sink)).toEqual([1, 2, 3]);
  });

  it('fsync: done when the disk has it; those who wait share one sync', async () => {
    const { sink, feed } = await open({ durability: 'fsync' });
    disk.holdSyncs = true;
    const order: number[] = [];
    for (const i of [1, 2, 3, 4]) {
      feed(i, i);
      sink.commit(() => order.push(i));
    }
    expect([order, disk.syncs]).toEqual([[], 1]);
    disk.release();
    await vi.waitFor(() => expect(order).toEqual([1, 2, 3, 4]));
    expect(disk.syncs).toBe(2);
    expect(sink.figures.syncedSeq).toBe(4);
  });

  it('fsync across a new segment syncs the old one too', async () => {
    const { sink, feed } = await open({ durability: 'fsync', segmentBytes: 3_000 });
    feed(1, 100);
    const done = vi.fn();
    sink.commit(done);
    await vi.waitFor(() => expect(done).toHaveBeenCalledTimes(1));
    await sink.close();
    expect(seqs(sink)).toEqual(upTo(100));
  });

  it('live refuses none', () => {
    expect(() => journalSink({ path: 'x', durability: 'none' }, context({ mode: 'live' }))).toThrow(
      'a live journal cannot have durability none',
    );
  });
});

describe('a disk that fails', () => {
  it('is tried again, loses nothing and keeps the order, also in pieces and across segments', async () => {
    const { sink, failures, feed } = await open({ segmentBytes: 2_500 });
    const order: string[] = [];
    feed(1, 10);
    disk.error = ENOSPC;
    sink.commit(() => order.push('first'));
    feed(11, 120);
    sink.commit(() => order.push('second'));
    vi.advanceTimersByTime(3_000);
    expect([order, sink.figures.errors > 3, failures]).toEqual([[], true, []]);
    disk.error = undefined;
    disk.most = 37;
    vi.advanceTimersByTime(1_000);
    expect(order).toEqual(['first', 'second']);
    feed(121, 130);
    await sink.close();
    expect(seqs(sink)).toEqual(upTo(130));
    expect(readJournal(sink.path).segments.length).toBeGreaterThan(3);
  });

  it('halts once when the buffer is full, still keeps what follows, and recovers whole', async () => {
    const { sink, failures, feed } = await open({ bufferBytes: 8_000 });
    disk.error = ENOSPC;
    feed(1, 150);
    expect(failures.map((error) => [(error as { code?: string }).code, error.message])).toEqual([
      [
        'JOURNAL_FULL',
        expect.stringMatching(
          /^the journal cannot write \(ENOSPC: no space left on device\) and \d+ bytes wait$/,
        ),
      ],
    ]);
    disk.error = undefined;
    vi.advanceTimersByTime(2_000);
    feed(151, 160);
    await sink.close();
    expect(seqs(sink)).toEqual(upTo(160));
    expect(failures).toHaveLength(1);
  });

  it('ends rather than leave a hole when the buffer is full twice over', async () => {
    const { sink, failures, feed } = await open({ bufferBytes: 4_000 });
    disk.error = ENOSPC;
    feed(1, 500);
    expect(failures.map((error) => error.message.slice(0, 20))).toEqual([
      'the journal cannot w',
      'the journal ends aft',
    ]);
    disk.error = undefined;
    vi.advanceTimersByTime(2_000);
    feed(501, 510);
    const found = seqs(sink);
    expect(found).toEqual(upTo(found.length));
    expect(found.length).toBeLessThan(200);
  });

  it('makes no promise after a failed sync', async () => {
    const { sink, failures, feed } = await open({ durability: 'fsync' });
    disk.syncError = new Error('EIO: i/o error');
    feed(1, 1);
    const done = vi.fn();
    sink.commit(done);
    await vi.waitFor(() =>
      expect(failures.map((error) => error.message)).toEqual([
        'the journal could not be synced to disk: EIO: i/o error',
      ]),
    );
    disk.syncError = undefined;
    feed(2, 2);
    sink.commit(done);
    expect(done).not.toHaveBeenCalled();
    await expect(sink.close()).rejects.toThrow('EIO');
  });

  it('is told at open, and at close', async () => {
    disk.error = ENOSPC;
    await expect(open()).rejects.toThrow('the journal cannot write to');
    disk.error = undefined;
    const { sink, feed } = await open({ closeMs: 0 });
    disk.error = ENOSPC;
    feed(1, 1);
    await expect(sink.close()).rejects.toThrow('was not completed: ENOSPC');
  });
});

it('refuses a folder that holds a session already', async () => {
  const path = tempFolder();
  const first = journalSink({ path }, context());
  await first.open();
  await first.close();
  await expect(journalSink({ path }, context()).open()).rejects.toThrow('is not empty');
});

it('a turn that cannot be framed ends the journal and throws nothing', async () => {
  const { sink, failures, feed } = await open();
  feed(1, 2);
  sink.frame(turn(3, quote(3)).input, [turn(9, quote(9)).input]);
  feed(4, 4);
  sink.commit(() => undefined);
  expect(failures.map((error) => error.message)).toEqual([
    'child 1 of turn 3 (quote) is stamped seq 9, sub 0',
  ]);
  await sink.close();
  expect(seqs(sink)).toEqual([1, 2]);
});

it('writes what waits after the flush time and counts it', async () => {
  const { sink, feed } = await open({ flushMs: 50 });
  feed(1, 5);
  expect(sink.figures.pendingBytes).toBeGreaterThan(5 * 72);
  vi.advanceTimersByTime(50);
  expect(sink.figures).toMatchObject({ pendingBytes: 0, syncedSeq: 5 });
});
