import { BrokerReconciler, type ReconcileResult } from '../../../src/engine/reconcile/broker-reconciler.js';
import { mintApproved } from '../../../src/model/command.js';
import { ZERO, dec } from '../../../src/model/decimal.js';
import type { ConnectionState, InputEvent, ReconciliationEvent } from '../../../src/model/event.js';
import type { Intent } from '../../../src/model/intent.js';
import { InstrumentTable } from '../../../src/model/instruments.js';
import { makeConnection, makeControl, makeDispatch, makeOutcome } from '../../../src/model/make.js';
import type { Order, OrderState } from '../../../src/model/order.js';
import { ORDER_TRANSITIONS } from '../../../src/model/order-state.js';
import type { Event } from '../../../src/model/record.js';
import { State } from '../../../src/state/state.js';
import { reconcileSchema, reconcileSettings } from '../../../src/topology/reconcile-schema.js';
import { BTC, T0, intentOf } from '../../state/support.js';
import { ModelVenue } from './model-venue.js';

const BACK_OFF_MS = 3_600_000;
const OPEN: readonly OrderState[] = [
  'submitted',
  'accepted',
  'partially_filled',
  'pending_replace',
  'pending_cancel',
  'inactive',
  'unknown',
];

/** State, a model venue and the reconciler between them; time passes only when somebody sleeps. */
export class Desk {
  readonly venue: ModelVenue = new ModelVenue(T0);
  readonly state: State;
  readonly reconciler: BrokerReconciler;
  readonly inputs: InputEvent[] = [];
  readonly breaks: ReconciliationEvent[] = [];
  readonly logs: string[] = [];
  readonly warnings: string[] = [];
  /** Steps that are not in the table of transitions. */
  readonly illegal: string[] = [];
  /** Called while the reconciler sleeps. */
  onSleep: (() => void) | undefined;
  #at = T0;
  #seq = 0;
  #ids = 0;
  readonly #states = new Map<string, OrderState>();

  constructor(settings: Readonly<Record<string, unknown>> = {}, balances: 'derived' | 'broker' = 'derived') {
    this.state = new State(
      { baseCurrency: 'USDT', accounts: [{ name: 'main', cash: {} }], reconciled: ['venue'], route: 'venue' },
      new InstrumentTable([BTC, { ...BTC, symbol: 'ACME', assetClass: 'equity', base: '', quote: 'USDT' }]),
    );
    const ends = {
      broker: this.venue,
      state: this.state,
      settings: reconcileSettings(
        reconcileSchema.parse({ retry_initial: '1h', retry_max: '1h', ...settings }),
      ),
      log: {
        info: () => undefined,
        warn: (text: string) => void this.warnings.push(text),
        error: () => undefined,
      },
      at: () => this.#at,
      post: (event: InputEvent) => this.turn(event),
      sleep: async (ms: number) => {
        this.#at += Math.round(ms * 1000);
        this.venue.now = Math.max(this.venue.now, this.#at);
        this.onSleep?.();
        // A back-off lasts until somebody asks again.
        await (ms >= BACK_OFF_MS ? new Promise<void>(() => undefined) : Promise.resolve());
      },
    };
    this.reconciler = new BrokerReconciler(ends, balances);
  }

  get at(): number {
    return this.#at;
  }

  /** One input, folded. */
  turn(event: InputEvent): void {
    this.#stamp(event);
    this.inputs.push(event);
    if (event.kind === 'reconciliation') this.breaks.push(event);
    this.#fold(event);
  }

  connection(state: ConnectionState): void {
    this.turn(makeConnection('venue', this.#at, 'venue', state, 0, ''));
  }

  /** The session is ready, and the books are compared. */
  async ready(): Promise<ReconcileResult> {
    this.connection('ready');
    return this.reconciler.now();
  }

  acknowledge(value = ''): void {
    this.turn(makeControl(this.#at, 'acknowledge', 'ann', 'seen', 'venue', value));
  }

  /** Approves and dispatches one request; returns its client order id. */
  send(action: Intent['action'], orderKey: string, fields: Partial<Intent> = {}): string {
    const order = this.state.orders.get(orderKey);
    const intent = intentOf(action, {
      orderKey,
      route: 'venue',
      ...(order === undefined
        ? {}
        : { side: order.side, limitPrice: order.limitPrice, quantity: order.quantity }),
      ...fields,
    });
    const id = `c${++this.#ids}`;
    this.#begin();
    this.#child(mintApproved(intent, dec(100), () => unasked()));
    this.#child(makeDispatch(id, order?.clientOrderId ?? '', 'venue', intent));
    return id;
  }

  /** Sends and lets the request arrive. */
  request(action: Intent['action'], orderKey: string, fields: Partial<Intent> = {}): string {
    const target = this.state.orders.get(orderKey)?.clientOrderId ?? '';
    const id = this.send(action, orderKey, fields);
    const intent = { ...(this.state.orders.get(orderKey) as Order), ...fields };
    const { side, quantity, limitPrice } = intent;
    this.venue.receive({ action, clientOrderId: id, target, side, quantity, limitPrice });
    return id;
  }

  outcome(
    id: string,
    action: Intent['action'],
    orderKey: string,
    outcome: 'sent' | 'not_sent' | 'unknown',
  ): void {
    this.turn(makeOutcome('venue', this.#at, 'venue', orderKey, id, action, outcome, '', 'told so'));
  }

  /** Every report on its way arrives. */
  deliver(): void {
    for (const report of this.venue.outgoing.splice(0)) this.turn(report);
  }

  order(key: string): Order {
    const order = this.state.orders.get(key);
    if (order === undefined) throw new Error(`no order ${key}`);
    return order;
  }

  get position(): string {
    return (this.state.portfolio.position('main', 0)?.quantity ?? ZERO).toString();
  }

  get codes(): readonly string[] {
    return this.breaks.map(({ code, resolution }) => `${code} ${resolution}`);
  }

  pass(ms: number): void {
    this.#at += ms * 1000;
    this.venue.now = Math.max(this.venue.now, this.#at);
  }

  #stamp(event: InputEvent): void {
    this.#begin();
    Object.assign(event, { seq: this.#seq, at: this.#at });
  }

  #begin(): void {
    this.state.setTurn(++this.#seq, this.#at);
  }

  #child(event: Event): void {
    this.#fold(event);
  }

  #fold(event: Event): void {
    this.state.apply(event);
    for (const change of this.state.takeChanges()) {
      if (change.kind === 'order') this.#check(change.order);
      if (change.kind === 'log') this.logs.push(`${change.code} ${change.message}`);
    }
  }

  #check({ orderKey, state }: Order): void {
    const before = this.#states.get(orderKey);
    this.#states.set(orderKey, state);
    if (before === undefined || before === state) return;
    const targets = new Set<string>(Object.values(ORDER_TRANSITIONS[before]));
    const settles = targets.has('settle') && OPEN.includes(state);
    // The fill that completes an order closes it from any state it may be filled in.
    if (!targets.has(state) && !settles) this.illegal.push(`${orderKey}: ${before} to ${state}`);
  }
}

function unasked(): never {
  throw new Error('not asked in this test');
}
