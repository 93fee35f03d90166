import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import {
  Decimal,
  BrokerError,
  dec,
  defineBroker,
  definePlugin,
  makeAccount,
  makeConnection,
  makeExecution,
  makeOutcome,
  makeQuote,
  type AccountEvent,
  type Broker,
  type BrokerContext,
  type ConnectionEvent,
  type ControlEvent,
  type ExecutionEvent,
  type MarketEvent,
  type OutcomeEvent,
} from 'millrace';
import { Observable, ReplaySubject, Subject } from 'rxjs';
import { z } from 'zod';

/** The adapter of the crash test's exchange, behind the broker port like any other. */
interface Told {
  readonly id: number;
  readonly client: string;
  readonly side: 'buy' | 'sell';
  readonly lots: number;
  readonly filled: number;
  readonly state: string;
}
interface ToldFill {
  readonly exec: string;
  readonly client: string;
  readonly id: number;
  readonly side: 'buy' | 'sell';
  readonly lots: number;
  readonly price: number;
  readonly ts: number;
  readonly cumulative: number;
}
type Message = {
  readonly n?: number;
  readonly quote?: number;
  readonly report?: ExecutionEvent['report'];
  readonly order?: Told | null;
  readonly orders?: readonly Told[];
  readonly fill?: ToldFill;
  readonly fills?: readonly ToldFill[];
  readonly refused?: string;
  readonly position?: number;
  readonly cash?: number;
  readonly ts?: number;
};

const LOT = 1000;
const TICK = 10;
const SYMBOL = 'COIN';
const ANSWER_MS = 300;
const lots = (value: Decimal): number => value.times(LOT).toNumber();
const quantity = (value: number): Decimal => dec(value).div(LOT);
const price = (value: number): Decimal => dec(value).div(TICK);

