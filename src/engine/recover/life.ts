import type { ControlEvent } from '../../model/event.js';
import { makeControl, receivedAt } from '../../model/make.js';
import type { Micros } from '../../model/time.js';
import type { Engine } from '../engine.js';
import { realBrokers } from '../state-config.js';
import { disconnected, doubts } from './doubts.js';
import { lockAccounts } from './locks.js';
import { END, type SnapshotStore } from './snapshots.js';
import { Snapshots } from './take-snapshots.js';

export interface LifeOptions {
  /** `fresh`: nothing was before. `refed`: the session goes on. `opened`: a new session with the State of an old one. */
  readonly kind: 'fresh' | 'refed' | 'opened';
  /** Undefined: no snapshots are taken. */
  readonly store: SnapshotStore | undefined;
  readonly release: () => void;
  /** What is gone on from, in words. */
  readonly reason: string;
  /** First difference when the journal was fed: the life begins halted. */
  readonly diverged?: string;
}

/** One process in the life of a session: how it begins, its snapshots, how it ends. */
export class Life {
  readonly engine: Engine;
  readonly kind: LifeOptions['kind'];
  readonly #options: LifeOptions;
  readonly #snapshots: Snapshots | undefined;
  /** Real brokers whose books were not yet found to agree with the venue. */
  readonly #unreconciled: Set<string>;
  #unlock: () => void = () => undefined;

  constructor(engine: Engine, options: LifeOptions) {
    this.engine = engine;
    this.kind = options.kind;
    this.#options = options;
    const { recovery } = engine.topology;
    this.#snapshots =
      options.store === undefined ? undefined : new Snapshots(engine, options.store, recovery);
    this.#unreconciled = new Set(realBrokers(engine.topology).map(({ name }) => name));
    if (options.kind !== 'fresh') engine.onControl = (event) => this.#control(event);
  }

  /** Locks the accounts, then opens brokers and sinks. */
  async open(): Promise<void> {
    this.#unlock = lockAccounts(this.engine, this.engine.options.log);
    await this.engine.open();
  }

  /** The first turns: the start turn, or `recovering` and what it brings. */
  start(at: Micros): void {
    const { engine } = this;
    const { kind, reason, diverged } = this.#options;
    if (kind === 'fresh') {
      engine.start(at);
      return;
    }
    const life = String(engine.outbox.life);
    const from = engine.sequencer.at;
    const recovering = receivedAt(makeControl(from, 'recovering', 'recovery', reason, '', life), from);
    const unanswered = [...disconnected(engine.brokers, from), ...doubts(engine.state, engine.brokers, from)];
    if (kind === 'refed') engine.resume(recovering, unanswered, engine.options.wall?.() ?? from);
    else engine.start(Math.max(at, from), 'engine', [recovering, ...unanswered]);
    if (diverged !== undefined) engine.haltFromOutside('RECOVERY_DIVERGED', diverged);
    if (this.#unreconciled.size === 0) this.#recovered();
  }

  /** Between turns. */
  between(): void {
    this.#snapshots?.between();
  }

  /** After the engine was closed. `inOrder`: it was stopped, and its journal is complete. */
  async end(inOrder: boolean): Promise<void> {
    try {
      await this.#snapshots?.end(inOrder ? END : undefined);
    } finally {
      this.#unlock();
      this.#options.release();
    }
  }

  #control({ action, target }: ControlEvent): void {
    if (action !== 'reconciled' && action !== 'acknowledge') return;
    // Asked of State: what an operator says may have been refused.
    if (this.engine.state.readiness.of(target)?.books !== 'agree') return;
    if (this.#unreconciled.delete(target) && this.#unreconciled.size === 0) this.#recovered();
  }

  #recovered(): void {
    const { engine } = this;
    if (!engine.state.control.recovering) return;
    engine.post(makeControl(engine.sequencer.at, 'recovered', 'recovery', this.#options.reason));
  }
}
