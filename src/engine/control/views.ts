import { z } from 'zod';
import type { Order, OrderState } from '../../model/order.js';
import { isClosed } from '../../model/order.js';
import { isoMicros } from '../../model/time.js';
import type { Engine } from '../engine.js';
import { redact } from '../../model/secrets.js';
import { parametersInForce } from '../reload/parameters.js';
import { protectionLine } from '../protections/status.js';
import { collectStats } from '../stats.js';
import { snapshotOf } from '../control-turns.js';
import { ControlError, defineRoute, type ControlHost, type Route } from './route.js';

/** Money by account; null where a price or an exchange rate is missing. */
export function accountsView(engine: Engine): readonly object[] {
  const { portfolio } = engine.state;
  const text = (value: { toString(): string } | undefined): string | null => value?.toString() ?? null;
  return portfolio.accounts().map((account) => ({
    account,
    baseCurrency: portfolio.baseCurrency,
    equity: text(portfolio.equity(account)),
    startEquity: text(portfolio.startEquity(account)),
    dayStartEquity: text(portfolio.dayStartEquity(account)),
    peakEquity: text(portfolio.peakEquity(account)),
    maxDrawdown: portfolio.maxDrawdown(account),
    realizedPnl: portfolio.realizedPnl(account).toString(),
    unrealizedPnl: text(portfolio.unrealizedPnl(account)),
    fees: portfolio.fees(account).toString(),
    grossExposure: text(portfolio.grossExposure(account)),
    netExposure: text(portfolio.netExposure(account)),
    marginUsed: text(portfolio.marginUsed(account)),
    cash: Object.fromEntries(
      portfolio
        .currencies(account)
        .map((currency) => [currency, portfolio.cash(account, currency).toString()]),
    ),
  }));
}

export function positionsView(engine: Engine, account?: string): readonly object[] {
  return engine.state.portfolio.positions(account).map((position) => {
    const mark = engine.state.market.mark(position.ix);
    return {
      ...position,
      ix: undefined,
      mark: Number.isNaN(mark) ? null : mark,
      openedAt: isoMicros(position.openedAt),
    };
  });
}

/** One order as it is shown: without its place in the instrument table. */
export function orderView(order: Order): object {
  return { ...order, ix: undefined };
}

/** What runs, whether it may trade, and why not. */
export function statusView(host: ControlHost): object {
  const { engine } = host;
  const { kills, protections, watchdog } = host.safety();
  const stats = collectStats(engine);
  const { control } = engine.state;
  const { info } = engine.options;
  return {
    name: stats.name,
    mode: stats.mode,
    session: stats.session,
    build: info?.build ?? '',
    phase: host.phase(),
    pid: process.pid,
    ready: stats.ready,
    startedAt: isoMicros(stats.startedAt),
    at: isoMicros(stats.at),
    seq: stats.seq,
    ...snapshotOf(control),
    configurationHash: control.configurationHash || (info?.configurationHash ?? ''),
    gate: engine.outbox.gate ?? null,
    kills,
    protections: protections.map((one) => ({ ...one, line: protectionLine(one) })),
    watchdog,
    queue: { depth: stats.queueDepth, capacity: stats.queueCapacity },
    openOrders: engine.state.orders.openCount(),
    unsettled: engine.unsettled,
    connections: connectionsView(engine),
    feeds: stats.sources.map(({ name, events, lastAt, lastWall, connection, bad }) => ({
      name,
      events,
      connection,
      ageSeconds: lastAt === 0 ? null : ((lastWall === 0 ? stats.at : stats.wall) - lastAt) / 1e6,
      bad,
    })),
    strategies: strategiesView(engine),
    sinks: stats.sinks,
    journal: stats.journal ?? null,
  };
}

export function connectionsView(engine: Engine): readonly object[] {
  const { control, readiness } = engine.state;
  return [...engine.brokers.values()].map((broker) => ({
    broker: broker.name,
    venue: broker.venue,
    account: broker.account,
    simulated: broker.simulated,
    state: control.connection(broker.name) ?? (broker.simulated ? 'up' : 'connecting'),
    books: readiness.of(broker.name)?.books ?? null,
    withheld: broker.simulated ? '' : readiness.withheld(broker.name, false),
    figures: broker.figures?.() ?? [],
  }));
}

