import type { Instrument } from '../../model/instrument.js';
import { OK, defineCheck, deny, finite, show, type Check, type RiskCheck } from './check.js';
import { accountExposures, type Exposure } from './account-exposure.js';
import type { RiskLimits } from './limits.js';
import { positiveEquity } from './money.js';
import { ZERO } from '../../model/decimal.js';

interface Grouping {
  readonly name: 'sector' | 'industry';
  readonly code: 'SECTOR_EXPOSURE' | 'INDUSTRY_EXPOSURE';
  readonly caps: (limits: RiskLimits) => RiskLimits['sectors'];
  readonly map: (limits: RiskLimits) => RiskLimits['sector_map'];
}

const own = <T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;

/** An instrument whose group nobody gave could be of any: it needs a cap named `unknown`, or it is denied. */
function groupCap({ name, code, caps, map }: Grouping): Check {
  return (intent, ctx) => {
    const limits = caps(ctx.limits);
    if (limits === undefined || Object.keys(limits).length === 0) return OK;
    const groupOf = (i: Instrument): string => own(map(ctx.limits), i.symbol) ?? i[name] ?? 'unknown';
    const group = groupOf(ctx.instrument);
    const limit = own(limits, group);
    if (limit === undefined) {
      return group === 'unknown' ? deny(code, { [name]: group, instrument: ctx.instrument.symbol }) : OK;
    }
    const exposures = accountExposures(intent, ctx);
    if ('ok' in exposures) return exposures;
    const equity = positiveEquity(intent, ctx);
    if ('ok' in equity) return equity;
    const inGroup = (e: Exposure): boolean => groupOf(e.instrument) === group;
    const value = [...exposures.values()].filter(inGroup).reduce((sum, e) => sum.plus(e.gross), ZERO);
    const fraction = finite(value.div(equity), 'fraction');
    if (fraction.lte(finite(limit, 'limit'))) return OK;
    return deny(code, { [name]: group, exposure: show(value), fraction: show(fraction), limit });
  };
}

const UNKNOWN = ['NO_REFERENCE_PRICE', 'NO_EQUITY', 'NO_EXCHANGE_RATE'];

/** Gross exposure of one sector as a fraction of equity. */
export const sectorExposure: RiskCheck = defineCheck(
  {
    id: 'sector_exposure',
    codes: ['SECTOR_EXPOSURE', ...UNKNOWN],
    options: ['limits.sectors', 'limits.sector_map'],
    exits: 'pass',
  },
  groupCap({ name: 'sector', code: 'SECTOR_EXPOSURE', caps: (l) => l.sectors, map: (l) => l.sector_map }),
);

/** Gross exposure of one industry as a fraction of equity. */
export const industryExposure: RiskCheck = defineCheck(
  {
    id: 'industry_exposure',
    codes: ['INDUSTRY_EXPOSURE', ...UNKNOWN],
    options: ['limits.industries', 'limits.industry_map'],
    exits: 'pass',
  },
  groupCap({
    name: 'industry',
    code: 'INDUSTRY_EXPOSURE',
    caps: (l) => l.industries,
    map: (l) => l.industry_map,
  }),
);
