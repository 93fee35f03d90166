import { catchError, concat, filter, map, merge, mergeMap, of, take } from 'rxjs';
import { z } from 'zod';
import { defineStrategy } from '../../../src/operators/strategy/definition.js';

/** Trades for the sake of it: every time operator of the context, every kind of request. */
export default defineStrategy({
  name: 'churn',
  version: '1.0.0',
  params: z.strictObject({
    quantity: z.number().default(0.01),
    tick: z.number().default(0.1),
    speed: z.number().default(1),
  }),
  run: (
    { quotes$, trades$, orders$, place, state, random, at, log, mark, ...time },
    { quantity, tick, speed },
  ) => {
    const round = (price: number): number => Number((Math.round(price / tick) * tick).toFixed(4));
    const amount = (): number => Number((quantity * (1 + Math.floor(random() * 4))).toFixed(4));
    const side = (): 'buy' | 'sell' => (random() < 0.5 ? 'buy' : 'sell');
    return merge(
      // rests below the market whenever it is quiet
      quotes$.pipe(
        time.debounceTime(120 / speed),
        map((q) =>
          place.limit({ side: 'buy', quantity: amount(), limitPrice: round(q.bid * 0.9995), tag: 'quiet' }),
        ),
      ),
      quotes$.pipe(
        time.throttleTime(4_000 / speed),
        map((q) =>
          place.limit({
            side: 'sell',
            quantity: amount(),
            limitPrice: round(q.ask * 1.0005),
            tag: 'throttled',
          }),
        ),
      ),
      trades$.pipe(
        time.bufferTime(7_000 / speed),
        filter((trades) => trades.length > 3),
        mergeMap((trades) => {
          const net = trades.reduce((sum, trade) => sum + trade.aggressor * trade.size, 0);
          return of(place.market({ side: net > 0 ? 'buy' : 'sell', quantity: amount(), tag: 'buffered' }));
        }),
      ),
      trades$.pipe(
        time.delay(333 / speed),
        time.throttleTime(5_000 / speed),
        map(() => place.market({ side: side(), quantity: amount(), tag: 'delayed' })),
      ),
      // silence: cancel what rests
      quotes$.pipe(
        time.timeout(1_500 / speed),
        catchError((_, again) => concat(of(undefined), again)),
        filter((value) => value === undefined),
        mergeMap(() => {
          log('info', `silence at ${at()}`);
          return of(place.cancelAll(undefined, 'silence'));
        }),
      ),
      time.timer(3_000 / speed, 2_000 / speed).pipe(
        mergeMap((n) => {
          const open = state.openOrders()[n % 3];
          return open?.limitPrice === undefined
            ? of()
            : of(
                place.replace(open.orderKey, {
                  limitPrice: open.limitPrice.mul(open.side === 'buy' ? 1.0002 : 0.9998).toDecimalPlaces(1),
                }),
              );
        }),
      ),
      time.interval(9_000 / speed).pipe(
        mergeMap((n) => {
          const oldest = state.openOrders()[0];
          if (n % 5 === 4) return of(place.target(0));
          return oldest === undefined ? of() : of(place.cancel(oldest.orderKey, 'old'));
        }),
      ),
      // a follow-up of an own order, two seconds later
      orders$.pipe(
        filter((order) => order.state === 'filled' && order.tag === 'delayed'),
        take(20),
        time.delay(2_000 / speed),
        map((order) => {
          mark('follow-up', { note: order.orderKey });
          return place.market({
            side: order.side === 'buy' ? 'sell' : 'buy',
            quantity: order.quantity,
            instrument: order.instrument,
            tag: 'follow-up',
          });
        }),
      ),
      // far too much: risk denies it
      time.interval(30_000).pipe(
        map(() =>
          place.market({
            side: 'buy',
            quantity: 1_000,
            instrument: state.view.instruments.at(0)?.symbol ?? '',
            tag: 'too-much',
          }),
        ),
      ),
    );
  },
});
