import { z } from 'zod';
import { ONE, dec, type Decimal } from '../../model/decimal.js';
import type { Instrument } from '../../model/instrument.js';
import type { Intent } from '../../model/intent.js';
import { isClosed, type Order } from '../../model/order.js';
import { MICROS_PER_MS, MICROS_PER_SECOND, type Micros } from '../../model/time.js';
import { fromCallbacks } from '../../operators/strategy/callbacks.js';
import type { StrategyContext } from '../../operators/strategy/context.js';
import type { StrategyDefinition } from '../../operators/strategy/definition.js';

/** How far below the best bid the passive order rests, as a part of it. */
const BELOW = dec('0.05');
/** Value of an order in smallest ones that the venue takes. */
const TIMES = dec(2);
/** What is left of a purchase whose fee was taken out of it. */
const AFTER_FEE = dec('0.995');

export type ExerciseStep = 'passive' | 'entry' | 'exit';

const params = z.strictObject({
  hold: z.int().min(0).describe('How long the passive order rests, milliseconds.'),
  fill: z.boolean().describe('Also buys at market and sells what it bought.'),
});

/**
 * Tries a venue: a buy limit far below the market rests for a while and is cancelled; then, if asked, a small market buy
 * and a market sell of what it brought. Orders are tagged with their step. A denied one is tried again each second, since
 * nothing may leave before the books were compared; a rejected one ends it.
 */
export const exercise: StrategyDefinition = fromCallbacks({
  name: 'exercise',
  version: '1.0.0',
  summary: 'Tries a venue: a passive order and its cancel, then a small round trip.',
  params,
  timer: { every: '100ms' },
  create: (context, { hold, fill }) => {
    const instrument = context.instrument();
    const run = new Exercise(context, instrument, hold * MICROS_PER_MS, fill);
    return {
      onQuote: ({ bid, ask }): void => {
        if (bid > 0 && ask > bid) run.bid = bid;
      },
      onTimer: () => run.step(),
    };
  },
});

class Exercise {
  /** Best bid; 0 before the first quote. */
  bid = 0;
  readonly #context: StrategyContext;
  readonly #instrument: Instrument;
  readonly #hold: Micros;
  readonly #steps: readonly ExerciseStep[];
  #at = 0;
  #key = '';
  #placed: Micros = 0;
  #accepted: Micros = 0;
  #bought: Decimal = dec(0);

  constructor(context: StrategyContext, instrument: Instrument, hold: Micros, fill: boolean) {
    this.#context = context;
    this.#instrument = instrument;
    this.#hold = hold;
    this.#steps = fill ? ['passive', 'entry', 'exit'] : ['passive'];
  }

  step(): Intent | undefined {
    const step = this.#steps[this.#at];
    if (step === undefined || this.bid === 0) return undefined;
    const order = this.#context.state.order(this.#key);
    const now = this.#context.at();
    if (order === undefined || order.state === 'denied') {
      if (now - this.#placed < MICROS_PER_SECOND) return undefined;
      this.#placed = now;
      const intent = this.#place(step);
      this.#key = intent.orderKey;
      return intent;
    }
    if (order.state === 'filled' || (step === 'passive' && order.state === 'cancelled')) this.#next(order);
    if (step !== 'passive' || isClosed(order.state) || order.inFlight !== undefined) return undefined;
    if (order.state !== 'accepted') return undefined;
    if (this.#accepted === 0) this.#accepted = now;
    if (now - this.#accepted < this.#hold) return undefined;
    this.#accepted = now; // a cancel that was refused is tried again
    return this.#context.place.cancel(order.orderKey, 'check');
  }

  #next(order: Order): void {
    this.#at++;
    this.#key = '';
    this.#placed = 0;
    this.#bought = order.filled;
  }

  #place(tag: ExerciseStep): Intent {
    const { place } = this.#context;
    const { tickSize, lotSize } = this.#instrument;
    const reason = 'check';
    if (tag === 'exit') {
      const quantity = stepped(this.#bought.times(AFTER_FEE), lotSize, 'floor');
      return place.market({ side: 'sell', quantity, tag, reason });
    }
    if (tag === 'entry')
      return place.market({ side: 'buy', quantity: this.#size(dec(this.bid)), tag, reason });
    const limitPrice = stepped(dec(this.bid).times(ONE.minus(BELOW)), tickSize, 'floor');
    return place.limit({
      side: 'buy',
      quantity: this.#size(limitPrice),
      limitPrice,
      postOnly: true,
      tag,
      reason,
    });
  }

  #size(price: Decimal): Decimal {
    const { lotSize, minQuantity, minNotional } = this.#instrument;
    const least = minNotional === undefined ? minQuantity : minNotional.div(price);
    return stepped((least.gt(minQuantity) ? least : minQuantity).times(TIMES), lotSize, 'ceil');
  }
}

function stepped(amount: Decimal, step: Decimal, round: 'floor' | 'ceil'): Decimal {
  return amount.div(step)[round]().times(step);
}
