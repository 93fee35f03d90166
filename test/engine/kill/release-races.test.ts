import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LatchFile } from '../../../src/engine/kill/latch-file.js';
import { KeptLatches } from '../../../src/engine/kill/latches.js';
import { SENTINEL } from '../../../src/engine/kill/sentinel.js';
import { makeControl } from '../../../src/model/make.js';
import { nodeFiles } from '../../../src/sinks/file-port.js';
import { Desk, emptyFolder, until } from './support/desk.js';

const BY = { actor: 'ann', reason: 'it looks wrong' };

describe('a release and a kill at the same time', () => {
  test('the file keeps the kill that came behind the release', () => {
    const file = new LatchFile(nodeFiles, join(emptyFolder(), 'a.latch'));
    const latches = new KeptLatches(file, () => new Date(0));
    const kill = makeControl(0, 'kill', 'ann', 'first', 'global');
    latches.add(kill);
    const meant = latches.entry('global');
    if (meant === undefined) throw new Error('not latched');
    latches.add(makeControl(0, 'kill', 'bob', 'second', 'global'));
    latches.remove(meant);
    expect(file.read().map(({ scope }) => scope)).toEqual(['global']);
    file.close();
  });

  test('a kill in the turns right behind the release stays killed, on disk too', async () => {
    const desk = await new Desk().start();
    await desk.operations.kill(BY);
    let again: Promise<unknown> | undefined;
    const { engine } = desk;
    const onControl = engine.onControl;
    engine.onControl = (event) => {
      onControl(event);
      // As a protection does: in the same breath.
      if (event.action === 'release') again ??= desk.operations.kill({ actor: 'bob', reason: 'still wrong' });
    };
    await desk.operations.release(BY);
    await again;
    expect(engine.state.control.killed).toBe(true);
    const path = join(desk.folder, 'state', 'desk.latch');
    expect(new LatchFile(nodeFiles, path).read()).toHaveLength(1);
    expect(desk.safety.status().kills).toMatchObject([{ scope: 'global', actor: 'bob' }]);
  });

  test('a sentinel of another scope is not taken away unseen', async () => {
    const desk = await new Desk().start();
    await desk.operations.kill(BY, { kind: 'strategy', name: 'one' });
    const path = join(desk.folder, 'state', SENTINEL);
    writeFileSync(path, 'stop all of it');
    await desk.operations.release(BY, { kind: 'strategy', name: 'one' });
    await until(() => desk.engine.state.control.killed);
    expect(existsSync(path)).toBe(true);
    expect((await desk.operations.release(BY)).refused).toBeUndefined();
    expect(existsSync(path)).toBe(false);
  });
});

test('a kill of a name that is not here kills everything and says so', async () => {
  const desk = await new Desk().start();
  const answer = await desk.operations.kill(BY, { kind: 'account', name: 'smi' });
  expect(answer).toMatchObject({ scope: 'global', verified: true });
  expect(desk.engine.state.control.killed).toBe(true);
  expect(desk.engine.state.control.latches()[0]?.reason).toBe(
    'it looks wrong (there is no account:smi: everything is killed)',
  );
  desk.trade('buy');
  expect(desk.words.at(-1)).toBe('denied LATCHED');
});
