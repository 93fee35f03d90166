import type { Decimal } from '../../model/decimal.js';
import type { Event, EventKind, EventOf } from '../../model/record.js';
import { isoMicros } from '../../model/time.js';

/** Files of a session. */
export type TableName = 'orders' | 'fills' | 'positions' | 'denials' | 'marks' | 'logs' | 'bars' | 'equity';

/** Columns of each file. They are an interface: new ones go to the end. */
export const TABLES: Readonly<Record<TableName, readonly string[]>> = {
  orders: [
    ...[
      'session',
      'seq',
      'sub',
      'time',
      'strategy',
      'broker',
      'client_order_id',
      'venue_order_id',
      'order_key',
    ],
    ...['account', 'instrument', 'side', 'type', 'time_in_force', 'quantity', 'limit_price', 'stop_price'],
    ...['state', 'previous', 'filled', 'average_price', 'reason', 'tag'],
  ],
  fills: [
    ...[
      'session',
      'seq',
      'sub',
      'time',
      'strategy',
      'broker',
      'client_order_id',
      'venue_order_id',
      'exec_id',
    ],
    ...['account', 'instrument', 'side', 'quantity', 'price', 'fee', 'fee_currency', 'liquidity'],
  ],
  positions: [
    ...[
      'session',
      'seq',
      'sub',
      'time',
      'account',
      'instrument',
      'quantity',
      'average_price',
      'realized_pnl',
    ],
    'fees',
  ],
  denials: [
    ...[
      'session',
      'seq',
      'sub',
      'time',
      'strategy',
      'broker',
      'order_key',
      'account',
      'instrument',
      'action',
    ],
    ...['side', 'type', 'quantity', 'limit_price', 'stop_price', 'stage', 'code', 'reason', 'tag'],
  ],
  marks: ['session', 'seq', 'sub', 'time', 'source', 'instrument', 'label', 'price', 'note'],
  logs: ['session', 'seq', 'sub', 'time', 'source', 'level', 'code', 'message'],
  bars: [
    ...[
      'session',
      'seq',
      'sub',
      'time',
      'source',
      'instrument',
      'basis',
      'every_us',
      'start',
      'open',
      'high',
    ],
    ...['low', 'close', 'volume', 'count'],
  ],
  equity: [
    ...['session', 'seq', 'sub', 'time', 'account', 'currency', 'equity', 'realized_pnl', 'unrealized_pnl'],
    ...['fees', 'gross_exposure', 'net_exposure'],
  ],
};

export type Cell = string | number | boolean | undefined;

/** Kinds the records sink reads. The first `account` of an account gives it a row of equity. */
export const RECORD_KINDS: readonly EventKind[] = [
  'order',
  'execution',
  'position',
  'denied',
  'mark',
  'log',
  'halt',
  'bar',
  'account',
];

const text = (value: Decimal | undefined): string | undefined => value?.toFixed();

/** The table an event belongs to and its cells after the session; undefined when it has none. */
export function recordRow(
  event: Event,
  strategyOf: (clientOrderId: string) => string,
): { readonly table: TableName; readonly cells: readonly Cell[] } | undefined {
  const head = [event.seq, event.sub, isoMicros(event.at)];
  switch (event.kind) {
    case 'order': {
      const o = event.order;
      return {
        table: 'orders',
        cells: [
          ...[...head, o.strategy, o.broker, o.clientOrderId, o.venueOrderId, o.orderKey, o.account],
          ...[o.instrument, o.side, o.type, o.timeInForce, text(o.quantity), text(o.limitPrice)],
          ...[text(o.stopPrice), o.state, o.previous, text(o.filled)],
          ...[o.filled.isZero() ? undefined : text(o.averagePrice), o.reason, o.tag],
        ],
      };
    }
    case 'execution':
      return event.report === 'fill' && event.fill !== undefined
        ? {
            table: 'fills',
            cells: [...head, strategyOf(event.clientOrderId), ...fillCells(event, event.fill)],
          }
        : undefined;
    case 'position': {
      const { account, instrument, quantity, averagePrice, realizedPnl, fees } = event;
      const money = [quantity, averagePrice, realizedPnl, fees].map(text);
      return { table: 'positions', cells: [...head, account, instrument, ...money] };
    }
    case 'denied': {
      const i = event.intent;
      return {
        table: 'denials',
        cells: [
          ...[...head, i.strategy, i.route, i.orderKey, i.account, i.instrument, i.action, i.side, i.type],
          ...[text(i.quantity), text(i.limitPrice), text(i.stopPrice), event.stage, event.code],
          ...[event.text, i.tag],
        ],
      };
    }
    case 'mark':
      return {
        table: 'marks',
        cells: [...head, event.source, event.instrument, event.label, event.price, event.note],
      };
    case 'log':
      return { table: 'logs', cells: [...head, event.source, event.level, event.code, event.message] };
    case 'halt':
      return { table: 'logs', cells: [...head, event.source, 'halt', event.code, event.reason] };
    case 'bar': {
      const { source, instrument, basis, every, start, open, high, low, close, volume, count } = event;
      const figures = [open, high, low, close, volume, count];
      return {
        table: 'bars',
        cells: [...head, source, instrument, basis, every, isoMicros(start), ...figures],
      };
    }
    default:
      return undefined;
  }
}

function fillCells(
  event: EventOf<'execution'>,
  fill: NonNullable<EventOf<'execution'>['fill']>,
): readonly Cell[] {
  const { broker, clientOrderId, venueOrderId, execId, account, instrument, side } = event;
  const { quantity, price, fee, feeCurrency, liquidity } = fill;
  return [
    ...[broker, clientOrderId, venueOrderId, execId, account, instrument, side],
    ...[text(quantity), text(price), text(fee), feeCurrency, liquidity],
  ];
}
