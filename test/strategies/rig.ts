import { Subject } from 'rxjs';
import type { IntentEvent } from '../../src/model/event.js';
import type { Event } from '../../src/model/record.js';
import type { StrategyDefinition } from '../../src/operators/strategy/definition.js';
import { strategy } from '../../src/operators/strategy/strategy.js';
import { BUILT_IN_STRATEGIES } from '../../src/strategies/index.js';
import { EventScheduler } from '../../src/streams/event-scheduler.js';
import { barOf, intentText, testContext } from '../../src/testing/index.js';

/** Runs a built-in strategy on two instruments, TEST and SECOND; `out` is what it wants, one line an intent. */
export function run(name: string, params: Record<string, unknown>) {
  const definition = BUILT_IN_STRATEGIES.get(name) as StrategyDefinition;
  const context = testContext({
    scheduler: new EventScheduler(),
    instruments: [{ symbol: 'TEST' }, { symbol: 'SECOND' }],
  });
  const source = new Subject<Event>();
  const out: string[] = [];
  const operator = strategy(definition, definition.params.parse(params))(context);
  source.pipe(operator).subscribe((event) => {
    context.state.apply(event);
    out.push(intentText((event as IntentEvent).intent));
  });
  return {
    out,
    handle: operator.handle,
    send: (...events: Event[]) => {
      for (const event of events) {
        context.turn(event);
        source.next(event);
      }
    },
  };
}
export const closes = (...values: number[]): Event[] => values.map((close) => barOf(close));
