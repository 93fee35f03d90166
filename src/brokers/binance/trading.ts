import type { Observable } from 'rxjs';
import type { AccountEvent, Balance, ExecutionEvent, OutcomeEvent } from '../../model/event.js';
import type { InstrumentTable } from '../../model/instruments.js';
import { makeAccount } from '../../model/make.js';
import type { Log } from '../../model/component.js';
import { MICROS_PER_MS, type Micros } from '../../model/time.js';
import { BrokerError, type BrokerCommand, type BrokerFigure } from '../broker.js';
import { EventWriter } from './orders/event-writer.js';
import { KnownOrders } from './orders/known-orders.js';
import { Reporter } from './orders/reporter.js';
import { Resolver, type ResolveOptions } from './orders/resolve.js';
import { Submitter } from './orders/submit.js';
import type { SymbolRules } from './orders/symbol-rules.js';
import type { BinanceOptions } from './options.js';
import type { Queries } from './queries.js';
import { balancesOf, type Account } from './schemas.js';
import { Session } from './session.js';
import { UserFeed } from './user-data/feed.js';
import { UserStreamWatch } from './user-data/watch.js';
import type { BinanceRest, BinanceWsApi, LinkStatus, VenueClock } from './wire.js';

export interface TradingDeps {
  readonly options: BinanceOptions;
  readonly rest: BinanceRest;
  readonly wsApi: BinanceWsApi;
  readonly clock: VenueClock;
  readonly random: () => number;
  readonly queries: Queries;
  readonly instruments: InstrumentTable;
  /** By venue symbol. */
  readonly rules: (symbol: string) => SymbolRules | undefined;
  readonly log: Log;
  readonly emit: (event: ExecutionEvent | AccountEvent) => void;
  /** The session can no longer be trusted: its streams end with this. */
  readonly fail: (error: Error) => void;
  readonly status: (part: '' | 'user', status: LinkStatus) => void;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
  readonly resolve?: Partial<ResolveOptions>;
}

/** Name of the venue in the instrument table. */
export const VENUE = 'binance';
/** A bad message is logged the first time and then each time their number has grown so many times. */
const SAMPLE_EVERY = 100;

/** The trading half of a spot session: orders out, reports and balances in. */
export class Trading {
  readonly session: Session;
  readonly writer: EventWriter;
  readonly known: KnownOrders = new KnownOrders();
  readonly #d: TradingDeps;
  readonly #reporter: Reporter;
  readonly #resolver: Resolver;
  readonly #feed: UserFeed;
  readonly #submitter: Submitter;
  readonly #watch: UserStreamWatch;
  /** Currencies that were told with something in them: they are told again when they are empty. */
  readonly #currencies = new Set<string>();
  #asking: Promise<void> | undefined;
  #askAgain = false;

