import { describe, expect, test } from 'vitest';
import type { Place } from '../../../src/operators/strategy/place.js';
import { Desk, type DeskOptions, type Scripts } from './desk.js';

const bracket = {
  scripts: {
    bracket: (place) =>
      place.bracket({
        side: 'buy',
        quantity: 10,
        limitPrice: 100,
        takeProfit: 110,
        stopLoss: { stopPrice: 95 },
      }),
  },
} satisfies ConstructorParameters<typeof Desk>[0];

test('exits are sized by what the entry really filled, and the target takes the stop away', async () => {
  const desk = await new Desk(bracket).open();
  desk.quote(100, 101, 1_000).trade(100.5, 'bracket');
  expect(desk.working).toEqual(['s-1 buy 10 limit 100']);
  expect(desk.held).toEqual(['s-2 inactive 0/10', 's-3 inactive 0/10']);
  desk.quote(99, 100, 4);
  expect(desk.position.toString()).toBe('4');
  expect(desk.working).toEqual(['s-1 buy 6 limit 100', 's-3.1 sell 4 stop 95', 's-2.1 sell 4 limit 110']);
  desk.quote(99, 100, 6);
  expect(desk.working).toEqual(['s-3.1 sell 10 stop 95', 's-2.1 sell 10 limit 110']);
  desk.quote(110, 111, 3);
  expect(desk.working).toEqual(['s-3.1 sell 7 stop 95', 's-2.1 sell 7 limit 110']);
  desk.quote(110, 111, 7);
  expect(desk.working).toEqual([]);
  expect(desk.held).toEqual([]);
  expect(desk.position.toString()).toBe('0');
  expect([desk.order('s-2')?.state, desk.order('s-3')?.state]).toEqual(['filled', 'cancelled']);
  expect(desk.codes('denied')).toEqual([]);
  expect(desk.verify()).toBe(undefined);
});

test('without a manage operator nothing of a bracket goes out', async () => {
  const desk = await new Desk({ ...bracket, manage: false }).open();
  desk.quote(100, 101).trade(100.5, 'bracket');
  expect(desk.codes('denied')).toEqual(['LINKED_UNSUPPORTED', 'LINKED_UNSUPPORTED', 'LINKED_UNSUPPORTED']);
  expect(desk.working).toEqual([]);
});

const both = {
  b: (place: Place) =>
    place.bracket({ side: 'buy', quantity: 10, takeProfit: 110, stopLoss: { stopPrice: 95 } }),
  limit: (place: Place) =>
    place.bracket({
      side: 'buy',
      quantity: 10,
      limitPrice: 100,
      takeProfit: 110,
      stopLoss: { stopPrice: 95 },
    }),
  trail: (place: Place) =>
    place.bracket({ side: 'buy', quantity: 10, stopLoss: { trailing: { offset: 5 }, activation: 104 } }),
  cancelEntry: (place: Place) => place.cancel('s-1'),
  cancelStop: (place: Place) => place.cancel('s-3'),
  cancelAll: (place: Place) => place.cancelAll(),
  moveStop: (place: Place) => place.replace('s-3', { stopPrice: 97 }),
  short: (place: Place) =>
    place.bracket({
      side: 'sell',
      quantity: 10,
      takeProfit: 90,
      stopLoss: { stopPrice: 105, limitPrice: 106 },
    }),
  oco: (place: Place) =>
    place.oco([
      place.limit({ side: 'buy', quantity: 10, limitPrice: 95 }),
      place.stop({ side: 'buy', quantity: 10, stopPrice: 105 }),
    ]),
  oto: (place: Place) =>
    place.oto(place.limit({ side: 'buy', quantity: 10, limitPrice: 100 }), [
      place.limit({ side: 'sell', quantity: 4, limitPrice: 120 }),
    ]),
  stop: (place: Place) => place.stop({ side: 'buy', quantity: 5, stopPrice: 105 }),
} satisfies Scripts;

const open = (options: DeskOptions = {}): Promise<Desk> => new Desk({ scripts: both, ...options }).open();

