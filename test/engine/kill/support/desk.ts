import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NEVER, Subject, filter, map } from 'rxjs';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { Broker, BrokerCommand } from '../../../../src/brokers/broker.js';
import type { Engine } from '../../../../src/engine/engine.js';
import type { Operations } from '../../../../src/engine/operations.js';
import { run, type RunOptions } from '../../../../src/engine/run.js';
import type { Safety } from '../../../../src/engine/safety.js';
import type { RunSummary } from '../../../../src/engine/summary.js';
import { verifyJournal } from '../../../../src/engine/verify-journal.js';
import type { MarketEvent } from '../../../../src/model/event.js';
import { makeConnection, makeControl, makeQuote, makeTrade } from '../../../../src/model/make.js';
import { EVENT_KINDS, type Event } from '../../../../src/model/record.js';
import type { Intent } from '../../../../src/model/intent.js';
import { defineStrategy, type StrategyDefinition } from '../../../../src/operators/strategy/definition.js';
import { topology } from '../../../../src/topology/build.js';
import { paperSpec } from '../../../../src/topology/components/brokers/paper.js';
import {
  defineBroker,
  defineSink,
  defineSource,
  type BrokerSpec,
  type SinkSpec,
  type SourceSpec,
} from '../../../../src/topology/spec.js';
import { tempFolder } from '../../../support/run-topology.js';

/** What a trade with this id makes the strategy do. */
export type Wish = 'rest' | 'buy' | 'sell' | 'none' | 'throw' | 'nan';

export interface DeskOptions {
  readonly folder?: string;
  readonly mode?: 'paper' | 'live';
  readonly safety?: Readonly<Record<string, unknown>>;
  readonly limits?: Readonly<Record<string, unknown>>;
  readonly paper?: Readonly<Record<string, unknown>>;
  readonly run?: Partial<RunOptions>;
  /** Stands in front of the venue. */
  readonly wrap?: (broker: Broker) => Partial<Broker>;
  readonly strategies?: readonly string[];
  /** Default: steered by functions alone. */
  readonly control?: Readonly<Record<string, unknown>>;
}

/** A live topology on a paper venue: market data is pushed by the test, strategies do what trades tell them. */
export class Desk {
  readonly folder: string;
  readonly records: Event[] = [];
  readonly sent: BrokerCommand[] = [];
  readonly logs: string[] = [];
  readonly market = new Subject<MarketEvent>();
  engine: Engine = undefined as unknown as Engine;
  operations!: Operations;
  safety!: Safety;
  summary!: Promise<RunSummary>;
  readonly #options: DeskOptions;
  readonly #abort = new AbortController();

  constructor(options: DeskOptions = {}) {
    this.#options = options;
    this.folder = options.folder ?? tempFolder();
  }

  /** Runs up to the first quote, reconciled if the desk is live. */
  async start(): Promise<this> {
    const { mode = 'paper', run: options = {} } = this.#options;
    const ready = new Promise<void>((resolve) => {
      const log = (level: string) => (message: string) => void this.logs.push(`${level} ${message}`);
      this.summary = run(this.topology(), {
        log: { info: log('info'), warn: log('warn'), error: log('error') },
        live: mode === 'live',
        signal: this.#abort.signal,
        ...options,
        onOperations: (operations, safety) => {
          this.operations = operations;
          this.safety = safety;
          options.onOperations?.(operations, safety);
        },
        onOpen: (engine) => {
          this.engine = engine;
          options.onOpen?.(engine);
        },
        onProgress: () => {
          if (this.engine.running) resolve();
        },
      });
      this.summary.then(
        () => resolve(),
        () => resolve(),
      );
    });
    onTestFinished(() => this.stop().then(() => undefined));
    await ready;
    if (this.engine === undefined) throw new Error((await this.summary).error?.message);
    if (mode === 'live') this.reconciled();
    this.quote(100);
    return this;
  }

  /** The venue's session is ready and its books agree. */
  reconciled(): void {
    this.engine.post(makeConnection('sim', 0, 'sim', 'ready', 1, ''));
    this.engine.post(makeControl(0, 'reconciled', 'test', '', 'sim'));
  }

  async stop(): Promise<RunSummary> {
    this.#abort.abort();
    return this.summary;
  }

  quote(price: number): void {
    this.market.next(makeQuote('market', 0, 'BTC', 0, price - 0.5, 1_000, price + 0.5, 1_000));
  }

  /** A trade, and what the strategies make of it. `who` is one of them; empty: all. */
  trade(wish: Wish, price = 100, who = ''): void {
    this.market.next(makeTrade('market', 0, 'BTC', 0, price, 1, 0, `${wish}/${who}`));
  }

  /** Kinds and states, in order, without market data. */
  get words(): string[] {
    return this.records.flatMap((event): string[] => {
      if (event.kind === 'control') return [`control ${event.action}`];
      if (event.kind === 'denied') return [`denied ${event.code}`];
      if (event.kind === 'dispatch') return [`dispatch ${event.action}`];
      if (event.kind === 'outcome') return [`outcome ${event.action} ${event.outcome}`];
      if (event.kind === 'superseded') return [`superseded ${event.result}`];
      return [];
    });
  }

  get open(): number {
    return this.engine.state.orders.openCount();
  }

  async verify(): Promise<string | undefined> {
    const { journal } = await this.stop();
    if (journal === null) throw new Error('no journal');
    const result = await verifyJournal(journal, { topology: this.topology() });
    return result.identical ? undefined : result.difference?.text;
  }

