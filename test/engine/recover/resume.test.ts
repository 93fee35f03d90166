import { cpSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { verifyJournal } from '../../../src/engine/verify-journal.js';
import { MillraceError } from '../../../src/model/reason.js';
import type { Event } from '../../../src/model/record.js';
import { readJournal, type JournalFrame } from '../../../src/sinks/journal/index.js';
import { verifyAudit } from '../../../src/sinks/audit/verify.js';
import { runTopology, tempFolder, type TopologyRun } from '../../support/run-topology.js';
import { crash, framesOf, sessions, TOPOLOGY } from './support.js';

/** What strategies said, and what became of it, without positions in the journal. */
function said(records: Iterable<Event>): string[] {
  const lines: string[] = [];
  for (const event of records) {
    if (event.kind !== 'intent') continue;
    const { orderKey, side, quantity, strategy } = event.intent;
    lines.push(`${event.at} ${strategy} ${orderKey} ${side} ${quantity.toString()}`);
  }
  return lines;
}

const children = (frames: Iterable<JournalFrame>): Event[] =>
  [...frames].flatMap((frame) => frame.children as readonly Event[]);

/** Positions, as State of the end tells them. */
const positions = ({ summary }: TopologyRun): unknown => [summary.positions, summary.equity, summary.fees];

describe('a session that was killed', () => {
  it('goes on and decides what it would have decided, wherever it is cut', async () => {
    const whole = await runTopology(TOPOLOGY, { resume: 'always', session: 'killed' });
    expect(whole.summary.error).toBeNull();
    const frames = [...whole.journal().frames()];
    const all = said(children(frames));
    expect(all.length).toBeGreaterThan(40);
    const step = Math.floor(frames.length / 12);
    for (let k = 7; k < frames.length - 100; k += step) {
      // Not while a request is on its way: the simulated venue would end with it.
      let at = k;
      while (!quiet(frames, at)) at++;
      const folder = tempFolder();
      cpSync(whole.folder, folder, { recursive: true });
      const session = sessions(folder)[0] ?? '';
      crash(session, (framesOf(session)[at] as JournalFrame).place.position);
      const second = await runTopology(TOPOLOGY, { resume: 'always', folder });
      expect(second.summary.error).toBeNull();
      expect(second.summary.session).toBe('killed');
      const journal = readJournal(session);
      expect(said(children(journal.frames()))).toEqual(all);
      expect(positions(second)).toEqual(positions(whole));
      const verified = await verifyJournal(session);
      expect(verified.difference).toBeUndefined();
      expect(verified.clean).toBe(true);
      expect(verified.digest).toBe(second.summary.digest);
    }
  }, 120_000);
});

function quiet(frames: readonly JournalFrame[], at: number): boolean {
  const near = frames.slice(Math.max(0, at - 12), at + 12);
  return (
    near.every(
      (frame) => frame.input.kind === 'trade' || frame.input.kind === 'quote' || frame.input.kind === 'clock',
    ) && near.every((frame) => frame.children.every((child) => child.kind === 'bar'))
  );
}

describe('recovery', () => {
  it('cuts a torn tail at every byte of the last frames, and the audit goes on', async () => {
    const folder = tempFolder();
    await runTopology(TOPOLOGY, { resume: 'always', session: 'torn', folder });
    const session = sessions(folder)[0] ?? '';
    const frames = framesOf(session);
    const keep = frames.length - 40;
    let end = (frames[keep] as JournalFrame).place.position;
    for (let life = 2; life < 14; life++) {
      crash(session, end + 8 * (life - 2) + (life % 5));
      const logs: string[] = [];
      const run = await runTopology(TOPOLOGY, { resume: 'always', folder });
      logs.push(...run.logs);
      expect(run.summary.error).toBeNull();
      const journal = readJournal(session);
      const all = [...journal.frames()];
      expect(journal.tail?.clean).toBe(true);
      const recovering = all.filter((f) => f.input.kind === 'control' && f.input.action === 'recovering');
      expect(recovering.map((f) => (f.input.kind === 'control' ? f.input.value : ''))).toContain(
        String(life),
      );
      const torn = logs.some((line) => line.includes('JOURNAL_TORN'));
      expect(torn).toBe((life - 2) * 8 + (life % 5) !== 0);
      expect((await verifyJournal(session)).difference).toBeUndefined();
      const own = all.filter((f) => f.begins?.life === life)[0] as JournalFrame;
      end = (framesOf(session).find((f) => f.input.seq === own.input.seq + 3) as JournalFrame).place.position;
    }
    expect(verifyAudit(`${folder}/audit.jsonl`).intact).toBe(true);
  }, 120_000);

  it('gives its State to a new session after a stop in order', async () => {
    const folder = tempFolder();
    const first = await runTopology(TOPOLOGY, { resume: 'always', session: 'one', folder });
    const second = await runTopology(TOPOLOGY, { resume: 'always', session: 'two', folder });
    expect(second.summary.error).toBeNull();
    const two = readJournal(second.summary.journal ?? '');
    expect(two.header.life).toBe(2);
    expect(two.header.originalSession).toBe('one');
    expect(two.header.after).toBe(first.summary.events);
    const opening = [...two.frames()][0];
    expect(opening?.input.seq).toBe(first.summary.events + 1);
    const ids = new Set<string>();
    for (const folderOf of sessions(folder)) {
      for (const child of children(readJournal(folderOf).frames())) {
        if (child.kind !== 'dispatch') continue;
        expect(ids.has(child.clientOrderId)).toBe(false);
        expect(child.clientOrderId.startsWith('one-')).toBe(true);
        ids.add(child.clientOrderId);
      }
    }
    const verified = await verifyJournal(second.summary.journal ?? '');
    expect(verified.difference).toBeUndefined();
    expect(second.summary.startEquity).toBe(first.summary.startEquity);
  }, 60_000);

  it('takes State from the record when the configuration changed', async () => {
    const folder = tempFolder();
    await runTopology(TOPOLOGY, { resume: 'always', session: 'one', folder });
    const session = sessions(folder)[0] ?? '';
    const frames = framesOf(session);
    crash(session, (frames[frames.length - 500] as JournalFrame).place.position);
    const changed = TOPOLOGY.replace('fast: 2,', 'fast: 3,');
    const second = await runTopology(changed, { resume: 'always', session: 'two', folder });
    expect(second.summary.error).toBeNull();
    expect(second.logs.join('\n')).toContain('JOURNAL_MISMATCH');
    expect(second.logs.join('\n')).toContain('the configuration changed');
    expect((await verifyJournal(second.summary.journal ?? '')).difference).toBeUndefined();
  }, 60_000);

  it('begins halted when the graph decides otherwise than the record, and keeps what is recorded', async () => {
    const folder = tempFolder();
    const text = TOPOLOGY.replace(
      'use: ema-cross, inputs: [bars, fills], instruments: [BTCUSDT]',
      'use: ./moody.mjs, inputs: [bars, fills], instruments: [BTCUSDT]',
    ).replace('params: { fast: 2, slow: 5, quantity: 0.05, mode: long_short }', 'params: {}');
    const files = { 'moody.mjs': MOODY };
    globalThis.mood = 0.01;
    await runTopology(text, { resume: 'always', session: 'one', folder, files });
    const session = sessions(folder)[0] ?? '';
    const frames = framesOf(session);
    crash(session, (frames[frames.length - 300] as JournalFrame).place.position);
    const kept = readJournal(session);
    const dispatched = children(kept.frames()).filter((child) => child.kind === 'dispatch').length;
    globalThis.mood = 0.02;
    const second = await runTopology(text, { resume: 'always', session: 'two', folder, files });
    expect(second.summary.error?.code).toBe('RECOVERY_DIVERGED');
    expect(second.logs.join('\n')).toContain('RECOVERY_DIVERGED');
    const two = children(readJournal(second.summary.journal ?? '').frames());
    expect(dispatched).toBeGreaterThan(3);
    expect(two.filter((child) => child.kind === 'dispatch')).toEqual([]);
  }, 60_000);

  it('refuses a second engine on the journal while the first one lives', async () => {
    const folder = tempFolder();
    let second: Promise<unknown> | undefined;
    await runTopology(TOPOLOGY, {
      resume: 'always',
      folder,
      onOpen: () => {
        second = runTopology(TOPOLOGY, { resume: 'always', folder }).catch((error: unknown) => error);
      },
    });
    const error = await second;
    expect(error).toBeInstanceOf(MillraceError);
    expect(String(error)).toMatch(/is in use by session .*, process \d+ on/);
  }, 60_000);

  it('asks for a past when it is required', async () => {
    await expect(runTopology(TOPOLOGY, { resume: 'require' })).rejects.toThrow(/has nothing to go on from/);
  });
});

const MOODY = `
import { defineStrategy } from 'millrace';
import { map, filter } from 'rxjs';
import { z } from 'zod';
export default defineStrategy({
  name: 'moody', version: '1', params: z.object({}),
  run: ({ bars$, place }) => {
    let bars = 0;
    return bars$.pipe(filter(() => ++bars % 20 === 0), map((bar) => place.market({ instrument: bar.instrument, side: bars % 40 === 0 ? 'sell' : 'buy', quantity: globalThis.mood })));
  },
});
`;

declare global {
  var mood: number;
}
