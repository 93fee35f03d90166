import { setTimeout as sleep } from 'node:timers/promises';
import type { Subscription } from 'rxjs';
import type { ConnectionState } from '../../model/event.js';
import { MICROS_PER_MS } from '../../model/time.js';
import { backOff, type BackOffOptions } from '../../streams/socket/back-off.js';
import { BrokerError } from '../broker.js';
import type { KnownOrders } from './orders/known-orders.js';
import { refreshOf } from './orders/answers.js';
import type { Reporter } from './orders/reporter.js';
import type { Resolver } from './orders/resolve.js';
import type { OrderView, TradeView } from './orders/views.js';
import type { Queries } from './queries.js';
import type { UserFeed } from './user-data/feed.js';
import type { UserStreamWatch } from './user-data/watch.js';
import type { BinanceWsApi, LinkStatus, VenueClock } from './wire.js';

export interface SessionDeps {
  readonly wsApi: BinanceWsApi;
  readonly clock: VenueClock;
  readonly queries: Queries;
  readonly known: KnownOrders;
  readonly reporter: Reporter;
  readonly resolver: Resolver;
  readonly feed: UserFeed;
  readonly watch: Pick<UserStreamWatch, 'start' | 'stop' | 'heard'>;
  /** Asks for the balances and tells them. */
  readonly balances: () => Promise<void>;
  /** Each step, of the session (``) or of the user data connection (`user`). */
  readonly status: (part: '' | 'user', status: LinkStatus) => void;
  readonly reconnect: BackOffOptions;
  readonly random: () => number;
  /** The session cannot come back: its key was refused. */
  readonly fail: (error: Error) => void;
  /** How long the first connection may take, milliseconds. */
  readonly patience: number;
}

/**
 * Opens the trading session and brings it back after every interruption, always in this order: the user data stream
 * runs and is held; fills that were missed are fetched by id and told; open orders are stated again; balances; requests
 * of unknown outcome are asked for once more; what was held passes; and only then is the session ready.
 */
export class Session {
  readonly #d: SessionDeps;
  #subscription: Subscription | undefined;
  #link: ConnectionState = 'closed';
  #notReady = 'the session is not open';
  /** Counts interruptions: a reconciliation that another one overtook stops. */
  #epoch = 0;
  #adopted = false;
  #closed = false;
  /** Venue milliseconds: trades before are not this session's to tell. */
  #openedAt = 0;
  readonly #lastTrade = new Map<string, string>();
  #opening: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  recoveries = 0;
  recoveredFills = 0;

  constructor(deps: SessionDeps) {
    this.#d = deps;
  }

  /** Empty when orders may go; else why not. */
  get notReady(): string {
    return this.#notReady;
  }

  /** The WebSocket API takes requests. */
  get linkUp(): boolean {
    return this.#link === 'ready' || this.#link === 'degraded';
  }

