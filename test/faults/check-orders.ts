import { ZERO, dec, type Decimal } from '../../src/model/decimal.js';
import type { DispatchEvent, ExecutionEvent } from '../../src/model/event.js';
import { isClosed, type Order, type OrderState } from '../../src/model/order.js';
import { TEST_ACCOUNT, type BinanceEmulator } from '../../src/emulators/binance/emulator.js';
import type { AuditFill, AuditOrder } from '../../src/emulators/binance/audit-types.js';
import type { Journal } from '../../src/sinks/journal/index.js';

/** What the engine wrote down of orders and fills. */
export interface OurOrders {
  /** Newest record of each order, by order key. */
  readonly orders: ReadonlyMap<string, Order>;
  /** By client order id. */
  readonly dispatches: ReadonlyMap<string, DispatchEvent>;
  /** By execution id: the first report of each, and how often one came. */
  readonly fills: ReadonlyMap<string, { readonly report: ExecutionEvent; readonly times: number }>;
  readonly wrong: readonly string[];
}

export function ordersIn(journal: Journal): OurOrders {
  const orders = new Map<string, Order>();
  const dispatches = new Map<string, DispatchEvent>();
  const fills = new Map<string, { readonly report: ExecutionEvent; readonly times: number }>();
  const wrong: string[] = [];
  const begun = new Set<string>();
  for (const { input, children } of journal.frames()) {
    if (input.kind === 'execution' && input.report === 'fill' && input.fill !== undefined) {
      const key = input.execId;
      const known = fills.get(key);
      fills.set(key, { report: known?.report ?? input, times: (known?.times ?? 0) + 1 });
    }
    for (const child of children) {
      if (child.kind === 'order') orders.set(child.order.orderKey, child.order);
      if (child.kind !== 'dispatch') continue;
      if (dispatches.has(child.clientOrderId))
        wrong.push(`the client order id ${child.clientOrderId} was given twice`);
      dispatches.set(child.clientOrderId, child);
      if (child.action !== 'new') continue;
      if (begun.has(child.orderKey)) wrong.push(`${child.orderKey} was dispatched as a new order twice`);
      begun.add(child.orderKey);
    }
  }
  return { orders, dispatches, fills, wrong };
}

const OPEN: ReadonlySet<string> = new Set(['NEW', 'PARTIALLY_FILLED', 'PENDING_NEW']);
/** How an order that ended there may stand here. */
const ENDS: Readonly<Record<string, readonly OrderState[]>> = {
  FILLED: ['filled'],
  CANCELED: ['cancelled'],
  EXPIRED: ['expired', 'cancelled'],
  EXPIRED_IN_MATCH: ['expired', 'cancelled'],
  REJECTED: ['rejected'],
};
const PLACING: ReadonlySet<string> = new Set([
  'order.place',
  'order.cancelReplace',
  'order.amend.keepPriority',
]);

/** Orders and fills of the journal against the exchange, one by one and to the last digit. */
export function checkOrders(ours: OurOrders, emulator: BinanceEmulator): string[] {
  const { audit } = emulator.exchange;
  const theirs = audit.orders(TEST_ACCOUNT);
  const wrong = [...ours.wrong, ...sentTwice(emulator)];
  const legs = new Map<string, AuditOrder[]>();
  for (const order of theirs) {
    const dispatch = ours.dispatches.get(order.clientOrderId);
    if (dispatch === undefined)
      wrong.push(`the exchange has ${order.clientOrderId}, which was never written ahead`);
    else legs.set(dispatch.orderKey, [...(legs.get(dispatch.orderKey) ?? []), order]);
  }
  for (const [key, order] of ours.orders) {
    const mine = legs.get(key) ?? [];
    const executed = mine.reduce<Decimal>((sum, one) => sum.plus(one.executed), ZERO);
    const say = (what: string): void =>
      void wrong.push(
        `${key} (${order.instrument} ${order.side} ${order.type}, ${order.state} ${order.reason}): ${what}; there: ${mine.map(({ clientOrderId, status }) => `${clientOrderId} ${status}`).join(', ') || 'nothing'}`,
      );
    if (!executed.eq(order.filled))
      say(`filled ${order.filled.toString()} here, ${executed.toString()} there`);
    const open = mine.filter(({ status }) => OPEN.has(status));
    if (open.length > 1) say(`${open.length} orders of one intent are open`);
    if (open.length > 0 === isClosed(order.state)) say('open on one side only');
    if (order.state === 'unknown') say('still unknown');
    const last = mine.at(-1);
    if (last === undefined || open.length > 0) continue;
    if (ENDS[last.status]?.includes(order.state) !== true) say('ended otherwise');
    const terms = mine.find(({ clientOrderId }) => clientOrderId === order.clientOrderId);
    if (terms !== undefined && !dec(terms.quantity).eq(order.quantity))
      say(`quantity ${order.quantity.toString()} here, ${terms.quantity} there`);
  }
  return [...wrong, ...fillsDiffer(ours, audit.fills(TEST_ACCOUNT))];
}

