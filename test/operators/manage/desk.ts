import { concatMap, filter, map, of, type Observable } from 'rxjs';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { Engine } from '../../../src/engine/engine.js';
import { dec, type Decimal } from '../../../src/model/decimal.js';
import type { InputEvent } from '../../../src/model/event.js';
import type { Intent } from '../../../src/model/intent.js';
import { makeControl, makeQuote, makeTrade, receivedAt } from '../../../src/model/make.js';
import type { Order } from '../../../src/model/order.js';
import { EVENT_KINDS, type Event } from '../../../src/model/record.js';
import { defineStrategy } from '../../../src/operators/strategy/definition.js';
import type { Place } from '../../../src/operators/strategy/place.js';
import type { JournalSink } from '../../../src/sinks/sink.js';
import { pack, unpack } from '../../../src/state/pack.js';
import type { SavedState } from '../../../src/state/state.js';
import type { StateView } from '../../../src/state/view.js';
import { topology } from '../../../src/topology/build.js';
import type { CheckedTopology } from '../../../src/topology/checked.js';
import { defineSink } from '../../../src/topology/spec.js';
import { NO_FAULTS, flakySpec, type Faults } from '../../engine/support/flaky-broker.js';

export const START: number = Date.UTC(2025, 0, 6, 12, 0) * 1_000;
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** What the strategy does at a trade whose id is the name, and words behind it. */
export type Scripts = Readonly<
  Record<string, (place: Place, words: readonly string[], view: StateView) => Intent | Intent[]>
>;

export interface DeskOptions {
  readonly scripts?: Scripts;
  /** Options of the `manage` node; false: there is none. */
  readonly manage?: Readonly<Record<string, unknown>> | false;
  /** Options of a `route` node behind it; left out: there is none. */
  readonly route?: Readonly<Record<string, unknown>>;
  readonly limits?: Readonly<Record<string, unknown>>;
  readonly paper?: Readonly<Record<string, unknown>>;
  readonly instrument?: Readonly<Record<string, unknown>>;
  readonly brokers?: readonly string[];
  readonly faults?: Faults;
  readonly seed?: number;
  readonly opening?: SavedState;
  readonly at?: number;
}

/** A strategy that does what trades tell it, `manage`, risk, throttle and paper venues; every turn is kept. */
export class Desk {
  readonly engine: Engine;
  readonly inputs: InputEvent[] = [];
  readonly turns: string[] = [];
  readonly records: Event[] = [];
  at: number;
  /** Called after each turn. */
  onTurn: () => void = () => undefined;
  readonly #options: DeskOptions;
  readonly #topology: CheckedTopology;

  constructor(options: DeskOptions = {}) {
    this.#options = options;
    this.at = options.at ?? START;
    this.#topology = build(options, (input, children) => this.#frame(input, children));
    this.engine = new Engine(this.#topology, {
      session: options.opening === undefined ? 'one' : 'two',
      log: SILENT,
      ...(options.opening === undefined ? {} : { opening: options.opening }),
    });
  }

  async open(first: readonly InputEvent[] = []): Promise<this> {
    await this.engine.open();
    onTestFinished(() => this.engine.close());
    this.engine.start(this.at, 'test', first);
    this.engine.sequencer.advance(this.at);
    return this;
  }

  feed(event: InputEvent): this {
    this.engine.feed([receivedAt(event, this.at)]);
    this.engine.sequencer.advance(this.at);
    return this;
  }
  /** A trade; with a script's name, the strategy acts on it. */
  trade(price: number, script = '', size = 1_000): this {
    return this.feed(makeTrade('market', this.at, 'BTC', 0, price, size, 0, script));
  }
  quote(bid: number, ask: number, size = 1_000_000, askSize = size): this {
    return this.feed(makeQuote('market', this.at, 'BTC', 0, bid, size, ask, askSize));
  }
  control(action: Parameters<typeof makeControl>[1], target = '', value = ''): this {
    return this.feed(makeControl(this.at, action, 'test', 'because', target, value));
  }
  /** Lets time pass. */
  wait(ms: number): this {
    const until = this.at + ms * 1_000;
    while (this.engine.sequencer.nextDue() <= until)
      this.engine.sequencer.advance(this.engine.sequencer.nextDue());
    this.at = until;
    this.engine.sequencer.advance(until);
    return this;
  }

  order(key: string): Order | undefined {
    return this.engine.state.orders.get(key) ?? this.engine.state.emulated.get(key)?.order;
  }
  get position(): Decimal {
    return this.engine.state.portfolio.position('sim', 0)?.quantity ?? dec(0);
  }
  /** Open orders at the venue, as `key side left@price state`. */
  get working(): string[] {
    return [...this.engine.state.orders.open()].map((o) => {
      const price = o.limitPrice ?? o.stopPrice ?? '';
      return `${o.orderKey} ${o.side} ${o.quantity.minus(o.filled).toString()} ${o.type} ${price.toString()}`.trim();
    });
  }
  /** Open orders held here, as `key state filled/quantity`. */
  get held(): string[] {
    return [...this.engine.state.emulated.open()].map(
      ({ order: o }) => `${o.orderKey} ${o.state} ${o.filled.toString()}/${o.quantity.toString()}`,
    );
  }
  codes(kind: 'denied' | 'log'): string[] {
    return this.records.flatMap((event) =>
      (event.kind === 'denied' || event.kind === 'log') && event.kind === kind ? [event.code] : [],
    );
  }

  /** State as a snapshot file would give it back. */
  snapshot(): SavedState {
    return unpack(JSON.parse(JSON.stringify(pack(this.engine.state.save())))) as SavedState;
  }

  /** Feeds what was recorded to an engine without brokers: the first turn that differs. */
  verify(): string | undefined {
    const turns: string[] = [];
    const { opening } = this.#options;
    const engine = new Engine(this.#topology, {
      session: opening === undefined ? 'one' : 'two',
      log: SILENT,
      ...(opening === undefined ? {} : { opening }),
      verify: {
        instruments: this.engine.instruments.all,
        onFrame: (input, children) => turns.push(text(input, children)),
      },
    });
    for (let i = 0; i < this.inputs.length; i++) {
      engine.feed([{ ...(this.inputs[i] as InputEvent) }]);
      if (turns[i] !== this.turns[i]) return difference(i + 1, this.turns[i] ?? '', turns[i] ?? '');
    }
    return engine.state.hash() === this.engine.state.hash() ? undefined : 'State at the end';
  }

  #frame(input: InputEvent, children: readonly Event[]): void {
    this.inputs.push({ ...input });
    this.turns.push(text(input, children));
    this.records.push(input, ...children);
    this.onTurn();
  }
}