  constructor(deps: TradingDeps) {
    this.#d = deps;
    const { options, queries, clock, wsApi } = deps;
    const { known } = this;
    const now = (): Micros => clock.now() * MICROS_PER_MS;
    this.writer = new EventWriter({
      name: options.name,
      account: options.account,
      resolve: (symbol) => instrumentOf(deps.instruments, symbol),
    });
    const reporter = new Reporter({
      writer: this.writer,
      known,
      emit: deps.emit,
      onStrangeReplace: ({ newId, oldId, symbol }, side) =>
        this.#resolver.ask({
          action: 'replace',
          clientOrderId: newId,
          targetId: oldId,
          venueOrderId: '',
          symbol,
          side,
          why: 'a replace of an earlier session',
        }),
    });
    this.#reporter = reporter;
    this.#resolver = new Resolver(
      {
        queries,
        reporter,
        known,
        now,
        monotonic: deps.monotonic,
        onOverflow: (message) => deps.fail(new BrokerError('unavailable', message, false)),
      },
      {
        polls: 4,
        // A request older than the receive window is refused by the venue, also by its engine; 5 s for its own delays.
        settle: options.recvWindow + 5_000,
        first: 250,
        longest: 5_000,
        most: 10_000,
        ...deps.resolve,
      },
    );
    this.#feed = new UserFeed({
      known,
      reporter,
      resolver: this.#resolver,
      onBalances: (balances, time) => this.#tellBalances(balances, time),
      onMoved: () => void this.balances().catch(() => undefined), // the next statement or reconciliation tells
      onLost: (why) => this.session.lost(why),
      onMalformed: (problem, message) => this.#malformed(problem, message),
      onOverflow: (message) => deps.fail(new BrokerError('unavailable', message, false)),
    });
    this.#watch = new UserStreamWatch({
      patience: options.timeouts.userSilence,
      every: options.timeouts.userCheck,
      ready: () => this.session.notReady === '',
      known,
      openOrders: () => queries.openOrders(),
      monotonic: deps.monotonic,
      stale: (why) => wsApi.drop(why),
    });
    this.session = new Session({
      wsApi,
      watch: this.#watch,
      clock,
      queries,
      known,
      reporter,
      resolver: this.#resolver,
      feed: this.#feed,
      balances: () => this.balances(),
      status: deps.status,
      fail: deps.fail,
      reconnect: options.reconnect,
      random: deps.random,
      patience: 3 * (options.timeouts.handshake + options.timeouts.ready),
    });
    this.#submitter = new Submitter({
      name: options.name,
      rest: deps.rest,
      wsApi: options.orderTransport === 'ws' ? wsApi : undefined,
      wsUp: () => this.session.linkUp,
      notReady: () => this.session.notReady,
      rulesOf: (ix) => {
        const instrument = deps.instruments.at(ix);
        return instrument === undefined || (instrument.venue !== VENUE && instrument.venue !== '')
          ? undefined
          : deps.rules(instrument.venueSymbol);
      },
      carriedOut: () => this.#watch.carriedOut(),
      known,
      reporter,
      resolver: this.#resolver,
      now,
    });
  }

  execute(commands$: Observable<BrokerCommand>): Observable<OutcomeEvent> {
    return this.#submitter.execute(commands$);
  }

  /** Asks for the balances and tells them; calls made meanwhile share one more question. */
  balances(): Promise<void> {
    if (this.#asking !== undefined) {
      this.#askAgain = true;
      return this.#asking;
    }
    this.#asking = this.#askBalances().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async accountState(): Promise<AccountEvent> {
    return this.#accountEvent(await this.#d.queries.account());
  }

  close(): void {
    this.#resolver.close();
    this.session.close();
  }

  figures(): readonly BrokerFigure[] {
    const submitter = this.#submitter;
    const counter = (name: string, help: string, value: number, labels = {}): BrokerFigure => ({
      name,
      type: 'counter',
      help,
      labels,
      value,
    });
    const gauge = (name: string, help: string, value: number): BrokerFigure => ({
      name,
      type: 'gauge',
      help,
      labels: {},
      value,
    });
    const sent = 'Order requests handed over, by transport.';
    return [
      counter('order_requests_total', sent, submitter.sent.ws, { transport: 'ws' }),
      counter('order_requests_total', sent, submitter.sent.rest, { transport: 'rest' }),
      counter(
        'orders_refused_here_total',
        'Commands the venue has no exact request for.',
        submitter.refusedHere,
      ),
      counter(
        'order_outcomes_unknown_total',
        'Requests whose outcome had to be asked for.',
        submitter.unknown,
      ),
      counter('order_outcomes_not_sent_total', 'Commands that did not leave.', submitter.notSent),
      gauge('questions_open', 'Orders and requests that are being asked for.', this.#resolver.open),
      counter('questions_answered_total', 'Questions answered.', this.#resolver.resolved),
      counter('questions_failed_total', 'Queries of open questions that failed.', this.#resolver.failed),
      counter('user_events_total', 'Messages of the user data stream.', this.#feed.received),
      counter('user_events_malformed_total', 'Those that could not be used.', this.#feed.malformed),
      counter('user_streams_stale_total', 'User data streams found silent and replaced.', this.#watch.found),
      gauge('user_events_held', 'Messages that wait for a reconciliation.', this.#feed.held),
      counter('reports_repeated_total', 'Repeated fills and reports left out.', this.#reporter.repeated),
      counter('recoveries_total', 'Reconciliations after an interruption.', this.session.recoveries),
      counter('recovered_fills_total', 'Fills that only a reconciliation told.', this.session.recoveredFills),
    ];
  }

  async #askBalances(): Promise<void> {
    do {
      this.#askAgain = false;
      this.#d.emit(this.#accountEvent(await this.#d.queries.account()));
    } while (this.#askAgain);
  }

  #accountEvent(account: Account): AccountEvent {
    const { options, clock } = this.#d;
    const told = balancesOf(account).filter(
      ({ currency, total }) => !total.isZero() || this.#currencies.has(currency),
    );
    for (const { currency } of told) this.#currencies.add(currency);
    return makeAccount(options.name, clock.now() * MICROS_PER_MS, options.name, options.account, told);
  }

  #tellBalances(balances: readonly Balance[], time: Micros): void {
    const { name, account } = this.#d.options;
    for (const { currency } of balances) this.#currencies.add(currency);
    this.#d.emit(makeAccount(name, time, name, account, balances));
  }

  #malformed(problem: string, message: unknown): void {
    if (this.#feed.malformed % SAMPLE_EVERY !== 1) return;
    const text = JSON.stringify(message) ?? '';
    this.#d.log.warn(`${this.#d.options.name}: ${problem}; what it is about is asked for`, {
      count: this.#feed.malformed,
      sample: text.slice(0, 500),
    });
  }
}

/** Our instrument of a venue symbol; the venue's name and -1 when it is not in the table. */
export function instrumentOf(
  instruments: InstrumentTable,
  symbol: string,
): { readonly instrument: string; readonly ix: number } {
  let found = instruments.byVenueSymbol(VENUE, symbol) ?? instruments.byVenueSymbol('', symbol);
  if (found !== undefined && found.venueSymbol !== symbol) found = undefined;
  return found === undefined ? { instrument: symbol, ix: -1 } : { instrument: found.symbol, ix: found.ix };
}
