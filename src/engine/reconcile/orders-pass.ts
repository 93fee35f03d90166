import { ZERO } from '../../model/decimal.js';
import type { ExecutionEvent } from '../../model/event.js';
import { MICROS_PER_MS, type Micros } from '../../model/time.js';
import type { Order } from '../../model/order.js';
import { breakId } from '../../state/readiness.js';
import { NotCompared, within, type ReconcileEnds } from './ends.js';
import { FillsPass } from './fills-pass.js';
import { judgeEnded, judgeFilled, judgeUnknown, judgeWorking, orderText, toldText } from './judge-order.js';
import { orderKeyOf, Recorder } from './record.js';

/** Asks until nothing of the account happens between question and answer. */
export type Consistent = <T>(ask: () => Promise<T>) => Promise<T>;

/** Compares orders and fills both ways. Rejects when a query fails: then nothing is known, and nothing is concluded. */
export class OrdersPass {
  readonly #ends: ReconcileEnds;
  readonly #record: Recorder;
  readonly #consistent: Consistent;
  readonly #fills: FillsPass;
  /** Ids of breaks that stand open after the pass. */
  readonly standing: Set<string> = new Set();
  /** Something happened to an order while it was asked for, so it was not judged: the pass has to be repeated. */
  skipped = false;

  /** `suspects`: instruments whose fills are asked for although we never traded them. */
  constructor(
    ends: ReconcileEnds,
    record: Recorder,
    consistent: Consistent,
    suspects: readonly string[] = [],
  ) {
    this.#ends = ends;
    this.#record = record;
    this.#consistent = consistent;
    this.#fills = new FillsPass(ends, record, suspects);
  }

