import { expect, it } from 'vitest';
import { makeControl } from '../../../src/model/make.js';
import { Desk } from '../kill/support/desk.js';

it('recovery is not over because somebody acknowledged books that were not compared', async () => {
  const first = await new Desk({ mode: 'live' }).start();
  await first.stop();
  const second = new Desk({
    mode: 'live',
    folder: first.folder,
    run: { onOpen: (engine) => engine.command(makeControl(0, 'acknowledge', 'ann', 'fine', 'sim')) },
  });
  await second.start();
  const controls = second.words.filter((word) => word.startsWith('control '));
  expect(controls.slice(0, 4)).toEqual([
    'control start',
    'control recovering',
    'control acknowledge',
    'control reconciled',
  ]);
  expect(controls).toContain('control recovered');
  expect(second.engine.state.control.recovering).toBe(false);
});
