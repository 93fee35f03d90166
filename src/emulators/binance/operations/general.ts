import type { Core } from '../core.js';
import { define } from '../define.js';
import { badCombination, badSymbol, duplicateParameter } from '../errors.js';
import type { ParamReader } from '../params.js';
import type { SpotSymbol } from '../symbol.js';
import { wireTime } from '../text.js';
import type { Operation } from '../types.js';

/** ping, time, exchangeInfo. */
export function generalOperations(core: Core): readonly Operation[] {
  return [
    define({ name: 'ping', rest: 'GET /api/v3/ping', params: [], weight: 1, run: () => ({}) }),
    define({
      name: 'time',
      rest: 'GET /api/v3/time',
      params: [],
      weight: 1,
      run: (_, caller) => ({ serverTime: wireTime(core.clock.micros(), caller.timeUnit) }),
    }),
    define({
      name: 'exchangeInfo',
      rest: 'GET /api/v3/exchangeInfo',
      params: ['symbol', 'symbols', 'permissions', 'showPermissionSets', 'symbolStatus'],
      weight: 20,
      run: (read, caller) => {
        const sets = read.flag('showPermissionSets') ?? true;
        return {
          timezone: 'UTC',
          serverTime: wireTime(core.clock.micros(), caller.timeUnit),
          rateLimits: core.limits.rules(),
          exchangeFilters: [],
          symbols: select(core, read).map((s) => s.info(sets)),
        };
      },
    }),
  ];
}

function select(core: Core, read: ParamReader): readonly SpotSymbol[] {
  const one = read.has('symbol') ? read.symbol() : undefined;
  const many = read.list('symbols');
  const permissions = permissionsOf(read);
  const status = read.text('symbolStatus');
  if (one !== undefined && many !== undefined) throw badCombination();
  if ((one !== undefined || many !== undefined) && (permissions !== undefined || status !== undefined))
    throw badCombination();
  const names = one === undefined ? many : [one];
  if (names !== undefined) {
    if (new Set(names).size !== names.length) throw duplicateParameter();
    return names.map((name) => {
      const s = core.symbols.get(name);
      if (s === undefined) throw badSymbol();
      return s;
    });
  }
  if (permissions !== undefined && !permissions.includes('SPOT')) return [];
  return [...core.symbols.values()].filter((s) => status === undefined || s.status === status);
}

/** One name or a JSON list of names. */
function permissionsOf(read: ParamReader): readonly string[] | undefined {
  const text = read.text('permissions');
  if (text === undefined) return undefined;
  return text.startsWith('[') ? read.list('permissions') : [text];
}
