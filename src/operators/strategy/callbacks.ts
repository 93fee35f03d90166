import { Observable } from 'rxjs';
import type { z } from 'zod';
import type { BarEvent, BookEvent, QuoteEvent, RegimeEvent, TradeEvent } from '../../model/event.js';
import type { Order } from '../../model/order.js';
import type { Event } from '../../model/record.js';
import { MICROS_PER_MINUTE, MICROS_PER_MS } from '../../model/time.js';
import { parseDuration } from '../../model/units.js';
import { Into } from '../../streams/edge.js';
import { parseTimeOfDay } from '../../model/zone.js';
import { nextDaily } from '../../model/session.js';
import type { FillEvent, StrategyContext } from './context.js';
import { defineStrategy, type StrategyDefinition, type StrategyOutput } from './definition.js';

/** A strategy's context with `submit`: emits intents at once, from inside a callback. */
export interface CallbackContext<P> extends StrategyContext {
  readonly params: P;
  submit(output: StrategyOutput): void;
}

type Answer = StrategyOutput | undefined | void;

/** The complete callback contract. A callback may return intents or `submit` them; a throw is counted and isolated. */
export interface Callbacks<P> {
  readonly onStart?: (context: CallbackContext<P>) => Answer;
  readonly onBar?: (bar: BarEvent, context: CallbackContext<P>) => Answer;
  /** Each trade. */
  readonly onTick?: (trade: TradeEvent, context: CallbackContext<P>) => Answer;
  readonly onQuote?: (quote: QuoteEvent, context: CallbackContext<P>) => Answer;
  readonly onBook?: (book: BookEvent, context: CallbackContext<P>) => Answer;
  /** Each change of an own order, partial fills included. */
  readonly onOrderUpdate?: (order: Order, context: CallbackContext<P>) => Answer;
  /** Each fill of an own order, partial fills included; after `onOrderUpdate` of the same report. */
  readonly onFill?: (fill: FillEvent, context: CallbackContext<P>) => Answer;
  readonly onRegimeChange?: (regime: RegimeEvent, context: CallbackContext<P>) => Answer;
  /** Every `timer.every` of engine time. */
  readonly onTimer?: (context: CallbackContext<P>) => Answer;
  /** At `endOfDay.time` in `endOfDay.zone`, every day. */
  readonly onEndOfDay?: (context: CallbackContext<P>) => Answer;
  readonly onStop?: (context: CallbackContext<P>) => Answer;
}

export interface CallbackStrategy<P extends z.ZodObject> extends Callbacks<z.output<P>> {
  readonly name: string;
  readonly version: string;
  readonly summary?: string;
  readonly params: P;
  /** Makes callbacks with state of their own, once a run; they take the place of those given beside it. */
  readonly create?: (context: StrategyContext, params: z.output<P>) => Callbacks<z.output<P>>;
  /** A duration like `1s`, or a function of the parameters. Needed for `onTimer`. */
  readonly timer?: { readonly every: string | ((params: z.output<P>) => string) };
  /** Local time `HH:MM` and zone. Default 16:00 in UTC. */
  readonly endOfDay?:
    | { readonly time: string; readonly zone: string }
    | ((params: z.output<P>) => { readonly time: string; readonly zone: string });
}

