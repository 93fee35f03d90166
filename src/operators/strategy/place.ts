import { Decimal, ZERO, dec, type DecimalInput } from '../../model/decimal.js';
import type { Instrument, OrderType, Side, TimeInForce } from '../../model/instrument.js';
import type { Intent, IntentAction, IntentLinks, TrailingOffset } from '../../model/intent.js';
import { leaves, type Order } from '../../model/order.js';
import type { Micros } from '../../model/time.js';
import type { StateView } from '../../state/view.js';
import { linkedOrders } from './linked.js';
import { sellable } from '../sellable.js';
import { holdingsQuantity, type FeeModel } from './sizing.js';

/** Fields every new order may have. Quantities and prices are exact: texts, Decimals or plain numbers. */
export interface OrderRequest {
  readonly side: Side;
  readonly quantity: DecimalInput;
  /** Symbol. Default: the instrument of the event being handled, else the only instrument. */
  readonly instrument?: string;
  readonly timeInForce?: TimeInForce;
  readonly expireAt?: Micros;
  readonly postOnly?: boolean;
  readonly reduceOnly?: boolean;
  readonly links?: IntentLinks;
  readonly tag?: string;
  readonly reason?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly account?: string;
  readonly route?: string;
}
export interface LimitRequest extends OrderRequest {
  readonly limitPrice: DecimalInput;
}
export interface StopRequest extends OrderRequest {
  readonly stopPrice: DecimalInput;
}
export interface StopLimitRequest extends LimitRequest {
  readonly stopPrice: DecimalInput;
}
export interface TrailingStopRequest extends OrderRequest {
  readonly offset: DecimalInput;
  /** Default `price`. */
  readonly unit?: TrailingOffset['unit'];
  /** First stop price; default: from the market when it is accepted. */
  readonly stopPrice?: DecimalInput;
}
/** Exits of a bracket. At least one of them; both together cancel each other. */
export interface BracketExits {
  /** Price the profit is taken at, with a limit order. */
  readonly takeProfit?: DecimalInput;
  readonly stopLoss?: {
    readonly stopPrice?: DecimalInput;
    /** With it: a stop-limit order. */
    readonly limitPrice?: DecimalInput;
    /** With it: a trailing stop; `stopPrice` is then its first price. */
    readonly trailing?: { readonly offset: DecimalInput; readonly unit?: TrailingOffset['unit'] };
    /** Price from which on a trailing stop watched here begins to trail. */
    readonly activation?: DecimalInput;
  };
}
/** The entry is a market order unless it has prices: a limit, stop or stop-limit order. */
export interface BracketRequest extends OrderRequest, BracketExits {
  readonly limitPrice?: DecimalInput;
  readonly stopPrice?: DecimalInput;
  /** Flags of the exits; default true: they never open a position of their own. */
  readonly exitsReduceOnly?: boolean;
}
export interface Changes {
  readonly quantity?: DecimalInput;
  readonly limitPrice?: DecimalInput;
  readonly stopPrice?: DecimalInput;
  readonly reason?: string;
}
export interface HoldingsOptions {
  readonly instrument?: string;
  /** Share of equity kept as cash. */
  readonly buffer?: DecimalInput;
  readonly fee?: FeeModel;
  /** Default: the last price. */
  readonly price?: DecimalInput;
  readonly timeInForce?: TimeInForce;
  readonly reason?: string;
}

/** Makes intents. Nothing is sent by a call: what the strategy emits goes to risk. Keys are minted in call order. */
export interface Place {
  market(request: OrderRequest): Intent;
  limit(request: LimitRequest): Intent;
  stop(request: StopRequest): Intent;
  stopLimit(request: StopLimitRequest): Intent;
  trailingStop(request: TrailingStopRequest): Intent;
  /** New terms for an open order, by its key. Throws when there is no such open order. */
  replace(orderKey: string, changes: Changes): Intent;
  cancel(orderKey: string, reason?: string): Intent;
  /**
   * An entry with a target, a stop, or both, as `[entry, ...exits]`: emit them together. Exits are sized by what the
   * entry really filled, and cancel each other. Needs a `manage` operator in front of risk.
   */
  bracket(request: BracketRequest): Intent[];
  /** The same orders as one group: what one fills, the others no longer fill. */
  oco(orders: readonly Intent[]): Intent[];
  /** `[entry, ...orders]`: the orders become active as the entry fills, in its proportion. */
  oto(entry: Intent, orders: readonly Intent[]): Intent[];
  /** Cancels every open order of this strategy, of one instrument if given. */
  cancelAll(instrument?: string, reason?: string): Intent[];
  /** Cancels the open orders and closes the position of one instrument, or of all. */
  flatten(instrument?: string, reason?: string): Intent[];
  /** A market order from position plus working orders to `quantity` (signed); nothing when already there. */
  target(
    quantity: DecimalInput,
    options?: Pick<OrderRequest, 'instrument' | 'timeInForce' | 'reason'>,
  ): Intent[];
  /**
   * Target position worth `fraction` of equity, see {@link holdingsQuantity}. Nothing while price or equity is unknown.
   */
  setHoldings(fraction: DecimalInput, options?: HoldingsOptions): Intent[];
}