  topology(): ReturnType<ReturnType<typeof topology>['check']> {
    const {
      mode = 'paper',
      safety,
      limits = {},
      paper = {},
      strategies = ['one'],
      control = { listen: 'off' },
    } = this.#options;
    let desk = topology('desk', {
      mode,
      state_dir: join(this.folder, 'state'),
      control,
      instruments: {
        BTC: {
          asset_class: 'crypto_perp',
          quote: 'USD',
          base: 'BTC',
          tick_size: 0.5,
          lot_size: 1,
          initial_margin: 0.01,
        },
      },
      ...(mode === 'live' ? { accounts: { sim: { start_cash: { USD: 100_000 } } } } : {}),
      // The watchdog's thread runs built code only: its test starts the built program.
      safety: { watchdog: { enabled: false }, ...safety },
    })
      .use(this.#source(), this.#broker(), this.#sink())
      .broker('sim', 'venue', {
        prices: 'market',
        cash: { USD: 100_000 },
        latency: '0ms',
        report_latency: '0ms',
        liquidity: 'unlimited',
        ...paper,
      })
      .source('market', 'pushed', {})
      .source('fills', 'executions', { broker: 'sim' });
    for (const name of strategies) {
      desk = desk.operator(name, 'strategy', ['market', 'fills'], {
        use: obedient,
        max_errors: 1_000,
      });
    }
    return (desk as unknown as ReturnType<typeof topology>)
      .operator('risk', 'risk', strategies as never, { limits })
      .operator('pace', 'throttle', ['risk'], {})
      .sink('orders', 'orders', ['pace'], { broker: 'sim' })
      .sink('memory', 'memory', ['*'], { delivery: 'required' })
      .sink('journal', 'journal', ['*'], { path: join(this.folder, 'journal'), delivery: 'required' })
      .check({ baseDir: this.folder });
  }

  #source(): SourceSpec {
    return defineSource({
      type: 'pushed',
      summary: 'What the test says.',
      config: z.strictObject({ instruments: z.array(z.string()).default(['BTC']) }),
      examples: [],
      reload: 'restart',
      emits: ['trade', 'quote'],
      pushed: true,
      make: () => ({ type: 'push', events$: this.market }),
    });
  }

  #broker(): BrokerSpec {
    return defineBroker({
      type: 'venue',
      summary: 'A paper venue that the test listens to.',
      config: z.strictObject(paperSpec.config.shape),
      examples: [],
      reload: 'restart',
      simulated: this.#options.mode !== 'live',
      reads: (config) => paperSpec.reads?.(config) ?? [],
      make: (config, context) => {
        const paper = paperSpec.make(config, context);
        const listening: Broker = Object.create(paper, {
          execute: {
            configurable: true,
            value: (commands$: Parameters<Broker['execute']>[0]) =>
              paper.execute(
                commands$.pipe(
                  filter((command) => {
                    this.sent.push(command);
                    return true;
                  }),
                ),
              ),
          },
          ...(this.#options.mode === 'live' ? { connection$: { value: NEVER, configurable: true } } : {}),
        }) as Broker;
        return bound(listening, paper, this.#options.wrap?.(bound(listening, paper, {})) ?? {});
      },
    });
  }

  #sink(): SinkSpec {
    return defineSink({
      type: 'memory',
      summary: 'Keeps every record.',
      config: z.strictObject({}),
      examples: [],
      reload: 'restart',
      accepts: EVENT_KINDS,
      delivery: 'required',
      make: () => ({
        open: () => Promise.resolve(),
        write: (event) => void this.records.push(event),
        close: () => Promise.resolve(),
      }),
    });
  }
}

/** The paper broker with some members replaced; its methods keep their own `this`. */
function bound(front: Broker, paper: Broker, over: Partial<Broker>): Broker {
  return new Proxy(front, {
    get: (_target, key) => {
      if (Object.hasOwn(over, key)) return (over as Record<PropertyKey, unknown>)[key];
      if (Object.hasOwn(front, key)) return (front as unknown as Record<PropertyKey, unknown>)[key];
      const value = (paper as unknown as Record<PropertyKey, unknown>)[key];
      return typeof value === 'function' ? (value.bind(paper) as unknown) : value;
    },
  });
}

/** Does what the id of a trade says. */
export const obedient: StrategyDefinition = defineStrategy({
  name: 'obedient',
  version: '1.0.0',
  params: z.strictObject({}),
  run: ({ trades$, place, name }) =>
    trades$.pipe(
      map((trade): readonly Intent[] => {
        const [wish = '', who = ''] = trade.tradeId.split('/');
        if (who !== '' && who !== name) return [];
        const base = { instrument: 'BTC', quantity: 1 };
        switch (wish) {
          case 'rest':
            return [place.limit({ ...base, side: 'buy', limitPrice: 50 })];
          case 'buy':
            return [place.market({ ...base, side: 'buy' })];
          case 'sell':
            return [place.market({ ...base, side: 'sell' })];
          case 'throw':
            throw new Error('the strategy broke');
          case 'nan':
            return [place.limit({ ...base, side: 'buy', limitPrice: NaN })];
          default:
            return [];
        }
      }),
      filter((intents) => intents.length > 0),
    ),
});

export function emptyFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'millrace-kill-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export const until = async (what: () => boolean, ms = 5_000): Promise<void> => {
  const end = performance.now() + ms;
  while (!what()) {
    if (performance.now() > end) throw new Error('it never came');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
