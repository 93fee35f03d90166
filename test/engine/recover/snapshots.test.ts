import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { foldJournal } from '../../../src/engine/recover/fold.js';
import { END, readSnapshot, SnapshotStore } from '../../../src/engine/recover/snapshots.js';
import { loadStrategies } from '../../../src/topology/load-strategies.js';
import { nodeFiles } from '../../../src/sinks/file-port.js';
import { readJournal, type JournalFrame } from '../../../src/sinks/journal/index.js';
import { pack } from '../../../src/state/pack.js';
import { memoryLog, runTopology, tempFolder } from '../../support/run-topology.js';
import { crash, framesOf, sessions, TOPOLOGY } from './support.js';

/** As JSON without what is `undefined`: a fill out of a journal has no field for what its broker left open. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(pack(value)), (_key, item: unknown) =>
    typeof item === 'object' && item !== null && '$u' in item ? undefined : item,
  );
const OFTEN = `${TOPOLOGY}\nrecovery: { snapshot_events: 1000, keep_snapshots: 2 }\n`;

describe('snapshots', () => {
  it('are taken while it runs, pruned, and give the State they say', async () => {
    const folder = tempFolder();
    const run = await runTopology(OFTEN, { resume: 'always', session: 'one', folder });
    const session = sessions(folder)[0] ?? '';
    const names = readdirSync(session).filter((name) => name.startsWith('snapshot-'));
    expect(names.length).toBeGreaterThan(0);
    expect(names.length).toBeLessThanOrEqual(2);
    const end = readSnapshot(join(session, END));
    expect(end.head.seq).toBe(run.summary.events);
    expect(end.state.portfolio.total.dayStart?.toString()).toBe(run.summary.startEquity);
  }, 60_000);

  it('and the record behind them give what the whole record gives', async () => {
    const folder = tempFolder();
    const run = await runTopology(OFTEN, { resume: 'always', session: 'one', folder });
    const topology = await loadStrategies(run.topology);
    const session = sessions(folder)[0] ?? '';
    const end = readSnapshot(join(session, END)).state;
    const store = new SnapshotStore(nodeFiles, session, 'one');
    const from = readSnapshot(join(session, store.periodic()[0] ?? ''));
    const logs: string[] = [];
    const behind = foldJournal(topology, readJournal(session), from, memoryLog(logs)).save();
    const whole = foldJournal(topology, readJournal(session), undefined, memoryLog(logs)).save();
    for (const part of ['market', 'orders', 'portfolio', 'control', 'activity'] as const) {
      expect(plain(whole[part])).toEqual(plain(end[part]));
      expect(plain(behind[part])).toEqual(plain(end[part]));
    }
  }, 60_000);

  it('fall back to an older one, then to the journal, when a byte of them is wrong', async () => {
    const folder = tempFolder();
    const run = await runTopology(OFTEN, { resume: 'always', session: 'one', folder });
    const session = sessions(folder)[0] ?? '';
    const frames = framesOf(session);
    crash(session, (frames[frames.length - 50] as JournalFrame).place.position);
    const last = readJournal(session);
    const keep = [...last.frames()].length;
    for (const name of readdirSync(session)) {
      if (!name.startsWith('snapshot-')) continue;
      const bytes = readFileSync(join(session, name));
      bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
      writeFileSync(join(session, name), bytes);
    }
    const changed = OFTEN.replace('fast: 2,', 'fast: 3,');
    const second = await runTopology(changed, { resume: 'always', session: 'two', folder });
    expect(second.logs.join('\n')).toContain('the snapshot cannot be used');
    expect(second.summary.error).toBeNull();
    const header = readJournal(second.summary.journal ?? '').header;
    expect(header.after).toBe(keep);
    expect(second.summary.startEquity).toBe(run.summary.startEquity);
  }, 60_000);

  it('carry the day base, the peak and a tightened limit into the next session', async () => {
    const folder = tempFolder();
    const first = await runTopology(TOPOLOGY, { resume: 'always', session: 'one', folder });
    const [one = ''] = sessions(folder);
    const before = readSnapshot(join(one, END)).state.portfolio.total;
    const second = await runTopology(TOPOLOGY, { resume: 'always', session: 'two', folder });
    const opening = readSnapshot(join(second.summary.journal ?? '', 'opening.json')).state.portfolio.total;
    expect(opening.dayStart?.toString()).toBe(before.dayStart?.toString());
    expect(opening.peak).toBe(before.peak);
    expect(opening.maxDrawdown).toBe(before.maxDrawdown);
    expect(second.summary.maxDrawdown).toBeGreaterThanOrEqual(first.summary.maxDrawdown);
  }, 60_000);
});
