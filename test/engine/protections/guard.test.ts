import { describe, expect, test } from 'vitest';
import { Guard } from '../../../src/engine/protections/guard.js';
import type { Protection } from '../../../src/engine/protections/protection.js';
import { protectionLine } from '../../../src/engine/protections/status.js';
import { makeControl } from '../../../src/model/make.js';

/** A guard over one protection whose reading is set by hand. */
function rig(over: Partial<Protection> = {}): {
  guard: Guard;
  said: string[];
  use: (used: number, at?: number) => void;
} {
  let used = 0;
  const said: string[] = [];
  const protection: Protection = {
    name: 'loss',
    limit: '500 USD',
    action: 'halt',
    confirm: 0,
    reset: 'earn it back',
    byEvents: true,
    read: () => ({ used, text: `${used * 500} lost` }),
    ...over,
  };
  const guard = new Guard([protection], {
    warn: (name, reason) => void said.push(`warn ${name}: ${reason}`),
    fire: (name, action, reason) => void said.push(`${action} ${name}: ${reason}`),
    resume: (name) => void said.push(`resume ${name}`),
  });
  return {
    guard,
    said,
    use: (now, at = 0) => {
      used = now;
      guard.look(true, at);
    },
  };
}

describe('a protection', () => {
  test('warns once at 80 %, fires once at the limit, and warns again after it was calm', () => {
    const { said, use } = rig();
    for (const used of [0.5, 0.79, 0.8, 0.9, 0.75, 0.85, 0.7, 0.8, 1, 1.2, 0.5, 0.81]) use(used);
    expect(said.map((line) => line.split(':')[0])).toEqual([
      'warn loss',
      'warn loss',
      'halt loss',
      'warn loss',
    ]);
    expect(said[0]).toBe('warn loss: 400 lost (limit 500 USD, halt)');
    expect(said[2]).toBe('halt loss: 500 lost (limit 500 USD)');
  });

  test('fires on NaN, on a throw, and never on what does not apply', () => {
    const nan = rig();
    nan.use(NaN);
    expect(nan.said).toEqual(['halt loss: NaN lost (limit 500 USD)']);
    const thrown = rig({
      read: () => {
        throw new Error('broke');
      },
    });
    thrown.use(0);
    expect(thrown.said).toEqual(['halt loss: it threw: broke (limit 500 USD)']);
    const silent = rig({ read: () => undefined });
    silent.use(2);
    expect(silent.said).toEqual([]);
  });

  test('with confirm does not fire on one bad tick, but warns', () => {
    const { said, use } = rig({ confirm: 1_000 });
    use(2, 0);
    use(0.1, 500);
    use(2, 600);
    use(2, 1_599);
    expect(said.map((line) => line.split(':')[0])).toEqual(['warn loss', 'warn loss']);
    use(2, 1_600);
    expect(said.at(-1)).toBe('halt loss: 1000 lost (limit 500 USD)');
  });

  test('fires again after a resume while it is still over, but not once acknowledged', () => {
    const { guard, said, use } = rig();
    use(1);
    use(1);
    expect(said).toHaveLength(1);
    guard.saw(makeControl(0, 'resume', 'ann', ''), []);
    use(1);
    expect(said).toHaveLength(2);
    guard.saw(makeControl(0, 'acknowledge', 'ann', 'known', 'protection:loss'), []);
    guard.saw(makeControl(0, 'resume', 'ann', ''), []);
    use(1);
    expect(said).toHaveLength(2);
    expect(guard.status()[0]?.state).toBe('acknowledged');
    use(0.1);
    use(1);
    expect(said).toHaveLength(3);
  });

  test('with a resume policy resumes after good time without a break', () => {
    const { said, use } = rig({ resumeAfter: 1_000 });
    use(1, 0);
    use(0.1, 100);
    use(1.1, 600);
    use(0.1, 700);
    use(0.1, 1_699);
    expect(said).toHaveLength(1);
    use(0.1, 1_700);
    expect(said.at(-1)).toBe('resume loss');
  });

  test('is one line in status: what fired, why, and how to reset it', () => {
    const { guard, use } = rig();
    expect(protectionLine(guard.status()[0] as never)).toBe('loss: ok, 0 % of 500 USD');
    use(0.9);
    expect(protectionLine(guard.status()[0] as never)).toBe(
      'loss: near its limit, 90 % of 500 USD: 450 lost (at the limit: halt)',
    );
    use(1);
    expect(protectionLine(guard.status()[0] as never)).toBe(
      'loss: FIRED at 1970-01-01T00:00:00.000000Z: 500 lost (limit 500 USD, halt); to reset: earn it back',
    );
  });
});
