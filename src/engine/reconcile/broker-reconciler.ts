import { makeControl } from '../../model/make.js';
import type { Micros } from '../../model/time.js';
import { MICROS_PER_MS } from '../../model/time.js';
import { BrokerError } from '../../brokers/broker.js';
import { redact } from '../../model/secrets.js';
import type { BrokerState } from '../../state/readiness.js';
import { NotCompared, within, type ReconcileEnds } from './ends.js';
import { MoneyPass } from './money-pass.js';
import { OrdersPass, type Consistent } from './orders-pass.js';
import { Recorder } from './record.js';

export type Scope = 'orders' | 'positions' | 'account' | 'full';

/** How a comparison ended. */
export interface ReconcileResult {
  readonly broker: string;
  /** `agree`: orders may leave. `open`: differences nobody decided. `failed`: it could not be compared. */
  readonly books: 'agree' | 'open' | 'failed';
  /** Keys of what stands open. */
  readonly open: readonly string[];
  readonly reason: string;
}

export interface ReconcileFigures {
  readonly passes: number;
  readonly failures: number;
  /** Comparisons given up because the account was never quiet. */
  readonly busy: number;
}

/**
 * Compares our books of one broker with the venue's, one pass at a time. Whatever it finds enters as inputs
 * (`reconciliation`, `execution`, `control`), so a replay repeats every decision without asking a venue.
 *
 * Books that do not agree are always compared whole: orders and fills, then positions and balances.
 */
export class BrokerReconciler {
  readonly #ends: ReconcileEnds;
  readonly #balances: 'derived' | 'broker';
  readonly #record: Recorder;
  readonly #wanted = new Set<Scope>();
  #waiters: ((result: ReconcileResult) => void)[] = [];
  /** Ends a back-off: somebody asks again. */
  #wake: () => void = () => undefined;
  #running = false;
  #closed = false;
  #failures = 0;
  #passes = 0;
  #failed = 0;
  #busy = 0;

  constructor(ends: ReconcileEnds, balances: 'derived' | 'broker') {
    this.#ends = ends;
    this.#balances = balances;
    this.#record = new Recorder(ends);
  }

