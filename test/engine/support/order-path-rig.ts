import { z } from 'zod';
import { Engine } from '../../../src/engine/engine.js';
import { dec } from '../../../src/model/decimal.js';
import type { ControlAction, InputEvent } from '../../../src/model/event.js';
import { makeControl, makeQuote, makeTrade, receivedAt } from '../../../src/model/make.js';
import { seededRandom } from '../../../src/model/random.js';
import { EVENT_KINDS, type Event } from '../../../src/model/record.js';
import type { JournalSink } from '../../../src/sinks/sink.js';
import { topology } from '../../../src/topology/build.js';
import type { CheckedTopology } from '../../../src/topology/checked.js';
import { defineSink, type BrokerHost, type SinkSpec } from '../../../src/topology/spec.js';
import { chaos } from './chaos.js';
import { flakySpec, type Faults } from './flaky-broker.js';
import { Invariants } from './invariants.js';

export interface Scenario {
  readonly seed: number;
  readonly faults: Faults;
  /** Market events. */
  readonly events: number;
  readonly activity: number;
  readonly orders: string;
  readonly cancels: string;
  readonly messages: string;
  readonly onLimit: 'defer' | 'reject';
  readonly maxQueue: number;
  readonly maxPosition: number;
  readonly latency: string;
  readonly reportLatency: string;
  /** The journal says "durable" only now and then. */
  readonly slowJournal: boolean;
  /** Part of the steps that are a control action. */
  readonly controls: number;
  readonly accountType: 'cash' | 'margin';
  readonly displayed: boolean;
  readonly strategies: 1 | 2;
  readonly strategyReadsFills: boolean;
  readonly stop: 'leave' | 'cancel';
}

/** Five kinds of instrument: paid in full, in profit only, with a multiplier, in another currency, with a calendar. */
const INSTRUMENTS = {
  BTCUSDT: { asset_class: 'crypto_spot', base: 'BTC', quote: 'USDT', tick_size: 0.1, lot_size: 0.001 },
  PERP: {
    asset_class: 'crypto_perp',
    base: 'ETH',
    quote: 'USDT',
    tick_size: 0.01,
    lot_size: 0.01,
    initial_margin: 0.1,
  },
  FUT: {
    asset_class: 'future',
    quote: 'USD',
    tick_size: 0.25,
    lot_size: 1,
    multiplier: 5,
    initial_margin: 0.1,
  },
  EURUSDT: { asset_class: 'fx', base: 'EUR', quote: 'USDT', tick_size: 0.0001, lot_size: 100 },
  STOCK: {
    asset_class: 'equity',
    quote: 'USD',
    tick_size: 0.01,
    lot_size: 1,
    session: { zone: 'UTC', open: '09:30', close: '16:00' },
  },
} as const;
const PRICES = [60_000, 2_500, 4_000, 1.1, 180];
/** A Monday, two minutes before the session of STOCK opens. */
export const START: number = Date.UTC(2025, 0, 6, 9, 28) * 1_000;
const CONTROLS: readonly ControlAction[] = [
  'pause',
  'resume',
  'resume',
  'reduce',
  'kill',
  'release',
  'release',
  'halt',
  'strategy_disable',
  'strategy_enable',
];

/** One run of a scenario, step by step, with {@link Invariants} checked after every turn. */
export class OrderPathRig {
  readonly engine: Engine;
  readonly invariants: Invariants;
  readonly inputs: InputEvent[] = [];
  readonly turns: string[] = [];
  readonly hashes: string[] = [];
  /** Called at the end of every turn. */
  onTurn: (engine: Engine) => void = () => undefined;
  readonly #scenario: Scenario;
  readonly #random: () => number;
  readonly #topology: CheckedTopology;
  #host: BrokerHost | undefined;
  #commits: (() => void)[] = [];
  readonly #prices = [...PRICES];
  #at = START;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#random = seededRandom(scenario.seed);
    this.#topology = this.#build();
    this.engine = new Engine(this.#topology, { session: 'sess', log: SILENT });
    this.invariants = new Invariants(this.engine, scenario);
  }

