import { receivedAt } from '../../model/make.js';
import type { ConnectionEvent, InputEvent } from '../../model/event.js';
import { MICROS_PER_MS, type Micros } from '../../model/time.js';
import type { Engine } from '../engine.js';
import { accountOf } from '../state-config.js';
import {
  BrokerReconciler,
  type ReconcileFigures,
  type ReconcileResult,
  type Scope,
} from './broker-reconciler.js';

/**
 * Compares the books of every real broker with its venue: whenever its session becomes ready, periodically, and when
 * asked to. Real brokers that no orders are sent to, and simulated ones, have none. Not there while a journal is fed.
 */
export class Reconciler {
  readonly #engine: Engine;
  readonly #brokers = new Map<string, BrokerReconciler>();
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  readonly #sleepers = new Map<ReturnType<typeof setTimeout>, () => void>();

  constructor(engine: Engine) {
    this.#engine = engine;
    for (const name of engine.state.readiness.names()) this.#add(name);
  }

  get figures(): Readonly<Record<string, ReconcileFigures>> {
    return Object.fromEntries([...this.#brokers].map(([name, one]) => [name, one.figures]));
  }

  /** A connection changed, in the turn of this event. */
  saw(event: ConnectionEvent): void {
    if (event.state !== 'ready') return;
    const broker = this.#brokers.get(event.name);
    if (broker === undefined) return;
    broker.request('full');
    this.#watch();
  }

  /** Compares one broker, or all of them, now. Never rejects: a comparison that fails says so. */
  now(brokers: readonly string[] = [...this.#brokers.keys()]): Promise<readonly ReconcileResult[]> {
    return Promise.all(
      brokers.map((broker) => {
        const known = this.#brokers.get(broker);
        if (known !== undefined) return known.now();
        const reason = `there is no broker "${broker}" whose books are compared`;
        return Promise.resolve<ReconcileResult>({ broker, books: 'failed', open: [], reason });
      }),
    );
  }

  close(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    for (const broker of this.#brokers.values()) broker.close();
    for (const [timer, wake] of this.#sleepers) {
      clearTimeout(timer);
      wake();
    }
    this.#sleepers.clear();
  }

  #add(name: string): void {
    const engine = this.#engine;
    const broker = engine.brokers.get(name);
    const checked = engine.topology.brokers.find((one) => one.name === name);
    if (broker === undefined || checked === undefined || broker.simulated) return;
    const account = engine.topology.portfolio.accounts.find((one) => one.name === accountOf(checked));
    const ends = {
      broker,
      state: engine.state,
      settings: engine.topology.reconcile,
      log: engine.options.log,
      at: (): Micros => Math.max(engine.sequencer.at, engine.options.wall?.() ?? 0),
      post: (event: InputEvent): void => engine.post(receivedAt(event, engine.sequencer.at)),
      sleep: (ms: number): Promise<void> => this.#sleep(ms),
    };
    this.#brokers.set(name, new BrokerReconciler(ends, account?.balances ?? 'derived'));
  }

  /** The periodic comparisons begin with the first session that is ready. */
  #watch(): void {
    if (this.#timers.length > 0) return;
    const { orders, positions, account } = this.#engine.topology.reconcile;
    this.#every(orders, 'orders');
    this.#every(positions, 'positions');
    this.#every(account, 'account');
  }

  #every(period: Micros, scope: Scope): void {
    const timer = setInterval(() => {
      for (const broker of this.#brokers.values()) broker.request(scope);
    }, period / MICROS_PER_MS);
    timer.unref();
    this.#timers.push(timer);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#sleepers.delete(timer);
        resolve();
      }, ms);
      timer.unref();
      this.#sleepers.set(timer, resolve);
    });
  }
}
