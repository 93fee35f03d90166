import type { Decimal } from '../model/decimal.js';
import type { Instrument } from '../model/instrument.js';
import type { Micros } from '../model/time.js';
import type { Account } from './account.js';
import type { EquityTrack } from './equity-track.js';

/** A figure of the venue that takes the place of ours: what an account has of a currency, or a position. */
export type Taken =
  | { readonly account: string; readonly currency: string; readonly total: Decimal }
  | {
      readonly account: string;
      readonly instrument: Instrument;
      readonly quantity: Decimal;
      readonly price: Decimal | undefined;
    };

/**
 * Sets the figure without making it a profit or a loss: start, day start and peak move with it. When equity cannot be
 * told before and after, an `opening` lets them start anew; later they stay, so that no loss is forgotten.
 * Returns true when they start anew.
 */
export function takeOver(
  account: Account,
  total: EquityTrack,
  taken: Taken,
  opening: boolean,
  equity: () => Decimal | undefined,
  at: Micros,
): boolean {
  const own = account.equity();
  const all = equity();
  if ('currency' in taken) account.setOwned(taken.currency, taken.total);
  else account.setPosition(taken.instrument, taken.quantity, taken.price, at);
  const forgotten = move(account.track, own, account.equity(), opening);
  const totalForgotten = move(total, all, equity(), opening);
  account.revalue(at);
  return forgotten || totalForgotten;
}

function move(
  track: EquityTrack,
  before: Decimal | undefined,
  after: Decimal | undefined,
  opening: boolean,
): boolean {
  if (before !== undefined && after !== undefined) {
    track.shift(after.minus(before));
    return false;
  }
  if (opening) track.forget();
  return opening;
}
