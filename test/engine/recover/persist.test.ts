import { describe, expect, it } from 'vitest';
import { verifyJournal } from '../../../src/engine/verify-journal.js';
import { seededRandom } from '../../../src/model/random.js';
import { readJournal } from '../../../src/sinks/journal/index.js';
import { runTopology, tempFolder } from '../../support/run-topology.js';
import { crash, framesOf, sessions } from './support.js';

const topology = (path: string, strategy = 'average.mjs', more = ''): string => `
version: 1
name: desk
mode: paper
seed: 3
portfolio: { base_currency: USDT, marks: last }
instruments:
  BTCUSDT: { asset_class: crypto_spot, base: BTC, quote: USDT, tick_size: 0.1, lot_size: 0.0001 }
brokers:
  sim: { type: paper, prices: market, cash: { USDT: 100000 } }
sources:
  market:
    type: replay
    path: ./${path}
    csv:
      kind: trade
      instrument: BTCUSDT
      time: { column: 0, format: ms }
      columns: { price: 1, size: 2 }
  fills: { type: executions, broker: sim }
operators:
  desk: { type: strategy, use: './${strategy}', inputs: [market, fills], params: { span: 20 }${more} }
  risk: { type: risk, inputs: [desk], limits: { max_position: 5 } }
  pace: { type: throttle, inputs: [risk] }
sinks:
  orders: { type: orders, broker: sim, inputs: [pace] }
  journal: { type: journal, path: ./journal, delivery: required }
recovery: { snapshot_events: 1000 }
`;

/** An average and a countdown in a closure, and random sizes: everything a restart would forget. */
const strategy = (memory: string, version = '1.0.0'): string => `
import { defineStrategy } from 'millrace';
import { filter, map } from 'rxjs';
import { z } from 'zod';
export default defineStrategy({
  name: 'average', version: '${version}', params: z.strictObject({ span: z.int() }),
  run: ({ trades$, place, random, persist, timer }, { span }) => {
    const own = { average: 0, trades: 0, seen: new Map(), long: false };
    ${memory}
    return trades$.pipe(
      map(({ price }) => {
        own.average = own.trades++ === 0 ? price : own.average + (price - own.average) / span;
        own.seen.set('last', price);
        return price;
      }),
      filter((price) => own.trades % 7 === 0 && (price > own.average) !== own.long),
      map(() => {
        own.long = !own.long;
        return place.market({ side: own.long ? 'buy' : 'sell', quantity: own.long ? 0.1 : 0.1, tag: String(random()) });
      }),
    );
  },
});
`;
const KEEPS = 'persist({ snapshot: () => own, restore: (saved) => Object.assign(own, saved) });';

function trades(from: number, to: number): string {
  const random = seededRandom(11);
  let price = 60_000;
  const lines: string[] = [];
  for (let i = 0; i < to; i++) {
    price += Math.round((random() - 0.5) * 200) / 10;
    if (i >= from) lines.push(`${1_700_000_000_000 + i * 250},${price.toFixed(1)},0.5`);
  }
  return `${lines.join('\n')}\n`;
}

const files = (memory = KEEPS): Record<string, string> => ({
  'average.mjs': strategy(memory),
  'whole.csv': trades(0, 6_000),
  'first.csv': trades(0, 2_900),
  'second.csv': trades(2_900, 6_000),
});

/** What strategies said, in all sessions of a folder. */
const said = (folder: string): readonly string[] =>
  sessions(folder).flatMap((session) =>
    [...readJournal(session).frames()].flatMap(({ children }) =>
      children.flatMap((child) => {
        if (child.kind !== 'intent') return [];
        const { orderKey, side, tag } = child.intent;
        return [`${child.at} ${orderKey} ${side} ${tag}`];
      }),
    ),
  );

async function whole(): Promise<readonly string[]> {
  const folder = tempFolder();
  await runTopology(topology('whole.csv'), { files: files(), folder, resume: 'always', session: 'whole' });
  return said(folder);
}