function crashBroker(port: number, context: BrokerContext): Broker {
  const { name, host, instruments } = context;
  const account = 'crash';
  const connections = new ReplaySubject<ConnectionEvent>(8);
  const executions = new Subject<ExecutionEvent | AccountEvent>();
  const quotes = new Subject<number>();
  const waiting = new Map<number, (message: Message) => void>();
  let socket: Socket | undefined;
  let n = 0;
  let armed = false;

  const ask = (op: string, fields: object = {}): Promise<Message> =>
    new Promise((resolve, reject) => {
      const id = ++n;
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(new BrokerError('timeout', `no answer to ${op}`, false));
      }, ANSWER_MS);
      waiting.set(id, (message) => {
        clearTimeout(timer);
        resolve(message);
      });
      socket?.write(`${JSON.stringify({ n: id, op, ...fields })}\n`);
    });
  const execution = (report: ExecutionEvent['report'], order: Told, fill?: ToldFill): ExecutionEvent =>
    makeExecution(name, fill?.ts ?? host.wall(), {
      broker: name,
      account,
      report,
      clientOrderId: order.client,
      venueOrderId: String(order.id),
      execId: fill?.exec ?? '',
      instrument: SYMBOL,
      ix: instruments.get(SYMBOL)?.ix ?? 0,
      side: order.side,
      fill:
        fill === undefined
          ? undefined
          : {
              quantity: quantity(fill.lots),
              price: price(fill.price),
              fee: dec(0),
              feeCurrency: 'USDT',
              liquidity: 'unknown',
            },
      cumulative: quantity(fill?.cumulative ?? order.filled),
      quantity: quantity(order.lots),
      limitPrice: undefined,
      stopPrice: undefined,
      reason: '',
    });
  const asFill = (fill: ToldFill): ExecutionEvent =>
    execution('fill', { ...fill, filled: fill.cumulative, state: 'open' }, fill);
  const asOrder = (order: Told): ExecutionEvent =>
    execution(order.state === 'open' ? 'accepted' : order.state === 'filled' ? 'fill' : 'cancelled', order);
  const take = (message: Message): void => {
    if (message.n !== undefined) {
      waiting.get(message.n)?.(message);
      waiting.delete(message.n);
    } else if (message.quote !== undefined) quotes.next(message.quote);
    else if (message.report !== undefined && message.order)
      executions.next(execution(message.report, message.order, message.fill));
  };
  const state = (to: ConnectionEvent['state']): void =>
    connections.next(makeConnection(name, host.wall(), name, to, 0, ''));
  const arm = (): void => {
    if (armed) return;
    armed = true;
    const head = { kind: 'control', seq: 0, sub: 0, at: host.at(), ts: host.at(), source: name } as const;
    const event: ControlEvent = {
      ...head,
      action: 'arm',
      actor: 'test',
      reason: '',
      target: account,
      value: '',
    };
    host.postAt(host.at(), event);
  };

  return {
    name,
    venue: 'crash',
    account,
    simulated: false,
    capabilities: {
      orderTypes: { market: ['gtc'], limit: ['gtc'] },
      fractional: true,
      short: true,
      amend: false,
      batch: false,
      rateLimits: { orders: [], cancels: [], messages: [] },
    },
    connection$: connections,
    executions$: executions,
    market: ({ source }): Observable<MarketEvent> =>
      new Observable((out) =>
        quotes.subscribe((mid) => {
          arm();
          const ix = instruments.get(SYMBOL)?.ix ?? 0;
          out.next(makeQuote(source, host.wall(), SYMBOL, ix, mid / TICK, 1, (mid + 1) / TICK, 1));
        }),
      ),
    execute: (commands$): Observable<OutcomeEvent> =>
      new Observable((out) =>
        commands$.subscribe(({ dispatch, order }) => {
          const { intent, action, orderKey, clientOrderId } = dispatch;
          Object.assign(globalThis, { crashTrading: true });
          const done = (outcome: 'sent' | 'unknown', reason: string): void =>
            out.next(
              makeOutcome(
                name,
                host.wall(),
                name,
                orderKey,
                clientOrderId,
                action,
                outcome,
                outcome === 'sent' ? '' : 'timeout',
                reason,
              ),
            );
          const fields =
            action === 'cancel'
              ? { client: clientOrderId, target: order.clientOrderId }
              : {
                  client: clientOrderId,
                  side: intent.side,
                  lots: lots(intent.quantity),
                  price: intent.limitPrice?.times(TICK).toNumber() ?? 0,
                };
          ask(action, fields).then(
            ({ refused }) => {
              done('sent', '');
              if (refused === undefined) return;
              const told = { id: 0, client: clientOrderId, side: order.side, lots: 0, filled: 0, state: '' };
              const report = action === 'cancel' ? 'cancel_rejected' : 'rejected';
              executions.next({
                ...execution(report, told),
                cumulative: undefined,
                venueOrderId: '',
                reason: refused,
              });
            },
            (error: unknown) => done('unknown', String(error)),
          );
        }),
      ),
    openOrders: async () => ((await ask('open')).orders ?? []).map(asOrder),
    order: async ({ clientOrderId }) => {
      const { order } = await ask('order', { client: clientOrderId });
      return order ? asOrder(order) : undefined;
    },
    fills: async ({ since }) => ((await ask('fills', { since })).fills ?? []).map(asFill),
    positions: async () => {
      const { position = 0 } = await ask('account');
      return [{ account, instrument: SYMBOL, quantity: quantity(position).toString(), averagePrice: '0' }];
    },
    accountState: async () => {
      const { cash = 0 } = await ask('account');
      const total = dec(cash).div(LOT * TICK);
      return makeAccount(name, host.wall(), name, account, [
        { currency: 'USDT', total, free: total, locked: dec(0) },
      ]);
    },
    instruments: () => Promise.resolve([]),
    serverTime: () => Promise.resolve(host.wall()),
    open: async () => {
      state('connecting');
      const made = connect(port, '127.0.0.1');
      socket = made;
      createInterface({ input: made }).on('line', (line) => take(JSON.parse(line) as Message));
      await ask('hello');
      state('ready');
    },
    close: () => {
      socket?.destroy();
      return Promise.resolve();
    },
  };
}

export default definePlugin({
  api: 1,
  components: [
    defineBroker({
      type: 'crash_exchange',
      summary: 'The exchange of the crash test.',
      config: z.strictObject({ port: z.int(), account: z.string().default('crash') }),
      examples: [],
      reload: 'restart',
      simulated: false,
      make: ({ port }, context) => crashBroker(port, context),
    }),
  ],
});
