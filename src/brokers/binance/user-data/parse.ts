import type { Balance } from '../../../model/event.js';
import { MICROS_PER_MS, type Micros } from '../../../model/time.js';
import { ORDER_STATUSES, type OrderView, type TradeView } from '../orders/views.js';
import { Fields, isRecord } from './fields.js';

const EXECUTION_TYPES = [
  'NEW',
  'CANCELED',
  'REPLACED',
  'REJECTED',
  'TRADE',
  'EXPIRED',
  'TRADE_PREVENTION',
] as const;
export type ExecutionType = (typeof EXECUTION_TYPES)[number];

/** One message of the user data stream, checked. Extra fields are ignored. */
export type UserEvent =
  | {
      readonly kind: 'order';
      readonly execution: ExecutionType;
      readonly order: OrderView;
      readonly trade: TradeView | undefined;
      /** Id of the cancel, when this report is about one. */
      readonly cancelId: string;
      /** For REPLACED: the id the order had before. */
      readonly formerId: string;
      /** The order rests on the book; false for a conditional order that waits for its price. */
      readonly working: boolean;
    }
  | {
      readonly kind: 'balances';
      readonly balances: readonly Balance[];
      readonly update: number;
      readonly time: Micros;
    }
  /** Money moved from outside the market (deposit, transfer, lock): balances are to be asked. */
  | { readonly kind: 'moved'; readonly currency: string; readonly time: Micros }
  /** An order list changed; its orders send reports of their own. */
  | { readonly kind: 'list' }
  | { readonly kind: 'terminated' }
  | { readonly kind: 'other'; readonly type: string }
  /** Not usable. The order, as far as it can be told, is to be asked for. */
  | {
      readonly kind: 'malformed';
      readonly type: string;
      readonly problem: string;
      readonly symbol: string;
      readonly clientOrderId: string;
      readonly venueOrderId: string;
    };

export function parseUserEvent(message: unknown): UserEvent {
  if (!isRecord(message)) return malformed('', 'it is not an object', {});
  const type = message['e'];
  if (typeof type !== 'string') return malformed('', '"e" is missing', message);
  switch (type) {
    case 'executionReport':
      return executionReport(message);
    case 'outboundAccountPosition':
      return accountPosition(message);
    case 'balanceUpdate':
    case 'externalLockUpdate': {
      const f = new Fields(message);
      f.decimal('d');
      const event: UserEvent = { kind: 'moved', currency: f.name('a'), time: f.int('T') * MICROS_PER_MS };
      return f.problem === '' ? event : malformed(type, f.problem, message);
    }
    case 'listStatus':
      return { kind: 'list' };
    case 'eventStreamTerminated':
      return { kind: 'terminated' };
    default:
      return { kind: 'other', type };
  }
}

function executionReport(message: Readonly<Record<string, unknown>>): UserEvent {
  const f = new Fields(message);
  const execution = f.oneOf('x', EXECUTION_TYPES);
  const status = f.oneOf('X', ORDER_STATUSES);
  const side = f.oneOf('S', ['BUY', 'SELL'] as const);
  const symbol = f.name('s');
  const venueOrderId = String(f.int('i'));
  const id = f.text('c');
  const original = f.text('C');
  // A cancel names the order in C and itself in c. A replace names the new id in c.
  const cancelled = execution === 'CANCELED' && original !== '';
  const clientOrderId = cancelled ? original : id;
  const limitPrice = f.decimal('p');
  const stopPrice = f.decimal('P');
  const reject = f.text('r');
  const expiry = f.optionalText('eR');
  const order: OrderView = {
    symbol,
    venueOrderId,
    clientOrderId,
    side: side === 'SELL' ? 'sell' : 'buy',
    type: f.name('o'),
    status: status ?? 'NEW',
    quantity: f.decimal('q'),
    executed: f.decimal('z'),
    limitPrice: limitPrice.isZero() ? undefined : limitPrice,
    stopPrice: stopPrice.isZero() ? undefined : stopPrice,
    time: f.int('T') * MICROS_PER_MS,
    reason: expiry !== '' && expiry !== 'NONE' ? expiry : reject === 'NONE' ? '' : reject,
  };
  const working = f.flag('w');
  const trade = execution === 'TRADE' ? tradeOf(f, order) : undefined;
  if (f.problem !== '' || execution === undefined) return malformed('executionReport', f.problem, message);
  const formerId = execution === 'REPLACED' ? original : '';
  return { kind: 'order', execution, order, trade, cancelId: cancelled ? id : '', formerId, working };
}

function tradeOf(f: Fields, order: OrderView): TradeView {
  const { symbol, venueOrderId, clientOrderId, side, executed, time } = order;
  const quantity = f.decimal('l');
  const price = f.decimal('L');
  const fee = f.decimal('n');
  const feeCurrency = fee.isZero() ? f.optionalText('N') : f.name('N');
  const tradeId = f.int('t');
  const maker = f.flag('m');
  if (f.problem === '' && tradeId < 0) f.problem = '"t" is not the id of a trade';
  if (f.problem === '' && !quantity.gt(0)) f.problem = '"l" is not above zero';
  return {
    symbol,
    tradeId: String(tradeId),
    venueOrderId,
    clientOrderId,
    side,
    fill: { quantity, price, fee, feeCurrency, liquidity: maker ? 'maker' : 'taker' },
    cumulative: executed,
    time,
  };
}

function accountPosition(message: Readonly<Record<string, unknown>>): UserEvent {
  const f = new Fields(message);
  const update = f.int('u');
  const time = f.int('E') * MICROS_PER_MS;
  const balances: Balance[] = [];
  for (const item of f.list('B')) {
    const b = new Fields(isRecord(item) ? item : {});
    const currency = b.name('a');
    const free = b.decimal('f');
    const locked = b.decimal('l');
    if (b.problem !== '') return malformed('outboundAccountPosition', `in "B" ${b.problem}`, message);
    balances.push({ currency, free, locked, total: free.plus(locked) });
  }
  if (f.problem !== '') return malformed('outboundAccountPosition', f.problem, message);
  return { kind: 'balances', balances, update, time };
}

function malformed(type: string, problem: string, message: Readonly<Record<string, unknown>>): UserEvent {
  const text = (key: string): string => {
    const value = message[key];
    return typeof value === 'string' ? value : '';
  };
  const id = message['i'];
  return {
    kind: 'malformed',
    type,
    problem,
    symbol: text('s'),
    clientOrderId: message['x'] === 'CANCELED' && text('C') !== '' ? text('C') : text('c'),
    venueOrderId: typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : '',
  };
}
