import { Subject, type Subscription } from 'rxjs';
import type { Broker, BrokerCommand } from '../brokers/broker.js';
import { isCommand, type Command } from '../model/command.js';
import type { CommandOutcome, DispatchEvent, InputEvent } from '../model/event.js';
import { makeDispatch, makeOutcome } from '../model/make.js';
import { MillraceError, reasonText, type ErrorCode } from '../model/reason.js';
import type { Event } from '../model/record.js';
import type { Micros } from '../model/time.js';
import type { StateView } from '../state/view.js';
import { clientOrderId } from './client-order-id.js';
import { isExit } from '../operators/risk/index.js';

export interface OutboxOptions {
  readonly session: string;
  readonly state: StateView;
  readonly record: (child: Event, source: string) => void;
  readonly post: (event: InputEvent) => void;
  /** Position of the next child in the turn: part of the client order id. */
  readonly nextSub: () => number;
  /** Calls `done` when everything framed so far is durable. */
  readonly commit: (done: () => void) => void;
  /** Engine time now, also between turns. */
  readonly at: () => Micros;
  /** A broker failed: the gate closes and trading halts. */
  readonly halt: (code: ErrorCode, reason: string) => void;
  /** Verification: dispatch records are made, nothing is ever handed over. */
  readonly detached: boolean;
}

const WITHDRAWN = 'withdrawn by a cancel before it left';

interface Release {
  readonly broker: string;
  readonly command: BrokerCommand;
  /** Cancels and risk-reducing exits pass the gate and never wait for the journal. */
  readonly urgent: boolean;
}

/**
 * The last door before a broker. In the turn: writes the dispatch record (write ahead). After the turn's frame is
 * durable: re-checks gate and trading state, synchronously, right before the command leaves. A withheld command comes
 * back as an input (`outcome: not_sent`). A cancel does not wait for the journal, so it takes back what still waits of
 * its order instead of overtaking it.
 */
export class Outbox {
  readonly #o: OutboxOptions;
  readonly #lanes = new Map<string, Subject<BrokerCommand>>();
  readonly #subscriptions: Subscription[] = [];
  #waiting: Release[] = [];
  #gate: { readonly code: string; readonly reason: string } | undefined;
  /** Written ahead; they wait for the journal. */
  readonly #held = new Set<Release>();
  readonly #failed = new Set<string>();
  #closing = false;

  constructor(options: OutboxOptions) {
    this.#o = options;
  }

