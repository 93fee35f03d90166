import { map, tap } from 'rxjs';
import type { z } from 'zod';
import type { DecimalInput } from '../model/decimal.js';
import { InstrumentTable, type InstrumentInput } from '../model/instruments.js';
import type { Intent } from '../model/intent.js';
import type { Event } from '../model/record.js';
import type { StrategyDefinition } from '../operators/strategy/definition.js';
import type { StrategyOptions } from '../operators/strategy/options.js';
import { strategy } from '../operators/strategy/strategy.js';
import { barOf, quoteOf, tradeOf } from './build.js';
import { testContext } from './context.js';
import type { Marbles } from './marbles.js';

/** A number is the close of a bar, `{ bid, ask }` a quote, `{ price }` a trade; or any event. */
export type TestInput =
  | number
  | { readonly bid: number; readonly ask: number }
  | { readonly price: number; readonly size?: number }
  | Event;

export interface StrategyCase<P extends z.ZodObject> {
  readonly params?: z.input<P>;
  /** Marbles of what comes in; letters are explained in `values`. Frames are milliseconds. */
  readonly market: string;
  readonly values: Readonly<Record<string, TestInput>>;
  /** Marbles of what the strategy wants. */
  readonly orders: string;
  /** One text an order letter, as {@link intentText} writes it: `buy 1 TEST market`. */
  readonly intents: Readonly<Record<string, string>>;
  readonly instruments?: readonly InstrumentInput[];
  readonly cash?: DecimalInput;
  readonly options?: StrategyOptions;
}

/** An intent in one line: `buy 100 SPY market`, `sell 1 BTCUSDT limit 61000 gtd`, `cancel test-1`. */
export function intentText(intent: Intent): string {
  const {
    action,
    orderKey,
    side,
    quantity,
    instrument,
    type,
    limitPrice,
    stopPrice,
    trailingOffset,
    timeInForce,
  } = intent;
  if (action === 'cancel') return `cancel ${orderKey}`;
  const parts = [
    action === 'replace' ? `replace ${orderKey}` : '',
    side,
    quantity.toString(),
    instrument,
    type,
  ];
  if (stopPrice !== undefined) parts.push(`stop ${stopPrice.toString()}`);
  if (limitPrice !== undefined) parts.push(`limit ${limitPrice.toString()}`);
  if (trailingOffset !== undefined)
    parts.push(`trail ${trailingOffset.value.toString()} ${trailingOffset.unit}`);
  if (timeInForce !== 'gtc') parts.push(timeInForce);
  return parts.filter((part) => part !== '').join(' ');
}

function toEvent(input: TestInput, at: { instrument: string; ix: number }): Event {
  if (typeof input === 'number') return barOf(input, at);
  if ('kind' in input) return input;
  return 'bid' in input ? quoteOf(input.bid, input.ask, at) : tradeOf(input.price, input.size ?? 1, at);
}

/**
 * A strategy test in one diagram, on virtual time:
 *
 * ```ts
 * test('buys the cross', strategyTest(marbles, emaCross, {
 *   market: 'a-b-c-|', values: { a: 100, b: 101, c: 105 },
 *   orders: '----o-|', intents: { o: 'buy 1 TEST market' },
 * }));
 * ```
 */
export function strategyTest<P extends z.ZodObject>(
  marbles: Marbles,
  definition: StrategyDefinition<P>,
  test: StrategyCase<P>,
): () => void {
  return marbles((m) => {
    const instruments = test.instruments ?? [{ symbol: 'TEST' }];
    const first = new InstrumentTable(instruments).at(0);
    const place = { instrument: first?.symbol ?? 'TEST', ix: 0 };
    const context = testContext({
      scheduler: m.scheduler,
      instruments,
      ...(test.cash === undefined ? {} : { cash: test.cash }),
    });
    const values = Object.fromEntries(
      Object.entries(test.values).map(([letter, input]) => [letter, toEvent(input, place)]),
    );
    const params = definition.params.parse(test.params ?? {});
    const orders$ = m.hot<Event>(test.market, values).pipe(
      tap((event) => context.turn(event)),
      strategy(definition, params, test.options ?? {})(context),
      tap((event) => context.state.apply(event)),
      map((event) => (event.kind === 'intent' ? intentText(event.intent) : event.kind)),
    );
    m.expect(orders$).toBeObservable(test.orders, test.intents);
  });
}
