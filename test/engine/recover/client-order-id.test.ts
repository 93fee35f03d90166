import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientOrderId } from '../../../src/engine/client-order-id.js';

const place = fc.record({
  life: fc.integer({ min: 1, max: 1295 }),
  seq: fc.integer({ min: 1, max: 36 ** 7 - 1 }),
  sub: fc.integer({ min: 1, max: 36 ** 4 - 1 }),
});

describe('clientOrderId', () => {
  it('never comes twice, fits every venue and begins with the session', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]{1,16}$/), place, place, (session, a, b) => {
        const id = clientOrderId(session, a.life, a.seq, a.sub);
        expect(id).toMatch(/^[a-z0-9-]{1,32}$/);
        expect(id.startsWith(`${session}-`)).toBe(true);
        const same = a.life === b.life && a.seq === b.seq && a.sub === b.sub;
        expect(clientOrderId(session, b.life, b.seq, b.sub) === id).toBe(same);
      }),
    );
  });
});