/** What the intents of one strategy are made from. */
export interface PlaceHost {
  readonly name: string;
  readonly state: StateView;
  readonly route: string;
  account(): string;
  /** Instrument by symbol, else by the event being handled, else the only one. Throws when there is none. */
  resolve(symbol: string | undefined): Instrument;
  /** Instruments the strategy trades. */
  readonly instruments: readonly Instrument[];
}

export interface Terms {
  readonly limitPrice?: DecimalInput;
  readonly stopPrice?: DecimalInput;
  readonly trailingOffset?: TrailingOffset;
}

const optional = (value: DecimalInput | undefined): Decimal | undefined =>
  value === undefined ? undefined : dec(value);

export function makePlace(host: PlaceHost): Place {
  const { name, state } = host;
  let counter = 0;

  /** Skips keys that an earlier session of the same strategy used. */
  const mint = (): string => {
    let key: string;
    do key = `${name}-${++counter}`;
    while (state.orders.get(key) !== undefined || state.emulated?.get(key) !== undefined);
    return key;
  };

  const fresh = (type: OrderType, request: OrderRequest, terms: Terms = {}): Intent => {
    const instrument = host.resolve(request.instrument);
    return {
      action: 'new',
      orderKey: mint(),
      account: request.account ?? host.account(),
      route: request.route ?? host.route,
      instrument: instrument.symbol,
      ix: instrument.ix,
      side: request.side,
      type,
      quantity: dec(request.quantity),
      limitPrice: optional(terms.limitPrice),
      stopPrice: optional(terms.stopPrice),
      trailingOffset: terms.trailingOffset,
      timeInForce: request.timeInForce ?? (request.expireAt === undefined ? 'gtc' : 'gtd'),
      expireAt: request.expireAt,
      postOnly: request.postOnly ?? false,
      reduceOnly: request.reduceOnly ?? false,
      links: request.links,
      strategy: name,
      tag: request.tag ?? '',
      reason: request.reason ?? '',
      metadata: request.metadata,
      cause: state.seq,
    };
  };

  const again = (action: IntentAction, order: Order, changes: Changes): Intent => ({
    action,
    orderKey: order.orderKey,
    account: order.account,
    route: order.broker === '' ? host.route : order.broker,
    instrument: order.instrument,
    ix: order.ix,
    side: order.side,
    type: order.type,
    quantity: optional(changes.quantity) ?? order.quantity,
    limitPrice: optional(changes.limitPrice) ?? order.limitPrice,
    stopPrice: optional(changes.stopPrice) ?? order.stopPrice,
    trailingOffset: order.trailingOffset,
    timeInForce: order.timeInForce,
    expireAt: order.expireAt,
    postOnly: order.postOnly,
    reduceOnly: order.reduceOnly,
    links: undefined,
    strategy: name,
    tag: order.tag,
    reason: changes.reason ?? '',
    metadata: undefined,
    cause: state.seq,
  });

  const own = (orderKey: string): Order => {
    const order = state.orders.get(orderKey) ?? state.emulated?.get(orderKey)?.order;
    if (order === undefined)
      throw new Error(`there is no order ${orderKey}; an order exists once its intent was emitted`);
    if (order.strategy !== name)
      throw new Error(`order ${orderKey} belongs to ${order.strategy}, not to ${name}`);
    return order;
  };

  /** Open orders, those held here included; what works for one of them is not counted beside it. */
  const openOwn = (ix: number | undefined): Order[] => {
    const { orders, emulated } = state;
    const real = [...(ix === undefined ? orders.open() : orders.openFor(ix))].filter(
      ({ strategy, orderKey }) => strategy === name && emulated?.ownerOf(orderKey) === undefined,
    );
    const held = [...(emulated?.open() ?? [])].map(({ order }) => order);
    return [...real, ...held.filter((o) => o.strategy === name && (ix === undefined || o.ix === ix))];
  };

  const position = (ix: number): Decimal => state.portfolio.position(host.account(), ix)?.quantity ?? ZERO;

  /** A sale that only reduces a long position sells no more of it than is there. */
  const asSale = (instrument: Instrument, quantity: Decimal): Decimal => {
    const held = position(instrument.ix);
    if (quantity.gt(held)) return quantity;
    return Decimal.min(quantity, sellable(state, host.account(), instrument, held));
  };

  const move = (
    instrument: Instrument,
    delta: Decimal,
    request: Pick<OrderRequest, 'timeInForce' | 'reason' | 'reduceOnly'>,
  ): Intent[] => {
    const quantity = delta.isNegative() ? asSale(instrument, delta.neg()) : delta;
    if (quantity.isZero()) return [];
    const side = delta.isNegative() ? 'sell' : 'buy';
    return [fresh('market', { ...request, side, quantity, instrument: instrument.symbol })];
  };

  const cancelAll = (instrument?: string, reason = ''): Intent[] =>
    openOwn(instrument === undefined ? undefined : host.resolve(instrument).ix).map((order) =>
      again('cancel', order, { reason }),
    );

  const target: Place['target'] = (quantity, options = {}) => {
    const instrument = host.resolve(options.instrument);
    // Exits of linked orders wait for their price: they are not on their way to the target.
    const coming = openOwn(instrument.ix).filter(
      ({ orderKey }) => state.emulated?.get(orderKey)?.kind !== 'emulated',
    );
    const working = coming.reduce(
      (sum, o) => (o.side === 'buy' ? sum.plus(leaves(o)) : sum.minus(leaves(o))),
      ZERO,
    );
    return move(instrument, dec(quantity).minus(position(instrument.ix)).minus(working), options);
  };

  return {
    market: (request) => fresh('market', request),
    limit: (request) => fresh('limit', request, { limitPrice: request.limitPrice }),
    stop: (request) => fresh('stop', request, { stopPrice: request.stopPrice }),
    stopLimit: (request) =>
      fresh('stop_limit', request, { limitPrice: request.limitPrice, stopPrice: request.stopPrice }),
    trailingStop: (request) =>
      fresh('trailing_stop', request, {
        ...(request.stopPrice === undefined ? {} : { stopPrice: request.stopPrice }),
        trailingOffset: { value: dec(request.offset), unit: request.unit ?? 'price' },
      }),
    replace: (orderKey, changes) => again('replace', own(orderKey), changes),
    cancel: (orderKey, reason = '') => again('cancel', own(orderKey), { reason }),
    ...linkedOrders(fresh),
    cancelAll,
    flatten: (instrument, reason = '') => {
      const which = instrument === undefined ? host.instruments : [host.resolve(instrument)];
      return [
        ...cancelAll(instrument, reason),
        ...which.flatMap((one) => move(one, position(one.ix).neg(), { reason, reduceOnly: true })),
      ];
    },
    target,
    setHoldings: (fraction, options = {}) => {
      const instrument = host.resolve(options.instrument);
      const equity = state.portfolio.equity(host.account() === '' ? undefined : host.account());
      const rate =
        state.portfolio.rate(instrument.quote) ??
        (instrument.quote === state.portfolio.baseCurrency ? dec(1) : undefined);
      const last = state.market.last(instrument.ix);
      const price = options.price === undefined ? (last > 0 ? dec(last) : undefined) : dec(options.price);
      if (equity === undefined || rate === undefined || !rate.gt(0) || price === undefined) return [];
      const quantity = holdingsQuantity({
        equity: equity.div(rate),
        price,
        fraction,
        lot: instrument.lotSize,
        multiplier: instrument.multiplier,
        ...(options.buffer === undefined ? {} : { buffer: options.buffer }),
        ...(options.fee === undefined ? {} : { fee: options.fee }),
      });
      return target(quantity, { ...options, instrument: instrument.symbol });
    },
  };
}
