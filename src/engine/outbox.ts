import { Subject, type Subscription } from 'rxjs';
import type { Broker, BrokerCommand } from '../brokers/broker.js';
import { isCommand, type Command } from '../model/command.js';
import type { DispatchEvent, InputEvent } from '../model/event.js';
import { makeDispatch, makeOutcome } from '../model/make.js';
import { MillraceError, reasonText } from '../model/reason.js';
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
  /** Verification: dispatch records are made, nothing is ever handed over. */
  readonly detached: boolean;
}

interface Release {
  readonly broker: string;
  readonly command: BrokerCommand;
  /** Cancels and risk-reducing exits pass the gate and never wait for the journal. */
  readonly urgent: boolean;
}

/**
 * The last door before a broker. In the turn: writes the dispatch record (write ahead). After the turn's frame is
 * durable: re-checks gate and trading state, synchronously, right before the command leaves. A withheld command comes
 * back as an input (`outcome: not_sent`).
 */
export class Outbox {
  readonly #o: OutboxOptions;
  readonly #lanes = new Map<string, Subject<BrokerCommand>>();
  readonly #subscriptions: Subscription[] = [];
  #waiting: Release[] = [];
  #gate: { readonly code: string; readonly reason: string } | undefined;
  #outstanding = 0;

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
    return this.#waiting.length + this.#outstanding;
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
      if (release.urgent) this.#release(release);
      else rest.push(release);
    }
    if (rest.length === 0) return;
    this.#outstanding += rest.length;
    this.#o.commit(() => {
      for (const release of rest) {
        this.#outstanding--;
        this.#release(release);
      }
    });
  }

  close(): void {
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

  #release({ broker, command, urgent }: Release): void {
    const lane = this.#lanes.get(broker);
    const withheld =
      this.#withheld(urgent) ?? (lane === undefined ? reasonText('ROUTE_UNKNOWN', { broker }) : undefined);
    if (withheld !== undefined || lane === undefined) {
      this.#notSent(command, broker, withheld ?? '');
      return;
    }
    lane.next(command);
  }

  #withheld(urgent: boolean): string | undefined {
    if (urgent) return undefined;
    if (this.#gate !== undefined) return reasonText(this.#gate.code, { reason: this.#gate.reason });
    const control = this.#o.state.control;
    if (control.killed) return 'LATCHED';
    if (control.trading === 'halted') return reasonText('TRADING_HALTED', { reason: control.tradingReason });
    return undefined;
  }

  #notSent({ dispatch }: BrokerCommand, broker: string, reason: string): void {
    this.#o.post(
      makeOutcome(
        'outbox',
        this.#o.at(),
        broker,
        dispatch.orderKey,
        dispatch.clientOrderId,
        dispatch.action,
        'not_sent',
        '',
        reason,
      ),
    );
  }

  #broken(broker: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.closeGate('TRADING_PROVIDER_ERROR', `${broker}: ${message}`);
  }
}
