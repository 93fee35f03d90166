import type { ControlEvent, ReconciliationEvent } from '../model/event.js';
import type { InstrumentTable } from '../model/instruments.js';
import type { Micros } from '../model/time.js';
import type { Changes } from './changes.js';
import type { ExecutionReducer } from './execution-reducer.js';
import type { Portfolio } from './portfolio.js';
import type { OpenBreak, Readiness } from './readiness.js';

/** Folds what reconciliation found into readiness, orders and money, and what an operator says about it. */
export class ReconciliationReducer {
  readonly #readiness: Readiness;
  readonly #executions: ExecutionReducer;
  readonly #portfolio: Portfolio;
  readonly #instruments: InstrumentTable;
  readonly #changes: Changes;

  constructor(
    readiness: Readiness,
    executions: ExecutionReducer,
    portfolio: Portfolio,
    instruments: InstrumentTable,
    changes: Changes,
  ) {
    this.#readiness = readiness;
    this.#executions = executions;
    this.#portfolio = portfolio;
    this.#instruments = instruments;
    this.#changes = changes;
  }

  /** `reconciled`, `reconcile_failed`, `acknowledge`; others do nothing. True: what may be sent changed. */
  control(event: ControlEvent, at: Micros): boolean {
    const { action, target, actor, reason } = event;
    if (action === 'start' || action === 'recovering') {
      this.#readiness.restart();
      return false;
    }
    if (action !== 'reconciled' && action !== 'reconcile_failed' && action !== 'acknowledge') return false;
    if (action === 'acknowledge' && target.startsWith('protection:')) return false;
    if (action === 'acknowledge' && this.#readiness.of(target)?.books !== 'open') {
      const why = 'there is no open difference of this broker to take note of';
      this.#changes.log('warn', 'CONTROL_REFUSED', { action, target, actor, reason, why });
      return false;
    }
    for (const one of this.#readiness.control(event)) this.#takeOver(one, false, at);
    return true;
  }

  apply(event: ReconciliationEvent, at: Micros): void {
    const { broker, code, key, ours, theirs, resolution } = event;
    this.#readiness.found(event);
    if (event.order !== undefined) this.#executions.adopt(event.order, event.execIds);
    const opening = code === 'OPENING_BALANCE' || code === 'OPENING_POSITION';
    if (resolution === 'adopted') this.#takeOver(event, opening, at);
    if (resolution === 'gone' || (opening && resolution !== 'open')) return;
    this.#changes.log('warn', 'RECONCILIATION_BREAK', { broker, break: code, key, ours, theirs, resolution });
  }

  /** A balance or position becomes the venue's. */
  #takeOver(one: OpenBreak | ReconciliationEvent, opening: boolean, at: Micros): void {
    const { account, amount, price } = one;
    if (amount === undefined) return;
    if (one.subject === 'balance') {
      this.#portfolio.takeOver({ account, currency: one.key, total: amount }, opening, at);
      return;
    }
    const instrument = one.subject === 'position' ? this.#instruments.at(one.ix) : undefined;
    if (instrument !== undefined)
      this.#portfolio.takeOver({ account, instrument, quantity: amount, price }, opening, at);
  }
}
