import type { Registry } from 'prom-client';
import type { Decimal } from '../../model/decimal.js';
import type { Order, OrderState } from '../../model/order.js';
import type { StateView } from '../../state/view.js';
import { counter, gauge, type Shown } from './instruments.js';

const OPEN_STATES: readonly OrderState[] = [
  'initialized',
  'queued',
  'submitted',
  'accepted',
  'partially_filled',
  'pending_replace',
  'pending_cancel',
  'inactive',
  'unknown',
];

const number = (value: Decimal | undefined): number | undefined => value?.toNumber();

/** Metrics of orders, accounts and trading state, read from State between turns. */
export function stateMetrics(registry: Registry): (state: StateView) => void {
  const all: Shown<string>[] = [];
  const g = <L extends string>(name: string, help: string, labels: readonly L[] = []): Shown<L> => {
    const made = gauge(registry, name, help, labels);
    all.push(made);
    return made;
  };
  const open = g('orders_open', 'Orders that are not closed, by state.', ['state']);
  const inFlight = g('orders_in_flight', 'Requests at a broker without a definitive answer.');
  const account = ['account', 'currency'] as const;
  const equity = g('account_equity', 'Cash and marked positions, in base currency.', account);
  const cash = g('account_cash', 'Cash by currency.', account);
  const realized = g('account_realized_pnl', 'Realized profit and loss, in base currency.', account);
  const unrealized = g('account_unrealized_pnl', 'Unrealized profit and loss, in base currency.', account);
  const fees = g('account_fees', 'Fees paid, in base currency.', account);
  const gross = g('account_gross_exposure', 'Sum of absolute position values, in base currency.', account);
  const net = g('account_net_exposure', 'Sum of signed position values, in base currency.', account);
  const day = g('account_day_pnl', 'Equity since the daily roll, in base currency.', account);
  const drawdown = g('account_drawdown_ratio', 'Fall from peak equity, 0 to 1.', ['account']);
  const worst = g('account_max_drawdown_ratio', 'Largest fall from a peak so far, 0 to 1.', ['account']);
  const positions = g('account_positions', 'Positions that are not flat.', ['account']);
  const trading = g('trading_state', '1 for the trading state in force.', ['state']);
  const kill = g('kill_switch', '1 while the kill switch is latched.');
  const recovering = g('recovering', '1 while the engine recovers.');

  const ready = g('broker_ready', '1 while a real broker takes commands.', ['broker']);
  const standing = g('reconciliation_open_breaks', 'Differences with a venue nobody decided.', ['broker']);
  const breaks = counter(
    registry,
    'reconciliation_breaks_total',
    'Differences found with a venue, by code.',
    ['broker', 'code'],
  );
  all.push(breaks);

  return (state) => {
    for (const metric of all) metric.clear();
    const counts: Partial<Record<OrderState, number>> = {};
    let flying = 0;
    const count = (order: Order): void => {
      counts[order.state] = (counts[order.state] ?? 0) + 1;
      if (order.inFlight !== undefined) flying++;
    };
    for (const order of state.orders.open()) count(order);
    for (const name of OPEN_STATES) open.set({ state: name }, counts[name] ?? 0);
    inFlight.set({}, flying);

    const p = state.portfolio;
    for (const name of p.accounts()) {
      const labels = { account: name, currency: p.baseCurrency };
      const now = p.equity(name);
      const start = p.dayStartEquity(name);
      const peak = p.peakEquity(name);
      equity.set(labels, number(now));
      for (const currency of p.currencies(name))
        cash.set({ account: name, currency }, p.cash(name, currency).toNumber());
      realized.set(labels, p.realizedPnl(name).toNumber());
      unrealized.set(labels, number(p.unrealizedPnl(name)));
      fees.set(labels, p.fees(name).toNumber());
      gross.set(labels, number(p.grossExposure(name)));
      net.set(labels, number(p.netExposure(name)));
      if (now !== undefined && start !== undefined) day.set(labels, now.minus(start).toNumber());
      if (now !== undefined && peak !== undefined && peak.greaterThan(0))
        drawdown.set({ account: name }, Math.max(0, peak.minus(now).div(peak).toNumber()));
      worst.set({ account: name }, p.maxDrawdown(name));
      positions.set({ account: name }, p.positions(name).filter((held) => !held.quantity.isZero()).length);
    }
    for (const name of ['active', 'reducing', 'halted'] as const)
      trading.set({ state: name }, state.control.trading === name ? 1 : 0);
    for (const broker of state.readiness?.names() ?? []) {
      const known = state.readiness?.of(broker);
      ready.set({ broker }, state.readiness?.withheld(broker, false) === '' ? 1 : 0);
      standing.set({ broker }, known?.open.size ?? 0);
      for (const [code, count] of known?.found ?? []) breaks.set({ broker, code }, count);
    }
    kill.set({}, state.control.killed ? 1 : 0);
    recovering.set({}, state.control.recovering ? 1 : 0);
  };
}
