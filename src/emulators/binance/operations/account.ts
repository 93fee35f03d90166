import { dec } from '../../../model/decimal.js';
import type { Account } from '../account.js';
import { accountOf, symbolOf, type Core } from '../core.js';
import { define } from '../define.js';
import { badCombination } from '../errors.js';
import type { SpotFill } from '../order.js';
import { myTradeJson } from '../order-json.js';
import type { ParamReader } from '../params.js';
import { preventedJson } from '../self-trade.js';
import { amount, wireTime } from '../text.js';
import type { Operation, TimeUnit } from '../types.js';
import { checkHours } from './market.js';

type Json = Readonly<Record<string, unknown>>;

const ZERO8 = '0.00000000';

/** Balances, trades, limits and commissions of an account. */
export function accountOperations(core: Core): readonly Operation[] {
  return [
    define({
      name: 'account.status',
      rest: 'GET /api/v3/account',
      security: 'signed',
      params: ['omitZeroBalances'],
      weight: 20,
      run: (read, caller) =>
        accountJson(core, accountOf(core, caller), read.flag('omitZeroBalances') ?? false, caller.timeUnit),
    }),
    define({
      name: 'myTrades',
      rest: 'GET /api/v3/myTrades',
      security: 'signed',
      params: ['symbol', 'orderId', 'startTime', 'endTime', 'fromId', 'limit'],
      weight: (read) => (read.has('orderId') ? 5 : 20),
      run: (read, caller) =>
        myTrades(core, accountOf(core, caller), read).map((f) => myTradeJson(f, caller.timeUnit)),
    }),
    define({
      name: 'account.rateLimits.orders',
      rest: 'GET /api/v3/rateLimit/order',
      security: 'signed',
      params: [],
      weight: 40,
      run: (_, caller) => core.limits.orderStates(accountOf(core, caller).id, core.clock.micros()),
    }),
    define({
      name: 'myPreventedMatches',
      rest: 'GET /api/v3/myPreventedMatches',
      security: 'signed',
      params: ['symbol', 'preventedMatchId', 'orderId', 'fromPreventedMatchId', 'limit'],
      weight: (read) => (read.has('orderId') ? 20 : 2),
      run: (read, caller) => {
        const account = accountOf(core, caller);
        const name = symbolOf(core, read.symbol()).name;
        const id = read.integer('preventedMatchId');
        const orderId = read.integer('orderId');
        if (id === undefined && orderId === undefined) throw badCombination();
        const from = read.integer('fromPreventedMatchId') ?? 0;
        return core.ledger.preventedMatches
          .filter((p) => p.taker.symbol.name === name)
          .filter((p) => p.taker.account === account || p.maker.account === account)
          .filter((p) => id === undefined || p.id === id)
          .filter((p) => orderId === undefined || p.taker.orderId === orderId || p.maker.orderId === orderId)
          .filter((p) => p.id >= from)
          .slice(0, read.limit(500, 1_000))
          .map((p) => preventedJson(p, caller.timeUnit));
      },
    }),
    define({
      name: 'myAllocations',
      rest: 'GET /api/v3/myAllocations',
      security: 'signed',
      params: ['symbol', 'startTime', 'endTime', 'fromAllocationId', 'limit', 'orderId'],
      weight: 20,
      run: (read) => {
        symbolOf(core, read.symbol());
        return []; // allocations come from smart order routing, which no symbol here allows
      },
    }),
    define({
      name: 'account.commission',
      rest: 'GET /api/v3/account/commission',
      security: 'signed',
      params: ['symbol'],
      weight: 20,
      run: (read, caller) => commissionJson(accountOf(core, caller), symbolOf(core, read.symbol()).name),
    }),
    define({
      name: 'myFilters',
      rest: 'GET /api/v3/myFilters',
      security: 'signed',
      params: ['symbol'],
      weight: 40,
      run: (read) => ({
        exchangeFilters: [],
        symbolFilters: symbolOf(core, read.symbol()).filters().slice(),
        assetFilters: [],
      }),
    }),
  ];
}

function accountJson(core: Core, a: Account, omitZero: boolean, unit: TimeUnit): Json {
  const assets = new Set<string>();
  for (const s of core.symbols.values()) assets.add(s.base).add(s.quote);
  for (const asset of a.balances.keys()) assets.add(asset);
  const balances = [...assets]
    .filter((asset) => !omitZero || !a.total(asset).isZero())
    .map((asset) => ({
      asset,
      free: amount(a.free(asset)),
      locked: amount(a.balances.get(asset)?.locked ?? dec(0)),
    }));
  return {
    makerCommission: a.maker.times(10_000).toNumber(),
    takerCommission: a.taker.times(10_000).toNumber(),
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: { maker: amount(a.maker), taker: amount(a.taker), buyer: ZERO8, seller: ZERO8 },
    canTrade: a.canTrade,
    canWithdraw: a.canWithdraw,
    canDeposit: true,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: wireTime(a.updatedAt, unit),
    accountType: 'SPOT',
    balances,
    permissions: ['SPOT'],
    uid: a.uid,
  };
}

/** `account.commission` and what `order.test` tells of commissions. */
function commissionJson(a: Account, symbol: string): Json {
  const none = { maker: ZERO8, taker: ZERO8, buyer: ZERO8, seller: ZERO8 };
  return {
    symbol,
    standardCommission: { maker: amount(a.maker), taker: amount(a.taker), buyer: ZERO8, seller: ZERO8 },
    specialCommission: none,
    taxCommission: none,
    discount: { enabledForAccount: false, enabledForSymbol: false, discountAsset: 'BNB', discount: ZERO8 },
  };
}

function myTrades(core: Core, account: Account, read: ParamReader): readonly SpotFill[] {
  const { name } = symbolOf(core, read.symbol());
  const limit = read.limit(500, 1_000);
  const orderId = read.integer('orderId');
  const fromId = read.integer('fromId');
  const start = read.time('startTime');
  const end = read.time('endTime');
  if (orderId !== undefined && (start !== undefined || end !== undefined)) throw badCombination();
  checkHours(start, end, 24);
  const mine = account.fills.filter(
    (f) => f.order.symbol.name === name && (orderId === undefined || f.order.orderId === orderId),
  );
  if (fromId !== undefined) return mine.filter((f) => f.tradeId >= fromId).slice(0, limit);
  if (start === undefined && end === undefined) return mine.slice(-limit);
  const inside = mine.filter((f) => f.at >= (start ?? 0) && f.at <= (end ?? Infinity));
  return start === undefined ? inside.slice(-limit) : inside.slice(0, limit);
}
