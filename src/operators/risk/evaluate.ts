import { ZERO, type Decimal } from '../../model/decimal.js';
import type { Intent } from '../../model/intent.js';
import type { Micros } from '../../model/time.js';
import type { StateView } from '../../state/view.js';
import { deny, messageOf, type Check, type CheckContext, type Denial, type RiskCheck } from './check.js';
import { checksWith } from './checks.js';
import { isExit } from './exposure.js';
import { findInstrument } from './instrument.js';
import { limitsFor, type RegimeOverlay, type RiskLimits } from './limits.js';
import { withLoosened } from './loosened.js';
import { noPrice } from './money.js';
import { normalizeIntent, type Normalization } from './normalize.js';
import { targetOpen } from './order-key.js';
import { dec } from '../../model/decimal.js';
import { referencePrice, type ReferencePrice } from './price.js';

/** Settings of the risk stage, under the names they have in a topology. */
export interface RiskOptions extends Normalization {
  readonly limits?: RiskLimits | undefined;
  /** Overlays by regime. */
  readonly regimes?: Readonly<Record<string, RegimeOverlay>> | undefined;
  /** Checks everything, sends nothing: what would pass is denied `DRY_RUN`. */
  readonly dry_run?: boolean | undefined;
  /** Checks of your own, asked after the built-in ones. They can only deny more. */
  readonly checks?: readonly (Check | RiskCheck)[] | undefined;
}

/** Where and when an intent is judged. */
export interface RiskScope {
  readonly state: StateView;
  readonly options: RiskOptions;
  readonly at: Micros;
  /** True when an approved intent is asked again: its own reservation and approval are not held against it. */
  readonly recheck?: boolean;
}

export interface Approval {
  readonly ok: true;
  /** The intent as it may be sent. */
  readonly intent: Intent;
  /** What it was valued at, in quote currency; zero for a cancel. */
  readonly riskPrice: Decimal;
}

/**
 * Judges one intent: normalizes it, then asks every check in order. Pure: the same intent, state and time give the
 * same answer. Never throws: what cannot be judged is denied. A cancel is asked only whether its order is open.
 */
export function evaluate(intent: Intent, scope: RiskScope): Approval | Denial {
  try {
    if (intent.action === 'cancel') {
      const open = targetOpen(intent, scope.state);
      return open.ok ? { ok: true, intent, riskPrice: ZERO } : open;
    }
    const built = checkContext(intent, scope);
    if ('ok' in built) return built;
    for (const check of checksWith(scope.options.checks)) {
      const answer = check(built.intent, built.ctx);
      if (!answer.ok) return answer;
    }
    if (built.ctx.price === undefined) return noPrice(intent);
    return { ok: true, intent: built.intent, riskPrice: built.ctx.price.value };
  } catch (error) {
    return deny('CHECK_FAILED', { check: 'evaluate', error: messageOf(error) });
  }
}

/** The normalized intent and what its checks may look at; or the denial when its instrument is not known. */
export function checkContext(
  asked: Intent,
  scope: RiskScope,
): { readonly intent: Intent; readonly ctx: CheckContext } | Denial {
  const { state, options, at, recheck = false } = scope;
  const instrument = findInstrument(asked, state);
  if ('ok' in instrument) return instrument;
  const intent = normalizeIntent(asked, instrument, state.market, options);
  const order = intent.action === 'replace' || recheck ? state.orders.get(intent.orderKey) : undefined;
  const quantity = order === undefined ? intent.quantity : intent.quantity.minus(order.filled);
  const exit = isExit(intent, quantity, state);
  const ctx: CheckContext = {
    state,
    at,
    instrument,
    limits: limitsFor(withLoosened(options.limits ?? {}, state.control.loosened), instrument.symbol),
    regimes: options.regimes ?? {},
    dryRun: options.dry_run ?? false,
    price: referencePrice(intent, instrument, state.market) ?? (exit ? entryPrice(intent, state) : undefined),
    order,
    quantity,
    exit,
    recheck,
  };
  return { intent, ctx };
}

/** With the feed down an exit must still be possible: it is valued at what the position cost, or at its last mark. */
function entryPrice(intent: Intent, state: StateView): ReferencePrice | undefined {
  const mark = state.market.mark(intent.ix);
  const average = state.portfolio.position(intent.account, intent.ix)?.averagePrice;
  const value = Number.isFinite(mark) ? dec(mark) : average;
  return value?.isFinite() === true ? { value, number: value.toNumber(), origin: 'entry' } : undefined;
}
