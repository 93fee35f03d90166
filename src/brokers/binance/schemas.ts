import { z } from 'zod';
import { Decimal } from '../../model/decimal.js';
import type { Balance } from '../../model/event.js';
import type { Side } from '../../model/instrument.js';
import { MICROS_PER_MS } from '../../model/time.js';
import { BrokerError } from '../broker.js';
import { ORDER_STATUSES, type OrderView, type TradeView } from './orders/views.js';

/** The venue's answers about orders, trades and the account. Extra fields are ignored, missing and mistyped ones refused. */

const id = z.int();
const millis = z.int();
const text = z.string().regex(/^-?[0-9]{1,20}(\.[0-9]{1,20})?$/, 'a decimal in a text');
const amount = text.transform((value) => new Decimal(value));
/** The venue writes `0.00` for no price. */
const price = amount.transform((value) => (value.isZero() ? undefined : value));
const side = z.enum(['BUY', 'SELL']).transform((value): Side => (value === 'BUY' ? 'buy' : 'sell'));

export interface Refusal {
  readonly code: number;
  readonly msg: string;
}

type Half = 'SUCCESS' | 'FAILURE' | 'NOT_ATTEMPTED';

export interface ReplaceAnswer {
  readonly cancelResult: Half;
  readonly newOrderResult: Half;
  readonly cancelResponse?: unknown;
  readonly newOrderResponse?: unknown;
}

export interface Account {
  readonly canTrade: boolean;
  readonly canWithdraw: boolean;
  readonly updateTime: number;
  readonly accountType: string;
  readonly balances: readonly { readonly asset: string; readonly free: Decimal; readonly locked: Decimal }[];
  readonly permissions?: readonly string[] | undefined;
  readonly commissionRates?: { readonly maker: Decimal; readonly taker: Decimal } | undefined;
}

/** What the venue says a key may do. */
export interface Restrictions {
  readonly ipRestrict: boolean;
  readonly enableReading: boolean;
  readonly enableWithdrawals: boolean;
  readonly enableSpotAndMarginTrading: boolean;
}

const fillSchema = z.object({
  price: amount,
  qty: amount,
  commission: amount,
  commissionAsset: z.string(),
  tradeId: id,
});

const orderSchema = z.object({
  symbol: z.string().min(1),
  orderId: id,
  clientOrderId: z.string().min(1),
  /** In the answer to a cancel: the order. `clientOrderId` names the cancel there. */
  origClientOrderId: z.string().optional(),
  side,
  type: z.string().min(1),
  status: z.enum(ORDER_STATUSES),
  origQty: amount,
  executedQty: amount,
  price,
  stopPrice: price.optional(),
  transactTime: millis.optional(),
  updateTime: millis.optional(),
  time: millis.optional(),
  expiryReason: z.string().optional(),
  fills: z.array(fillSchema).optional(),
});

const amendSchema = z.object({
  transactTime: millis,
  amendedOrder: z
    .object({ qty: text.optional(), origQty: text.optional() })
    .loose()
    .transform((order): unknown => ({ ...order, origQty: order.qty ?? order.origQty }))
    .pipe(orderSchema),
});

const half = z.enum(['SUCCESS', 'FAILURE', 'NOT_ATTEMPTED']);
const refusalSchema: z.ZodType<Refusal> = z.object({ code: z.int(), msg: z.string() });
const replaceSchema: z.ZodType<ReplaceAnswer> = z.object({
  cancelResult: half,
  newOrderResult: half,
  cancelResponse: z.unknown(),
  newOrderResponse: z.unknown(),
});

const tradeSchema = z.object({
  symbol: z.string().min(1),
  id,
  orderId: id,
  price: amount,
  qty: amount,
  commission: amount,
  commissionAsset: z.string(),
  time: millis,
  isBuyer: z.boolean(),
  isMaker: z.boolean(),
});

const balanceSchema = z.object({ asset: z.string().min(1), free: amount, locked: amount });

const accountSchema: z.ZodType<Account> = z.object({
  canTrade: z.boolean(),
  canWithdraw: z.boolean(),
  updateTime: millis,
  accountType: z.string(),
  balances: z.array(balanceSchema),
  permissions: z.array(z.string()).optional(),
  commissionRates: z.object({ maker: amount, taker: amount }).optional(),
});

