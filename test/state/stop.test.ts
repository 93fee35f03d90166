import { describe, expect, it } from 'vitest';
import { carriedOver } from '../../src/engine/recover/opening.js';
import type { ControlAction } from '../../src/model/event.js';
import { makeControl } from '../../src/model/make.js';
import { Bench, T0 } from './support.js';

/** How trading stands in a session that goes on from one where this was done. */
function after(...actions: readonly ControlAction[]): readonly string[] {
  const bench = new Bench();
  for (const action of actions) bench.apply(makeControl(T0, action, 'ann', 'so', ''));
  const { trading, tradingActor, tradingReason } = carriedOver(bench.state.save()).control;
  return [bench.state.control.trading, trading, tradingActor, tradingReason.split(':')[0] ?? ''];
}

describe('a stop in order', () => {
  it('is no reason to stay halted', () => {
    expect(after('stop')).toEqual(['halted', 'active', '', '']);
  });

  it('does not forget that trading was halted or reducing before it', () => {
    expect(after('pause', 'stop')).toEqual(['halted', 'halted', 'ann', 'PAUSE']);
    expect(after('halt', 'stop')).toEqual(['halted', 'halted', 'ann', 'HALT']);
    expect(after('reduce', 'stop')).toEqual(['reducing', 'reducing', 'ann', 'REDUCE']);
    expect(after('kill', 'stop')).toEqual(['halted', 'halted', 'ann', 'KILL']);
    expect(after('kill', 'release', 'stop')).toEqual(['halted', 'halted', 'ann', 'KILL']);
    expect(after('pause', 'resume', 'stop')).toEqual(['halted', 'active', '', '']);
  });
});
