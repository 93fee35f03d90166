import { describe, expect, it } from 'vitest';
import { FaultBoard } from '../../../src/emulators/binance/faults/fault-board.js';
import { faultSpec, fits } from '../../../src/emulators/binance/faults/spec.js';
import { ActiveFault } from '../../../src/emulators/binance/faults/active-fault.js';
import { damaged } from '../../../src/emulators/binance/net/damage.js';

const active = (spec: object, seed = 1): ActiveFault =>
  new ActiveFault('f', faultSpec.parse({ kind: 'drop_message', ...spec }), seed, 1_000);

const hits = (fault: ActiveFault, count: number, at = 1_000): string =>
  Array.from({ length: count }, () => (fault.hit(at) ? 'x' : '.')).join('');

describe('patterns', () => {
  it.each([
    [undefined, 'order.place', true],
    ['*', '', true],
    ['order.place', 'order.place', true],
    ['order.place', 'order.placed', false],
    ['order.*', 'order.place', true],
    ['order.*', 'orders.place', false],
    ['*@depth*', 'btcusdt@depth@100ms', true],
    ['*@depth', 'btcusdt@depth@100ms', false],
    ['a*b*a', 'aba', true],
    ['a*a', 'a', false],
  ])('%s fits %s: %s', (pattern, text, expected) => {
    expect(fits(pattern, text)).toBe(expected);
  });
});

describe('when a fault happens', () => {
  it('once by default', () => expect(hits(active({}), 4)).toBe('x...'));
  it('so often', () => expect(hits(active({ times: 2 }), 4)).toBe('xx..'));
  it('after some occasions', () => expect(hits(active({ skip: 2, times: 1 }), 5)).toBe('..x..'));
  it('inside its time only', () => {
    const fault = active({ after_ms: 10, for_ms: 20 });
    expect([1_009, 1_010, 1_020, 1_029, 1_030].map((at) => fault.hit(at))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });
  it('by chance, the same for the same seed', () => {
    const a = hits(active({ probability: 0.3 }, 7), 200);
    expect(hits(active({ probability: 0.3 }, 7), 200)).toBe(a);
    expect(hits(active({ probability: 0.3 }, 8), 200)).not.toBe(a);
    const count = a.replaceAll('.', '').length;
    expect(count).toBeGreaterThan(30);
    expect(count).toBeLessThan(90);
  });
  it('never with probability 0, always with 1', () => {
    expect(hits(active({ probability: 0 }), 3)).toBe('...');
    expect(hits(active({ probability: 1 }), 3)).toBe('xxx');
  });
});

describe('the board', () => {
  it('refuses what is not a fault, and says where', () => {
    const board = new FaultBoard(1);
    expect(() => board.set({ kind: 'nonsense' } as never)).toThrow(/not a fault \(kind\)/);
    expect(() => board.set({ kind: 'error', sttus: 500 } as never)).toThrow(/sttus/);
    expect(board.list()).toHaveLength(0);
  });

  it('matches messages by channel, class and stream, and keeps a record', () => {
    const board = new FaultBoard(1);
    board.set({
      kind: 'drop_message',
      id: 'd',
      channel: 'stream',
      message: 'market',
      stream: 'btcusdt@*',
      times: 2,
    });
    expect(board.onMessage('ws_api', 'market', 'btcusdt@trade')).toBeUndefined();
    expect(board.onMessage('stream', 'control', 'btcusdt@trade')).toBeUndefined();
    expect(board.onMessage('stream', 'market', 'ethusdt@trade')).toBeUndefined();
    expect(board.onMessage('stream', 'market', 'btcusdt@trade')?.id).toBe('d');
    expect(board.onMessage('stream', 'market', 'btcusdt@depth')?.id).toBe('d');
    expect(board.onMessage('stream', 'market', 'btcusdt@depth')).toBeUndefined();
    expect(board.messages).toHaveLength(0);
    expect(board.log().map(({ fault, kind, target }) => [fault, kind, target])).toEqual([
      ['d', 'drop_message', 'stream market btcusdt@trade'],
      ['d', 'drop_message', 'stream market btcusdt@depth'],
    ]);
    expect(board.log(1)).toHaveLength(1);
  });

  it('a depth gap concerns diffs only, a stale user stream user events only', () => {
    const board = new FaultBoard(1);
    board.set({ kind: 'depth_gap' });
    board.set({ kind: 'stale_user_stream', for_ms: 60_000 });
    expect(board.onMessage('stream', 'market', 'btcusdt@depth5')).toBeUndefined();
    expect(board.onMessage('stream', 'market', 'btcusdt@trade')).toBeUndefined();
    expect(board.onMessage('stream', 'market', 'btcusdt@depth@100ms')?.spec.kind).toBe('depth_gap');
    expect(board.onMessage('ws_api', 'answer', 'order.place')).toBeUndefined();
    expect(board.onMessage('ws_api', 'user', 'executionReport')?.spec.kind).toBe('stale_user_stream');
  });

  it('replaces a fault of the same id and clears', () => {
    const board = new FaultBoard(1);
    board.set({ kind: 'drop_message', id: 'a' });
    board.set({ kind: 'torn_frame', id: 'a' });
    board.set({ kind: 'error' });
    expect(board.list().map(({ id, spec }) => [id, spec.kind])).toEqual([
      ['a', 'torn_frame'],
      ['fault-1', 'error'],
    ]);
    board.clear('a');
    expect(board.messages).toHaveLength(0);
    board.clear();
    expect(board.list()).toHaveLength(0);
  });
});

describe('damage', () => {
  it('adds a field where the data is', () => {
    const [changed = ''] = damaged('unknown_field', '{"stream":"s","data":{"e":"trade","p":"1"}}', 1);
    expect(JSON.parse(changed)).toEqual({ stream: 's', data: { zzNew: { a: 1 }, e: 'trade', p: '1' } });
    expect(JSON.parse(damaged('unknown_field', '{"u":1}', 1)[0] ?? '')).toEqual({ zzNew: { a: 1 }, u: 1 });
  });
  it('cuts JSON short, and sends strange events before the right one', () => {
    expect(() => void JSON.parse(damaged('malformed_json', '{"e":"trade","p":"1"}', 1)[0] ?? '')).toThrow();
    const [strange = '', right] = damaged('unknown_event', '{"u":1}', 1);
    expect(JSON.parse(strange)).toMatchObject({ e: 'somethingNew' });
    expect(right).toBe('{"u":1}');
  });
});
