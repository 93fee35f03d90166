import { concat, NEVER, Observable, of, throwError } from 'rxjs';
import { VenueAccount } from '../../matching/account.js';
import { MatchingEngine } from '../../matching/engine.js';
import type { MatchReport } from '../../matching/order.js';
import { seededRandom } from '../../model/random.js';
import { isCommand } from '../../model/command.js';
import type {
  AccountEvent,
  ConnectionEvent,
  ExecutionEvent,
  InputEvent,
  MarketEvent,
  OutcomeEvent,
} from '../../model/event.js';
import type { InstrumentInput } from '../../model/instruments.js';
import { makeAccount, makeConnection, makeOutcome } from '../../model/make.js';
import { MillraceError } from '../../model/reason.js';
import type { Micros } from '../../model/time.js';
import {
  BrokerError,
  type Broker,
  type BrokerCapabilities,
  type BrokerCommand,
  type BrokerPosition,
  type FillsQuery,
  type OrderQuery,
} from '../broker.js';
import { adoptState } from './adopt.js';
import { paperCapabilities } from './capabilities.js';
import { FillHistory } from './fill-history.js';
import type { PaperEnvironment } from './host.js';
import type { PaperOptions } from './options.js';
import { ReportWriter } from './report-writer.js';
import { cancelRequest, orderRequest, replaceRequest } from './requests.js';
import { closeOut, currencyOf } from './stop-out.js';

/**
 * A venue in the same process: the matching engine on the market events of one or more nodes, behind the broker port.
 *
 * Everything it says comes back through `host.postAt`, as an input on a later turn, with `source` and `broker` set to
 * its name; `execute` and `executions$` never emit, so nothing is delivered twice. One command gives, in this order:
 * `outcome: sent` on the next turn; after `latency` the venue's reports; after each batch with a fill an account event.
 */
export class PaperBroker implements Broker {
  readonly name: string;
  readonly venue: string = 'paper';
  readonly account: string;
  readonly simulated: boolean = true;
  readonly capabilities: BrokerCapabilities;
  readonly connection$: Observable<ConnectionEvent>;
  readonly executions$: Observable<ExecutionEvent | AccountEvent> = NEVER;
  readonly #options: PaperOptions;
  readonly #env: PaperEnvironment;
  readonly #random: () => number;
  readonly #fills: FillHistory;
  readonly #ledger: VenueAccount;
  #engine: MatchingEngine | undefined;
  #writer: ReportWriter;
  #filled = false;
  #lastArrival: Micros = 0;
  #lastReport: Micros = 0;
  /** Times the running expiry timers are set to. */
  readonly #armed = new Set<Micros>();
  #command: BrokerCommand | undefined;

  constructor(options: PaperOptions, env: PaperEnvironment) {
    this.name = env.name;
    this.account = options.account;
    this.capabilities = paperCapabilities(options.rules.type === 'margin' && options.rules.shorting);
    this.connection$ = concat(
      of(makeConnection(env.name, 0, env.name, 'ready', 0, 'simulated venue')),
      NEVER,
    );
    this.#options = options;
    this.#env = env;
    this.#random = seededRandom(env.seed);
    this.#fills = new FillHistory(options.fillHistory);
    this.#writer = new ReportWriter(env.name, options.account, '', env.instruments);
    this.#ledger = new VenueAccount(
      options.rules,
      options.matching.fees,
      options.cash,
      env.instruments,
      (ix) => this.#engine?.mark(ix) ?? NaN,
    );
    for (const node of options.prices) env.host.onMarket(node, (event) => this.#market(event));
  }

  /** Starts the venue; takes over positions, cash and open orders that State already knows from before a restart. */
  open(): Promise<void> {
    const { session, instruments, host } = this.#env;
    // Engine time goes on after a restart, so ids of an earlier life of the session cannot come again.
    const life = `${session}-${host.at().toString(36)}-`;
    this.#writer = new ReportWriter(this.name, this.account, life, instruments);
    this.#engine = new MatchingEngine({
      instruments,
      options: this.#options.matching,
      ledger: (account) => (account === this.account ? this.#ledger : undefined),
      report: (report) => this.#report(report),
      idPrefix: life,
    });
    adoptState(host.state, this.name, this.account, this.#engine, this.#ledger, host.at());
    this.#arm();
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#engine = undefined;
    return Promise.resolve();
  }

