import { Subject } from 'rxjs';
import { PaperBroker, type PaperHost } from '../../../src/brokers/paper/index.js';
import type { BrokerCommand } from '../../../src/brokers/broker.js';
import { mintApproved, mintCommand } from '../../../src/model/command.js';
import { dec, ZERO } from '../../../src/model/decimal.js';
import type { InputEvent, MarketEvent } from '../../../src/model/event.js';
import { InstrumentTable, type InstrumentInput } from '../../../src/model/instruments.js';
import type { Intent } from '../../../src/model/intent.js';
import { makeDispatch, makeQuote } from '../../../src/model/make.js';
import type { Order } from '../../../src/model/order.js';
import type { StateView } from '../../../src/state/view.js';
import { paperSpec } from '../../../src/topology/components/brokers/paper.js';

/** The part of the sequencer a broker sees: posts and deadlines in order of (time, arrival), engine time that never goes back. */
export class Loop implements PaperHost {
  readonly state: StateView;
  readonly turns: InputEvent[] = [];
  readonly #queue: { at: number; n: number; run: () => void }[] = [];
  readonly #markets: ((event: MarketEvent) => void)[] = [];
  readonly nodes: string[] = [];
  #at = 0;
  #n = 0;

  constructor(state: Partial<StateView>) {
    this.state = state as StateView;
  }

  at(): number {
    return this.#at;
  }

  wall(): number {
    return this.#at;
  }

  postAt(at: number, event: InputEvent): void {
    this.#add(at, () => this.turns.push(Object.assign(event, { at: this.#at })));
  }

  runAt(at: number, fn: () => void): void {
    this.#add(at, fn);
  }

  onMarket(node: string, fn: (event: MarketEvent) => void): void {
    this.nodes.push(node);
    this.#markets.push(fn);
  }

  /** Deadlines that have not come. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Runs what is due up to `at`, then stands there. */
  to(at: number): void {
    for (;;) {
      const next = this.#queue.sort((a, b) => a.at - b.at || a.n - b.n)[0];
      if (next === undefined || next.at > at) break;
      this.#queue.shift();
      this.#at = Math.max(this.#at, next.at);
      next.run();
    }
    this.#at = at;
  }

  market(at: number, event: MarketEvent): void {
    this.to(at);
    for (const fn of this.#markets) fn(event);
    this.to(at);
  }

  #add(at: number, run: () => void): void {
    this.#queue.push({ at: Math.max(at, this.#at), n: this.#n++, run });
  }
}

export class Rig {
  readonly loop: Loop;
  readonly broker: PaperBroker;
  readonly commands: Subject<BrokerCommand> = new Subject();
  readonly errors: unknown[] = [];
  readonly emitted: unknown[] = [];
  readonly instruments: InstrumentTable;
  #n = 0;
  #read = 0;

  constructor(
    yaml: Record<string, unknown> = {},
    seed = 1,
    instrument: Partial<InstrumentInput> = {},
    state: Partial<StateView> = { seq: 0 },
  ) {
    this.loop = new Loop(state);
    this.instruments = new InstrumentTable([{ symbol: 'AAA', ...instrument }]);
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const config = paperSpec.config.parse({ prices: 'ticks', cash: { USD: 100_000 }, ...yaml });
    const context = {
      name: 'sim',
      mode: 'paper' as const,
      baseDir: '.',
      instruments: this.instruments,
      log,
      session: 's1',
      seed,
      host: this.loop,
    };
    this.broker = paperSpec.make(config, context) as PaperBroker;
    this.broker
      .execute(this.commands)
      .subscribe({ next: (e) => this.emitted.push(e), error: (e: unknown) => this.errors.push(e) });
    this.broker.executions$.subscribe((e) => this.emitted.push(e));
  }

  quote(at: number, bid: number, ask: number, bidSize = 100, askSize = 100): void {
    this.loop.market(at, makeQuote('ticks', at, 'AAA', 0, bid, bidSize, ask, askSize));
  }

  send(more: Partial<Intent> & { readonly target?: string } = {}): string {
    const { target = '', ...fields } = more;
    const id = `c${++this.#n}`;
    const intent: Intent = {
      action: 'new',
      orderKey: id,
      account: 'sim',
      route: '',
      instrument: 'AAA',
      ix: 0,
      side: 'buy',
      type: 'market',
      quantity: dec(10),
      limitPrice: undefined,
      stopPrice: undefined,
      trailingOffset: undefined,
      timeInForce: 'gtc',
      expireAt: undefined,
      postOnly: false,
      reduceOnly: false,
      links: undefined,
      strategy: 's',
      tag: '',
      reason: '',
      metadata: undefined,
      cause: 1,
      ...fields,
    };
    const command = mintCommand(
      mintApproved(intent, ZERO, () => {
        throw new Error('not asked');
      }),
    );
    this.commands.next({ command, dispatch: makeDispatch(id, target, 'sim', intent), order: {} as Order });
    return id;
  }

  /** Turns since the last call: `@time kind words`. */
  said(): string[] {
    const news = this.loop.turns.slice(this.#read);
    this.#read = this.loop.turns.length;
    return news.map((e) => {
      if (e.kind === 'outcome') return `@${e.at} ${e.outcome} ${e.clientOrderId}`;
      if (e.kind === 'account')
        return `@${e.at} account ${e.balances.map((b) => `${b.total.toString()} ${b.currency}`).join(', ')}`;
      if (e.kind !== 'execution') return e.kind;
      const fill =
        e.fill === undefined
          ? ''
          : ` ${e.fill.quantity.toString()}@${e.fill.price.toString()} fee ${e.fill.fee.toString()}`;
      return `@${e.at} ${e.report} ${e.clientOrderId}${fill}${e.reason === '' ? '' : ` ${e.reason}`}`;
    });
  }
}
