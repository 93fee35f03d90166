import { ZERO, Decimal, dec } from '../../model/decimal.js';
import type { IntentEvent, LogEvent } from '../../model/event.js';
import type { Instrument, TimeInForce } from '../../model/instrument.js';
import { makeIntent, makeLog } from '../../model/make.js';
import { reasonText } from '../../model/reason.js';
import { inScope, type Scope } from '../../model/scope.js';
import { sellable } from '../../operators/sellable.js';
import type { Position, StateView } from '../../state/view.js';

/** Strategy name of the exits a flatten makes. */
export const FLATTEN = 'flatten';

/** How far through the market a limit order goes where the venue takes no market orders. */
const THROUGH = new Decimal('0.01');

export interface Exits {
  readonly intents: readonly IntentEvent[];
  /** Positions for which no exit can be made now, and why. */
  readonly left: readonly LogEvent[];
}

/**
 * One reduce-only order that closes what is left of each position of the scope: at market, or where the venue takes no
 * market orders as an immediate-or-cancel limit through the market. What an earlier exit may still fill is not asked
 * for again. `routeOf` names the broker of an account and instrument.
 */
export function exitsForPositions(
  state: StateView,
  scope: Scope,
  cause: number,
  reason: string,
  routeOf: (account: string, instrument: Instrument) => string,
): Exits {
  const intents: IntentEvent[] = [];
  const left: LogEvent[] = [];
  for (const position of state.portfolio.positions()) {
    if (position.quantity.isZero() || !inScope(scope, position.account, '')) continue;
    const instrument = state.instruments.at(position.ix);
    const cannot = (why: string): void => {
      left.push(
        makeLog(
          'warn',
          'FLATTEN_LEFT',
          reasonText('FLATTEN_LEFT', {
            account: position.account,
            instrument: position.instrument,
            quantity: position.quantity,
            why,
          }),
        ),
      );
    };
    if (instrument === undefined) {
      cannot('the instrument is not known');
      continue;
    }
    const quantity = closable(position, instrument, state);
    if (quantity.lte(0)) {
      if (working(position, state).isZero()) cannot('less than the smallest quantity the venue takes');
      continue;
    }
    const terms = termsOf(position, instrument, state);
    if (terms === undefined) {
      cannot('the venue takes no market order here, and no price is known for a limit order');
      continue;
    }
    intents.push(
      makeIntent({
        action: 'new',
        orderKey: `${FLATTEN}-${cause}-${intents.length + 1}`,
        account: position.account,
        route: routeOf(position.account, instrument),
        instrument: position.instrument,
        ix: position.ix,
        side: position.quantity.gt(0) ? 'sell' : 'buy',
        ...terms,
        quantity,
        stopPrice: undefined,
        trailingOffset: undefined,
        expireAt: undefined,
        postOnly: false,
        reduceOnly: true,
        links: undefined,
        strategy: FLATTEN,
        tag: String(cause),
        reason,
        metadata: undefined,
        cause,
      }),
    );
  }
  return { intents, left };
}

/**
 * What is closing the position already and no cancel takes back: earlier exits, orders that fill at once, and those
 * whose fate is unknown. Each counts in full.
 */
function working(position: Position, state: StateView): Decimal {
  const side = position.quantity.gt(0) ? 'sell' : 'buy';
  let sum = ZERO;
  for (const order of state.orders.openFor(position.ix)) {
    if (order.account !== position.account || order.side !== side) continue;
    const { strategy, type, timeInForce, state: now } = order;
    const immediate = type === 'market' || timeInForce === 'ioc' || timeInForce === 'fok';
    if (strategy === FLATTEN || now === 'unknown' || immediate)
      sum = sum.plus(order.quantity.minus(order.filled));
  }
  return sum;
}

/** Whole lots of the position that nothing is working on, no more than one order may have. */
function closable(position: Position, instrument: Instrument, state: StateView): Decimal {
  const whole = position.quantity.gt(0)
    ? sellable(state, position.account, instrument, position.quantity)
    : position.quantity.abs();
  const open = whole.minus(working(position, state));
  const lots = open.div(instrument.lotSize).floor().times(instrument.lotSize);
  const most =
    instrument.maxQuantity === undefined
      ? lots
      : Decimal.min(lots, instrument.maxQuantity.div(instrument.lotSize).floor().times(instrument.lotSize));
  return most.lt(instrument.minQuantity) ? ZERO : most;
}

interface Terms {
  readonly type: 'market' | 'limit';
  readonly limitPrice: Decimal | undefined;
  readonly timeInForce: TimeInForce;
}

function termsOf(position: Position, instrument: Instrument, state: StateView): Terms | undefined {
  const { orderTypes } = instrument;
  const market = Object.keys(orderTypes).length === 0 ? (['ioc'] as const) : (orderTypes.market ?? []);
  const first = market[0];
  if (first !== undefined) {
    return { type: 'market', limitPrice: undefined, timeInForce: market.includes('ioc') ? 'ioc' : first };
  }
  const { ix } = position;
  const sell = position.quantity.gt(0);
  const touch = sell ? state.market.bid(ix) : state.market.ask(ix);
  const price = Number.isFinite(touch) ? touch : state.market.mark(ix);
  if (!Number.isFinite(price)) return undefined;
  const through = dec(price).times(sell ? dec(1).minus(THROUGH) : dec(1).plus(THROUGH));
  const ticks = through.div(instrument.tickSize);
  return {
    type: 'limit',
    limitPrice: (sell ? ticks.floor() : ticks.ceil()).times(instrument.tickSize),
    timeInForce: orderTypes.limit?.includes('ioc') === false ? (orderTypes.limit[0] ?? 'gtc') : 'ioc',
  };
}
