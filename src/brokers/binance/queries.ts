import type { BinanceMarket } from './environments.js';
import { BinanceError } from './errors.js';
import { CODES } from './error-codes.js';
import type { OrderView, TradeView } from './orders/views.js';
import {
  parseAccount,
  parseOrder,
  parseOrders,
  parseRestrictions,
  parseServerTime,
  parseTrades,
  type Account,
  type Restrictions,
} from './schemas.js';
import { WEIGHTS } from './weights.js';
import type { BinanceRest, Lane, Params, RestRequest } from './wire.js';

/** By which id an order is asked for. */
export type OrderId = { readonly clientOrderId: string } | { readonly venueOrderId: string };

const WINDOW_MS = 24 * 3_600_000;
const PAGE = 1000;
const WEIGHT = WEIGHTS.spot;

/**
 * What can be asked about orders, trades and the account of a spot account, over REST. Each answer is checked; a failed
 * query throws, and is never an empty answer.
 */
export class Queries {
  readonly #rest: BinanceRest;
  readonly #timePath: string;

  /** `market` decides only where the time is asked: the rest is spot. */
  constructor(rest: BinanceRest, market: BinanceMarket = 'spot') {
    this.#rest = rest;
    this.#timePath = market === 'spot' ? '/api/v3/time' : '/fapi/v1/time';
  }

  /** Undefined only when the venue says that it does not know the order (or has archived it without a fill). */
  async order(symbol: string, id: OrderId): Promise<OrderView | undefined> {
    const by = 'clientOrderId' in id ? { origClientOrderId: id.clientOrderId } : { orderId: id.venueOrderId };
    try {
      const { view } = parseOrder(
        await this.#get('/api/v3/order', { symbol, ...by }, WEIGHT.queryOrder, 'risk'),
      );
      // Asked by this id, so it is this order, whichever id the venue shows after a cancel.
      return 'clientOrderId' in id ? { ...view, clientOrderId: id.clientOrderId } : view;
    } catch (error) {
      const gone =
        error instanceof BinanceError &&
        (error.code === CODES.NO_SUCH_ORDER || error.code === CODES.ORDER_ARCHIVED);
      if (gone) return undefined;
      throw error;
    }
  }

  async openOrders(lane: Lane = 'risk'): Promise<readonly OrderView[]> {
    return parseOrders(await this.#get('/api/v3/openOrders', {}, WEIGHT.openOrdersAll, lane));
  }

  async tradesOf(symbol: string, venueOrderId: string): Promise<readonly TradeView[]> {
    const params = { symbol, orderId: venueOrderId, limit: PAGE };
    return parseTrades(await this.#get('/api/v3/myTrades', params, WEIGHT.myTradesOfOrder, 'risk'));
  }

  /** All trades of a symbol from an id on, that one included. */
  async tradesFrom(symbol: string, fromId: string): Promise<readonly TradeView[]> {
    const all: TradeView[] = [];
    for (let from = fromId; ;) {
      const page = await this.#trades({ symbol, fromId: from, limit: PAGE });
      all.push(...page);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return all;
      from = nextId(last.tradeId);
    }
  }

  /**
   * All trades of a symbol at or after `since` (venue milliseconds) until `now`: windows of a day until there is one,
   * then by id, so that trades of one millisecond at the edge of a page cannot be lost.
   */
  async tradesSince(symbol: string, since: number, now: number): Promise<readonly TradeView[]> {
    for (let start = since; start <= now; start += WINDOW_MS) {
      const endTime = Math.min(start + WINDOW_MS - 1, now);
      const page = await this.#trades({ symbol, startTime: start, endTime, limit: PAGE });
      const last = page.at(-1);
      if (last === undefined) continue;
      return [...page, ...(await this.tradesFrom(symbol, nextId(last.tradeId)))];
    }
    return [];
  }

  /** Client order ids of orders known by their venue ids; those the venue does not tell are missing. */
  async clientIds(symbol: string, venueOrderIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    const wanted = [...new Set(venueOrderIds)].map(Number).sort((a, b) => a - b);
    // A page of all orders weighs as much as five single ones.
    if (wanted.length <= WEIGHT.allOrders / WEIGHT.queryOrder) {
      for (const id of wanted) {
        const view = await this.order(symbol, { venueOrderId: String(id) });
        if (view !== undefined) found.set(view.venueOrderId, view.clientOrderId);
      }
      return found;
    }
    const most = wanted.at(-1) ?? 0;
    for (let from = wanted[0] ?? 0; from <= most;) {
      const params = { symbol, orderId: from, limit: PAGE };
      const page = parseOrders(await this.#get('/api/v3/allOrders', params, WEIGHT.allOrders, 'routine'));
      for (const view of page) found.set(view.venueOrderId, view.clientOrderId);
      if (page.length < PAGE) break;
      from = Number(page.at(-1)?.venueOrderId) + 1;
    }
    return found;
  }

  async account(): Promise<Account> {
    return parseAccount(await this.#get('/api/v3/account', {}, WEIGHT.account, 'routine'));
  }

  /** What the key may do. Only the live venue offers it. */
  async restrictions(): Promise<Restrictions> {
    return parseRestrictions(await this.#get('/sapi/v1/account/apiRestrictions', {}, 1, 'routine'));
  }

  /** Venue time in milliseconds. */
  async serverTime(): Promise<number> {
    const request: RestRequest = {
      method: 'GET',
      path: this.#timePath,
      security: 'none',
      weight: WEIGHT.time,
      lane: 'routine',
    };
    return parseServerTime(await this.#rest.call(request));
  }

  async #trades(params: Params): Promise<readonly TradeView[]> {
    return parseTrades(await this.#get('/api/v3/myTrades', params, WEIGHT.myTrades, 'risk'));
  }

  #get(path: string, params: Params, weight: number, lane: Lane): Promise<unknown> {
    return this.#rest.call({ method: 'GET', path, params, security: 'signed', weight, lane });
  }
}

function nextId(id: string): string {
  return String(BigInt(id) + 1n);
}