function difference(turn: number, recorded: string, produced: string): string {
  let at = 0;
  while (recorded[at] !== undefined && recorded[at] === produced[at]) at++;
  const part = (all: string): string => all.slice(Math.max(0, at - 200), at + 200);
  return `turn ${turn}\n recorded ${part(recorded)}\n produced ${part(produced)}`;
}

const text = (input: Event, children: readonly Event[]): string =>
  JSON.stringify([input.kind, input.seq, input.at, children]);

function build(
  options: DeskOptions,
  frame: (input: InputEvent, children: readonly Event[]) => void,
): CheckedTopology {
  const { scripts = {}, manage = {}, route, limits = {}, paper = {}, brokers = ['sim'], seed = 1 } = options;
  const scripted = defineStrategy({
    name: 'scripted',
    version: '1',
    params: z.object({}),
    run: ({ trades$, place, state }): Observable<Intent | Intent[]> =>
      trades$.pipe(
        map(({ tradeId }) => tradeId.split(' ')),
        filter(([name = '']) => scripts[name] !== undefined),
        concatMap(([name = '', ...words]) => of(scripts[name]?.(place, words, state.view) ?? [])),
      ),
  });
  const probe = defineSink({
    type: 'probe',
    summary: 'Keeps every turn.',
    config: z.strictObject({}),
    examples: [],
    reload: 'restart',
    accepts: EVENT_KINDS,
    delivery: 'required',
    make: (): JournalSink => ({
      open: () => Promise.resolve(),
      write: () => undefined,
      close: () => Promise.resolve(),
      checkpoint: () => undefined,
      frame: (input, children) => frame(input as InputEvent, children),
      commit: (done) => done(),
      figures: { records: 0, bytes: 0, pendingBytes: 0, syncedSeq: 0, errors: 0 },
      path: '',
      digest: '',
    }),
  });
  const flaky = flakySpec(
    options.faults ?? NO_FAULTS,
    seed,
    () => undefined,
    () => undefined,
  );
  let desk = topology('desk', {
    seed,
    instruments: {
      BTC: {
        ...{ asset_class: 'crypto_perp', quote: 'USD', base: 'BTC', tick_size: 0.5, lot_size: 1 },
        initial_margin: 0.01,
        ...options.instrument,
      },
    },
    portfolio: { base_currency: 'USD' },
  })
    .use(flaky)
    .use(probe)
    .source('market', 'synthetic', { instruments: { BTC: { price: 100 } }, events: 1 }) as unknown as Loose;
  for (const name of brokers) {
    const config = { prices: 'market', cash: { USD: 1_000_000 }, latency: '0ms', report_latency: '0ms' };
    desk = desk.broker(name, 'flaky', { ...config, liquidity: 'displayed', ...paper });
    desk = desk.source(name === 'sim' ? 'fills' : `fills_${name}`, 'executions', { broker: name });
  }
  desk = desk.operator('s', 'strategy', ['market', 'fills'], { use: scripted, account: 'sim' });
  let last = 's';
  if (manage !== false) desk = desk.operator((last = 'manage'), 'manage', ['s'], manage);
  if (route !== undefined) desk = desk.operator('route', 'route', [last], route);
  if (route !== undefined) last = 'route';
  desk = desk.operator('risk', 'risk', [last], { limits });
  desk = desk.operator('pace', 'throttle', ['risk'], {
    orders: '1000/s',
    cancels: '1000/s',
    messages: '10000/s',
  });
  for (const name of brokers) desk = desk.sink(`orders_${name}`, 'orders', ['pace'], { broker: name });
  return desk.sink('probe', 'probe', ['*'], {}).check();
}

/** The builder without the types of its names. */
interface Loose {
  broker(name: string, type: string, config: object): Loose;
  source(name: string, type: string, config: object): Loose;
  operator(name: string, type: string, inputs: readonly string[], config: object): Loose;
  sink(name: string, type: string, inputs: readonly string[], config: object): Loose;
  check(): CheckedTopology;
}
