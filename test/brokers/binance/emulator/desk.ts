import { Subject } from 'rxjs';
import { BinanceBroker, binanceOptions } from '../../../../src/brokers/binance/index.js';
import type { BinanceCredentials, BinanceOptionsInput } from '../../../../src/brokers/binance/options.js';
import type { BrokerCommand } from '../../../../src/brokers/broker.js';
import {
  startBinanceEmulator,
  TEST_ACCOUNT,
  type BinanceEmulator,
  type BinanceEmulatorOptions,
} from '../../../../src/emulators/binance/index.js';
import { mintApproved, mintCommand } from '../../../../src/model/command.js';
import { dec } from '../../../../src/model/decimal.js';
import type {
  AccountEvent,
  ConnectionEvent,
  ExecutionEvent,
  GapEvent,
  MarketEvent,
  OutcomeEvent,
} from '../../../../src/model/event.js';
import { InstrumentTable } from '../../../../src/model/instruments.js';
import type { Intent, IntentAction } from '../../../../src/model/intent.js';
import { makeDispatch } from '../../../../src/model/make.js';
import type { Order } from '../../../../src/model/order.js';
import type { Event } from '../../../../src/model/record.js';
import { State } from '../../../../src/state/state.js';
import { intentOf } from '../orders/rig.js';

export interface DeskOptions {
  readonly emulator?: BinanceEmulatorOptions;
  readonly broker?: Partial<BinanceOptionsInput>;
  readonly credentials?: (emulator: BinanceEmulator) => BinanceCredentials | undefined;
  /** Whose truth `check` compares with. */
  readonly accountId?: string;
}

/** Fast enough for tests; `life.test.ts` and the fault tests change single ones. */
const QUICK: Partial<BinanceOptionsInput> = {
  reconnect: { initial: 20, max: 200 },
  timeouts: { order: 300, request: 1_000, handshake: 1_000, ready: 1_000 },
  feed: { snapshotJitter: 10, reorder: 50 },
};

/** The adapter, the real State and an emulator, over real sockets. */
export class Desk {
  readonly emulator: BinanceEmulator;
  readonly broker: BinanceBroker;
  readonly accountId: string;
  readonly instruments: InstrumentTable = new InstrumentTable();
  readonly said: (ExecutionEvent | AccountEvent | OutcomeEvent)[] = [];
  readonly links: ConnectionEvent[] = [];
  readonly bad: string[] = [];
  readonly #commands = new Subject<BrokerCommand>();
  readonly #keys = new Set<string>();
  /** What ended the session. */
  failure: unknown;
  #state: State | undefined;
  #seq = 0;
  #ids = 0;

  private constructor(emulator: BinanceEmulator, options: DeskOptions) {
    const { broker = {}, accountId = TEST_ACCOUNT, credentials } = options;
    this.emulator = emulator;
    this.accountId = accountId;
    const silent = (): undefined => undefined;
    const key = { apiKey: emulator.account.apiKey, secret: emulator.account.apiSecret };
    this.broker = new BinanceBroker(
      binanceOptions({
        name: 'binance',
        account: 'main',
        environment: 'custom',
        endpoints: { rest: emulator.rest, streams: emulator.stream, wsApi: emulator.wsApi },
        credentials: credentials === undefined ? key : credentials(emulator),
        seed: 5,
        ...QUICK,
        ...broker,
        reconnect: { ...QUICK.reconnect, ...broker.reconnect },
        timeouts: { ...QUICK.timeouts, ...broker.timeouts },
        feed: { ...QUICK.feed, ...broker.feed },
      }),
      {
        instruments: this.instruments,
        log: { info: silent, warn: silent, error: silent },
        bad: (kind) => void this.bad.push(kind),
        wall: () => Date.now() * 1_000,
        symbols: ['BTCUSDT'],
        resolve: { settle: 250, first: 25, longest: 100 },
      },
    );
  }