  get figures(): ReconcileFigures {
    return { passes: this.#passes, failures: this.#failed, busy: this.#busy };
  }

  /** Asks for a comparison; one that is under way is followed by another. */
  request(scope: Scope): void {
    if (this.#closed) return;
    this.#wanted.add(scope);
    if (scope === 'full') this.#wake();
    if (!this.#running) void this.#loop();
  }

  /** A whole comparison now; resolves to how it ended. */
  now(): Promise<ReconcileResult> {
    if (this.#closed || this.#state.session !== 'ready')
      return Promise.resolve(this.#result('failed', 'the session is not ready'));
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      this.request('full');
    });
  }

  close(): void {
    this.#closed = true;
    this.#wake();
    this.#answer(this.#waiters.splice(0), this.#result('failed', 'the engine closes'));
  }

  async #loop(): Promise<void> {
    this.#running = true;
    try {
      // After the turn that asked for it, and whatever else waits.
      await this.#ends.sleep(0);
      while (this.#wanted.size > 0 && !this.#closed) {
        const waiters = this.#waiters.splice(0);
        if (this.#state.session !== 'ready') {
          this.#wanted.clear();
          this.#answer(waiters, this.#result('failed', 'the session is not ready'));
          continue;
        }
        const scopes = new Set(this.#wanted);
        this.#wanted.clear();
        const result = await this.#tried(scopes);
        this.#answer(waiters, result);
        if (result.books !== 'failed' || this.#closed || this.#state.session !== 'ready') continue;
        for (const scope of scopes) this.#wanted.add(scope);
        const asked = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        await Promise.race([this.#ends.sleep(this.#backOff()), asked]);
      }
    } finally {
      this.#running = false;
    }
  }

  async #tried(scopes: ReadonlySet<Scope>): Promise<ReconcileResult> {
    try {
      const result = await this.#pass(scopes);
      this.#failures = 0;
      this.#passes++;
      return result;
    } catch (error) {
      return this.#failedPass(error);
    }
  }

  async #pass(scopes: ReadonlySet<Scope>): Promise<ReconcileResult> {
    const { broker, settings } = this.#ends;
    const { baseline, books } = this.#state;
    const opening = baseline === 0;
    const full = scopes.has('full') || books !== 'agree';
    const awaited = full && this.#awaited;
    const ms = settings.timeout / MICROS_PER_MS;
    // Venue time from which fills count on their own: before the balances they are part of are asked for.
    const began = opening ? await within(broker.serverTime(), ms, 'server time') : this.#ends.at();
    const covered = new Set<string>();
    const standing = new Set<string>();
    const take = (subjects: readonly string[], pass: { readonly standing: ReadonlySet<string> }): void => {
      for (const subject of subjects) covered.add(subject);
      for (const id of pass.standing) standing.add(id);
    };
    if (full || scopes.has('orders')) take(['order', 'fill'], await this.#orders(full));
    if (full || scopes.has('positions') || scopes.has('account')) {
      let money = this.#money();
      // A difference may be a fill nobody told: it is looked for before anything is concluded.
      if (!(await money.ask()) && !opening) {
        take(['order', 'fill'], await this.#orders(full, money.suspects));
        money = this.#money();
        await money.ask();
      }
      money.conclude(opening);
      take(['position', 'balance'], money);
    }
    this.#forgetGone(covered, standing);
    return this.#conclude(began, awaited);
  }

  /** Orders and fills; again when something happened to an order while it was asked for. */
  async #orders(gating: boolean, suspects: readonly string[] = []): Promise<OrdersPass> {
    for (let i = 0; i < this.#ends.settings.attempts; i++) {
      const pass = new OrdersPass(this.#ends, this.#record, this.#consistent, suspects);
      await pass.run(gating);
      if (!pass.skipped) return pass;
    }
    throw new NotCompared('busy');
  }

  #money(): MoneyPass {
    return new MoneyPass(this.#ends, this.#record, this.#consistent, this.#balances);
  }

  /** An answer counts when nothing of the account happened from the question until a while after it. */
  readonly #consistent: Consistent = async (ask) => {
    const { settings } = this.#ends;
    for (let i = 0; i < settings.attempts; i++) {
      if (this.#state.session !== 'ready' || this.#closed) throw new NotCompared('session');
      const before = this.#state.touched;
      const answer = await ask();
      await this.#ends.sleep(settings.settle / MICROS_PER_MS);
      if (this.#state.session !== 'ready' || this.#closed) throw new NotCompared('session');
      if (this.#state.touched === before) return answer;
    }
    throw new NotCompared('busy');
  };

  /** Breaks of what was compared that are not there any more. */
  #forgetGone(covered: ReadonlySet<string>, standing: ReadonlySet<string>): void {
    for (const [id, { subject, code, key, ix }] of [...this.#state.open]) {
      if (!covered.has(subject) || standing.has(id)) continue;
      const both = { ours: '', theirs: '', evidence: 'they agree again' };
      this.#record.found({ subject, code: code as 'POSITION', key, ix, ...both, resolution: 'gone' });
    }
  }

  /** Books that agree are told when they did not before, and when a kill waits to hear it before it can be released. */
  #conclude(began: Micros, awaited: boolean): ReconcileResult {
    const { settings } = this.#ends;
    const open = [...this.#state.open.values()];
    if (open.length === 0) {
      if (this.#state.books !== 'agree' || awaited)
        this.#control(began, 'reconciled', 'books agree with the venue', '');
      return this.#result('agree', '');
    }
    const names = open.map(
      ({ code, key, ours, theirs }) => `${code} ${key} (ours ${ours}, theirs ${theirs})`,
    );
    const reason = `${open.length} open: ${names.slice(0, 3).join('; ')}`;
    const { books, reason: told } = this.#state;
    if (books !== 'open' || told !== reason) {
      const value = settings.onBreak === 'reduce' ? 'reduce' : 'halt';
      this.#control(began, 'reconcile_failed', reason, value);
    }
    return this.#result('open', reason);
  }

  /** Trading that is gated stays so; trading that goes on is gated when it fails `attempts` times in a row. */
  #failedPass(error: unknown): ReconcileResult {
    const { broker, log, settings } = this.#ends;
    if (error instanceof NotCompared && error.why === 'session') return this.#result('failed', error.message);
    const category = error instanceof BrokerError ? `${error.category}: ` : '';
    const reason = redact(`${category}${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof NotCompared) this.#busy++;
    this.#failed++;
    this.#failures++;
    log.warn(`${broker.name}: books could not be compared (${this.#failures} in a row): ${reason}`);
    const { books, reason: told } = this.#state;
    const gated = books !== 'agree';
    const text = `books could not be compared: ${reason}`;
    const tooOften = this.#failures >= settings.attempts && !(error instanceof NotCompared);
    if (gated ? told !== text : tooOften) this.#control(this.#ends.at(), 'reconcile_failed', text, 'query');
    return this.#result('failed', reason);
  }

  #control(ts: Micros, action: 'reconciled' | 'reconcile_failed', reason: string, value: string): void {
    this.#ends.post(makeControl(ts, action, 'reconcile', reason, this.#ends.broker.name, value));
  }

  #backOff(): number {
    const { retryInitial, retryMax } = this.#ends.settings;
    const wait = Math.min(retryMax, retryInitial * 2 ** Math.min(30, Math.max(0, this.#failures - 1)));
    return wait / MICROS_PER_MS;
  }

  #answer(waiters: readonly ((result: ReconcileResult) => void)[], result: ReconcileResult): void {
    for (const done of waiters) done(result);
  }

  #result(books: ReconcileResult['books'], reason: string): ReconcileResult {
    const open = [...this.#state.open.values()].map(({ key }) => key);
    return { broker: this.#ends.broker.name, books, open, reason };
  }

  /** A kill latch was closed since the books were last found to agree. */
  get #awaited(): boolean {
    const { broker, state } = this.#ends;
    return state.control.latches?.().some(({ reconciled }) => !reconciled.has(broker.name)) === true;
  }

  get #state(): BrokerState {
    const state = this.#ends.state.readiness?.of(this.#ends.broker.name);
    if (state === undefined) throw new Error(`${this.#ends.broker.name} is not a broker to reconcile`);
    return state;
  }
}
