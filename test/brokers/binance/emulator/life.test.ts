import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { Desk, type DeskOptions } from './desk.js';
import { Tape } from './tape.js';

/** `MILLRACE_DISCONNECTS=1000` and `MILLRACE_SOAK_SECONDS=600` make the long runs. */
const DISCONNECTS = Number(process.env['MILLRACE_DISCONNECTS'] ?? 60);
const SOAK_SECONDS = Number(process.env['MILLRACE_SOAK_SECONDS'] ?? 3);

let desk: Desk | undefined;

async function open(options: DeskOptions): Promise<Desk> {
  desk = await Desk.open({
    ...options,
    emulator: { market: { type: 'flow', rate: 200 }, ...options.emulator },
  });
  return desk;
}

afterEach(async () => {
  await desk?.close();
  desk = undefined;
});

const market = { type: 'market', limitPrice: undefined } as const;
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Megabytes in use after everything unused was given back. */
async function megabytes(): Promise<number> {
  await sleep(50);
  gc();
  gc();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

const sockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => name.startsWith('TCPSocket')).length;

/** Small orders, one after the other, until told to stop. */
function keepTrading(l: Desk): () => Promise<number> {
  let running = true;
  let count = 0;
  const loop = (async () => {
    while (running) {
      if (l.link === 'ready')
        l.send('new', `k${++count}`, { ...market, side: count % 2 === 0 ? 'sell' : 'buy' });
      await sleep(20);
    }
  })();
  return async () => {
    running = false;
    await loop;
    return count;
  };
}

describe('a day of 2 seconds', () => {
  it('connections are exchanged before the venue cuts them: nothing is missed, nothing comes twice', async () => {
    const l = await open({
      emulator: { connections: { lifeMs: 2_000 } },
      broker: { rotation: { after: 450, overlap: 100 } },
    });
    const tape = new Tape(l, ['trade', 'quote', 'book']);
    await tape.more('book', 1);
    const from = l.links.length;
    const stop = keepTrading(l);
    await sleep(3_200);
    expect(await stop()).toBeGreaterThan(30);
    await tape.check();
    await l.check();
    expect(tape.gaps).toEqual([]);
    const later = l.links.slice(from);
    expect(later.filter((e) => e.state !== 'ready')).toEqual([]);
    const replaced = (name: string): number =>
      later.filter((e) => e.name.startsWith(name) && e.reason === 'a fresh connection has taken over').length;
    expect(replaced('binance/user')).toBeGreaterThanOrEqual(3);
    expect(l.emulator.state().connectionsAttempted).toBeGreaterThanOrEqual(6);
    await l.until(() => l.emulator.connectionList().length <= 3);
  });

  it('connections that the venue cuts at the end of their life come back', async () => {
    const l = await open({
      emulator: { connections: { lifeMs: 900 } },
      broker: { rotation: { after: 0, overlap: 0 } },
    });
    const tape = new Tape(l, ['trade', 'book']);
    const stop = keepTrading(l);
    await sleep(2_600);
    await stop();
    await l.until(() => l.links.filter((e) => e.name === 'binance' && e.state === 'down').length >= 2);
    await tape.check();
    await l.check();
  });

  it('a shutdown that is announced is answered with fresh connections in time', async () => {
    const l = await open({ broker: { rotation: { after: 0, overlap: 100 } } });
    const tape = new Tape(l, ['trade', 'book']);
    await tape.more('book', 2);
    const from = l.links.length;
    const stop = keepTrading(l);
    l.emulator.faults.set({ kind: 'server_shutdown', delay_ms: 500 });
    await sleep(300);
    expect(l.links.slice(from).filter((e) => e.state === 'down')).toEqual([]);
    await sleep(400); // the cut takes those who came after the announcement too
    await stop();
    await tape.check();
    await l.check();
  });
});

describe('without end', () => {
  it(`${DISCONNECTS} disconnects in a row leave sockets and memory flat, and nothing lost`, async () => {
    const l = await open({
      emulator: {
        market: { type: 'flow', rate: 20 },
        limits: { weightPerMinute: 1e8, rawPer5Minutes: 1e8 },
        connections: { connectsPer5Min: 1e8 },
      },
      broker: {
        reconnect: { initial: 1, max: 2 },
        limits: { connections: 1e8 },
        feed: { snapshotJitter: 0 },
      },
    });
    const tape = new Tape(l, ['quote']);
    await tape.more('quote', 1);
    let [before, open0] = [0, 0];
    for (let i = 0; i < DISCONNECTS; i++) {
      if (i % 10 === 0) l.send('new', `d${i}`, { ...market, side: i % 20 === 0 ? 'buy' : 'sell' });
      l.links.length = 0;
      l.emulator.cut();
      await l.until(() => l.link === 'ready');
      if (i === Math.floor(DISCONNECTS / 4)) [before, open0] = [await megabytes(), sockets()];
    }
    await l.check();
    await tape.more('quote', 1);
    expect(l.figure('recoveries_total')).toBeGreaterThanOrEqual(DISCONNECTS);
    await l.until(() => l.emulator.connectionList().length === 2);
    await l.until(() => sockets() <= open0 + 2);
    expect((await megabytes()) - before).toBeLessThan(4 + DISCONNECTS / 50);
  }, 600_000);

  it(`2,000 messages a second for ${SOAK_SECONDS} s leave memory flat`, async () => {
    const l = await open({ emulator: { market: { type: 'flow', style: 'quotes', rate: 2_000 } } });
    let quotes = 0;
    l.broker
      .market({ source: 'm', instruments: ['BTCUSDT'], emit: ['quote', 'book'] })
      .subscribe((e) => void (e.kind === 'quote' && quotes++));
    await sleep(1_000);
    const before = await megabytes();
    const from = quotes;
    await sleep(SOAK_SECONDS * 1_000);
    expect(quotes - from).toBeGreaterThan(SOAK_SECONDS * 1_000);
    expect((await megabytes()) - before).toBeLessThan(12);
    expect(l.figure('feed_gaps')).toBe(0);
    expect(l.bad).toEqual([]);
  }, 900_000);
});