  /** Never emits. Errors with `COMMAND_FORGED` when something else than a command of the throttle arrives. */
  execute(commands$: Observable<BrokerCommand>): Observable<OutcomeEvent> {
    return new Observable((subscriber) =>
      commands$.subscribe({
        next: (command) => {
          if (isCommand(command.command)) this.#receive(command);
          else
            subscriber.error(
              new MillraceError(
                'COMMAND_FORGED',
                `broker ${this.name} was sent something that is not a command of the throttle`,
              ),
            );
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    );
  }

  /** It has no feed of its own: orders fill against the nodes named in `prices`. */
  market(): Observable<MarketEvent> {
    return throwError(
      () =>
        new BrokerError(
          'unavailable',
          `broker ${this.name} is a paper broker without market data; take it from a feed's broker`,
          false,
        ),
    );
  }

  openOrders(): Promise<readonly ExecutionEvent[]> {
    const orders = this.#running().openOrders();
    return Promise.resolve(orders.map((order) => this.#writer.open(order, this.#env.host.at())));
  }

  /** Rejects for an order that is not open: closed ones are not kept. */
  async order(query: OrderQuery): Promise<ExecutionEvent> {
    const wanted = (await this.openOrders()).find(
      (order) =>
        (query.clientOrderId !== '' && order.clientOrderId === query.clientOrderId) ||
        (query.venueOrderId !== '' && order.venueOrderId === query.venueOrderId),
    );
    if (wanted === undefined)
      throw new BrokerError('unavailable', `broker ${this.name} keeps open orders only`, false);
    return wanted;
  }

  /** Rejects when fills since then are no longer kept. */
  fills({ since, instruments }: FillsQuery): Promise<readonly ExecutionEvent[]> {
    return new Promise((resolve) =>
      resolve(this.#fills.since(since).filter(({ instrument }) => instruments.includes(instrument))),
    );
  }

  positions(): Promise<readonly BrokerPosition[]> {
    return Promise.resolve(
      this.#ledger.positions().map((p) => ({
        account: this.account,
        instrument: this.#env.instruments.at(p.ix)?.symbol ?? '',
        quantity: p.quantity.toString(),
        averagePrice: p.averagePrice.toString(),
      })),
    );
  }

  accountState(): Promise<AccountEvent> {
    return Promise.resolve(this.#balances());
  }

  /** The venue defines none: its instruments are those of the topology. */
  instruments(): Promise<readonly InstrumentInput[]> {
    return Promise.resolve([]);
  }

  serverTime(): Promise<Micros> {
    return Promise.resolve(this.#env.host.at());
  }

  #receive(command: BrokerCommand): void {
    const { host } = this.#env;
    const { latency, latencyJitter } = this.#options;
    const { orderKey, clientOrderId, action } = command.dispatch;
    const at = host.at();
    host.postAt(at, makeOutcome(this.name, at, this.name, orderKey, clientOrderId, action, 'sent', '', ''));
    const jitter = latencyJitter === 0 ? 0 : Math.floor(this.#random() * (latencyJitter + 1));
    this.#lastArrival = Math.max(this.#lastArrival, at + latency + jitter);
    host.runAt(this.#lastArrival, () => this.#arrive(command));
  }

  #arrive(command: BrokerCommand): void {
    const engine = this.#engine;
    if (engine === undefined) return;
    const now = this.#env.host.at();
    this.#command = command;
    const { action } = command.dispatch;
    const { rejectProbability } = this.#options;
    if (action === 'new' && rejectProbability > 0 && this.#random() < rejectProbability) {
      this.#report({
        report: 'rejected',
        at: now,
        clientOrderId: command.dispatch.clientOrderId,
        order: undefined,
        fill: undefined,
        reason: 'simulated rejection',
      });
    } else if (action === 'new') engine.submit(orderRequest(command, this.account), now);
    else if (action === 'replace') engine.replace(replaceRequest(command), now);
    else engine.cancel(cancelRequest(command), now);
    this.#command = undefined;
    this.#settle(now);
    this.#arm();
  }

  #market(event: MarketEvent): void {
    const engine = this.#engine;
    if (engine === undefined) return;
    const now = this.#env.host.at();
    engine.onMarket(event, now);
    if (this.#options.stopOut !== undefined) this.#checkMargin(engine, event.ix, now, this.#options.stopOut);
    if (this.#filled) this.#settle(now);
  }

  #checkMargin(engine: MatchingEngine, ix: number, now: Micros, level: number): void {
    if (this.#ledger.position(ix).isZero()) return;
    const currency = currencyOf(this.#env.instruments, ix);
    if (this.#ledger.marginLevel(currency) <= level)
      closeOut(engine, this.#ledger, this.account, currency, this.#env.instruments, this.#writer, now);
  }

  #report(report: MatchReport): void {
    const event = this.#writer.write(report, this.#command?.dispatch);
    if (report.fill !== undefined) {
      this.#filled = true;
      this.#fills.add(event);
    }
    this.#post(event, report.at);
  }

  /** Balances after a batch of fills, once. */
  #settle(now: Micros): void {
    if (!this.#filled) return;
    this.#filled = false;
    this.#post(this.#balances(), now);
  }

  #post(event: InputEvent, now: Micros): void {
    this.#lastReport = Math.max(this.#lastReport, now + this.#options.reportLatency);
    this.#env.host.postAt(this.#lastReport, event);
  }

  /** An order lives through its expiry and is over one microsecond later, so that a bar ending then still counts. */
  #arm(): void {
    const deadline = this.#engine?.nextDeadline();
    if (deadline === undefined || this.#armed.has(deadline)) return;
    this.#armed.add(deadline);
    this.#env.host.runAt(deadline + 1, () => {
      this.#armed.delete(deadline);
      this.#engine?.advance(this.#env.host.at());
      this.#arm();
    });
  }

  #balances(): AccountEvent {
    return makeAccount(this.name, this.#env.host.at(), this.name, this.account, this.#ledger.balances());
  }

  #running(): MatchingEngine {
    if (this.#engine === undefined)
      throw new BrokerError('unavailable', `broker ${this.name} is not open`, true);
    return this.#engine;
  }
}
