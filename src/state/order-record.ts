import { Decimal, ZERO } from '../model/decimal.js';
import type { Intent, IntentAction } from '../model/intent.js';
import { isClosed, type InFlight, type Order } from '../model/order.js';
import type { Micros } from '../model/time.js';
import { FillLedger, type SavedFills } from './fill-ledger.js';
import { PARENT } from './emulated-order.js';
import type { Hasher } from './hash.js';

/** A request at the venue, and whether its outcome was reported as unknown. */
export interface Request extends InFlight {
  readonly unsure: boolean;
  /** For a replace: what the order is valued at once it is confirmed, and again when it is refused. */
  readonly riskPrice: Decimal | undefined;
  readonly priceBefore: Decimal | undefined;
}

/** Ids and reports remembered of one order: one that is replaced all day must not grow without end. */
export const REMEMBERED = 256;

export interface SavedOrder {
  readonly order: Order;
  readonly work: Request | undefined;
  readonly cancel: Request | undefined;
  readonly wish: Intent | undefined;
  readonly wishQuantity: Decimal | undefined;
  readonly wishPrice: Decimal;
  readonly reserved: Decimal;
  readonly reservedNotional: Decimal;
  readonly ids: ReadonlyMap<string, IntentAction>;
  readonly venueIds: readonly string[];
  readonly oldLegs: readonly string[];
  readonly told: readonly string[];
  readonly fills: SavedFills;
}

/** What the order reducer keeps of one order, beside the immutable {@link Order} that everybody sees. */
export class OrderRecord {
  order: Order;
  /** New or replace request without a definitive answer. */
  work: Request | undefined = undefined;
  /** Cancel request without a definitive answer; it may be out together with `work`. */
  cancel: Request | undefined = undefined;
  /** Newest approved replace that has not been dispatched, and the largest quantity approved meanwhile. */
  wish: Intent | undefined = undefined;
  wishQuantity: Decimal | undefined = undefined;
  wishPrice: Decimal = ZERO;
  readonly fills: FillLedger = new FillLedger();
  /** Client order ids that mean this order, legs and requests, and what each asked for; the newest {@link REMEMBERED}. */
  readonly ids: Map<string, IntentAction> = new Map();
  readonly venueIds: string[] = [];
  /** Legs that a replace took the place of: only their fills still matter. */
  readonly oldLegs: Set<string> = new Set();
  /** Reports other than fills that were told, by their execution id; the newest {@link REMEMBERED}. */
  readonly #told = new Set<string>();
  /** What the exposure totals hold for it. */
  reserved: Decimal = ZERO;
  reservedNotional: Decimal = ZERO;

  constructor(order: Order) {
    this.order = order;
  }

  get closed(): boolean {
    return isClosed(this.order.state);
  }

  /** Quantity the market may still take: the largest of the terms, the wish and the replace in flight, less fills. */
  exposure(): Decimal {
    if (this.closed) return ZERO;
    let most = this.order.quantity;
    if (this.wishQuantity?.gt(most) === true) most = this.wishQuantity;
    if (this.work?.quantity?.gt(most) === true) most = this.work.quantity;
    const left = most.minus(this.order.filled);
    return left.gt(0) ? left : ZERO;
  }

  /** True when the fills complete the order; not while a larger replace may be on its way. */
  complete(): boolean {
    const { filled, quantity } = this.order;
    if (filled.lt(quantity)) return false;
    const wished = this.work?.action === 'replace' ? this.work.quantity : undefined;
    return wished === undefined || filled.gte(wished);
  }

