import { describe, expect, test } from 'vitest';
import type { Intent } from '../../../src/model/intent.js';
import type { Place } from '../../../src/operators/strategy/place.js';
import { Desk, type Scripts } from '../manage/desk.js';

const market = (metadata: Record<string, string> = {}, quantity = 10) => ({
  go: (place: Place): Intent => place.market({ side: 'buy', quantity, metadata }),
});
const scripts = {
  cancel: (place: Place) => place.cancel('s-1'),
  grow: (place: Place) => place.replace('s-1', { quantity: 20 }),
  limit: (place: Place) => place.limit({ side: 'buy', quantity: 10, limitPrice: 99 }),
} satisfies Scripts;

const TWO = {
  venues: [
    { name: 'sim', weight: 3, maker_rebate_bps: 1, latency_ms: 5 },
    {
      name: 'other',
      weight: 2,
      account: 'other',
      taker_fee_bps: 4,
      queue_enabled: true,
      queue_depth_mode: 'l2',
    },
  ],
};
const split = (mode: string, more: object = {}): object => ({ ...TWO, split: { mode, ...more } });

async function desk(route: object, more: Scripts = market(), paper: object = {}): Promise<Desk> {
  const brokers = ['sim', 'other'];
  return new Desk({
    brokers,
    route: { ...route },
    scripts: { ...scripts, ...more },
    paper: { ...paper },
  }).open();
}
const children = (one: Desk, parent: string): Intent[] =>
  one.records.flatMap((event) =>
    event.kind === 'approved' && event.intent.metadata?.['route_parent'] === parent ? [event.intent] : [],
  );
const sent = (one: Desk): string[] =>
  one.records.flatMap((event) => {
    if (event.kind !== 'dispatch' || event.action !== 'new') return [];
    const { quantity, type, limitPrice } = event.intent;
    return [
      `${event.orderKey} ${event.broker} ${quantity.toString()} ${type} ${limitPrice?.toString() ?? ''}`.trim(),
    ];
  });

describe('the seven of the seed', () => {
  test('AggressiveRouteUsesAskForBuy', async () => {
    const one = await desk(TWO, market({ route_style: 'aggressive' }));
    one.quote(100, 100.5).trade(100, 'go');
    expect(sent(one)).toEqual(['s-1 sim 10 limit 100.5']);
    expect(one.position.toString()).toBe('10');
    expect(one.verify()).toBe(undefined);
  });

  test('ConvertsMarketToLimitOnTightSpread', async () => {
    const one = await desk({ ...TWO, max_spread_bps: 60 });
    one.quote(100, 100.5).trade(100, 'go');
    expect(sent(one)).toEqual(['s-1 sim 10 limit 100']);
  });

  test('KeepsMarketOnWideSpread', async () => {
    const one = await desk(TWO);
    one.quote(100, 101).trade(100, 'go');
    expect(sent(one)).toEqual(['s-1 sim 10 market']);
  });

  test('SequentialSplitAggregatesParent', async () => {
    const one = await desk(split('sequential'), {}, {});
    one.quote(100, 101).trade(100.5, 'limit');
    expect(sent(one)).toEqual(['s-1.1 sim 6 limit 99']);
    one.quote(98, 99, 2);
    expect(one.held).toEqual(['s-1 partially_filled 2/10']);
    one.quote(98, 99, 4);
    expect(sent(one)).toEqual(['s-1.1 sim 6 limit 99', 's-1.2 other 4 limit 99']);
    one.quote(98, 99, 9);
    expect([one.order('s-1')?.state, one.order('s-1')?.filled.toString()]).toEqual(['filled', '10']);
    expect(one.order('s-1')?.averagePrice.toString()).toBe('99');
    expect(one.verify()).toBe(undefined);
  });

  test('SequentialSplitDefersAggregation', async () => {
    const one = await desk(split('sequential', { parent_aggregation: 'final' }));
    one.quote(100, 101).trade(100.5, 'limit');
    one.quote(98, 99, 3);
    expect(one.held).toEqual(['s-1 accepted 0/10']);
    one.quote(98, 99, 9);
    expect([one.order('s-1')?.state, one.order('s-1')?.filled.toString()]).toEqual(['filled', '10']);
  });

  test('SplitChildrenCarryVenueMicrostructureProfile', async () => {
    const one = await desk(split('parallel'));
    one.quote(100, 101).trade(100.5, 'limit');
    expect(children(one, 's-1').map(({ metadata }) => metadata)).toMatchObject([
      { venue: 'sim', maker_rebate_bps: '1', latency_ms: '5', queue_enabled: 'false', route_mode: 'split' },
      { venue: 'other', taker_fee_bps: '4', queue_enabled: 'true', queue_depth_mode: 'l2', parent: 's-1' },
    ]);
  });

  test('SplitRoutingCreatesChildrenOnActivate', async () => {
    const one = await desk(split('parallel'));
    one.quote(100, 101).trade(100.5, 'limit');
    expect(one.held).toEqual(['s-1 accepted 0/10']);
    expect(sent(one)).toEqual(['s-1.1 sim 6 limit 99', 's-1.2 other 4 limit 99']);
    expect(children(one, 's-1').map(({ account }) => account)).toEqual(['sim', 'other']);
    expect(one.order('s-1.2')?.parent).toBe('s-1');
  });
});