/** Makes a strategy from callbacks. */
export function fromCallbacks<P extends z.ZodObject>(strategy: CallbackStrategy<P>): StrategyDefinition<P> {
  return defineStrategy({
    name: strategy.name,
    version: strategy.version,
    ...(strategy.summary === undefined ? {} : { summary: strategy.summary }),
    params: strategy.params,
    run: (context, params) =>
      new Observable<StrategyOutput>((out) => {
        const callbacks: Callbacks<z.output<P>> = { ...strategy, ...strategy.create?.(context, params) };
        const full: CallbackContext<z.output<P>> = Object.assign(Object.create(context) as StrategyContext, {
          params,
          submit: (output: StrategyOutput) => out.next(output),
        });
        /** Calls one callback: its throw is counted, the strategy goes on. */
        const call = (callback: (() => Answer) | undefined): void => {
          if (callback === undefined || out.closed) return;
          try {
            const output = callback();
            if (output !== undefined) out.next(output);
          } catch (error) {
            context.fail(error);
          }
        };
        if (callbacks.onOrderUpdate !== undefined) {
          out.add(
            context.orders$.subscribe(into((order) => call(() => callbacks.onOrderUpdate?.(order, full)))),
          );
        }
        if (callbacks.onTimer !== undefined)
          out.add(everyTimer(strategy, context, params, () => call(() => callbacks.onTimer?.(full))));
        if (callbacks.onEndOfDay !== undefined)
          out.add(dailyTimer(strategy, context, params, () => call(() => callbacks.onEndOfDay?.(full))));
        call(() => callbacks.onStart?.(full));
        out.add(
          context.events$.subscribe(
            into(
              (event: Event) => {
                switch (event.kind) {
                  case 'bar':
                    if (callbacks.onBar !== undefined) call(() => callbacks.onBar?.(event, full));
                    break;
                  case 'trade':
                    if (callbacks.onTick !== undefined) call(() => callbacks.onTick?.(event, full));
                    break;
                  case 'quote':
                    if (callbacks.onQuote !== undefined) call(() => callbacks.onQuote?.(event, full));
                    break;
                  case 'book':
                    if (callbacks.onBook !== undefined) call(() => callbacks.onBook?.(event, full));
                    break;
                  case 'regime':
                    if (callbacks.onRegimeChange !== undefined)
                      call(() => callbacks.onRegimeChange?.(event, full));
                    break;
                  case 'execution':
                    if (event.report === 'fill' && event.fill !== undefined)
                      call(() => callbacks.onFill?.(event as FillEvent, full));
                    break;
                  default:
                }
              },
              () => {
                call(() => callbacks.onStop?.(full));
                out.complete();
              },
            ),
          ),
        );
      }),
  });
}

/** Ends a stream without the detour of plain `subscribe`, which would report a throw later, on a timer. */
function into<T>(next: (value: T) => void, complete?: () => void): Into<T> {
  return new Into<T>(
    next,
    (error) => {
      throw error;
    },
    complete,
  );
}

function everyTimer<P extends z.ZodObject>(
  strategy: CallbackStrategy<P>,
  context: StrategyContext,
  params: z.output<P>,
  fire: () => void,
): { unsubscribe(): void } {
  const every =
    typeof strategy.timer?.every === 'function' ? strategy.timer.every(params) : strategy.timer?.every;
  const micros = every === undefined ? undefined : parseDuration(every);
  if (micros === undefined || micros <= 0)
    throw new Error(
      `strategy ${strategy.name}: onTimer needs timer: { every: "1s" }, got ${every ?? 'nothing'}`,
    );
  return context.interval(micros / MICROS_PER_MS).subscribe(into(fire));
}

function dailyTimer<P extends z.ZodObject>(
  strategy: CallbackStrategy<P>,
  context: StrategyContext,
  params: z.output<P>,
  fire: () => void,
): { unsubscribe(): void } {
  const given = typeof strategy.endOfDay === 'function' ? strategy.endOfDay(params) : strategy.endOfDay;
  const { time, zone } = given ?? { time: '16:00', zone: 'UTC' };
  const micros = parseTimeOfDay(time);
  if (micros === undefined)
    throw new Error(`strategy ${strategy.name}: endOfDay.time must be like "16:00", got "${time}"`);
  const daily = { time: micros / MICROS_PER_MINUTE, zone };
  const wait = (): number => (nextDaily(context.at(), daily) - context.at()) / MICROS_PER_MS;
  return context.scheduler.schedule(function () {
    fire();
    this.schedule(undefined, wait());
  }, wait());
}