describe('brackets', () => {
  test('the stop takes the target away; the position is flat', async () => {
    const desk = await open();
    desk.quote(100, 101).trade(100.5, 'b').quote(100, 101);
    expect(desk.working).toEqual(['s-3.1 sell 10 stop 95', 's-2.1 sell 10 limit 110']);
    desk.quote(94, 95).trade(94);
    desk.wait(2_000);
    expect([desk.working, desk.held, desk.position.toString()]).toEqual([[], [], '0']);
    expect(desk.verify()).toBe(undefined);
  });

  test('an entry cancelled after a part keeps its exits for that part; one that never filled takes them along', async () => {
    const desk = await open();
    desk.quote(100, 101, 1_000).trade(100.5, 'limit').quote(99, 100, 4).trade(100.5, 'cancelEntry');
    expect(desk.working).toEqual(['s-3.1 sell 4 stop 95', 's-2.1 sell 4 limit 110']);
    desk.quote(110, 111);
    expect([desk.working, desk.held, desk.position.toString()]).toEqual([[], [], '0']);
    const never = await open();
    never.quote(100, 101).trade(100.5, 'limit').trade(100.5, 'cancelEntry');
    expect([never.working, never.held]).toEqual([[], []]);
  });

  test('a leg that is cancelled leaves the other; cancelAll leaves nothing', async () => {
    const desk = await open();
    desk.quote(100, 101).trade(100.5, 'b').quote(100, 101).trade(100, 'cancelStop');
    expect(desk.working).toEqual(['s-2.1 sell 10 limit 110']);
    desk.trade(100, 'cancelAll');
    expect([desk.working, desk.held, desk.position.toString()]).toEqual([[], [], '10']);
  });

  test('a replaced leg is replaced at the venue', async () => {
    const desk = await open();
    desk.quote(100, 101).trade(100.5, 'b').quote(100, 101).trade(100, 'moveStop');
    expect(desk.working).toEqual(['s-3.1 sell 10 stop 97', 's-2.1 sell 10 limit 110']);
  });

  test('exits: one keeps the stop here and sends it when the target is gone', async () => {
    const desk = await open({ manage: { exits: 'one', reduce_only: 'drop' } });
    desk.quote(100, 101).trade(100.5, 'b').quote(100, 101);
    expect(desk.working).toEqual(['s-2.1 sell 10 limit 110']);
    desk.quote(93, 94).trade(94);
    expect([desk.working, desk.held, desk.position.toString()]).toEqual([[], [], '0']);
    const exits = desk.records.flatMap((e) =>
      e.kind === 'dispatch' ? [`${e.action} ${e.orderKey} ${e.intent.type}`] : [],
    );
    expect(exits).toEqual(['new s-1 market', 'new s-2.1 limit', 'cancel s-2.1 limit', 'new s-3.1 market']);
    expect(desk.order('s-3')?.reason).toBe('nothing is left to fill');
    expect(desk.verify()).toBe(undefined);
  });

  test('a trailing stop watched here begins at its activation, follows, and fires through a gap', async () => {
    const desk = await open({ manage: { stops: 'emulated' } });
    desk.quote(100, 101).trade(100.5, 'trail').trade(94).trade(103.5);
    expect(desk.position.toString()).toBe('10');
    desk.trade(104).trade(108).trade(104);
    expect(desk.engine.state.emulated.get('s-2')?.watch?.stop).toBe(103);
    desk.quote(80, 81).trade(80);
    expect(desk.position.toString()).toBe('0');
    expect(desk.engine.state.emulated.get('s-2')?.watch?.price).toBe(80);
    expect(desk.verify()).toBe(undefined);
  });

  test('a short bracket with a stop-limit', async () => {
    const desk = await open({ manage: { stops: 'emulated' } });
    desk.quote(100, 101).trade(100.5, 'short').quote(100, 101);
    expect(desk.working).toEqual(['s-2.1 buy 10 limit 90']);
    desk.quote(105, 105.5).trade(105.5);
    expect([desk.working, desk.held, desk.position.toString()]).toEqual([[], [], '0']);
  });

  test('without bids for it, a stopped order on quotes waits for the side it meets', async () => {
    const desk = await open({ manage: { stops: 'emulated', trigger: 'bid_ask' } });
    desk.quote(100, 101).trade(100.5, 'stop').trade(106).quote(104, 104.5);
    expect(desk.held).toEqual(['s-1 accepted 0/5']);
    desk.quote(104.5, 105);
    expect([desk.held, desk.position.toString()]).toEqual([[], '5']);
  });

  test('a rejected stop closes what it protected; halt halts; a rejected target is given up', async () => {
    const limits = { max_order_quantity: 100 };
    const types = { order_types: { market: ['gtc', 'ioc'], limit: ['gtc'] } };
    const flat = await open({ instrument: types, manage: { stops: 'venue' }, limits });
    flat.quote(100, 101).trade(100.5, 'b').quote(100, 101).wait(3_000);
    expect([flat.working, flat.held, flat.position.toString()]).toEqual([[], [], '0']);
    expect(flat.codes('log')).toContain('LINKED_EXIT_FAILED');
    const halt = await open({ instrument: types, manage: { stops: 'venue', on_reject: 'halt' } });
    halt.quote(100, 101).trade(100.5, 'b').quote(100, 101).wait(3_000);
    expect(halt.engine.state.control.trading).toBe('halted');
    expect(halt.position.toString()).toBe('10');
    const only = { order_types: { market: ['gtc', 'ioc'], stop: ['gtc'] } };
    const target = await open({ instrument: only });
    target.quote(100, 101).trade(100.5, 'b').quote(100, 101).wait(3_000);
    expect(target.working).toEqual(['s-3.1 sell 10 stop 95']);
    expect(target.order('s-2')?.state).toBe('rejected');
  });

  test('kill and flatten end what is held here', async () => {
    const desk = await open({ manage: { exits: 'one' } });
    desk.quote(100, 101).trade(100.5, 'b').quote(100, 101).control('flatten').wait(100);
    expect([desk.working, desk.held, desk.position.toString()]).toEqual([[], [], '0']);
    const kill = await open({ manage: { exits: 'one' } });
    kill.quote(100, 101).trade(100.5, 'b').quote(100, 101).control('kill').wait(100);
    expect([kill.working, kill.held, kill.position.toString()]).toEqual([[], [], '10']);
  });

  test('a disabled strategy and halted trading do not take protection away', async () => {
    const desk = await open({ manage: { stops: 'emulated' } });
    desk.quote(100, 101).trade(100.5, 'b').quote(100, 101);
    desk.control('strategy_disable', 's').control('pause').quote(94, 94.5).trade(94);
    expect([desk.working, desk.held, desk.position.toString()]).toEqual([[], [], '0']);
  });
});