describe('a strategy that keeps a snapshot', () => {
  it('says in a new session what it would have said without the stop, and the session replays', async () => {
    const all = await whole();
    expect(all.length).toBeGreaterThan(50);
    const folder = tempFolder();
    await runTopology(topology('first.csv'), { files: files(), folder, resume: 'always', session: 'a' });
    const second = await runTopology(topology('second.csv'), { folder, resume: 'always', session: 'b' });
    expect(second.summary.error).toBeNull();
    expect(second.logs.join('\n')).toMatch(/strategy "desk" goes on from its snapshot behind turn \d+(\n|$)/);
    expect(said(folder)).toEqual(all);
    expect((await verifyJournal(second.summary.journal ?? '')).difference).toBeUndefined();
  }, 60_000);

  it('goes on in a session that was killed after it began from a snapshot', async () => {
    const all = await whole();
    const folder = tempFolder();
    await runTopology(topology('first.csv'), { files: files(), folder, resume: 'always', session: 'a' });
    await runTopology(topology('second.csv'), { folder, resume: 'always', session: 'b' });
    const session = sessions(folder)[1] ?? '';
    crash(session, framesOf(session)[1_500]?.place.position ?? 0);
    const third = await runTopology(topology('second.csv'), { folder, resume: 'always' });
    expect(third.summary.error).toBeNull();
    expect(third.summary.session).toBe('b');
    expect(said(folder)).toEqual(all);
  }, 60_000);

  it('goes on from the newest snapshot when the configuration changed after a crash, and says what it missed', async () => {
    const folder = tempFolder();
    await runTopology(topology('first.csv'), { files: files(), folder, resume: 'always', session: 'a' });
    const [session = ''] = sessions(folder);
    crash(session, framesOf(session).at(-200)?.place.position ?? 0);
    const changed = topology('second.csv', 'average.mjs', ', max_errors: 9');
    const second = await runTopology(changed, { folder, resume: 'always', session: 'b' });
    expect(second.logs.join('\n')).toMatch(
      /goes on from its snapshot behind turn \d+, \d+ turns it has not seen/,
    );
  }, 60_000);

  it('begins anew when its version or its parameters changed, or when it keeps none', async () => {
    const next = { 'other.mjs': strategy(KEEPS, '2.0.0') };
    for (const [text, change] of [
      [topology('second.csv', 'other.mjs'), { files: next }],
      [topology('second.csv'), { set: ['operators.desk.params.span=21'] }],
    ] as const) {
      const folder = tempFolder();
      await runTopology(topology('first.csv'), { files: files(), folder, resume: 'always', session: 'a' });
      const second = await runTopology(text, { ...change, folder, resume: 'always', session: 'b' });
      expect(second.summary.error).toBeNull();
      expect(second.logs.join('\n')).toContain('begins anew: its snapshot is of another version');
    }
    const folder = tempFolder();
    await runTopology(topology('first.csv'), { files: files(''), folder, resume: 'always', session: 'a' });
    const second = await runTopology(topology('second.csv'), { folder, resume: 'always', session: 'b' });
    expect(second.logs.join('\n')).not.toContain('snapshot');
  }, 60_000);

  it('is not asked while a timer of it is pending', async () => {
    const folder = tempFolder();
    const waits = `${KEEPS} timer(86400000).subscribe();`;
    await runTopology(topology('first.csv'), { files: files(waits), folder, resume: 'always', session: 'a' });
    const second = await runTopology(topology('second.csv'), { folder, resume: 'always', session: 'b' });
    expect(second.logs.join('\n')).not.toContain('snapshot behind');
  }, 60_000);

  it('counts a snapshot that is no plain data, or a restore that throws, as an error and goes on', async () => {
    const folder = tempFolder();
    const wrong = 'persist({ snapshot: () => ({ at: () => 1 }), restore: () => undefined });';
    const run = await runTopology(topology('first.csv'), { files: files(wrong), folder, resume: 'always' });
    expect(run.summary.error).toBeNull();
    expect(run.logs.join('\n')).toContain('the snapshot of strategy "desk" cannot be kept');
    const other = tempFolder();
    const throws = 'persist({ snapshot: () => own, restore: () => { throw new Error("no"); } });';
    await runTopology(topology('first.csv'), { files: files(throws), folder: other, resume: 'always' });
    const second = await runTopology(topology('second.csv'), { folder: other, resume: 'always' });
    expect(second.summary.error).toBeNull();
    expect(said(other).length).toBeGreaterThan(20);
  }, 60_000);
});
