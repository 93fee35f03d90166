import { Observable, type OperatorFunction } from 'rxjs';
import { mintApproved, type Approved } from '../../model/command.js';
import type { DeniedEvent } from '../../model/event.js';
import type { Intent } from '../../model/intent.js';
import { makeDenied } from '../../model/make.js';
import type { Event } from '../../model/record.js';
import type { OperatorContext } from '../context.js';
import { denialText } from './check.js';
import { evaluate, type RiskOptions } from './evaluate.js';

/**
 * Lets an intent through or denies it with a reason. The only maker of `approved` events.
 *
 * ```
 * intents   --a-----b-----c--|
 * risk()
 * approved  --A-----------C--|     A, C: the normalized intent and the price it was valued at
 * denied    --------B--------      on the named output `denied`
 * ```
 *
 * The verdict on one intent is emitted, recorded and folded into State before the next intent is looked at, so what
 * was just approved counts. `approved.recheck(folded)` asks the same checks again at the time of the call; its
 * denials carry the stage `queue`, because that is where the order ended.
 *
 * Errors: none of its own; a check that throws denies. Errors and completion of the source pass through.
 * Memory: none; everything it compares with is in State. Other events than intents are not passed on.
 */
export function risk(
  options: RiskOptions = {},
): (context: OperatorContext) => OperatorFunction<Event, Event> {
  return (context) => {
    const judge = (intent: Intent, recheck: boolean): Approved | DeniedEvent => {
      const verdict = evaluate(intent, { state: context.state, options, at: context.at(), recheck });
      if (verdict.ok) return mintApproved(verdict.intent, verdict.riskPrice, again);
      return makeDenied(intent, verdict.code, denialText(verdict), recheck ? 'queue' : 'risk');
    };
    const again = (intent: Intent): Approved | DeniedEvent => judge(intent, true);
    return (source) =>
      new Observable<Event>((subscriber) =>
        source.subscribe({
          next: (event) => {
            if (event.kind !== 'intent') return;
            const verdict = judge(event.intent, false);
            if (verdict.kind === 'approved') subscriber.next(verdict);
            else context.emit('denied', verdict);
          },
          error: (error: unknown) => {
            subscriber.error(error);
          },
          complete: () => {
            subscriber.complete();
          },
        }),
      );
  };
}