  static async open(options: DeskOptions = {}): Promise<Desk> {
    const emulator = await startBinanceEmulator({
      symbols: ['BTCUSDT=60000'],
      seed: 3,
      ...options.emulator,
    });
    const desk = new Desk(emulator, options);
    desk.broker.connection$.subscribe((e) => desk.links.push(e));
    try {
      await desk.broker.open();
      for (const input of await desk.broker.instruments()) desk.instruments.add(input);
    } catch (error) {
      await desk.close();
      throw error;
    }
    desk.#state = new State(
      { baseCurrency: 'USDT', accounts: [{ name: 'main', cash: { USDT: 100_000 } }] },
      desk.instruments,
    );
    desk.broker.executions$.subscribe({
      next: (e) => desk.#say(e),
      error: (error: unknown) => {
        desk.failure = error;
      },
    });
    desk.broker.execute(desk.#commands).subscribe((e) => desk.#say(e));
    return desk;
  }

  async close(): Promise<void> {
    await this.broker.close();
    await this.emulator.close();
  }

  get state(): State {
    if (this.#state === undefined) throw new Error('the desk is not open');
    return this.#state;
  }

  /** State of the session: what it said last. */
  get link(): string {
    return this.links.findLast((e) => e.name === 'binance')?.state ?? '';
  }

  /** Sends a command; returns its client order id. */
  send(action: IntentAction, orderKey: string, fields: Partial<Intent> = {}): string {
    const instrument = this.instruments.get('BTCUSDT');
    if (instrument === undefined) throw new Error('BTCUSDT is not there');
    const { symbol, ix } = instrument;
    const before = this.order(orderKey);
    const intent = intentOf(action, {
      instrument: symbol,
      ix,
      quantity: before?.quantity ?? dec('0.01'),
      limitPrice: dec('50000'),
      ...fields,
      orderKey,
    });
    this.#keys.add(orderKey);
    const id = `d-${++this.#ids}`;
    const approved = mintApproved(intent, dec(100), () => {
      throw new Error('not asked here');
    });
    this.#apply(approved);
    const dispatch = makeDispatch(
      id,
      action === 'new' ? '' : (before?.clientOrderId ?? ''),
      'binance',
      intent,
    );
    this.#apply(dispatch);
    this.#commands.next({ command: mintCommand(approved), dispatch, order: this.order(orderKey) as Order });
    return id;
  }

  order(key: string): Order | undefined {
    return this.#state?.orders.get(key);
  }

  async until(what: () => boolean, ms = 8_000): Promise<void> {
    const end = Date.now() + ms;
    while (!what()) {
      if (Date.now() > end) throw new Error(`waited in vain for ${String(what)}; ${this.#now()}`);
      await new Promise((done) => setTimeout(done, 5));
    }
  }

  async reaches(key: string, ...states: readonly Order['state'][]): Promise<Order> {
    await this.until(
      () =>
        states.includes(this.order(key)?.state ?? 'initialized') && this.order(key)?.inFlight === undefined,
    );
    return this.order(key) as Order;
  }

  /** Reports of one client order id, in order. */
  reports(clientOrderId: string): string[] {
    return this.said.flatMap((e) =>
      e.kind === 'execution' && e.clientOrderId === clientOrderId ? [e.report] : [],
    );
  }

  outcome(clientOrderId: string): OutcomeEvent | undefined {
    return this.said.findLast(
      (e): e is OutcomeEvent => e.kind === 'outcome' && e.clientOrderId === clientOrderId,
    );
  }

  figure(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.broker
      .figures()
      .filter((f) => f.name === name && Object.entries(labels).every(([k, v]) => f.labels[k] === v))
      .reduce((sum, f) => sum + f.value, 0);
  }

  /** Market events and gaps of one subscription, as they come. */
  watch(emit: readonly MarketEvent['kind'][]): (MarketEvent | GapEvent)[] {
    const events: (MarketEvent | GapEvent)[] = [];
    this.broker.market({ source: 'm', instruments: ['BTCUSDT'], emit }).subscribe((e) => events.push(e));
    return events;
  }

  /**
   * Compares with the exchange, once everything is settled: every order, every fill once and to the last digit, the
   * position, the balances; and no order was placed twice.
   */
  async check(): Promise<void> {
    const { audit } = this.emulator.exchange;
    await this.until(() => this.link === 'ready' && this.figure('questions_open') === 0);
    await this.until(() => this.#wrong() === '').catch(() => {
      throw new Error(`not as the exchange has it: ${this.#wrong()}; ${this.#now()}`);
    });
    const twice = audit.duplicates(this.accountId);
    if (twice.length > 0) throw new Error(`placed twice: ${JSON.stringify(twice)}`);
  }

