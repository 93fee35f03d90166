import {
  dec,
  defineBroker,
  isCommand,
  makeAccount,
  makeConnection,
  makeExecution,
  makeOutcome,
  type Broker,
  type BrokerCommand,
  type BrokerContext,
  type ExecutionReport,
  type Fill,
} from 'millrace';
import { concat, NEVER, Observable, of } from 'rxjs';
import { z } from 'zod';

const SETTINGS = z.strictObject({
  prices: z.string().describe('Node whose quotes it fills against.'),
  cash: z.number().positive().describe('Money at the start.'),
  currency: z.string().default('USD').describe('Currency of `cash`.'),
});

/**
 * A broker of one's own: fills market orders at once at the other side of the quote, and rejects the rest.
 * Whatever it has to say is posted as an input of a later turn: nothing answers inside the turn that asked.
 */
export const instantBroker = defineBroker({
  type: 'instant',
  summary: 'Fills market orders at once against quotes; rejects every other order.',
  config: SETTINGS,
  examples: ['prices: market\ncash: 10000'],
  reload: 'restart',
  simulated: true,
  reads: ({ prices }) => [prices],
  make,
});

function make(config: z.output<typeof SETTINGS>, { name, host }: BrokerContext): Broker {
  const bids: number[] = [];
  const asks: number[] = [];
  let reports = 0;
  host.onMarket(config.prices, (event) => {
    if (event.kind !== 'quote') return;
    bids[event.ix] = event.bid;
    asks[event.ix] = event.ask;
  });

  const report = (
    { dispatch, order }: BrokerCommand,
    kind: ExecutionReport,
    reason: string,
    fill?: Fill,
  ): void => {
    const event = makeExecution(name, host.at(), {
      broker: name,
      account: dispatch.account,
      report: kind,
      clientOrderId: dispatch.clientOrderId,
      venueOrderId: `${name}-${dispatch.clientOrderId}`,
      execId: `${name}-${++reports}`,
      instrument: order.instrument,
      ix: order.ix,
      side: order.side,
      fill,
      cumulative: fill?.quantity,
      quantity: undefined,
      limitPrice: undefined,
      stopPrice: undefined,
      reason,
    });
    host.postAt(host.at(), event);
  };

  const take = (request: BrokerCommand): void => {
    if (!isCommand(request.command)) throw new TypeError('only commands of the throttle are orders');
    const { orderKey, clientOrderId, action } = request.dispatch;
    host.postAt(
      host.at(),
      makeOutcome(name, host.at(), name, orderKey, clientOrderId, action, 'sent', '', ''),
    );
    if (action === 'cancel') return report(request, 'cancel_rejected', 'nothing ever rests here');
    if (action === 'replace') return report(request, 'replace_rejected', 'nothing ever rests here');
    const { order } = request;
    const price = order.side === 'buy' ? asks[order.ix] : bids[order.ix];
    if (order.type !== 'market' || price === undefined)
      return report(request, 'rejected', 'market orders only, after a quote');
    report(request, 'accepted', '');
    report(request, 'fill', '', {
      quantity: order.quantity,
      price: dec(price),
      fee: dec(0),
      feeCurrency: config.currency,
      liquidity: 'taker',
    });
  };

  const cash = dec(config.cash);
  return {
    name,
    venue: 'instant',
    account: name,
    simulated: true,
    capabilities: {
      orderTypes: { market: ['gtc', 'day', 'ioc', 'fok'] },
      fractional: true,
      short: true,
      amend: false,
      batch: false,
      rateLimits: { orders: [], cancels: [], messages: [] },
    },
    connection$: concat(of(makeConnection(name, 0, name, 'ready', 0, '')), NEVER),
    executions$: NEVER,
    market: () => NEVER,
    execute: (commands$) =>
      new Observable((out) =>
        commands$.subscribe({
          next: take,
          error: (error) => out.error(error),
          complete: () => out.complete(),
        }),
      ),
    openOrders: () => Promise.resolve([]),
    // Orders are done at once and not kept; a simulated broker is never asked.
    order: () => Promise.resolve(undefined),
    fills: () => Promise.resolve([]),
    positions: () => Promise.resolve([]),
    accountState: () =>
      Promise.resolve(
        makeAccount(name, host.at(), name, name, [
          { currency: config.currency, total: cash, free: cash, locked: dec(0) },
        ]),
      ),
    instruments: () => Promise.resolve([]),
    serverTime: () => Promise.resolve(host.at()),
    open: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
