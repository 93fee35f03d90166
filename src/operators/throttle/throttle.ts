import type { OperatorFunction, Subscriber, Subscription } from 'rxjs';
import { isApproved, mintCommand, type Approved } from '../../model/command.js';
import type { Intent } from '../../model/intent.js';
import { makeDenied, makeQueued } from '../../model/make.js';
import { MillraceError, reasonText } from '../../model/reason.js';
import type { Event } from '../../model/record.js';
import type { Micros } from '../../model/time.js';
import { QueueState, type NodeQueue, type Pending } from '../../state/queue.js';
import { operate } from '../../streams/operate.js';
import type { OperatorContext } from '../context.js';
import { isExit } from '../risk/exposure.js';
import type { ControlView } from '../../state/view.js';
import { Lanes, type Lane, type LaneRates } from './lanes.js';
import { enqueue, inFlightBlocks, served } from './queue.js';

export interface ThrottleOptions extends LaneRates {
  /** Without a rate token an order waits, or is denied with `RATE_LIMIT`. Cancels and exits always wait. */
  readonly onLimit: 'defer' | 'reject';
  /** Most intents that may wait; one more is denied with `QUEUE_FULL`. Cancels and exits always come in. */
  readonly maxQueue: number;
}

/**
 * Queue and rate limits: takes what risk approved and decides what is sent now. Approvals of a turn are folded per
 * order key and served once, at its end, so `new` and `cancel` in one turn send nothing.
 *
 * ```
 * in:             -(a b c)-----------------
 * throttle(2/1s): -(A B)-----1s-C----------     A, B, C: commands
 * ```
 *
 * An intent that waited, or was folded, is asked of risk again when it leaves; a refusal is a `denied` record of stage
 * `queue`, on the port `denied`. While trading is not active (or killed, or disarmed), waiting new and replace intents are asked again in every
 * turn that wakes the queue, so the refused ones leave it at once. It wakes when tokens come back (a deadline on
 * engine time) and when the engine touches it after something in flight was answered or trading changed.
 *
 * Errors: a forged approval throws `COMMAND_FORGED`. Completes with its input; what still waits then is not sent.
 * A cancel of an order that never left, and that waits in no queue of this node, is refused `ORDER_NOT_FOUND`.
 * Memory: at most `maxQueue` intents besides cancels and exits (one per order, together no more than the position),
 * and one number per token of each account's buckets; all of it
 * is part of State.
 */
export function throttle(
  options: ThrottleOptions,
): (context: OperatorContext) => OperatorFunction<Event, Event> {
  return (context) =>
    operate<Event, Event>((out) => {
      const queue = new Throttle(options, context, out);
      return { next: (event) => queue.add(event), teardown: () => queue.stop() };
    });
}

class Throttle {
  readonly #options: ThrottleOptions;
  readonly #context: OperatorContext;
  readonly #out: Subscriber<Event>;
  readonly #node: NodeQueue;
  readonly #lanes: Lanes;
  readonly #hook: { touch(): void };
  #timer: Subscription | undefined;
  #timerAt: Micros = Infinity;

  constructor(options: ThrottleOptions, context: OperatorContext, out: Subscriber<Event>) {
    this.#options = options;
    this.#context = context;
    this.#out = out;
    this.#node = (context.state.queue ?? new QueueState()).node(context.name);
    this.#lanes = new Lanes(options, this.#node);
    this.#hook = context.endOfTurn(() => this.#flush());
  }

