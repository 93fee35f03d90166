import { asapScheduler, asyncScheduler, queueScheduler, timer } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { enterTurn, installGuard, leaveTurn, monotonicMs } from '../../src/engine/guard.js';

let uninstall: () => void = () => undefined;
afterEach(() => {
  leaveTurn();
  uninstall();
});

describe('the turn guard', () => {
  it.each([
    ['Date.now()', (): unknown => Date.now(), /at\(\) or scheduler\.now\(\)/],
    ['new Date()', (): unknown => new Date(), /at\(\)/],
    ['performance.now()', (): unknown => performance.now(), /scheduler\.now\(\)/],
    ['Math.random()', (): unknown => Math.random(), /random\(\) of the strategy context/],
    ['setTimeout()', (): unknown => setTimeout(() => undefined, 1), /timer\(\)/],
    ['setInterval()', (): unknown => setInterval(() => undefined, 1), /interval\(\)/],
    ['setImmediate()', (): unknown => setImmediate(() => undefined), /timer\(0\)/],
    [
      'queueMicrotask()',
      (): unknown => {
        queueMicrotask(() => undefined);
        return undefined;
      },
      /timer\(0\)/,
    ],
    [
      'asyncScheduler',
      (): unknown => asyncScheduler.schedule(() => undefined),
      /scheduler of the strategy context/,
    ],
    ['asapScheduler', (): unknown => asapScheduler.schedule(() => undefined), /scheduler/],
    ['queueScheduler', (): unknown => queueScheduler.schedule(() => undefined), /scheduler/],
  ])('refuses %s inside a turn and names the tool', (what, call, help) => {
    uninstall = installGuard();
    enterTurn();
    let thrown: unknown;
    try {
      call();
    } catch (error) {
      thrown = error;
    }
    leaveTurn();
    expect(thrown).toMatchObject({ code: 'HOST_CLOCK', message: expect.stringContaining(what) as string });
    expect((thrown as { help: string }).help).toMatch(help);
  });

  it('makes an RxJS timer without a scheduler fail', () => {
    uninstall = installGuard();
    enterTurn();
    let error: unknown;
    try {
      timer(5).subscribe({
        error: (e: unknown) => {
          error = e;
        },
      });
    } catch (thrown) {
      error = thrown;
    }
    leaveTurn();
    expect(error).toMatchObject({ code: 'HOST_CLOCK' });
  });

  it('allows all of it outside turns, in engine code, and for dates with a value', () => {
    uninstall = installGuard();
    expect(Date.now()).toBeGreaterThan(1_600_000_000_000);
    expect(new Date() instanceof Date).toBe(true);
    enterTurn();
    expect(new Date(0).toISOString()).toBe('1970-01-01T00:00:00.000Z');
    expect(monotonicMs()).toBeGreaterThan(0);
    expect(() => Date.now()).toThrow('Date.now()');
    leaveTurn();
  });

  it('leaves nothing behind', () => {
    const before = [Date, Date.now, Math.random, setTimeout];
    const first = installGuard();
    const second = installGuard();
    first();
    expect(Date.now).not.toBe(before[1]);
    second();
    expect([Date, Date.now, Math.random, setTimeout]).toEqual(before);
  });
});
