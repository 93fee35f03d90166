import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysFromCivil, parseInstant, parseTimeOfDay, zone } from '../../src/model/zone.js';

const HOUR = 3_600_000_000;
const wall = (y: number, m: number, d: number, h: number, min = 0): number =>
  Date.UTC(y, m - 1, d, h, min) * 1_000;

describe('zone', () => {
  it('follows daylight saving time', () => {
    const ny = zone('America/New_York');
    expect(ny.toUtc(wall(2013, 10, 7, 9, 30))).toBe(wall(2013, 10, 7, 13, 30));
    expect(ny.toUtc(wall(2013, 12, 7, 9, 30))).toBe(wall(2013, 12, 7, 14, 30));
    expect(ny.toLocal(wall(2013, 12, 7, 14, 30))).toBe(wall(2013, 12, 7, 9, 30));
  });

  it('moves a time that does not occur forward, and takes the first of a time that occurs twice', () => {
    const ny = zone('America/New_York');
    expect(ny.toUtc(wall(2014, 3, 9, 2, 30))).toBe(wall(2014, 3, 9, 7, 30));
    expect(ny.toUtc(wall(2014, 3, 9, 1, 59))).toBe(wall(2014, 3, 9, 6, 59));
    expect(ny.toUtc(wall(2014, 3, 9, 3, 0))).toBe(wall(2014, 3, 9, 7, 0));
    expect(ny.toUtc(wall(2013, 11, 3, 1, 30))).toBe(wall(2013, 11, 3, 5, 30));
    expect(ny.toUtc(wall(2013, 11, 3, 2, 0))).toBe(wall(2013, 11, 3, 7, 0));
  });

  it('takes fixed offsets and refuses what is no zone', () => {
    expect(zone('UTC-05').toUtc(0)).toBe(5 * HOUR);
    expect(zone('+05:30').toUtc(0)).toBe(-5.5 * HOUR);
    expect(zone('UTC').toUtc(7)).toBe(7);
    expect(() => zone('Mars/Olympus')).toThrow(/not a time zone/);
  });

  it('gives back every instant (but the second hour of a clock set back)', () => {
    for (const name of [
      'America/New_York',
      'Europe/London',
      'Australia/Lord_Howe',
      'Asia/Kolkata',
      'UTC+3',
    ]) {
      const z = zone(name);
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 2_000_000_000 }), (seconds) => {
          const utc = seconds * 1_000_000;
          const back = z.toUtc(z.toLocal(utc));
          return back === utc || (back < utc && utc - back <= HOUR && z.toLocal(back) === z.toLocal(utc));
        }),
      );
    }
  });

  it('parses dates, instants and times of day', () => {
    expect(daysFromCivil(2024, 2, 29)).toBe(Date.UTC(2024, 1, 29) / 86_400_000);
    expect(parseInstant('2024-08-08', zone('UTC'))).toBe(wall(2024, 8, 8, 0));
    expect(parseInstant('2024-08-08T10:00:00.5-05:00', zone('UTC'))).toBe(wall(2024, 8, 8, 15) + 500_000);
    expect(parseInstant('2023-02-29', zone('UTC'))).toBeUndefined();
    expect(parseTimeOfDay('16:00')).toBe(16 * HOUR);
    expect(parseTimeOfDay('25:00')).toBeUndefined();
  });
});