const restrictionsSchema: z.ZodType<Restrictions> = z.object({
  ipRestrict: z.boolean(),
  enableReading: z.boolean(),
  enableWithdrawals: z.boolean(),
  enableSpotAndMarginTrading: z.boolean(),
});

type RawOrder = z.output<typeof orderSchema>;

/** An order with the fills that came in the same answer. */
export interface OrderAnswered {
  readonly view: OrderView;
  readonly fills: readonly TradeView[];
  /** The cancel's id, in the answer to a cancel. */
  readonly cancelId: string;
}

export function parseOrder(value: unknown): OrderAnswered {
  return answered(parse('an order', orderSchema, value));
}

export function parseOrders(value: unknown): readonly OrderView[] {
  return parse('a list of orders', z.array(orderSchema), value).map((raw) => answered(raw).view);
}

export function parseAmend(value: unknown): OrderAnswered {
  const { transactTime, amendedOrder } = parse('an amended order', amendSchema, value);
  // `origClientOrderId` is the id it had before, not the order of a cancel.
  return answered({ ...amendedOrder, transactTime, origClientOrderId: undefined });
}

export function parseReplace(value: unknown): ReplaceAnswer {
  return parse('a cancel-replace', replaceSchema, value);
}

/** The venue's error inside an answer; undefined when it is none. */
export function parseRefusal(value: unknown): Refusal | undefined {
  const result = refusalSchema.safeParse(value);
  return result.success ? result.data : undefined;
}

export function parseTrades(value: unknown): readonly TradeView[] {
  return parse('a list of trades', z.array(tradeSchema), value).map((t) => ({
    symbol: t.symbol,
    tradeId: String(t.id),
    venueOrderId: String(t.orderId),
    clientOrderId: '',
    side: t.isBuyer ? 'buy' : 'sell',
    fill: {
      quantity: t.qty,
      price: t.price,
      fee: t.commission,
      feeCurrency: t.commissionAsset,
      liquidity: t.isMaker ? 'maker' : 'taker',
    },
    cumulative: undefined,
    time: t.time * MICROS_PER_MS,
  }));
}

export function parseAccount(value: unknown): Account {
  return parse('an account', accountSchema, value);
}

export function parseRestrictions(value: unknown): Restrictions {
  return parse('key restrictions', restrictionsSchema, value);
}

export function parseServerTime(value: unknown): number {
  return parse('a server time', z.object({ serverTime: millis }), value).serverTime;
}

export function balancesOf(account: Account): readonly Balance[] {
  return account.balances.map(({ asset, free, locked }) => ({
    currency: asset,
    free,
    locked,
    total: free.plus(locked),
  }));
}

function answered(raw: RawOrder): OrderAnswered {
  const { symbol, side: of, origClientOrderId } = raw;
  const cancel = origClientOrderId !== undefined && origClientOrderId !== '';
  const clientOrderId = cancel ? origClientOrderId : raw.clientOrderId;
  const venueOrderId = String(raw.orderId);
  const time = (raw.transactTime ?? raw.updateTime ?? raw.time ?? 0) * MICROS_PER_MS;
  const view: OrderView = {
    symbol,
    venueOrderId,
    clientOrderId,
    side: of,
    type: raw.type,
    status: raw.status,
    quantity: raw.origQty,
    executed: raw.executedQty,
    limitPrice: raw.price,
    stopPrice: raw.stopPrice,
    time,
    reason: raw.expiryReason ?? '',
  };
  const fills = (raw.fills ?? []).map((f): TradeView => ({
    symbol,
    tradeId: String(f.tradeId),
    venueOrderId,
    clientOrderId,
    side: of,
    // What fills in the answer to its own request took liquidity.
    fill: {
      quantity: f.qty,
      price: f.price,
      fee: f.commission,
      feeCurrency: f.commissionAsset,
      liquidity: 'taker',
    },
    cumulative: undefined,
    time,
  }));
  return { view, fills, cancelId: cancel ? raw.clientOrderId : '' };
}

function parse<T extends z.ZodType>(what: string, schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
  throw new BrokerError(
    'schema',
    `Binance sent ${what} that is not usable${where}: ${issue?.message ?? ''}`,
    true,
  );
}
