import type { VenueAccount } from '../../matching/account.js';
import type { MatchingEngine } from '../../matching/engine.js';
import { cashCurrency } from '../../matching/holding.js';
import type { InstrumentTable } from '../../model/instruments.js';
import type { Micros } from '../../model/time.js';
import type { ReportWriter } from './report-writer.js';

/**
 * What a venue does when equity no longer covers its margin: cancels every working order of the currency, then closes
 * its positions at market with orders of its own (client order id `...stopout-N`), which no risk check can refuse.
 */
export function closeOut(
  engine: MatchingEngine,
  ledger: VenueAccount,
  account: string,
  currency: string,
  instruments: InstrumentTable,
  writer: ReportWriter,
  now: Micros,
): void {
  for (const order of engine.openOrders()) {
    if (order.clientOrderId.includes('stopout-')) continue;
    if (currencyOf(instruments, order.ix) === currency)
      engine.cancel({ clientOrderId: order.clientOrderId, targetClientOrderId: order.clientOrderId }, now);
  }
  for (const { ix, quantity } of ledger.positions()) {
    const closing = engine.openOrders().some((order) => order.ix === ix);
    if (currencyOf(instruments, ix) !== currency || closing) continue;
    engine.submit(
      {
        clientOrderId: writer.ownId(),
        account,
        ix,
        side: quantity.isNegative() ? 'buy' : 'sell',
        type: 'market',
        quantity: quantity.abs(),
        limitPrice: undefined,
        stopPrice: undefined,
        trailingOffset: undefined,
        timeInForce: 'gtc',
        expireAt: undefined,
        postOnly: false,
        reduceOnly: false,
      },
      now,
      true,
    );
  }
}

/** Currency pot an instrument belongs to. */
export function currencyOf(instruments: InstrumentTable, ix: number): string {
  const instrument = instruments.at(ix);
  return instrument === undefined ? '' : cashCurrency(instrument);
}
