import { describe, expect, test } from 'vitest';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../src/engine/run.js';
import { Desk, emptyFolder, until } from './support/desk.js';

const BY = { actor: 'ann', reason: 'monday' };

describe('arming', () => {
  test('a live session starts disarmed: new orders wait for arm, with the account typed', async () => {
    const desk = await new Desk({ mode: 'live' }).start();
    desk.trade('rest');
    expect(desk.words.at(-1)).toBe('denied DISARMED');
    expect((await desk.operations.arm('simm', BY)).refused).toContain('name the account to arm: sim');
    const armed = await desk.operations.arm('sim', BY);
    expect(armed).toMatchObject({ before: { armed: { sim: false } }, after: { armed: { sim: true } } });
    desk.trade('rest');
    await until(() => desk.open === 1);
    await desk.operations.disarm(BY);
    desk.trade('rest');
    expect(desk.words.at(-1)).toBe('denied DISARMED');
    // R8: what reduces and what cancels is not held back.
    await desk.operations.kill(BY);
    await until(() => desk.open === 0);
  });

  test('arm clears no latch', async () => {
    const desk = await new Desk({ mode: 'live' }).start();
    await desk.operations.kill(BY, undefined, 100);
    await desk.operations.arm('sim', BY);
    expect(desk.engine.state.control.killed).toBe(true);
    desk.trade('rest');
    expect(desk.words.at(-1)).toBe('denied LATCHED');
  });

  test('is remembered across a restart within the time, for the same configuration only', async () => {
    const folder = emptyFolder();
    const first = await new Desk({ folder, mode: 'live' }).start();
    await first.operations.arm('sim', BY);
    await first.stop();
    const again = await new Desk({ folder, mode: 'live', run: { resume: 'never' } }).start();
    expect(again.engine.state.control.armed('sim')).toBe(true);
    expect(again.records.find((event) => event.kind === 'control' && event.action === 'arm')).toMatchObject({
      actor: 'engine',
      target: 'sim',
    });
    await again.stop();
    const other = await new Desk({
      folder,
      mode: 'live',
      limits: { max_position: 5 },
      run: { resume: 'never' },
    }).start();
    expect(other.engine.state.control.armed('sim')).toBe(false);
    await other.stop();
  });

  test.each([
    ['longer ago', -4 * 60_000],
    ['in the future', 60_000],
  ])('is not remembered when it was %s', async (_name, shift) => {
    const folder = emptyFolder();
    const first = await new Desk({ folder, mode: 'live' }).start();
    await first.operations.arm('sim', BY);
    await first.stop();
    const path = join(folder, 'state', 'desk.arming.json');
    const saved = JSON.parse(readFileSync(path, 'utf8')) as { seen: string };
    writeFileSync(
      path,
      JSON.stringify({ ...saved, seen: new Date(Date.parse(saved.seen) + shift).toISOString() }),
    );
    const again = await new Desk({ folder, mode: 'live', run: { resume: 'never' } }).start();
    expect(again.engine.state.control.armed('sim')).toBe(false);
  });

  test('paper needs none, and says so', async () => {
    const desk = await new Desk().start();
    desk.trade('rest');
    await until(() => desk.open === 1);
    expect((await desk.operations.arm('sim', BY)).refused).toContain('nothing here needs arming');
  });

  test('mode live runs only when that is said twice', async () => {
    const live = new Desk({ mode: 'live' }).topology();
    await expect(run(live)).rejects.toThrow('which sends real orders');
    await expect(run(new Desk().topology(), { live: true })).rejects.toThrow('--live was given');
  });
});