  /** `gating`: no order is too young to be asked for. */
  async run(gating: boolean): Promise<void> {
    const { broker, state } = this.#ends;
    const open = await this.#consistent(async () => {
      const told = await this.#ask(broker.openOrders(), 'open orders');
      await this.#fills.ask(told.map(({ instrument }) => instrument));
      return told;
    });
    this.#fills.apply();
    const seen = new Set<string>();
    const matched: (readonly [Order, ExecutionEvent])[] = [];
    for (const told of open) {
      const order = this.#find(told);
      if (order === undefined || order.closedAt !== undefined) this.#strange(told, order);
      else {
        seen.add(order.orderKey);
        matched.push([order, told]);
      }
    }
    const missing = [...state.orders.open()].filter(
      (order) =>
        order.broker === broker.name &&
        !seen.has(order.orderKey) &&
        (gating || this.#ends.at() - order.updatedAt >= this.#grace),
    );
    for (const [order, told] of matched) await this.#working(order, told);
    await this.#missing(missing);
  }

  /** A request younger than this is not judged: the venue may yet take it. */
  get #grace(): Micros {
    const { broker, settings } = this.#ends;
    return Math.max(settings.grace, broker.requestLife ?? 0);
  }

  #ask<T>(answer: Promise<T>, what: string): Promise<T> {
    return within(answer, this.#ends.settings.timeout / MICROS_PER_MS, what);
  }

  #find(told: ExecutionEvent): Order | undefined {
    const { orders } = this.#ends.state;
    return (
      orders.byClientOrderId(told.clientOrderId) ??
      orders.byVenueOrderId(this.#ends.broker.name, told.venueOrderId, told.instrument)
    );
  }

  async #working(order: Order, told: ExecutionEvent): Promise<void> {
    const { state } = this.#ends;
    if (this.#changed(order)) return;
    if (!(await this.#filled(order, told))) return;
    const now = state.orders.get(order.orderKey);
    if (now === undefined || now.closedAt !== undefined) return;
    const requests = state.orders.requestsOf?.(now.orderKey) ?? [];
    for (const finding of judgeWorking(now, told, requests, this.#ends.at(), this.#grace))
      this.#record.ofOrder(now, finding, told);
  }

  #changed(order: Order): boolean {
    if (this.#ends.state.orders.get(order.orderKey) === order) return false;
    this.skipped = true;
    return true;
  }

  /** Brings the filled quantity up to the venue's. False: the two cannot be brought together, or something happened. */
  async #filled(order: Order, told: ExecutionEvent): Promise<boolean> {
    const { cumulative } = told;
    if (cumulative === undefined || cumulative.eq(order.filled)) return true;
    if (cumulative.lt(order.filled)) {
      const about = { instrument: order.instrument, ix: order.ix, clientOrderId: order.clientOrderId };
      this.#stand('ORDER_FILLED_LESS', order.orderKey, order.filled.toString(), cumulative.toString(), {
        ...about,
        venueOrderId: order.venueOrderId,
        difference: cumulative.minus(order.filled),
        evidence: 'every fill of ours has an id of its own',
      });
      return false;
    }
    const completed = await this.#fills.complete(order, cumulative);
    if (!completed) this.skipped = true;
    return completed;
  }

  /** A difference nobody can resolve: open, or ignored where that is the policy. Told once. */
  #stand(
    code: 'ORDER_FILLED_LESS' | 'UNKNOWN_ORDER',
    key: string,
    ours: string,
    theirs: string,
    more: Partial<Parameters<Recorder['found']>[0]> & { readonly evidence: string },
    ignore: boolean = this.#ends.settings.onBreak === 'warn',
  ): void {
    const id = breakId({ subject: 'order', key });
    const known = this.#ends.state.readiness?.of(this.#ends.broker.name);
    if (known?.accepted.has(id) === true) return;
    if (!ignore) this.standing.add(id);
    if (known?.open.get(id)?.theirs === theirs) return;
    const resolution = ignore ? 'ignored' : 'open';
    this.#record.found({ subject: 'order', code, key, ours, theirs, resolution, ...more });
  }

  /** The venue has an order open that is not open here. */
  #strange(told: ExecutionEvent, old: Order | undefined): void {
    const { broker, settings, state } = this.#ends;
    // Its fills say more than the list of open orders does: the list was made before them.
    if (old !== undefined && told.cumulative?.lt(old.filled) === true) {
      this.skipped = true;
      return;
    }
    const ix = state.instruments.get(told.instrument)?.ix ?? -1;
    const quantity = told.quantity ?? old?.quantity;
    if ((settings.unknownOrders === 'adopt' || old !== undefined) && (ix < 0 || quantity !== undefined)) {
      const key = orderKeyOf(broker.name, told);
      const known = state.readiness?.of(broker.name)?.accepted.has(breakId({ subject: 'order', key }));
      if (known !== true) this.#record.adopted(told, old, this.#fills.idsOf(told), ix, quantity ?? ZERO);
      return;
    }
    const { instrument, clientOrderId, venueOrderId } = told;
    const evidence =
      quantity === undefined ? 'the venue does not tell its quantity' : 'in the venue’s list of open orders';
    const more = { instrument, ix, clientOrderId, venueOrderId, evidence };
    const ignore = settings.unknownOrders === 'ignore';
    this.#stand('UNKNOWN_ORDER', orderKeyOf(broker.name, told), 'none', toldText(told), more, ignore);
  }

  /** Orders of ours the venue does not list are asked for one by one, until one answer or enough "not known". */
  async #missing(orders: readonly Order[]): Promise<void> {
    const { settings } = this.#ends;
    const polls = settings.notFoundPolls;
    const pause = this.#grace / MICROS_PER_MS / (polls - 1);
    let open = orders;
    for (let poll = 1; poll <= polls && open.length > 0; poll++) {
      if (poll > 1) await this.#ends.sleep(pause);
      const unknown: Order[] = [];
      for (const order of open) {
        if (this.#changed(order)) continue;
        const told = await this.#query(order);
        if (this.#changed(order)) continue;
        if (told === undefined || (poll < polls && this.#halfReplaced(order, told))) unknown.push(order);
        else await this.#answered(order, told);
      }
      open = unknown;
    }
    for (const order of open) {
      if (this.#changed(order)) continue;
      this.#record.ofOrder(order, judgeUnknown(order, `asked ${polls} times over ${this.#grace / 1e6} s`));
    }
  }

  /** Its cancel may be one half of a replace nobody answered, whose new leg is not there yet. */
  #halfReplaced(order: Order, told: ExecutionEvent): boolean {
    const requests = this.#ends.state.orders.requestsOf?.(order.orderKey) ?? [];
    return told.report === 'cancelled' && requests.some(({ action }) => action === 'replace');
  }

  /** The newest leg first: of a replace nobody answered, then of the order. */
  async #query(order: Order): Promise<ExecutionEvent | undefined> {
    const { broker, state } = this.#ends;
    if (state.readiness?.of(broker.name)?.session === 'down') throw new NotCompared('session');
    for (const request of state.orders.requestsOf?.(order.orderKey) ?? []) {
      if (request.action !== 'replace') continue;
      const { instrument } = order;
      const query = { instrument, clientOrderId: request.clientOrderId, venueOrderId: '' };
      const told = await this.#ask(broker.order(query), `order ${request.clientOrderId}`);
      if (told !== undefined && told.report !== 'rejected') return told;
    }
    const { instrument, clientOrderId, venueOrderId } = order;
    const query = { instrument, clientOrderId, venueOrderId };
    return this.#ask(broker.order(query), `order ${clientOrderId || venueOrderId}`);
  }

  async #answered(order: Order, told: ExecutionEvent): Promise<void> {
    const { state } = this.#ends;
    const complete =
      told.report === 'fill' ? { ...told, cumulative: told.cumulative ?? order.quantity } : told;
    const ended = judgeEnded(order, complete, 'asked for by its id');
    if (ended === undefined && complete.report !== 'fill') {
      await this.#working(order, complete);
      return;
    }
    if (!(await this.#filled(order, complete))) return;
    const now = state.orders.get(order.orderKey);
    if (now === undefined || now.closedAt !== undefined) return;
    if (ended === undefined) {
      const requests = state.orders.requestsOf?.(now.orderKey) ?? [];
      for (const finding of judgeFilled(now, complete, requests)) this.#record.ofOrder(now, finding, told);
      return;
    }
    this.#record.ofOrder(now, { ...ended, ours: orderText(now) }, told);
  }
}