  /** What the engine gave its broker. */
  get host(): BrokerHost {
    if (this.#host === undefined) throw new Error('no broker was made');
    return this.#host;
  }

  async run(): Promise<void> {
    await this.engine.open();
    try {
      this.engine.start(this.#at);
      for (let i = 0; i < this.#scenario.events; i++) {
        this.#step();
        await this.#checkVenue();
      }
      await this.#drain();
    } finally {
      await this.engine.close();
    }
  }

  /** Feeds what was recorded to a second engine without brokers; returns the first turn that differs. */
  verify(): string | undefined {
    const turns: string[] = [];
    const engine = new Engine(this.#topology, {
      session: 'sess',
      log: SILENT,
      verify: {
        instruments: this.engine.instruments.all,
        onFrame: (input, children) => turns.push(text(input, children)),
      },
    });
    for (let i = 0; i < this.inputs.length; i++) {
      engine.feed([{ ...(this.inputs[i] as InputEvent) }]);
      if (turns[i] !== this.turns[i])
        return `turn ${i + 1}\n recorded ${this.turns[i]}\n produced ${turns[i]}`;
      if (engine.state.hash() !== this.hashes[i]) return `State after turn ${i + 1}`;
    }
    return undefined;
  }

  #step(): void {
    const random = this.#random;
    this.#at += Math.floor(random() < 0.05 ? random() * 30_000_000 : random() * 400_000);
    if (random() < this.#scenario.controls) {
      const action = CONTROLS[Math.floor(random() * CONTROLS.length)] as ControlAction;
      const target = action.startsWith('strategy') ? 'one' : '';
      const event = makeControl(this.#at, action, 'test', 'by chance', target);
      if (action === 'halt') this.engine.haltFromOutside('SINK_FAILED', 'by chance');
      else this.engine.feed([receivedAt(event, this.#at)]);
    }
    this.engine.feed([receivedAt(this.#market(), this.#at)]);
    if (random() < 0.5) this.#commit();
  }

  #market(): InputEvent {
    const random = this.#random;
    const ix = Math.floor(random() * PRICES.length);
    const instrument = this.engine.instruments.at(ix);
    if (instrument === undefined) throw new Error('no instrument');
    const tick = instrument.tickSize.toNumber();
    const moved = (this.#prices[ix] as number) * (1 + (random() - 0.5) * 0.004);
    this.#prices[ix] = moved;
    const price = dec(Math.round(moved / tick))
      .times(instrument.tickSize)
      .toNumber();
    const size = instrument.lotSize.times(1 + Math.floor(random() * 6)).toNumber();
    if (random() < 0.5)
      return makeTrade('market', this.#at, instrument.symbol, ix, price, size, random() < 0.5 ? 1 : -1, '');
    const ask = dec(price).plus(instrument.tickSize).toNumber();
    return makeQuote('market', this.#at, instrument.symbol, ix, price, size, ask, size);
  }

  #commit(): void {
    const due = this.#commits;
    this.#commits = [];
    for (const done of due) done();
    this.engine.sequencer.advance(this.#at);
  }

  async #drain(): Promise<void> {
    this.#commit();
    void this.engine.stop('test');
    for (
      let i = 0;
      i < 2_000 && (this.engine.unsettled > 0 || this.engine.sequencer.nextBrokerDue < Infinity);
      i++
    ) {
      this.#commit();
      const due = this.engine.sequencer.nextDue();
      if (due === Infinity) break;
      if (due > this.#at + 7_200_000_000) break;
      this.engine.sequencer.advance(due);
    }
    this.#commit();
    this.invariants.end();
    await this.#checkVenue();
  }

  /** With a good wire and reports at once, State and venue agree after every step. */
  async #checkVenue(): Promise<void> {
    const broker = this.engine.brokers.get('sim');
    if (broker === undefined) throw new Error('no broker');
    this.invariants.venue(await broker.accountState(), await broker.positions());
  }

  #build(): CheckedTopology {
    const s = this.#scenario;
    const strategyInputs = s.strategyReadsFills ? (['market', 'fills'] as const) : (['market'] as const);
    return topology('order-path', {
      seed: s.seed,
      instruments: INSTRUMENTS,
      portfolio: { base_currency: 'USDT', rates: { USD: '1.01' } },
      shutdown: { open_orders: s.stop },
    })
      .use(
        flakySpec(
          s.faults,
          s.seed + 1,
          (command) => this.invariants.released(command),
          (host) => {
            this.#host = host;
          },
        ),
      )
      .use(this.#probe())
      .broker('sim', 'flaky', {
        prices: 'market',
        cash: { USDT: 1_000_000, USD: 1_000_000 },
        fees: { maker: '-1 bps', taker: '5 bps' },
        latency: s.latency,
        report_latency: s.reportLatency,
        account_type: s.accountType,
        liquidity: s.displayed ? 'displayed' : 'unlimited',
      })
      .source('market', 'synthetic', { instruments: { BTCUSDT: { price: 60_000 } }, events: 1 })
      .source('fills', 'executions', { broker: 'sim' })
      .operator('one', 'strategy', strategyInputs, { use: chaos, params: { activity: s.activity } })
      .operator('two', 'strategy', strategyInputs, { use: chaos, params: { activity: s.activity / 2 } })
      .operator('risk', 'risk', s.strategies === 1 ? ['one'] : ['one', 'two'], {
        normalize: 'round',
        limits: {
          instruments: Object.fromEntries(
            Object.entries(INSTRUMENTS).map(([symbol, { lot_size }]) => [
              symbol,
              { max_position: dec(lot_size).times(s.maxPosition).toString() },
            ]),
          ),
          max_open_orders: 40,
        },
      })
      .operator('pace', 'throttle', ['risk'], {
        orders: s.orders,
        cancels: s.cancels,
        messages: s.messages,
        on_limit: s.onLimit,
        max_queue: s.maxQueue,
      })
      .sink('orders', 'orders', ['pace'], { broker: 'sim' })
      .sink('probe', 'probe', ['*'], {})
      .check();
  }

  #probe(): SinkSpec {
    const journal = (): JournalSink => ({
      open: () => Promise.resolve(),
      write: () => undefined,
      close: () => Promise.resolve(),
      checkpoint: () => undefined,
      frame: (input, children) => {
        this.inputs.push({ ...(input as InputEvent) });
        this.turns.push(text(input, children));
        this.hashes.push(this.engine.state.hash());
        this.invariants.turn(input, children);
        this.onTurn(this.engine);
      },
      commit: (done) => {
        if (this.#scenario.slowJournal) this.#commits.push(done);
        else done();
      },
      figures: { records: 0, bytes: 0, pendingBytes: 0, syncedSeq: 0, errors: 0 },
      path: '',
      digest: '',
    });
    return defineSink({
      type: 'probe',
      summary: 'Looks at every turn.',
      config: z.strictObject({}),
      examples: [],
      reload: 'restart',
      accepts: EVENT_KINDS,
      delivery: 'required',
      make: journal,
    });
  }
}

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const text = (input: Event, children: readonly Event[]): string =>
  JSON.stringify([input.kind, input.seq, input.at, children]);