function fillsDiffer(ours: OurOrders, theirs: readonly AuditFill[]): string[] {
  const wrong: string[] = [];
  const known = new Set<string>();
  for (const fill of theirs) {
    const key = `${fill.symbol}:${fill.tradeId}`;
    known.add(key);
    const report = ours.fills.get(key)?.report;
    if (report?.fill === undefined) {
      wrong.push(`fill ${key} of ${fill.clientOrderId} was lost`);
      continue;
    }
    const { quantity, price, fee, feeCurrency } = report.fill;
    const same =
      quantity.eq(fill.quantity) &&
      price.eq(fill.price) &&
      fee.eq(fill.commission) &&
      (fee.isZero() || feeCurrency === fill.commissionAsset) &&
      report.side === fill.side.toLowerCase();
    if (!same)
      wrong.push(
        `fill ${key}: ${report.side} ${quantity.toString()} at ${price.toString()}, fee ${fee.toString()} ${feeCurrency} here; ${fill.side} ${fill.quantity} at ${fill.price}, fee ${fill.commission} ${fill.commissionAsset} there`,
      );
  }
  for (const key of ours.fills.keys())
    if (!known.has(key)) wrong.push(`fill ${key} never was at the exchange`);
  return wrong;
}

/** Requests that carried one client order id more than once, whether or not the exchange took them. */
function sentTwice({ exchange }: BinanceEmulator): string[] {
  const wrong: string[] = [];
  const sent = new Map<string, number>();
  for (const { operation, clientOrderId } of exchange.journal()) {
    if (!PLACING.has(operation) || clientOrderId === undefined) continue;
    if (operation === 'order.amend.keepPriority') continue; // names the order it changes
    sent.set(clientOrderId, (sent.get(clientOrderId) ?? 0) + 1);
  }
  for (const [id, times] of sent) if (times > 1) wrong.push(`${id} was sent ${times} times`);
  for (const { clientOrderId, count } of exchange.audit.duplicates(TEST_ACCOUNT))
    wrong.push(`the exchange took ${clientOrderId} ${count} times`);
  return wrong;
}

/** Money as State has it against the exchange, to the last digit. */
export function checkMoney(
  portfolio: {
    owned?(account: string, currency: string): Decimal;
    positions(account?: string): readonly { readonly instrument: string; readonly quantity: Decimal }[];
  },
  account: string,
  emulator: BinanceEmulator,
): string[] {
  const wrong: string[] = [];
  const { audit } = emulator.exchange;
  for (const { asset, free, locked } of audit.balances(TEST_ACCOUNT)) {
    const ours = portfolio.owned?.(account, asset) ?? ZERO;
    const total = dec(free).plus(locked);
    if (!ours.eq(total)) wrong.push(`${asset}: ${ours.toString()} here, ${total.toString()} there`);
  }
  const net = new Map<string, Decimal>();
  for (const { symbol, side, quantity } of audit.fills(TEST_ACCOUNT)) {
    const sum = net.get(symbol) ?? ZERO;
    net.set(symbol, side === 'BUY' ? sum.plus(quantity) : sum.minus(quantity));
  }
  for (const [symbol, quantity] of net) {
    const held =
      portfolio.positions(account).find(({ instrument }) => instrument === symbol)?.quantity ?? ZERO;
    if (!held.eq(quantity))
      wrong.push(`position ${symbol}: ${held.toString()} here, ${quantity.toString()} there`);
  }
  return wrong;
}