describe('routing', () => {
  test('offsets, adjustments and rounding; without a quote the last trade', async () => {
    const options = { ...TWO, passive_offset_bps: 100, max_spread_bps: 1_000 };
    const passive = await desk(options, market({ route_style: 'passive' }));
    passive.quote(100, 101).trade(100.5, 'go');
    expect(sent(passive)).toEqual(['s-1 sim 10 limit 99']);
    const bare = await desk(TWO, market({ route_style: 'limit' }));
    bare.trade(100.5, 'go');
    expect(sent(bare)).toEqual(['s-1 sim 10 limit 100.5']);
    const keen = await desk({ ...TWO, aggressive_offset_bps: 60 }, market({ route_style: 'market' }));
    keen.quote(100, 101).trade(100.5, 'go');
    expect(sent(keen)).toEqual(['s-1 sim 10 limit 102']);
  });

  test('metadata names the venue; a style nobody knows is denied; off passes', async () => {
    const named = await desk(TWO, market({ venue: 'other' }));
    named.quote(100, 101).trade(100.5, 'go');
    expect(sent(named)).toEqual(['s-1 other 10 market']);
    const odd = await desk(TWO, market({ route_style: 'sideways' }));
    odd.quote(100, 101).trade(100.5, 'go');
    expect(odd.codes('denied')).toEqual(['ROUTE_UNKNOWN']);
    const off = await desk({ ...split('parallel'), mode: 'off' });
    off.quote(100, 101).trade(100.5, 'limit');
    expect(off.held).toEqual([]);
  });

  test('cancel and replace of a parent reach its children; a part ends cancelled', async () => {
    const one = await desk(split('parallel'));
    one.quote(100, 101).trade(100.5, 'limit').trade(100.5, 'grow');
    expect(one.working).toEqual(['s-1.1 buy 12 limit 99', 's-1.2 buy 8 limit 99']);
    one.quote(98, 99, 3);
    one.trade(100.5, 'cancel');
    expect(one.working).toEqual([]);
    expect([one.order('s-1')?.state, one.order('s-1')?.filled.toString()]).toEqual(['cancelled', '6']);
    expect(one.verify()).toBe(undefined);
  });

  test('small orders are not split; a rejected child without fills rejects the parent', async () => {
    const small = await desk(split('parallel', { min_child_qty: 6 }));
    small.quote(100, 101).trade(100.5, 'limit');
    expect(sent(small)).toEqual(['s-1 sim 10 limit 99']);
    const poor = await desk(split('parallel'), market({}, 10), { cash: { USD: 0.01 } });
    poor.quote(100, 101).trade(100.5, 'go');
    expect(poor.order('s-1')?.state).toBe('rejected');
  });
});
