import { Decimal } from '../../model/decimal.js';
import type { Instrument, Side } from '../../model/instrument.js';
import type { Intent } from '../../model/intent.js';
import type { MarketView } from '../../state/view.js';
import { touchPrice } from './price.js';

export interface Normalization {
  /** `none` (default): what does not fit is denied. `round`: prices to the tick, quantity down to the lot. */
  readonly normalize?: 'none' | 'round' | undefined;
  /** What becomes of a post-only order that would trade: `reject` (default) denies it, `drop` sends it without the flag. */
  readonly post_only?: 'reject' | 'drop' | undefined;
}

/**
 * The intent as it may be sent. Rounding never makes it worse for its owner: a buy pays no more, a sell gets no less,
 * the quantity never grows. What cannot be rounded (not finite) is left for the checks to deny.
 */
export function normalizeIntent(
  intent: Intent,
  instrument: Instrument,
  market: MarketView,
  options: Normalization,
): Intent {
  let result = intent;
  if (options.normalize === 'round') {
    result = {
      ...result,
      quantity: multiple(result.quantity, instrument.lotSize, Decimal.ROUND_FLOOR),
      limitPrice: toTick(result.limitPrice, result.side, instrument),
      stopPrice: toTick(result.stopPrice, result.side, instrument),
    };
  }
  if (options.post_only === 'drop' && result.postOnly && wouldTrade(result, instrument, market)) {
    result = { ...result, postOnly: false };
  }
  return result;
}

function toTick(price: Decimal | undefined, side: Side, instrument: Instrument): Decimal | undefined {
  if (price === undefined) return undefined;
  return multiple(price, instrument.tickSize, side === 'buy' ? Decimal.ROUND_FLOOR : Decimal.ROUND_CEIL);
}

type Rounding = typeof Decimal.ROUND_FLOOR | typeof Decimal.ROUND_CEIL;

function multiple(value: Decimal, step: Decimal, rounding: Rounding): Decimal {
  if (!value.isFinite() || value.mod(step).isZero()) return value;
  return value.div(step).toDecimalPlaces(0, rounding).times(step);
}

function wouldTrade(intent: Intent, instrument: Instrument, market: MarketView): boolean {
  const touch = touchPrice(intent, instrument, market);
  if (touch === undefined || intent.limitPrice === undefined) return false;
  return intent.side === 'buy' ? intent.limitPrice.gte(touch.number) : intent.limitPrice.lte(touch.number);
}