  /** Connects a broker: its outcomes become inputs. */
  attach(broker: Broker): void {
    const lane = new Subject<BrokerCommand>();
    this.#lanes.set(broker.name, lane);
    this.#subscriptions.push(
      broker.execute(lane).subscribe({
        next: (outcome) => this.#o.post(outcome),
        error: (error: unknown) => this.#broken(broker.name, error),
        complete: () => this.#broken(broker.name, new Error('it takes no more commands')),
      }),
    );
  }

  /** Closes the gate for everything but cancels and exits. Synchronous: nothing leaves after it returns. */
  closeGate(code: string, reason: string): void {
    this.#gate ??= { code, reason };
  }

  openGate(): void {
    this.#gate = undefined;
  }

  get gate(): { readonly code: string; readonly reason: string } | undefined {
    return this.#gate;
  }

  /** Commands written ahead and not yet handed over. */
  get waiting(): number {
    return this.#waiting.length + this.#held.size;
  }

  /** A command of the graph, inside its turn: written ahead now, sent after the frame. */
  take(value: Event, broker: string): void {
    if (!isCommand(value))
      throw new MillraceError(
        'COMMAND_FORGED',
        `what reached orders sink of "${broker}" is not a command of the throttle`,
      );
    const dispatch = this.#dispatch(value, broker);
    const order = this.#o.state.orders.get(value.intent.orderKey);
    if (order === undefined)
      throw new MillraceError('INVARIANT', `order ${value.intent.orderKey} is dispatched but not in State`);
    const urgent =
      value.action === 'cancel' ||
      isExit(value.intent, value.intent.quantity.minus(order.filled), this.#o.state);
    this.#waiting.push({ broker, command: { command: value, dispatch, order }, urgent });
  }

  /** After the frame of the turn. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const batch = this.#waiting;
    this.#waiting = [];
    if (this.#o.detached) return;
    const rest: Release[] = [];
    for (const release of batch) {
      if (!release.urgent) rest.push(release);
      else if (!this.#takeBack(release)) this.#release(release);
    }
    if (rest.length === 0) return;
    for (const release of rest) this.#held.add(release);
    this.#o.commit(() => {
      for (const release of rest) if (this.#held.delete(release)) this.#release(release);
    });
  }

  close(): void {
    this.#closing = true;
    for (const lane of this.#lanes.values()) lane.complete();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #dispatch(command: Command, broker: string): DispatchEvent {
    const order = this.#o.state.orders.get(command.intent.orderKey);
    const id = clientOrderId(this.#o.session, this.#o.state.seq, this.#o.nextSub());
    const dispatch = makeDispatch(id, order?.clientOrderId ?? '', broker, command.intent);
    this.#o.record(dispatch, broker);
    return dispatch;
  }

  #absent(broker: string): string {
    return reasonText(this.#failed.has(broker) ? 'BROKER_NOT_READY' : 'ROUTE_UNKNOWN', { broker });
  }

  /** A cancel of an order whose newest request still waits here. True: nothing is left to cancel at the venue. */
  #takeBack({ broker, command }: Release): boolean {
    if (command.dispatch.action !== 'cancel') return false;
    let never = false;
    for (const held of this.#held) {
      if (held.command.dispatch.orderKey !== command.dispatch.orderKey) continue;
      this.#held.delete(held);
      this.#answer(held.command, held.broker, 'not_sent', WITHDRAWN);
      never ||= held.command.dispatch.action === 'new';
    }
    if (never) this.#answer(command, broker, 'not_sent', WITHDRAWN);
    return never;
  }

  #release({ broker, command, urgent }: Release): void {
    const lane = this.#lanes.get(broker);
    const withheld = this.#withheld(urgent) ?? (lane === undefined ? this.#absent(broker) : undefined);
    if (withheld !== undefined || lane === undefined) {
      this.#answer(command, broker, 'not_sent', withheld ?? '');
      return;
    }
    try {
      lane.next(command);
    } catch (error) {
      this.#broken(broker, error);
    }
    // The broker failed while it had the command: whether that left, nobody knows.
    if (!this.#lanes.has(broker))
      this.#answer(command, broker, 'unknown', 'the broker failed while sending it');
  }

  #withheld(urgent: boolean): string | undefined {
    if (urgent) return undefined;
    if (this.#gate !== undefined) return reasonText(this.#gate.code, { reason: this.#gate.reason });
    const control = this.#o.state.control;
    if (control.killed) return 'LATCHED';
    if (control.trading === 'halted') return reasonText('TRADING_HALTED', { reason: control.tradingReason });
    if (control.trading === 'reducing')
      return reasonText('TRADING_REDUCING', { reason: control.tradingReason });
    if (control.recovering) return 'RECOVERING';
    return undefined;
  }

  #answer({ dispatch }: BrokerCommand, broker: string, outcome: CommandOutcome, reason: string): void {
    this.#o.post(
      makeOutcome(
        'outbox',
        this.#o.at(),
        broker,
        dispatch.orderKey,
        dispatch.clientOrderId,
        dispatch.action,
        outcome,
        '',
        reason,
      ),
    );
  }

  /** A broker that failed takes no commands any more, cancels and exits included: each comes back `not_sent`. */
  #broken(broker: string, error: unknown): void {
    if (this.#closing || !this.#lanes.delete(broker)) return;
    this.#failed.add(broker);
    const message = error instanceof Error ? error.message : String(error);
    this.#o.halt('TRADING_PROVIDER_ERROR', `${broker}: ${message}`);
  }
}
