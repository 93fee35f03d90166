import { BinanceError } from '../../../../src/brokers/binance/errors.js';
import type { OrderAnswer, Params, RestRequest } from '../../../../src/brokers/binance/wire.js';
import { dec, ZERO, type Decimal } from '../../../../src/model/decimal.js';

export interface MiniOrder {
  id: number;
  clientOrderId: string;
  side: string;
  type: string;
  quantity: Decimal;
  executed: Decimal;
  price: string;
  stopPrice: string;
  status: string;
}

export interface MiniTrade {
  id: number;
  order: MiniOrder;
  quantity: Decimal;
  price: string;
  time: number;
}

/** What one request did: the venue's answer and the reports it sends. */
export interface Done {
  readonly answer: OrderAnswer;
  readonly events: readonly unknown[];
}

const OPEN = new Set(['NEW', 'PARTIALLY_FILLED']);

/** One symbol of a Binance in words: it keeps orders and trades, and speaks the venue's messages. For tests of ports. */
export class MiniExchange {
  readonly symbol = 'BTCUSDT';
  readonly orders: MiniOrder[] = [];
  readonly trades: MiniTrade[] = [];
  #execution = 0;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  order(clientOrderId: string): MiniOrder | undefined {
    return this.orders.findLast((o) => o.clientOrderId === clientOrderId);
  }

  get open(): MiniOrder[] {
    return this.orders.filter((o) => OPEN.has(o.status));
  }

  request(method: string, params: Params): Done {
    switch (method) {
      case 'order.place':
        return this.#place(params);
      case 'order.cancel':
        return this.#cancel(String(params['origClientOrderId']), String(params['newClientOrderId']));
      case 'order.amend.keepPriority':
        return this.#amend(params);
      default:
        return this.#cancelReplace(params);
    }
  }

  fill(order: MiniOrder, quantity: string, price = '100'): unknown[] {
    const size = dec(quantity);
    const trade = { id: this.trades.length + 1, order, quantity: size, price, time: this.#now() };
    this.trades.push(trade);
    order.executed = order.executed.plus(size);
    order.status = order.executed.gte(order.quantity) ? 'FILLED' : 'PARTIALLY_FILLED';
    return [
      this.report(order, 'TRADE', {
        l: quantity,
        L: price,
        n: '0.1',
        N: 'USDT',
        t: trade.id,
        m: true,
      }),
    ];
  }

  expire(order: MiniOrder): unknown[] {
    order.status = 'EXPIRED';
    return [this.report(order, 'EXPIRED', { eR: 'EXCHANGE_CANCELED' })];
  }

  report(order: MiniOrder, x: string, more: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      e: 'executionReport',
      E: this.#now(),
      s: this.symbol,
      c: order.clientOrderId,
      S: order.side,
      o: order.type,
      f: 'GTC',
      q: order.quantity.toFixed(),
      p: order.price,
      P: order.stopPrice,
      F: '0',
      g: -1,
      C: '',
      x,
      X: order.status,
      r: 'NONE',
      i: order.id,
      l: '0',
      z: order.executed.toFixed(),
      L: '0',
      n: '0',
      N: null,
      T: this.#now(),
      t: -1,
      I: ++this.#execution,
      w: true,
      m: false,
      M: false,
      ...more,
    };
  }

  get({ path, params = {} }: RestRequest): unknown {
    switch (path) {
      case '/api/v3/order': {
        const order =
          params['origClientOrderId'] === undefined
            ? this.orders.find((o) => o.id === Number(params['orderId']))
            : this.order(String(params['origClientOrderId']));
        if (order === undefined)
          throw new BinanceError('rejection', 'Order does not exist.', false, { code: -2013 });
        return this.json(order);
      }
      case '/api/v3/openOrders':
        return this.open.map((o) => this.json(o));
      case '/api/v3/allOrders':
        return this.orders.filter((o) => o.id >= Number(params['orderId'])).map((o) => this.json(o));
      case '/api/v3/myTrades':
        return this.trades
          .filter(
            (t) =>
              (params['orderId'] === undefined || t.order.id === Number(params['orderId'])) &&
              (params['fromId'] === undefined || t.id >= Number(params['fromId'])) &&
              (params['startTime'] === undefined || t.time >= Number(params['startTime'])),
          )
          .map((t) => ({
            symbol: this.symbol,
            id: t.id,
            orderId: t.order.id,
            price: t.price,
            qty: t.quantity.toFixed(),
            commission: '0.1',
            commissionAsset: 'USDT',
            time: t.time,
            isBuyer: t.order.side === 'BUY',
            isMaker: true,
          }));
      case '/api/v3/account':
        return {
          canTrade: true,
          canWithdraw: false,
          updateTime: this.#now(),
          accountType: 'SPOT',
          balances: [{ asset: 'USDT', free: '100000', locked: '0' }],
        };
      default:
        throw new Error(`the mini exchange has no ${path}`);
    }
  }

  json(order: MiniOrder, more: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      symbol: this.symbol,
      orderId: order.id,
      orderListId: -1,
      clientOrderId: order.clientOrderId,
      price: order.price,
      stopPrice: order.stopPrice,
      origQty: order.quantity.toFixed(),
      executedQty: order.executed.toFixed(),
      cummulativeQuoteQty: '0',
      status: order.status,
      timeInForce: 'GTC',
      type: order.type,
      side: order.side,
      time: this.#now(),
      updateTime: this.#now(),
      ...more,
    };
  }

  #place(params: Params): Done {
    const clientOrderId = String(params['newClientOrderId']);
    if (this.open.some((o) => o.clientOrderId === clientOrderId))
      return { answer: refused(-2010, 'Duplicate order sent.'), events: [] };
    const order: MiniOrder = {
      id: this.orders.length + 1000,
      clientOrderId,
      side: String(params['side']),
      type: String(params['type']),
      quantity: dec(String(params['quantity'])),
      executed: ZERO,
      price: String(params['price'] ?? '0.00'),
      stopPrice: String(params['stopPrice'] ?? '0.00'),
      status: 'NEW',
    };
    this.orders.push(order);
    return {
      answer: { kind: 'answer', result: this.json(order, { transactTime: this.#now(), fills: [] }) },
      events: [this.report(order, 'NEW')],
    };
  }

  #cancel(target: string, cancelId: string): Done {
    const order = this.order(target);
    if (order === undefined || !OPEN.has(order.status))
      return { answer: refused(-2011, 'Unknown order sent.'), events: [] };
    order.status = 'CANCELED';
    const result = this.json(order, { origClientOrderId: target, clientOrderId: cancelId });
    return {
      answer: { kind: 'answer', result },
      events: [this.report(order, 'CANCELED', { c: cancelId, C: target })],
    };
  }

  #amend(params: Params): Done {
    const target = String(params['origClientOrderId']);
    const order = this.order(target);
    const quantity = dec(String(params['newQty']));
    if (order === undefined || !OPEN.has(order.status))
      return { answer: refused(-2013, 'Order does not exist.'), events: [] };
    if (quantity.gte(order.quantity) || quantity.lte(order.executed))
      return { answer: refused(-2038, 'Amend rejected.'), events: [] };
    order.quantity = quantity;
    order.clientOrderId = String(params['newClientOrderId']);
    const amendedOrder: Record<string, unknown> = {
      ...this.json(order),
      qty: quantity.toFixed(),
      origClientOrderId: target,
    };
    delete amendedOrder['origQty'];
    return {
      answer: { kind: 'answer', result: { transactTime: this.#now(), executionId: 1, amendedOrder } },
      events: [this.report(order, 'REPLACED', { C: target })],
    };
  }

  #cancelReplace(params: Params): Done {
    const target = String(params['cancelOrigClientOrderId']);
    const old = this.order(target);
    const half = (cancelResponse: unknown, cancelResult: string, newOrderResult: string): unknown => ({
      cancelResult,
      newOrderResult,
      cancelResponse,
      newOrderResponse: null,
    });
    if (old === undefined || old.status !== 'NEW') {
      const gone = old === undefined || !OPEN.has(old.status);
      const msg = gone ? 'Unknown order sent.' : 'Order was not canceled due to cancel restrictions.';
      const data = half({ code: -2011, msg }, 'FAILURE', 'NOT_ATTEMPTED');
      return { answer: refused(-2022, 'Order cancel-replace failed.', data), events: [] };
    }
    const cancelled = this.#cancel(target, String(params['cancelNewClientOrderId']));
    const placed = this.#place(params);
    const cancelResponse = cancelled.answer.kind === 'answer' ? cancelled.answer.result : undefined;
    const newOrderResponse = placed.answer.kind === 'answer' ? placed.answer.result : undefined;
    const result = { cancelResult: 'SUCCESS', newOrderResult: 'SUCCESS', cancelResponse, newOrderResponse };
    return { answer: { kind: 'answer', result }, events: [...cancelled.events, ...placed.events] };
  }
}

export function refused(code: number, message: string, data?: unknown): OrderAnswer {
  return { kind: 'refused', code, message, data };
}
