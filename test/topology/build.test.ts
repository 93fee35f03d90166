import { expect, test } from 'vitest';
import { topology, type TopologyBuilder } from '../../src/topology/build.js';
import type { CheckedTopology } from '../../src/topology/checked.js';
import { fixtureRegistry, GOOD, load } from './fixtures.js';

/** The same topology as {@link GOOD}, in code. */
function built(): CheckedTopology {
  return topology('btc-ema', { mode: 'paper' })
    .broker('acme', 'acme', { host: '127.0.0.1' })
    .broker('sim', 'paper', { prices: 'ticks', cash: { USDT: 100000 }, latency: '40ms' })
    .source('market', 'market_data', { broker: 'acme', instruments: ['BTCUSDT'], emit: ['trade', 'quote'] })
    .source('fills', 'executions', { broker: 'sim' })
    .operator('ticks', 'normalize', ['market'], { stale_after: '5s' })
    .operator('bars', 'bars', ['ticks'], { every: '1m' })
    .operator('ema', 'strategy', ['bars', 'fills'], { use: 'ema-cross', params: { fast: 12, slow: 26 } })
    .operator('risk', 'risk', ['ema'], { limits: { max_position: 0.05 } })
    .operator('pace', 'throttle', ['risk'], { orders: '5/s' })
    .sink('orders', 'orders', ['pace'], { broker: 'sim' })
    .sink('journal', 'journal', ['*'], { path: './journal' })
    .sink('audit', 'audit', ['ema', 'risk.denied', 'fills'], { path: './audit.jsonl' })
    .sink('metrics', 'prometheus', [])
    .check({ registry: fixtureRegistry, baseDir: '/desk' });
}

/** Everything but where it was written. */
function withoutPlaces(checked: CheckedTopology | undefined): unknown {
  if (checked === undefined) return undefined;
  const strip = <T extends { readonly place: unknown }>(items: readonly T[]): unknown =>
    items.map((item) => ({ ...item, place: undefined }));
  return {
    ...checked,
    baseDir: '',
    brokers: strip(checked.brokers),
    sources: strip(checked.sources),
    operators: strip(checked.operators),
    sinks: strip(checked.sinks),
  };
}

test('YAML and the builder give the same checked topology', async () => {
  const { topology: loaded } = await load(GOOD);
  expect(withoutPlaces(loaded)).toEqual(withoutPlaces(built()));
});

test('operators come in topological order with ranks, and edges carry the kinds that fit', () => {
  const { operators, sinks, brokers } = built();
  expect(operators.map(({ name, rank, inputs, emits }) => [name, rank, inputs, emits])).toEqual([
    ['ticks', 1, [{ node: 'market', port: '', kinds: ['trade', 'quote'] }], ['trade', 'quote']],
    ['bars', 2, [{ node: 'ticks', port: '', kinds: ['trade', 'quote'] }], ['bar']],
    [
      'ema',
      3,
      [
        { node: 'bars', port: '', kinds: ['bar'] },
        { node: 'fills', port: '', kinds: ['execution'] },
      ],
      ['intent'],
    ],
    ['risk', 4, [{ node: 'ema', port: '', kinds: ['intent'] }], ['approved']],
    ['pace', 5, [{ node: 'risk', port: '', kinds: ['approved'] }], ['command']],
  ]);
  expect(
    sinks.map(({ name, everything, delivery, buffer, broker }) => [
      name,
      everything,
      delivery,
      buffer.whenFull,
      broker,
    ]),
  ).toEqual([
    ['orders', false, 'required', 'halt', 'sim'],
    ['journal', true, 'required', 'halt', ''],
    ['audit', false, 'best_effort', 'drop_oldest', ''],
    ['metrics', false, 'best_effort', 'drop_oldest', ''],
  ]);
  expect(brokers[1]?.reads).toEqual([{ node: 'ticks', port: '', kinds: ['trade', 'quote'] }]);
});

test('file order does not matter for ranks: a consumer may stand above what it reads', async () => {
  const text = GOOD.replace(/ {2}bars:\n {4}type: bars\n {4}inputs: \[ticks\]\n {4}every: 1m\n/, '').replace(
    '\nsinks:',
    '  bars: { type: bars, inputs: [ticks], every: 1m }\n\nsinks:',
  );
  const { topology: loaded } = await load(text);
  expect(loaded?.operators.map(({ name }) => name)).toEqual(['ticks', 'bars', 'ema', 'risk', 'pace']);
});

test('all mistakes of a built topology come in one error', () => {
  const build = (): unknown =>
    topology('x').source('a', 'replay', {}).operator('b', 'barz', ['a']).check({ registry: fixtureRegistry });
  expect(build).toThrow(
    /E104: source "a" \(replay\) needs "path"[^]*E102: there is no operator type "barz"[^]*2 errors, 0 warnings/,
  );
});

test('a name is used once', () => {
  expect(() => topology('x').source('a', 'replay').source('a', 'replay')).toThrow(
    'the name "a" is already used under sources',
  );
});

test('the hash is of meaning: places and formatting do not count, values and order of components do', async () => {
  const { topology: one } = await load(GOOD);
  const { topology: two } = await load(GOOD.replace('mode: paper\n', 'mode:   "paper" # same\n\n'));
  const { topology: three } = await load(GOOD.replace('every: 1m', 'every: 2m'));
  expect(two?.configurationHash).toBe(one?.configurationHash);
  expect(three?.configurationHash).not.toBe(one?.configurationHash);
});

/** Compiled, never called: what must not type-check. */
export function orderPathIsTyped(
  start: TopologyBuilder<{
    readonly ema: 'intent';
    readonly risk: 'approved';
    readonly pace: 'command';
    readonly ticks: 'data';
  }>,
): void {
  start.sink('ok', 'orders', ['pace'], { broker: 'sim' });
  start.sink('ok', 'audit', ['ema', 'risk', 'pace', 'risk.denied', '*']);
  // @ts-expect-error strategy -> broker
  start.sink('orders', 'orders', ['ema'], { broker: 'sim' });
  // @ts-expect-error risk -> broker without a throttle
  start.sink('orders', 'orders', ['risk'], { broker: 'sim' });
  // @ts-expect-error everything -> broker
  start.sink('orders', 'orders', ['*'], { broker: 'sim' });
  // @ts-expect-error strategy -> throttle
  start.operator('pace2', 'throttle', ['ema']);
  // @ts-expect-error quotes -> throttle
  start.operator('pace2', 'throttle', ['ticks']);
  // @ts-expect-error approved intents into a strategy
  start.operator('ema2', 'strategy', ['risk']);
  // @ts-expect-error an unknown node
  start.operator('bars', 'bars', ['tick']);
}
