import { ZERO } from '../../model/decimal.js';
import type { Micros } from '../../model/time.js';
import type { Account } from './account.js';
import type { OrderList } from './order-list.js';
import type { SpotFill, SpotOrder } from './order.js';
import { amount, wireTime } from './text.js';
import type { TimeUnit, UserEvent, UserEventType } from './types.js';

type Fields = Readonly<Record<string, unknown>>;

/** An event whose values are fixed now; the named fields are times in microseconds (-1: none). */
function fixed(type: UserEventType, at: Micros, fields: Fields, times: ReadonlySet<string>): UserEvent {
  return {
    type,
    at,
    body: (unit: TimeUnit): Fields => {
      if (unit === 'us') return fields;
      const body: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(fields))
        body[name] =
          times.has(name) && typeof value === 'number' && value >= 0 ? wireTime(value, 'ms') : value;
      return body;
    },
  };
}

export type ExecType =
  'NEW' | 'CANCELED' | 'REPLACED' | 'REJECTED' | 'TRADE' | 'EXPIRED' | 'TRADE_PREVENTION';

/** What an execution report tells besides the state of its order. */
export interface ReportDetails {
  readonly type: ExecType;
  readonly executionId: number;
  readonly fill?: SpotFill;
  /** Id of a cancel or amend request; `c`, with the order's own in `C`. */
  readonly requestId?: string;
  readonly origClientOrderId?: string;
  readonly reject?: string;
  readonly prevented?: {
    readonly matchId: number;
    readonly quantity: string;
    readonly last: string;
    readonly counterOrderId: number;
    readonly counterSymbol: string;
    readonly tradeGroupId: number;
  };
}

const REPORT_TIMES: ReadonlySet<string> = new Set(['E', 'T', 'O', 'W', 'D']);

export function executionReport(o: SpotOrder, d: ReportDetails, now: Micros): UserEvent {
  const f = d.fill;
  return fixed(
    'executionReport',
    now,
    {
      e: 'executionReport',
      E: now,
      s: o.symbol.name,
      c: d.requestId ?? o.clientOrderId,
      S: o.side,
      o: o.type,
      f: o.timeInForce,
      q: amount(o.quantity),
      p: amount(o.price),
      P: amount(o.stopPrice ?? ZERO),
      ...(o.trailingDelta === undefined ? {} : { d: o.trailingDelta }),
      F: amount(o.icebergQty ?? ZERO),
      g: o.list?.id ?? -1,
      C: d.origClientOrderId ?? '',
      x: d.type,
      X: o.status,
      r: d.reject ?? 'NONE',
      i: o.orderId,
      l: amount(f?.quantity ?? ZERO),
      z: amount(o.executed),
      L: amount(f?.price ?? ZERO),
      n: f === undefined ? '0' : amount(f.commission),
      N: f?.commissionAsset ?? null,
      T: now,
      t: f?.tradeId ?? -1,
      ...(o.preventedMatchId === undefined ? {} : { v: o.preventedMatchId }),
      I: d.executionId,
      w: o.onBook,
      m: f?.maker ?? false,
      M: f !== undefined,
      O: o.createdAt,
      Z: amount(o.cumulativeQuote),
      Y: amount(f?.quote ?? ZERO),
      Q: amount(o.quoteOrderQty),
      ...(o.trailingSince === undefined ? {} : { D: o.trailingSince }),
      ...(o.strategyId === undefined ? {} : { j: o.strategyId }),
      ...(o.strategyType === undefined ? {} : { J: o.strategyType }),
      ...(o.workingAt < 0 ? {} : { W: o.workingAt }),
      V: o.stp,
      ...(d.prevented === undefined
        ? {}
        : {
            v: d.prevented.matchId,
            A: amount(o.prevented),
            B: d.prevented.quantity,
            u: d.prevented.tradeGroupId,
            U: d.prevented.counterOrderId,
            Cs: d.prevented.counterSymbol,
            pl: d.prevented.quantity,
            pL: d.prevented.last,
            pY: d.prevented.quantity,
          }),
      ...(o.expiryReason === undefined ? {} : { eR: o.expiryReason }),
    },
    REPORT_TIMES,
  );
}

const POSITION_TIMES: ReadonlySet<string> = new Set(['E', 'u']);

export function accountPosition(account: Account, assets: readonly string[], now: Micros): UserEvent {
  return fixed(
    'outboundAccountPosition',
    now,
    {
      e: 'outboundAccountPosition',
      E: now,
      u: account.updatedAt,
      B: assets.map((a) => ({
        a,
        f: amount(account.free(a)),
        l: amount(account.balances.get(a)?.locked ?? ZERO),
      })),
    },
    POSITION_TIMES,
  );
}

const ET: ReadonlySet<string> = new Set(['E', 'T']);

export function balanceUpdate(asset: string, delta: string, now: Micros): UserEvent {
  return fixed('balanceUpdate', now, { e: 'balanceUpdate', E: now, a: asset, d: delta, T: now }, ET);
}

export function listStatusEvent(list: OrderList, now: Micros): UserEvent {
  return fixed(
    'listStatus',
    now,
    {
      e: 'listStatus',
      E: now,
      s: list.symbol.name,
      g: list.id,
      c: list.contingency,
      l: list.statusType,
      L: list.status,
      r: 'NONE',
      C: list.clientId,
      T: now,
      O: list.orders.map((o) => ({ s: o.symbol.name, i: o.orderId, c: o.clientOrderId })),
    },
    ET,
  );
}
