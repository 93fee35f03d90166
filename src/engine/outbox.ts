import { Subject, type Subscription } from 'rxjs';
import type { Broker, BrokerCommand } from '../brokers/broker.js';
import { isCommand, type Command } from '../model/command.js';
import type { CommandOutcome, DispatchEvent, InputEvent } from '../model/event.js';
import { makeDispatch, makeOutcome } from '../model/make.js';
import { MillraceError, reasonText, type ErrorCode } from '../model/reason.js';
import type { Event } from '../model/record.js';
import type { Micros } from '../model/time.js';
import { inScope, scopeText, type Scope } from '../model/scope.js';
import type { ControlView, StateView } from '../state/view.js';
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
  /** A watchdog that acted while the main thread hung: why nothing may leave any more. Asked before every write. */
  readonly tripped: () => string | undefined;
  /** A journal is fed: dispatch records are made, nothing is handed over. */
  readonly detached: boolean;
  /** Life of the session, from 1 (default): part of client order ids. */
  readonly life?: number;
}

const ignore = (): undefined => undefined;
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
  /** Accounts and strategies whose gate was closed by a kill. */
  readonly #scopes = new Map<string, { readonly scope: Scope; readonly reason: string }>();
  /** Written ahead; they wait for the journal. */
  readonly #held = new Set<Release>();
  readonly #failed = new Set<string>();
  #closing = false;

  /** A journal is fed: dispatch records are made, nothing is handed over. */
  detached: boolean;
  /** Life of the session, from 1: a part of client order ids that only grows. */
  life: number;

  constructor(options: OutboxOptions) {
    this.#o = options;
    this.detached = options.detached;
    this.life = options.life ?? 1;
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

  /** The same for one account or strategy. */
  closeScope(scope: Scope, reason: string): void {
    if (scope.kind === 'global') this.closeGate('LATCHED', reason);
    else this.#scopes.set(scopeText(scope), { scope, reason });
  }

  openScope(scope: Scope): void {
    this.#scopes.delete(scopeText(scope));
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
    if (this.detached) return;
    const rest: Release[] = [];
    const urgent: Release[] = [];
    for (const release of batch) {
      if (!release.urgent) rest.push(release);
      else if (!this.#takeBack(release)) urgent.push(release);
    }
    // Their record goes to the disk in front of them too, so that a kill between the two leaves no order nobody wrote
    // down; but whatever the disk says, and however long it takes to be sure, they leave now.
    if (urgent.length > 0) this.#o.commit(ignore);
    for (const release of urgent) this.#release(release);
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
    const id = clientOrderId(this.#o.session, this.life, this.#o.state.seq, this.#o.nextSub());
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
    const withheld =
      this.#withheld(urgent, command.dispatch) ?? (lane === undefined ? this.#absent(broker) : undefined);
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

  /** Asked synchronously before each write. What cannot be asked is withheld: a check that throws lets nothing out. */
  #withheld(urgent: boolean, { account, action, broker, intent }: DispatchEvent): string | undefined {
    if (action === 'cancel') return undefined;
    try {
      // An exit of a position nobody is sure of is no exit: it waits for reconciliation too.
      const notReady = this.#o.state.readiness?.withheld(broker, urgent) ?? '';
      if (notReady !== '') return reasonText('BROKER_NOT_READY', { broker, reason: notReady });
      if (urgent) return undefined;
      const tripped = this.#o.tripped();
      if (tripped !== undefined) {
        this.closeGate('LATCHED', tripped);
        return reasonText('LATCHED', { reason: tripped });
      }
      if (this.#gate !== undefined) return reasonText(this.#gate.code, { reason: this.#gate.reason });
      for (const { scope, reason } of this.#scopes.values()) {
        if (inScope(scope, account, intent.strategy)) {
          return reasonText('LATCHED', { scope: scopeText(scope), reason });
        }
      }
      return closedIn(this.#o.state.control, account, intent.strategy);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#o.halt('INVARIANT', `the outbox could not ask whether it may send: ${message}`);
      return reasonText('INVARIANT', { error: message });
    }
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

/** What State says against sending something new now. */
function closedIn(control: ControlView, account: string, strategy: string): string | undefined {
  const latch = control.latchOver(account, strategy);
  if (latch !== undefined) return reasonText('LATCHED', { scope: latch.scope, reason: latch.reason });
  if (control.trading === 'reducing')
    return reasonText('TRADING_REDUCING', { reason: control.tradingReason });
  if (control.trading !== 'active') return reasonText('TRADING_HALTED', { reason: control.tradingReason });
  if (control.recovering !== false) return 'RECOVERING';
  if (!control.strategyEnabled(strategy)) return reasonText('STRATEGY_DISABLED', { strategy });
  return control.armed(account) === true ? undefined : reasonText('DISARMED', { account });
}