export function strategiesView(engine: Engine): readonly object[] {
  const versions = new Map(engine.options.info?.strategies.map((one) => [one.name, one]) ?? []);
  return collectStats(engine).strategies.map((one) => {
    const info = versions.get(one.name);
    const { version: parametersVersion, parameters } = parametersInForce(engine, one.name);
    return {
      ...one,
      use: info?.use ?? '',
      version: info?.version ?? '',
      sourceHash: info?.sourceHash ?? '',
      parametersVersion,
      parameters: JSON.parse(redact(parameters)) as unknown,
    };
  });
}

export function limitsView(engine: Engine): object {
  const configured = engine.topology.operators
    .filter(({ spec }) => spec.type === 'risk')
    .map(({ name, config }) => ({ node: name, limits: (config as { limits?: unknown }).limits ?? {} }));
  return { configured, changed: snapshotOf(engine.state.control).limits };
}

export function findOrder(engine: Engine, id: string): Order {
  const { orders } = engine.state;
  const known =
    orders.get(id) ??
    orders.byClientOrderId(id) ??
    [...engine.brokers.keys()]
      .map((broker) => orders.byVenueOrderId(broker, id))
      .find((one) => one !== undefined);
  if (known !== undefined) return known;
  throw new ControlError(
    404,
    'ORDER_NOT_FOUND',
    `no order has the key or id "${id}"`,
    'closed orders are forgotten after a while; the journal has them: millrace explain',
  );
}

const STATES = [
  'initialized',
  'denied',
  'queued',
  'submitted',
  'accepted',
  'partially_filled',
  'filled',
  'pending_replace',
  'pending_cancel',
  'cancelled',
  'rejected',
  'expired',
  'inactive',
  'unknown',
] as const satisfies readonly OrderState[];

const ordersQuery = z.strictObject({
  status: z
    .enum(['open', 'closed', ...STATES])
    .default('open')
    .describe('open, closed, or one state.'),
  instrument: z.string().optional().describe('Only of this symbol.'),
  strategy: z.string().optional().describe('Only of this strategy.'),
});

function ordersView(engine: Engine, query: z.output<typeof ordersQuery>): readonly object[] {
  const { orders } = engine.state;
  const wanted =
    query.status === 'open'
      ? [...orders.open()]
      : query.status === 'closed'
        ? STATES.filter((state) => isClosed(state)).flatMap((state) => orders.byState(state))
        : orders.byState(query.status);
  return wanted
    .filter(({ instrument }) => query.instrument === undefined || instrument === query.instrument)
    .filter(({ strategy }) => query.strategy === undefined || strategy === query.strategy)
    .map(orderView);
}

const accountQuery = z.strictObject({ account: z.string().optional().describe('Only of this account.') });

/** Everything that only looks. */
export const VIEWS: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/v1/status',
    role: 'view',
    summary: 'What runs, whether it may trade, and why not.',
    run: (host) => statusView(host),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/health',
    role: 'view',
    summary: 'Whether it is ready to trade: 200 or 503.',
    run: ({ engine }) => {
      const { ready } = collectStats(engine);
      if (ready) return { ready };
      const { tradingReason } = engine.state.control;
      throw new ControlError(503, 'NOT_READY', tradingReason === '' ? 'not ready to trade' : tradingReason);
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/orders',
    role: 'view',
    summary: 'Orders: open ones unless asked for others.',
    query: ordersQuery,
    run: ({ engine }, { query }) => ({ orders: ordersView(engine, query) }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/orders/:id',
    role: 'view',
    summary: 'One order, by order key, client order id or venue order id.',
    run: ({ engine }, { path }) => orderView(findOrder(engine, path['id'] ?? '')),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/positions',
    role: 'view',
    summary: 'Positions that are not flat.',
    query: accountQuery,
    run: ({ engine }, { query }) => ({ positions: positionsView(engine, query.account) }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/account',
    role: 'view',
    summary: 'Cash, equity, profit and loss, exposure and margin by account.',
    run: ({ engine }) => ({ accounts: accountsView(engine) }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/limits',
    role: 'view',
    summary: 'Risk limits as configured, and those changed at run time.',
    run: ({ engine }) => limitsView(engine),
  }),
  defineRoute({
    method: 'GET',
    path: '/v1/strategies',
    role: 'view',
    summary: 'Strategies with versions, counters and whether they run.',
    run: ({ engine }) => ({ strategies: strategiesView(engine) }),
  }),
];