  add(event: Event): void {
    if (event.kind !== 'approved') return;
    if (!isApproved(event)) {
      throw new MillraceError('COMMAND_FORGED', 'an approval that risk did not make reached the throttle');
    }
    const lane = this.#lane(event.intent);
    const most = lane === 'order' ? this.#options.maxQueue : Infinity;
    const added = enqueue(this.#node, event, this.#context.state.seq, most);
    if (added.full) {
      this.#deny(event.intent, 'QUEUE_FULL', reasonText('QUEUE_FULL', { max_queue: this.#options.maxQueue }));
      return;
    }
    for (const record of added.superseded) this.#context.record(record);
    this.#hook.touch();
  }

  stop(): void {
    this.#timer?.unsubscribe();
  }

  #flush(): void {
    let wake = Infinity;
    // Nobody hears: what waits stays, and is seen to wait, instead of vanishing.
    if (this.#node.pending.size > 0 && !this.#out.closed) {
      const at = this.#context.at();
      for (const entry of served(this.#node)) wake = Math.min(wake, this.#serve(entry, at));
    }
    this.#arm(wake);
  }

  /** Sends, refuses or keeps one intent. Returns when to look again, Infinity when something else will wake it. */
  #serve(entry: Pending, at: Micros): Micros {
    const { intent } = entry;
    const { state } = this.#context;
    const purging = intent.action !== 'cancel' && closed(state.control, intent);
    let approved: Approved | undefined;
    if (purging && (approved = this.#recheck(entry)) === undefined) return Infinity;
    const order = state.orders.get(intent.orderKey);
    if (intent.action === 'cancel' && order?.clientOrderId === '') {
      const why = reasonText('ORDER_NOT_FOUND', { order_key: intent.orderKey, state: order.state });
      this.#drop(entry, 'ORDER_NOT_FOUND', why);
      return Infinity;
    }
    if (inFlightBlocks(intent, order)) {
      this.#wait(entry, 'inflight');
      return Infinity;
    }
    const lane = this.#lane(intent);
    const ready = this.#lanes.readyAt(intent.account, lane);
    if (ready > at) {
      if (this.#options.onLimit === 'defer' || lane !== 'order') {
        this.#wait(entry, 'rate');
        return ready;
      }
      this.#drop(entry, 'RATE_LIMIT', reasonText('RATE_LIMIT', { wait_ms: (ready - at) / 1000 }));
      return Infinity;
    }
    if (approved === undefined) {
      const waited = entry.folded || entry.turn !== state.seq;
      approved = waited ? this.#recheck(entry) : entry.approved;
      if (approved === undefined) return Infinity;
    }
    this.#node.pending.delete(intent.orderKey);
    this.#lanes.take(intent.account, lane, at);
    this.#out.next(mintCommand(approved));
    return Infinity;
  }

  /** Asks risk again; a refused intent leaves the queue. */
  #recheck(entry: Pending): Approved | undefined {
    const answer = entry.approved.recheck(entry.intent);
    if (answer.kind === 'approved') return answer;
    this.#drop(entry, answer.code, answer.text);
    return undefined;
  }

  #lane(intent: Intent): Lane {
    if (intent.action === 'cancel') return 'cancel';
    const { state } = this.#context;
    const filled = intent.action === 'replace' ? state.orders.get(intent.orderKey)?.filled : undefined;
    const quantity = filled === undefined ? intent.quantity : intent.quantity.minus(filled);
    return isExit(intent, quantity, state) ? 'exit' : 'order';
  }

  #wait(entry: Pending, reason: 'inflight' | 'rate'): void {
    if (entry.reason !== '') return;
    entry.reason = reason;
    this.#context.record(makeQueued(entry.intent, reason));
  }

  #drop(entry: Pending, code: string, text: string): void {
    this.#node.pending.delete(entry.intent.orderKey);
    this.#deny(entry.intent, code, text);
  }

  #deny(intent: Intent, code: string, text: string): void {
    this.#context.emit('denied', makeDenied(intent, code, text, 'queue'));
  }

  #arm(wake: Micros): void {
    if (wake === this.#timerAt) return;
    this.#timer?.unsubscribe();
    this.#timer = undefined;
    this.#timerAt = wake;
    if (wake === Infinity) return;
    const delay = (wake - this.#context.at()) / 1000;
    this.#timer = this.#context.scheduler.schedule(() => {
      this.#timer = undefined;
      this.#timerAt = Infinity;
      this.#hook.touch();
    }, delay);
  }
}

/** New and replace intents may not leave now; risk says which of them may after all. */
function closed(control: ControlView, { account, strategy }: Intent): boolean {
  if (control.trading !== 'active' || control.recovering) return true;
  return control.latchOver(account, strategy) !== undefined || !control.armed(account);
}