describe('oco and oto', () => {
  test('the first to fill takes the other away, also in part', async () => {
    const desk = await open();
    desk.quote(100, 101).trade(100.5, 'oco');
    expect(desk.working).toEqual(['s-2.1 buy 10 stop 105', 's-1.1 buy 10 limit 95']);
    desk.quote(94, 95, 4);
    expect(desk.working).toEqual(['s-2.1 buy 6 stop 105', 's-1.1 buy 6 limit 95']);
    desk.quote(94, 95, 6);
    expect([desk.working, desk.held, desk.position.toString()]).toEqual([[], [], '10']);
  });

  test('what waits for an entry becomes active in proportion', async () => {
    const desk = await open();
    desk.quote(100, 101).trade(100.5, 'oto').quote(99, 100, 5);
    expect(desk.working).toEqual(['s-1 buy 5 limit 100', 's-2.1 sell 2 limit 120']);
    desk.quote(99, 100, 6);
    expect(desk.working).toEqual(['s-2.1 sell 4 limit 120']);
  });
});

describe('restart', () => {
  test('orders held here go on from a snapshot; triggers passed meanwhile wait for the first fresh price', async () => {
    const before = await open({ manage: { exits: 'one' } });
    before.quote(100, 101).trade(100.5, 'b').quote(100, 101);
    const saved = before.snapshot();
    const after = await open({
      manage: { exits: 'one' },
      opening: { ...saved, control: { ...saved.control, recovering: true } },
      at: before.at + 1_000_000,
    });
    expect(after.held).toEqual(['s-2 accepted 0/10', 's-3 accepted 0/10']);
    after.quote(90, 91).trade(90);
    expect(after.held.length).toBe(2);
    after.control('recovered');
    expect(after.held.length).toBe(2);
    after.trade(90).wait(2_000);
    expect([after.working, after.held, after.position.toString()]).toEqual([[], [], '0']);
  });
});