  /** False when this report was told before. */
  tell(report: string): boolean {
    if (this.#told.has(report)) return false;
    this.#told.add(report);
    if (this.#told.size > REMEMBERED) {
      for (const oldest of this.#told) {
        this.#told.delete(oldest);
        break;
      }
    }
    return true;
  }

  save(): SavedOrder {
    const { order, work, cancel, wish, wishQuantity, wishPrice, reserved, reservedNotional } = this;
    const ids = new Map(this.ids);
    const lists = { venueIds: [...this.venueIds], oldLegs: [...this.oldLegs], told: [...this.#told] };
    const wished = { wish, wishQuantity, wishPrice };
    return {
      order,
      work,
      cancel,
      ...wished,
      reserved,
      reservedNotional,
      ids,
      ...lists,
      fills: this.fills.save(),
    };
  }

  static load(saved: SavedOrder): OrderRecord {
    const record = new OrderRecord(saved.order);
    record.work = saved.work;
    record.cancel = saved.cancel;
    record.wish = saved.wish;
    record.wishQuantity = saved.wishQuantity;
    record.wishPrice = saved.wishPrice;
    record.reserved = saved.reserved;
    record.reservedNotional = saved.reservedNotional;
    for (const [id, action] of saved.ids) record.ids.set(id, action);
    record.venueIds.push(...saved.venueIds);
    for (const leg of saved.oldLegs) record.oldLegs.add(leg);
    for (const report of saved.told) record.#told.add(report);
    record.fills.load(saved.fills);
    return record;
  }

  dropWish(): void {
    this.wish = undefined;
    this.wishQuantity = undefined;
    this.wishPrice = ZERO;
  }

  hash(hasher: Hasher): void {
    const o = this.order;
    hasher
      .str(o.orderKey)
      .str(o.clientOrderId)
      .str(o.venueOrderId)
      .str(o.broker)
      .str(o.account)
      .str(o.instrument);
    hasher.str(o.side).str(o.type).dec(o.quantity).dec(o.limitPrice).dec(o.stopPrice).str(o.timeInForce);
    hasher
      .dec(o.trailingOffset?.value)
      .str(o.trailingOffset?.unit ?? '')
      .num(o.expireAt ?? NaN);
    hasher
      .bool(o.postOnly)
      .bool(o.reduceOnly)
      .str(o.strategy)
      .str(o.tag)
      .str(o.state)
      .str(o.previous)
      .str(o.reason);
    hasher
      .dec(o.filled)
      .dec(o.averagePrice)
      .dec(o.riskPrice)
      .num(o.createdAt)
      .num(o.submittedAt ?? NaN);
    hasher
      .num(o.acceptedAt ?? NaN)
      .num(o.closedAt ?? NaN)
      .num(o.updatedAt);
    for (const request of [this.work, this.cancel]) {
      hasher
        .str(request?.action ?? '')
        .str(request?.clientOrderId ?? '')
        .num(request?.since ?? NaN);
      hasher.dec(request?.quantity).bool(request?.unsure ?? false);
    }
    hasher.int(this.#told.size).dec(this.wishQuantity).str(this.fills.canonical());
  }
}

/** The order an approved `new` intent becomes. */
export function orderOf(intent: Intent, riskPrice: Decimal, at: Micros): Order {
  const parent = intent.metadata?.[PARENT];
  return {
    orderKey: intent.orderKey,
    clientOrderId: '',
    venueOrderId: '',
    broker: '',
    account: intent.account,
    instrument: intent.instrument,
    ix: intent.ix,
    side: intent.side,
    type: intent.type,
    quantity: intent.quantity,
    limitPrice: intent.limitPrice,
    stopPrice: intent.stopPrice,
    trailingOffset: intent.trailingOffset,
    timeInForce: intent.timeInForce,
    expireAt: intent.expireAt,
    postOnly: intent.postOnly,
    reduceOnly: intent.reduceOnly,
    strategy: intent.strategy,
    tag: intent.tag,
    ...(parent === undefined ? {} : { parent }),
    state: 'initialized',
    previous: 'initialized',
    reason: '',
    filled: ZERO,
    averagePrice: ZERO,
    inFlight: undefined,
    riskPrice,
    createdAt: at,
    submittedAt: undefined,
    acceptedAt: undefined,
    closedAt: undefined,
    updatedAt: at,
  };
}

/** Terms an intent may change: of a replace, and of a `new` that was folded or normalized again. */
export function termsOf(
  intent: Intent,
): Pick<Order, 'quantity' | 'limitPrice' | 'stopPrice' | 'trailingOffset'> {
  return {
    quantity: intent.quantity,
    limitPrice: intent.limitPrice,
    stopPrice: intent.stopPrice,
    trailingOffset: intent.trailingOffset,
  };
}
