import { describe, expect, it } from 'vitest';
import { makeTrade } from '../../src/model/make.js';
import type { Event } from '../../src/model/record.js';
import { Edge } from '../../src/streams/edge.js';
import { Join, Settling } from '../../src/engine/join.js';

const event = (id: string): Event => makeTrade('s', 0, 'X', 0, 1, 1, 0, id);
const idOf = (e: Event): string => (e.kind === 'trade' ? e.tradeId : '?');

describe('Join', () => {
  it('releases a diamond once, in inputs order, after both branches are done', () => {
    const settling = new Settling();
    const join = settling.add(3, (dirty) => new Join(new Edge<Event>('risk'), 2, dirty));
    const seen: string[] = [];
    join.output.link({ next: (e) => seen.push(idOf(e)), complete: () => seen.push('|') });
    join.input(1).next(event('late input, first to emit'));
    join.input(0).next(event('first input'));
    expect(seen).toEqual([]);
    settling.settle();
    expect(seen).toEqual(['first input', 'late input, first to emit']);
    settling.settle();
    expect(seen).toHaveLength(2);
    join.input(0).complete();
    settling.settle();
    join.input(1).complete();
    settling.settle();
    expect(seen).toEqual(['first input', 'late input, first to emit', '|']);
  });

  it('settles joins by rank, also those that become dirty on the way', () => {
    const settling = new Settling();
    const order: string[] = [];
    const late = settling.add(40, (dirty) => new Join(new Edge<Event>('late'), 1, dirty));
    const middle = settling.add(20, (dirty) => new Join(new Edge<Event>('middle'), 1, dirty));
    const early = settling.add(5, (dirty) => new Join(new Edge<Event>('early'), 1, dirty));
    early.output.link({
      next: (e) => {
        order.push('early');
        middle.input(0).next(e);
      },
      complete: () => undefined,
    });
    middle.output.link({
      next: (e) => {
        order.push('middle');
        late.input(0).next(e);
      },
      complete: () => undefined,
    });
    late.output.link({ next: () => order.push('late'), complete: () => undefined });
    late.input(0).next(event('x'));
    early.input(0).next(event('y'));
    settling.settle();
    expect(order).toEqual(['early', 'middle', 'late', 'late']);
  });
});
