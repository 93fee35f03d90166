import type { Balance } from '../../../model/event.js';
import type { Micros } from '../../../model/time.js';
import { refreshOf } from '../orders/answers.js';
import type { KnownOrders } from '../orders/known-orders.js';
import type { Reporter } from '../orders/reporter.js';
import type { Resolver } from '../orders/resolve.js';
import { parseUserEvent, type UserEvent } from './parse.js';

export interface UserFeedDeps {
  readonly known: KnownOrders;
  readonly reporter: Reporter;
  readonly resolver: Pick<Resolver, 'ask'>;
  readonly onBalances: (balances: readonly Balance[], time: Micros) => void;
  /** Balances changed by something other than a trade, or unreadably: they are to be asked. */
  readonly onMoved: (why: string) => void;
  /** The stream ended, or something was lost that cannot be told apart: everything is to be reconciled. */
  readonly onLost: (why: string) => void;
  /** A message that cannot be used. */
  readonly onMalformed: (problem: string, message: unknown) => void;
  /** More messages are held than may be: the session has failed. */
  readonly onOverflow: (message: string) => void;
  /** Messages held during a reconciliation. Default 50,000. */
  readonly most?: number;
}

type OrderEvent = Extract<UserEvent, { kind: 'order' }>;

/**
 * The user data stream, made into reports. While the session reconciles, messages are held, so that fills that were
 * missed come before what happened afterwards.
 */
export class UserFeed {
  readonly #d: UserFeedDeps;
  readonly #most: number;
  #held: unknown[] | undefined;
  #lastUpdate = 0;
  received = 0;
  malformed = 0;
  /** Messages of kinds that say nothing to us. */
  ignored = 0;

  constructor(deps: UserFeedDeps) {
    this.#d = deps;
    this.#most = deps.most ?? 50_000;
  }

  get held(): number {
    return this.#held?.length ?? 0;
  }

  hold(): void {
    this.#held ??= [];
  }

  /** What was held, in the order it came; from then on messages pass. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const message of held) this.take(message);
  }

  take(message: unknown): void {
    if (this.#held !== undefined) {
      if (this.#held.length < this.#most) this.#held.push(message);
      else
        this.#d.onOverflow(
          `${this.#most} messages of the Binance user data stream wait for a reconciliation`,
        );
      return;
    }
    this.received++;
    const event = parseUserEvent(message);
    switch (event.kind) {
      case 'order':
        this.#order(event);
        return;
      case 'balances':
        // An older statement that comes late would put balances back.
        if (event.update < this.#lastUpdate) return;
        this.#lastUpdate = event.update;
        this.#d.onBalances(event.balances, event.time);
        return;
      case 'moved':
        this.#d.onMoved(`${event.currency} moved`);
        return;
      case 'terminated':
        this.#d.onLost('Binance ended the user data stream');
        return;
      case 'malformed':
        this.#malformed(event, message);
        return;
      default:
        this.ignored++;
    }
  }

  #order({ execution, order, trade, cancelId, formerId, working }: OrderEvent): void {
    const { known, reporter, resolver } = this.#d;
    const before = known.get(order.clientOrderId);
    if (
      formerId !== '' &&
      formerId !== order.clientOrderId &&
      known.replaceByNew(order.clientOrderId) === undefined
    )
      known.startReplace(order.clientOrderId, formerId, order.symbol, true); // amended by somebody else
    const conditional = /STOP|TAKE_PROFIT/.test(order.type);
    if (execution === 'NEW' && conditional && working && before?.accepted === true) reporter.triggered(order);
    // Whatever comes first proves that the order was accepted.
    if (order.status !== 'REJECTED') reporter.order({ ...order, status: 'NEW' });
    if (trade !== undefined) reporter.fill(trade);
    const filled = known.get(order.clientOrderId)?.filled;
    if (filled?.lt(order.executed) === true)
      resolver.ask(refreshOf(order.symbol, order.clientOrderId, order.side, 'a fill was not reported'));
    reporter.order(order, cancelId);
  }

  #malformed(event: Extract<UserEvent, { kind: 'malformed' }>, message: unknown): void {
    this.malformed++;
    const { type, problem, symbol, clientOrderId, venueOrderId } = event;
    this.#d.onMalformed(`${type === '' ? 'a message' : type} of the user data stream: ${problem}`, message);
    if (type === 'executionReport' && symbol !== '' && (clientOrderId !== '' || venueOrderId !== '')) {
      const side = this.#d.known.get(clientOrderId)?.side ?? 'buy';
      this.#d.resolver.ask({ ...refreshOf(symbol, clientOrderId, side, problem), venueOrderId });
    } else if (
      type === 'outboundAccountPosition' ||
      type === 'balanceUpdate' ||
      type === 'externalLockUpdate'
    )
      this.#d.onMoved(problem);
    else this.#d.onLost(`a message could not be read: ${problem}`);
  }
}
