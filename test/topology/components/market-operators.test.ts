import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { LogEvent } from '../../../src/model/event.js';
import { makeBook } from '../../../src/model/make.js';
import type { Event } from '../../../src/model/record.js';
import { strategyHandle } from '../../../src/operators/strategy/handle.js';
import { EventScheduler } from '../../../src/streams/event-scheduler.js';
import { barOf, quoteOf, testContext, tradeOf } from '../../../src/testing/index.js';
import { barsSpec } from '../../../src/topology/components/operators/bars.js';
import { bookSpec } from '../../../src/topology/components/operators/book.js';
import { conflateSpec } from '../../../src/topology/components/operators/conflate.js';
import { delaySpec } from '../../../src/topology/components/operators/delay.js';
import { normalizeSpec } from '../../../src/topology/components/operators/normalize.js';
import { regimeSpec } from '../../../src/topology/components/operators/regime.js';
import { strategySpec } from '../../../src/topology/components/operators/strategy.js';
import type { OperatorSpec } from '../../../src/topology/spec.js';

const specs = [normalizeSpec, bookSpec, barsSpec, regimeSpec, conflateSpec, delaySpec, strategySpec];
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

function make(spec: OperatorSpec, config: unknown) {
  const scheduler = new EventScheduler();
  const context = testContext({
    scheduler,
    name: 'node',
    instruments: [{ symbol: 'TEST' }, { symbol: 'BTCUSD' }],
  });
  const source = new Subject<Event>();
  const out: Event[] = [];
  const operator = spec.make(
    spec.config.parse(config),
    Object.assign(context, { mode: 'paper', baseDir: '.', log: quiet, session: 's', seed: 1 } as const),
  );
  source.pipe(operator).subscribe((event) => out.push(event));
  const send = (event: Event): void => {
    context.turn(event);
    source.next(event);
  };
  return { context, out, operator, send, scheduler };
}

describe('specs of market operators', () => {
  for (const spec of specs) {
    it(`${spec.type}: examples parse and make an operator; unknown keys are refused`, () => {
      for (const example of spec.examples) expect(() => make(spec, parse(example))).not.toThrow();
      const first: unknown = parse(spec.examples[0] ?? '');
      expect(spec.config.safeParse({ ...(first as object), unknown_key: 1 }).success).toBe(false);
      for (const [key, field] of Object.entries(spec.config.shape)) {
        expect([key, (field as { description?: string }).description]).not.toStrictEqual([key, undefined]);
      }
    });
  }

  it('normalize logs the first of each reason and emits what it drops', () => {
    const { context, send, out } = make(normalizeSpec, { filters: { crossed: true } });
    for (const event of [quoteOf(1, 2), quoteOf(3, 2), quoteOf(4, 2), tradeOf(-1)]) send(event);
    expect(out).toHaveLength(1);
    expect(context.emitted.map((e) => e.port)).toStrictEqual(['dropped', 'dropped', 'dropped']);
    expect(context.recorded.map((e) => (e as LogEvent).message)).toStrictEqual([
      'BAD_INPUT: node=node reason=crossed kind=quote instrument=TEST source=test',
      'BAD_INPUT: node=node reason=non_positive kind=trade instrument=TEST source=test',
    ]);
  });

  it('book logs a gap', () => {
    const { context, send } = make(bookSpec, {});
    send(makeBook('f', 0, 'TEST', 0, true, [1, 1], [2, 1], 5, 5, 0));
    send(makeBook('f', 0, 'TEST', 0, false, [1, 2], [], 8, 9, 0));
    expect(context.recorded.map((e) => (e as LogEvent).message)).toStrictEqual([
      'BOOK_GAP: node=node instrument=TEST expected=6 received=8',
    ]);
  });

  it('bars sends late events to its port and wants exactly one kind', () => {
    const { context, send, scheduler } = make(barsSpec, { every: '1s' });
    scheduler.at = 5_000_000;
    send(tradeOf(1, 1, { ts: 1 }));
    expect(context.emitted.map((e) => e.port)).toStrictEqual(['late']);
    expect(barsSpec.config.safeParse({ every: '1s', ticks: 5 }).success).toBe(false);
  });

  it('strategy runs a built-in one, tells its handle, and names wrong parameters', () => {
    const { operator, out, send } = make(strategySpec, { use: 'buy-and-hold' });
    send(barOf(100));
    expect(out.map((e) => e.kind)).toStrictEqual(['intent']);
    expect(strategyHandle(operator)?.stats).toMatchObject({
      name: 'node',
      definition: 'buy-and-hold',
      intents: 1,
    });
    expect(() => make(strategySpec, { use: 'ema-cross', params: { quantity: 1, fast: 0 } })).toThrow(
      'params.fast',
    );
  });
});
