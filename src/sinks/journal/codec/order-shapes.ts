import type { BrokerErrorCategory, CommandOutcome, Fill } from '../../../model/event.js';
import type { OrderType, Side, TimeInForce } from '../../../model/instrument.js';
import type { Intent, IntentAction, IntentLinks, TrailingOffset } from '../../../model/intent.js';
import type { InFlight, Order, OrderState } from '../../../model/order.js';
import {
  decimal,
  dictionary,
  flag,
  number,
  object,
  omitted,
  optional,
  remembered,
  sparse,
  text,
  words,
  type Shape,
} from './shape.js';

/** Shapes of what orders are made of. Field order is the order of writing. */

export const action: Shape<IntentAction> = words<IntentAction>({ new: true, replace: true, cancel: true });
export const side: Shape<Side> = words<Side>({ buy: true, sell: true });
export const outcome: Shape<CommandOutcome> = words<CommandOutcome>({
  sent: true,
  not_sent: true,
  unknown: true,
});
export const category: Shape<BrokerErrorCategory | ''> = words<BrokerErrorCategory | ''>({
  auth: true,
  rate_limit: true,
  timeout: true,
  network: true,
  rejection: true,
  schema: true,
  unavailable: true,
  '': true,
});

const type = words<OrderType>({
  market: true,
  limit: true,
  stop: true,
  stop_limit: true,
  trailing_stop: true,
});
const timeInForce = words<TimeInForce>({
  day: true,
  gtc: true,
  ioc: true,
  fok: true,
  gtd: true,
  opg: true,
  cls: true,
});
const orderState = words<OrderState>({
  initialized: true,
  denied: true,
  queued: true,
  submitted: true,
  accepted: true,
  partially_filled: true,
  filled: true,
  pending_replace: true,
  pending_cancel: true,
  cancelled: true,
  rejected: true,
  expired: true,
  inactive: true,
  unknown: true,
});
const trailingOffset = object<TrailingOffset>({
  value: decimal,
  unit: words<TrailingOffset['unit']>({ price: true, ticks: true, bps: true }),
});

export const intent: Shape<Intent> = remembered(
  object<Intent>({
    action,
    orderKey: text,
    account: text,
    route: text,
    instrument: text,
    ix: number,
    side,
    type,
    quantity: decimal,
    limitPrice: optional(decimal),
    stopPrice: optional(decimal),
    trailingOffset: optional(trailingOffset),
    timeInForce,
    expireAt: optional(number),
    postOnly: flag,
    reduceOnly: flag,
    links: optional(sparse<IntentLinks>({ oco: text, parent: text, bracket: number, native: flag })),
    strategy: text,
    tag: text,
    reason: text,
    metadata: optional(dictionary),
    cause: number,
  }),
);

const inFlight = object<InFlight>({
  action,
  clientOrderId: text,
  since: number,
  quantity: optional(decimal),
  limitPrice: optional(decimal),
  stopPrice: optional(decimal),
});

export const order: Shape<Order> = object<Order>({
  orderKey: text,
  clientOrderId: text,
  venueOrderId: text,
  broker: text,
  account: text,
  instrument: text,
  ix: number,
  side,
  type,
  quantity: decimal,
  limitPrice: optional(decimal),
  stopPrice: optional(decimal),
  trailingOffset: optional(trailingOffset),
  timeInForce,
  expireAt: optional(number),
  postOnly: flag,
  reduceOnly: flag,
  strategy: text,
  tag: text,
  parent: omitted(text),
  state: orderState,
  previous: orderState,
  reason: text,
  filled: decimal,
  averagePrice: decimal,
  inFlight: optional(inFlight),
  riskPrice: decimal,
  createdAt: number,
  submittedAt: optional(number),
  acceptedAt: optional(number),
  closedAt: optional(number),
  updatedAt: number,
});

export const fill: Shape<Fill> = object<Fill>({
  quantity: decimal,
  price: decimal,
  fee: decimal,
  feeCurrency: text,
  liquidity: words<Fill['liquidity']>({ maker: true, taker: true, unknown: true }),
});