  #say(event: ExecutionEvent | AccountEvent | OutcomeEvent): void {
    this.said.push(event);
    this.#apply(event);
  }

  #apply(event: Event): void {
    this.state.setTurn(++this.#seq, Date.now() * 1_000);
    this.state.apply(event);
    this.state.takeChanges();
  }

  #wrong(): string {
    const { audit } = this.emulator.exchange;
    const line = (...parts: readonly unknown[]): string => parts.map(String).join(' ');
    const ours = this.said.flatMap((e) =>
      e.kind === 'execution' && e.fill !== undefined
        ? [
            line(
              e.execId.split(':').pop(),
              e.side,
              e.fill.quantity,
              e.fill.price,
              e.fill.fee,
              e.fill.feeCurrency,
              e.fill.liquidity,
            ),
          ]
        : [],
    );
    const theirs = audit
      .fills(this.accountId)
      .map((f) =>
        line(
          f.tradeId,
          f.side.toLowerCase(),
          f.quantity,
          f.price,
          f.commission,
          f.commissionAsset,
          f.maker ? 'maker' : 'taker',
        ),
      );
    const fills = differ('fills', ours.sort(), theirs.sort());
    if (fills !== '') return fills;
    const sum = audit
      .fills(this.accountId)
      .reduce((total, f) => (f.side === 'BUY' ? total.plus(f.quantity) : total.minus(f.quantity)), dec(0));
    const position = this.state.portfolio.position('main', 0)?.quantity ?? dec(0);
    if (!position.eq(sum)) return `position ${position.toString()}, exchange ${sum.toString()}`;
    const known = new Map(audit.orders(this.accountId).map((o) => [o.clientOrderId, o]));
    for (const key of this.#keys) {
      const order = this.order(key);
      if (order === undefined) continue;
      const { state, clientOrderId, filled, inFlight } = order;
      const venue = known.get(clientOrderId);
      if (inFlight !== undefined) return `${key} is still in flight`;
      const wanted = venue === undefined ? 'rejected denied' : STATES[venue.status];
      if (wanted?.includes(state) !== true)
        return `${key} ${state}, exchange ${venue?.status ?? 'does not know it'}`;
      if (venue !== undefined && !filled.eq(venue.executed))
        return `${key} filled ${filled.toString()}, exchange ${venue.executed}`;
    }
    return this.#wrongBalances();
  }

  #wrongBalances(): string {
    const last = new Map<string, string>();
    for (const e of this.said)
      if (e.kind === 'account')
        for (const b of e.balances) last.set(b.currency, `${b.free.toString()} ${b.locked.toString()}`);
    for (const b of this.emulator.exchange.audit.balances(this.accountId)) {
      const told = last.get(b.asset);
      if (told !== undefined && told !== `${b.free} ${b.locked}`)
        return `${b.asset} ${told}, exchange ${b.free} ${b.locked}`;
    }
    return '';
  }

  #now(): string {
    const orders = [...this.#keys].map((key) => `${key} ${this.order(key)?.state ?? '-'}`);
    return `link ${this.link}, orders: ${orders.join(', ')}; last links: ${this.links
      .slice(-4)
      .map((e) => `${e.name} ${e.state} ${e.reason}`)
      .join(' | ')}`;
  }
}

const STATES: Readonly<Record<string, string>> = {
  NEW: 'accepted',
  PARTIALLY_FILLED: 'partially_filled accepted',
  FILLED: 'filled',
  CANCELED: 'cancelled',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
  REJECTED: 'rejected',
};

function differ(what: string, ours: readonly string[], theirs: readonly string[]): string {
  const only = (a: readonly string[], b: readonly string[]): string[] => a.filter((x) => !b.includes(x));
  if (ours.length === theirs.length && only(ours, theirs).length === 0) return '';
  return `${what}: ${ours.length} here, ${theirs.length} there; only here ${only(ours, theirs).join(', ')}; only there ${only(theirs, ours).join(', ')}`;
}
