import { afterEach, describe, expect, it } from 'vitest';
import { SyncedClock } from '../../../src/brokers/binance/clock.js';
import { pause } from '../../streams/socket/server.js';

let clock: SyncedClock | undefined;
afterEach(() => clock?.close());

/** A venue whose clock is 1,500 ms ahead; each request takes the given way there and back. */
function rig(trips: (readonly [number, number])[], every = 1_000_000) {
  const time = { monotonic: 500, wall: 1_000_000, asked: 0, skew: 1_500 };
  const pass = (ms: number): void => {
    time.monotonic += ms;
    time.wall += ms;
  };
  const ask = (): Promise<number> => {
    const trip = trips[time.asked++];
    if (trip === undefined) return Promise.reject(new Error('offline'));
    pass(trip[0]);
    const server = time.wall + time.skew;
    pass(trip[1]);
    return Promise.resolve(server);
  };
  clock = new SyncedClock({ ask, wall: () => time.wall, monotonic: () => time.monotonic, every });
  return { clock, time, pass };
}

describe('SyncedClock', () => {
  it('is the local clock until measured', () => {
    const { clock } = rig([]);
    expect([clock.now(), clock.offset, clock.synced]).toEqual([1_000_000, 0, false]);
  });

  it('believes the sample with the shortest round trip', async () => {
    const { clock, time } = rig([
      [90, 10],
      [4, 4],
      [10, 200],
    ]);
    await clock.sync();
    expect(clock.synced).toBe(true);
    expect(clock.roundTrip).toBe(8);
    expect(clock.now()).toBe(time.wall + 1_500);
    expect(clock.offset).toBe(1_500);
  });

  it('does not move when the local wall clock is set', async () => {
    const { clock, time, pass } = rig([
      [4, 4],
      [4, 4],
      [4, 4],
    ]);
    await clock.sync();
    const before = clock.now();
    time.wall -= 3_600_000;
    pass(250);
    expect(clock.now()).toBe(before + 250);
    expect(clock.offset).toBe(3_600_000 + 1_500);
  });

  it('keeps a fine sample when a rough one agrees, and gives it up when one contradicts', async () => {
    const { clock, time, pass } = rig([
      [2, 2],
      [2, 2],
      [2, 2],
      [300, 0],
      [300, 0],
      [300, 0],
      [20, 20],
      [20, 20],
      [20, 20],
    ]);
    await clock.sync();
    pass(60_000);
    await clock.sync();
    expect(clock.roundTrip).toBe(4);
    expect(clock.offset).toBe(1_500);
    time.skew = 2_500;
    await clock.sync();
    expect(clock.roundTrip).toBe(40);
    expect(clock.offset).toBe(2_500);
  });

  it('shares a measurement under way', async () => {
    const { clock, time } = rig([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    await Promise.all([clock.sync(), clock.sync(), clock.sync()]);
    expect(time.asked).toBe(3);
  });

  it('keeps what it knows when a measurement fails, and says so', async () => {
    const { clock } = rig([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    await clock.sync();
    await expect(clock.sync()).rejects.toThrow('offline');
    expect([clock.synced, clock.offset, clock.failures]).toEqual([true, 1_500, 1]);
  });

  it('measures again by itself until closed', async () => {
    const trips = Array.from({ length: 1_000 }, (): [number, number] => [1, 1]);
    const { clock, time } = rig(trips, 5);
    await clock.sync();
    await pause(60);
    expect(time.asked).toBeGreaterThan(6);
    clock.close();
    await pause(10);
    const asked = time.asked;
    await pause(30);
    expect(time.asked).toBe(asked);
  });
});
