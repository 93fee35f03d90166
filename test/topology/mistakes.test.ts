import { expect, test } from 'vitest';
import { broken, GOOD, load, report } from './fixtures.js';

test('the good topology has nothing to say', async () => {
  expect(await report(GOOD)).toBe('0 errors, 0 warnings');
});

const CASES: readonly (readonly [name: string, from: string, to: string])[] = [
  ['misspelt input', 'inputs: [ticks]', 'inputs: [tics]'],
  ['unknown component type', 'type: bars\n', 'type: bar\n'],
  ['unknown field', 'stale_after', 'stale_afer'],
  ['misspelt reserved key', '    inputs: [market]', '    imputs: [market]'],
  ['required field missing', '    every: 1m\n', ''],
  ['type missing', '    type: bars\n', ''],
  ['number without a unit', 'every: 1m', 'every: 60'],
  ['rate without a unit', 'orders: 5/s', 'orders: 5'],
  ['text for a number', 'host: 127.0.0.1 }', 'host: 127.0.0.1, port: many }'],
  ['number out of range', 'host: 127.0.0.1 }', 'host: 127.0.0.1, port: 70000 }'],
  ['not one of', 'every: 1m', 'every: 1m\n    basis: last'],
  ['nested unknown field', 'max_position', 'max_positoin'],
  ['nested wrong value', 'max_position: 0.05', 'max_position: lots'],
  ['money without currency', 'max_position: 0.05', 'max_order_value: 500'],
  ['strategy wired to the broker', 'broker: sim, inputs: [pace]', 'broker: sim, inputs: [ema]'],
  ['risk wired to the broker', 'broker: sim, inputs: [pace]', 'broker: sim, inputs: [risk]'],
  ['strategy wired to the throttle', 'inputs: [risk], orders', 'inputs: [ema], orders'],
  ['quotes into risk', 'inputs: [ema], limits', 'inputs: [ticks], limits'],
  ['circle', 'inputs: [market]', 'inputs: [market, bars.late]'],
  ['reads itself', 'inputs: [market]', 'inputs: [market, ticks]'],
  ['variable not set', 'host: 127.0.0.1', 'host: "${ACME_HOST}"'],
  ['variable with a message', 'host: 127.0.0.1', 'host: "${ACME_HOST:?the address of the gateway}"'],
  ['secret not set', 'host: 127.0.0.1', 'host: h, secret: "${secret:ACME_SECRET}"'],
  [
    'orders on a lossy buffer',
    'inputs: [pace] }',
    'inputs: [pace], buffer: { max_events: 100, when_full: drop_oldest } }',
  ],
  [
    'required sink on a lossy buffer',
    'path: ./journal }',
    'path: ./journal, buffer: { when_full: drop_newest } }',
  ],
  ['unknown buffer policy', 'path: ./audit.jsonl }', 'path: ./audit.jsonl, buffer: { when_full: block } }'],
  ['paper mode on a real broker', 'type: orders, broker: sim', 'type: orders, broker: acme'],
  ['replay mode on a live feed', 'mode: paper', 'mode: replay'],
  ['name used twice in two sections', '  audit:  ', '  bars:  '],
  ['name used twice in one section', '  audit:  ', '  journal: '],
  ['tab indentation', '    inputs: [ticks]', '\tinputs: [ticks]'],
  ['right type, wrong section', 'type: bars\n', 'type: journal\n'],
  ['unknown output', 'risk.denied', 'risk.refused'],
  ['output of a node that has one', 'risk.denied', 'ema.denied'],
  ['undefined broker', 'type: executions, broker: sim', 'type: executions, broker: simm'],
  ['unread source', '  fills: ', '  more: { type: replay, path: x.csv }\n  fills: '],
  ['unused broker', '  sim: ', '  old: { type: acme, host: x }\n  sim: '],
  ['everything on an operator', 'inputs: [ticks]', 'inputs: ["*"]'],
  ['pattern as input', 'inputs: [ema, risk.denied, fills]', 'inputs: ["ema*"]'],
  ['everything and more', 'inputs: ["*"]', 'inputs: ["*", fills]'],
  ['input twice', 'inputs: [bars, fills]', 'inputs: [bars, fills, bars]'],
  ['reads a sink', 'inputs: [ema, risk.denied, fills]', 'inputs: [journal]'],
  ['reads a broker', 'inputs: [bars, fills]', 'inputs: [bars, sim]'],
  ['no inputs', 'use: ema-cross, inputs: [bars, fills]', 'use: ema-cross'],
  ['inputs is not a list', 'inputs: [ticks]', 'inputs: ticks'],
  ['bad name', '  ticks:\n', '  Ticks-1:\n'],
  ['bad topology name', 'name: btc-ema', 'name: BTC EMA'],
  ['version missing', 'version: 1\n', ''],
  ['version of the future', 'version: 1\n', 'version: 2\n'],
  ['misspelt section', 'operators:', 'operator:'],
  ['misspelt mode', 'mode: paper', 'mode: papr'],
  ['strategy file missing', 'use: ema-cross', 'use: ./strategies/none.ts'],
  ['built-in strategy unknown', 'use: ema-cross', 'use: ema-cros'],
  ['paper prices unknown', 'prices: ticks', 'prices: tick'],
  ['paper prices are no prices', 'prices: ticks', 'prices: ema'],
  ['no executions source', '  fills:  { type: executions, broker: sim }\n', ''],
  ['component is not a map', '  metrics: { type: prometheus }', '  metrics: prometheus'],
  ['risk without limits', ', limits: { max_position: 0.05 }', ''],
  ['section is a list', 'sinks:\n  orders: ', 'sinks:\n  - orders: '],
  ['key twice', '    every: 1m\n', '    every: 1m\n    every: 5m\n'],
  [
    'instrument field',
    'brokers:',
    'instruments:\n  BTCUSDT: { asset_class: crypto, tick_size: 0, session: { open: 9 } }\n\nbrokers:',
  ],
  ['plugin missing', 'brokers:', 'plugins: [./mine.ts]\nbrokers:'],
  ['unclosed bracket', 'inputs: [ticks]', 'inputs: [ticks'],
];

test.each(CASES)('%s', async (_name, from, to) => {
  const text = await report(broken(from, to));
  expect(
    text.replaceAll(/looked for \S+;|no file \S+\.$/gm, (match) => match.replaceAll(/\/\S*\//g, '/tmp/')),
  ).toMatchSnapshot();
});

test('several at once, sorted by place, without consequences', async () => {
  const text = broken(
    'every: 1m',
    'every: 60',
    broken('inputs: [market]', 'inputs: [markt]', broken('type: risk', 'type: risky')),
  );
  expect(await report(text)).toMatchSnapshot();
});

test('a component that claims to make commands does not get around risk', async () => {
  const text = broken(
    '  pace:   { type: throttle, inputs: [risk], orders: 5/s }',
    '  pace:   { type: backdoor, inputs: [ema] }',
  );
  expect(await report(text)).toMatchSnapshot();
});

test('positions are those of block style too', async () => {
  const text = broken(
    '  ema:    { type: strategy, use: ema-cross, inputs: [bars, fills], params: { fast: 12, slow: 26 } }',
    '  ema:\n    type: strategy\n    use: ema-cross\n    inputs:\n      - bars\n      - fils\n',
  );
  const { diagnostics } = await load(text);
  expect(diagnostics.map(({ code, place }) => [code, place.line, place.col, place.length])).toEqual([
    ['E101', 27, 9, 4],
  ]);
});
