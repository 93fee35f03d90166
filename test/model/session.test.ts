import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sessionAt, sessionOpen } from '../../src/model/session.js';
import { MICROS_PER_DAY, MICROS_PER_MINUTE } from '../../src/model/time.js';

const at = (iso: string): number => Date.parse(iso) * 1000;
const newYork = {
  zone: 'America/New_York',
  days: [1, 2, 3, 4, 5],
  open: 570,
  close: 960,
  holidays: ['2024-03-29'],
};

it('follows daylight saving, weekends and holidays', () => {
  expect(sessionAt(newYork, at('2024-03-08T20:59:59Z'))).toEqual({
    open: at('2024-03-08T14:30:00Z'),
    close: at('2024-03-08T21:00:00Z'),
  });
  expect(sessionAt(newYork, at('2024-03-08T21:00:00Z'))).toEqual({
    open: at('2024-03-11T13:30:00Z'),
    close: at('2024-03-11T20:00:00Z'),
  });
  expect(sessionAt(newYork, at('2024-03-28T20:00:00Z')).open).toBe(at('2024-04-01T13:30:00Z'));
});

it('opens after the hole when the clocks skip the open', () => {
  const night = { ...newYork, days: [7], open: 150, close: 300 };
  expect(sessionAt(night, at('2024-03-10T00:00:00Z'))).toEqual({
    open: at('2024-03-10T07:30:00Z'),
    close: at('2024-03-10T09:00:00Z'),
  });
});

it('is open exactly while the session of that time is held', () => {
  const year = fc.integer({ min: 0, max: 366 * 24 * 60 });
  fc.assert(
    fc.property(
      year,
      fc.integer({ min: 0, max: 1439 }),
      fc.integer({ min: 0, max: 1440 }),
      (minute, open, close) => {
        const calendar = { ...newYork, open, close };
        const time = at('2024-01-01T00:00:00Z') + minute * MICROS_PER_MINUTE;
        const session = sessionAt(calendar, time);
        expect(sessionOpen(calendar, time)).toBe(session.open <= time);
        expect(session.close - session.open).toBeLessThanOrEqual(MICROS_PER_DAY * (25 / 24));
      },
    ),
  );
});
