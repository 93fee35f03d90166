import type { Instrument } from '../../model/instrument.js';
import type { Intent } from '../../model/intent.js';
import { isoMicros } from '../../model/time.js';
import type { StateView } from '../../state/view.js';
import { OK, defineCheck, deny, type Denial, type RiskCheck } from './check.js';
import { sessionOpen } from '../../model/session.js';

/** The instrument an intent means, or the denial. Symbol and index must agree. */
export function findInstrument(intent: Intent, state: StateView): Instrument | Denial {
  const instrument = state.instruments.get(intent.instrument);
  if (instrument === undefined || instrument.ix !== intent.ix) {
    return deny('INSTRUMENT_UNKNOWN', { instrument: intent.instrument });
  }
  return instrument;
}

/** The instrument is in the table. */
export const instrumentKnown: RiskCheck = defineCheck(
  { id: 'instrument_known', codes: ['INSTRUMENT_UNKNOWN'], options: [], exits: 'checked' },
  (intent, ctx) => {
    const found = findInstrument(intent, ctx.state);
    return 'ok' in found ? found : OK;
  },
);

/**
 * Status lets it trade and its session is open. Orders for the opening auction may be sent before the session, and with
 * `session: ignore` every order: the venue then keeps it for the open.
 */
export const instrumentTradable: RiskCheck = defineCheck(
  {
    id: 'instrument_tradable',
    codes: ['INSTRUMENT_NOT_TRADABLE', 'MARKET_CLOSED'],
    options: ['limits.session'],
    exits: 'checked',
  },
  (intent, { state, instrument, limits, at }) => {
    const status = state.market.status(instrument.ix);
    const early = intent.timeInForce === 'opg';
    if (status === 'halted' || status === 'unknown' || (status === 'closed' && !early)) {
      return deny('INSTRUMENT_NOT_TRADABLE', { instrument: instrument.symbol, status });
    }
    const { session } = instrument;
    if (session !== undefined && limits.session !== 'ignore' && !early && !sessionOpen(session, at)) {
      return deny('MARKET_CLOSED', { instrument: instrument.symbol, zone: session.zone, at: isoMicros(at) });
    }
    return OK;
  },
);

/** The venue takes the order type with the time in force; a gtd order expires in the future. */
export const orderTerms: RiskCheck = defineCheck(
  {
    id: 'order_terms',
    codes: [
      'ORDER_TYPE_UNSUPPORTED',
      'TIME_IN_FORCE_UNSUPPORTED',
      'EXPIRE_TIME_MISSING',
      'EXPIRE_TIME_PASSED',
    ],
    options: [],
    exits: 'checked',
  },
  (intent, { instrument, at }) => {
    if (Object.keys(instrument.orderTypes).length > 0) {
      const times = instrument.orderTypes[intent.type];
      if (times === undefined) {
        return deny('ORDER_TYPE_UNSUPPORTED', { instrument: instrument.symbol, type: intent.type });
      }
      if (!times.includes(intent.timeInForce)) {
        return deny('TIME_IN_FORCE_UNSUPPORTED', {
          instrument: instrument.symbol,
          type: intent.type,
          time_in_force: intent.timeInForce,
        });
      }
    }
    if (intent.timeInForce !== 'gtd') return OK;
    if (intent.expireAt === undefined) return deny('EXPIRE_TIME_MISSING', { order_key: intent.orderKey });
    if (intent.expireAt > at) return OK;
    return deny('EXPIRE_TIME_PASSED', { expire_at: timeText(intent.expireAt), at: isoMicros(at) });
  },
);

const timeText = (at: number): string => (Number.isFinite(at) ? isoMicros(at) : String(at));