  /** Resolves when the session is ready for the first time. Rejects when the key is refused or nothing answers in time. */
  async open(): Promise<void> {
    const { wsApi, feed, watch, clock, patience } = this.#d;
    this.#openedAt = clock.now();
    feed.hold();
    const ready = new Promise<void>((resolve, reject) => {
      this.#opening = { resolve, reject };
    });
    this.#subscription = wsApi.events$.subscribe((message) => {
      watch.heard();
      feed.take(message);
    });
    wsApi.open();
    this.#subscription.add(wsApi.status$.subscribe((status) => this.#linked(status)));
    const timer = setTimeout(() => {
      const message = `the Binance session was not ready within ${patience} ms (${this.#notReady}); check the network and the addresses`;
      this.#opening?.reject(new BrokerError('unavailable', message, true));
    }, patience);
    try {
      await ready;
    } finally {
      clearTimeout(timer);
      this.#opening = undefined;
    }
  }

  close(): void {
    this.#closed = true;
    this.#epoch++;
    this.#notReady = 'the session is closed';
    this.#d.watch.stop();
    this.#subscription?.unsubscribe();
    this.#d.wsApi.close();
  }

  /** Something was lost although the connection stands: everything is reconciled anew. */
  lost(why: string): void {
    if (this.#closed || this.#link !== 'ready') return;
    this.#interrupted('degraded', 0, why);
    void this.#recover(this.#epoch);
  }

  #linked(status: LinkStatus): void {
    const before = this.#link;
    this.#link = status.state;
    this.#d.status('user', status);
    if (status.state === 'ready') {
      if (before !== 'ready') void this.#recover(++this.#epoch);
      return;
    }
    const ended = status.state === 'closed' && this.#opening === undefined;
    if (before === 'ready' || this.#notReady === '' || ended)
      this.#interrupted(status.state, status.attempt, status.reason);
    else this.#notReady = status.reason;
    if (status.state !== 'closed' || before === 'closed') return;
    const error = new BrokerError('auth', `Binance refused the session: ${status.reason}`, false);
    if (this.#opening === undefined) this.#d.fail(error);
    else this.#opening.reject(error);
  }

  #interrupted(state: ConnectionState, attempt: number, reason: string): void {
    this.#epoch++;
    this.#d.watch.stop();
    this.#d.feed.hold();
    this.#say(state, attempt, reason);
  }

  #say(state: ConnectionState, attempt: number, reason: string): void {
    this.#notReady = state === 'ready' ? '' : reason;
    this.#d.status('', { state, attempt, reason });
  }

  async #recover(epoch: number): Promise<void> {
    for (let attempt = 1; epoch === this.#epoch; attempt++) {
      try {
        if (this.#adopted) await this.#reconcile(epoch, attempt);
        else await this.#adopt(attempt);
        if (epoch !== this.#epoch) return;
        this.#d.feed.release();
        this.#say('ready', 0, this.#adopted ? 'reconciled' : 'authenticated, user data subscribed');
        this.#adopted = true;
        this.#d.watch.start();
        this.#opening?.resolve();
        return;
      } catch (error) {
        if (epoch !== this.#epoch) return;
        const reason = error instanceof Error ? error.message : String(error);
        this.#say('degraded', attempt, `the reconciliation failed: ${reason}`);
        if (error instanceof BrokerError && error.category === 'auth' && this.#opening !== undefined) {
          this.#opening.reject(error);
          return;
        }
        await sleep(backOff(this.#d.reconnect, attempt, this.#d.random), undefined, { ref: false });
      }
    }
  }

  /** First connection: what is open already is only remembered; whoever recovers asks for it through the port. */
  async #adopt(attempt: number): Promise<void> {
    this.#say('up', attempt, 'reading open orders');
    const { known, queries } = this.#d;
    for (const view of await queries.openOrders()) {
      const order = known.note(view.clientOrderId, view.symbol, view.side, view.executed);
      known.setVenueId(order, view.venueOrderId);
      order.type = view.type;
      order.accepted = true;
    }
  }

  async #reconcile(epoch: number, attempt: number): Promise<void> {
    const { queries, reporter, known, resolver, balances } = this.#d;
    this.recoveries++;
    this.#say('up', attempt, 'fetching missed fills');
    for (const symbol of known.symbols) {
      // Told even when another interruption came meanwhile: the next reading starts behind them.
      for (const trade of await this.#missedFills(symbol)) if (reporter.fill(trade)) this.recoveredFills++;
      if (epoch !== this.#epoch) return;
    }
    this.#say('up', attempt, 'reading open orders');
    const before = known.open();
    const open = await queries.openOrders();
    if (epoch !== this.#epoch) return;
    this.#restate(open, before);
    this.#say('up', attempt, 'reading balances');
    await balances();
    if (resolver.open === 0 || epoch !== this.#epoch) return;
    this.#say('up', attempt, `asking for ${resolver.open} requests of unknown outcome`);
    await resolver.kick();
  }

  #restate(open: readonly OrderView[], before: ReturnType<KnownOrders['open']>): void {
    const { reporter, resolver, known } = this.#d;
    const listed = new Set<string>();
    for (const view of open) {
      const { symbol, venueOrderId, clientOrderId, side, executed } = view;
      listed.add(`${symbol}|${venueOrderId}`);
      reporter.order(view, '', true);
      if (known.get(clientOrderId)?.filled.lt(executed) === true)
        resolver.ask(refreshOf(symbol, clientOrderId, side, 'a fill is not in the trade list yet'));
    }
    // Ended meanwhile; how, only the order itself tells.
    for (const { symbol, venueOrderId, clientOrderId, side } of before)
      if (!listed.has(`${symbol}|${venueOrderId}`))
        resolver.ask(refreshOf(symbol, clientOrderId, side, 'it is not open any more'));
  }

  /** From the last trade that a query told, itself included; before there is one, from the opening of the session. */
  async #missedFills(symbol: string): Promise<readonly TradeView[]> {
    const { queries, clock, known } = this.#d;
    const from = this.#lastTrade.get(symbol);
    const all =
      from === undefined
        ? await queries.tradesSince(symbol, this.#openedAt, clock.now() + 1_000)
        : await queries.tradesFrom(symbol, from);
    const last = all.at(-1);
    const trades = all.filter(({ time }) => time >= this.#openedAt * MICROS_PER_MS);
    const strange = trades.filter((trade) => known.byVenue(symbol, trade.venueOrderId) === undefined);
    const ids =
      strange.length === 0
        ? new Map<string, string>()
        : await queries.clientIds(
            symbol,
            strange.map((trade) => trade.venueOrderId),
          );
    // Only now: a query that fails above is made again from the same place.
    if (last !== undefined) this.#lastTrade.set(symbol, last.tradeId);
    return trades.map((trade) => {
      const clientOrderId =
        known.byVenue(symbol, trade.venueOrderId)?.clientOrderId ?? ids.get(trade.venueOrderId) ?? '';
      return { ...trade, clientOrderId };
    });
  }
}
