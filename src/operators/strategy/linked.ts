import { dec, type DecimalInput } from '../../model/decimal.js';
import type { OrderType } from '../../model/instrument.js';
import type { Intent, IntentLinks } from '../../model/intent.js';
import { ACTIVATION } from '../../state/trigger-watch.js';
import type { BracketRequest, OrderRequest, Place, Terms } from './place.js';

type Fresh = (type: OrderType, request: OrderRequest, terms?: Terms) => Intent;

const linked = (intent: Intent, links: IntentLinks): Intent => ({
  ...intent,
  links: { ...intent.links, ...links },
});

/** The part of `place` that ties orders together. A group is named after the key of its first order. */
export function linkedOrders(fresh: Fresh): Pick<Place, 'bracket' | 'oco' | 'oto'> {
  const oco: Place['oco'] = (orders) => {
    const [first] = orders;
    if (first === undefined || orders.length < 2) throw new Error('oco takes two orders or more');
    return orders.map((order) => linked(order, { oco: first.orderKey }));
  };
  const oto: Place['oto'] = (entry, orders) => {
    if (orders.length === 0) throw new Error('oto takes an order or more that wait for the entry');
    return [
      linked(entry, { bracket: orders.length }),
      ...orders.map((order) => linked(order, { parent: entry.orderKey })),
    ];
  };
  return {
    oco,
    oto,
    bracket: (request) => {
      const exits = exitsOf(request);
      if (exits.length === 0) throw new Error('a bracket has a takeProfit, a stopLoss, or both');
      const { type, terms, plain } = entryOf(request);
      const entry = fresh(type, plain, terms);
      const orders = exits.map((exit) => fresh(exit.type, exit.request, exit.terms));
      return oto(entry, orders.length === 1 ? orders : oco(orders));
    },
  };
}

interface Made {
  readonly type: OrderType;
  readonly request: OrderRequest;
  readonly terms: Terms;
}

function entryOf(request: BracketRequest): {
  readonly type: OrderType;
  readonly terms: Terms;
  readonly plain: OrderRequest;
} {
  const { limitPrice, stopPrice } = request;
  const type =
    stopPrice === undefined
      ? limitPrice === undefined
        ? 'market'
        : 'limit'
      : limitPrice === undefined
        ? 'stop'
        : 'stop_limit';
  const terms = { ...price('limitPrice', limitPrice), ...price('stopPrice', stopPrice) };
  return { type, terms, plain: request };
}

/** Exits close what the entry opened; they stay until they fill or are cancelled. */
function exitsOf(request: BracketRequest): Made[] {
  const { side, quantity, instrument, tag, reason, metadata, account, route } = request;
  const { takeProfit, stopLoss, exitsReduceOnly = true } = request;
  const shared = {
    side: side === 'buy' ? 'sell' : 'buy',
    quantity,
    reduceOnly: exitsReduceOnly,
    ...(instrument === undefined ? {} : { instrument }),
    ...(tag === undefined ? {} : { tag }),
    ...(reason === undefined ? {} : { reason }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(account === undefined ? {} : { account }),
    ...(route === undefined ? {} : { route }),
  } as const;
  const made: Made[] = [];
  if (takeProfit !== undefined)
    made.push({ type: 'limit', request: shared, terms: { limitPrice: takeProfit } });
  if (stopLoss === undefined) return made;
  const { stopPrice, limitPrice, trailing, activation } = stopLoss;
  if (trailing === undefined && stopPrice === undefined)
    throw new Error('a stopLoss has a stopPrice, a trailing offset, or both');
  const type = trailing !== undefined ? 'trailing_stop' : limitPrice === undefined ? 'stop' : 'stop_limit';
  made.push({
    type,
    request:
      activation === undefined
        ? shared
        : { ...shared, metadata: { ...metadata, [ACTIVATION]: dec(activation).toString() } },
    terms: {
      ...price('stopPrice', stopPrice),
      ...price('limitPrice', trailing === undefined ? limitPrice : undefined),
      ...(trailing === undefined
        ? {}
        : { trailingOffset: { value: dec(trailing.offset), unit: trailing.unit ?? 'price' } }),
    },
  });
  return made;
}

function price(name: 'limitPrice' | 'stopPrice', value: DecimalInput | undefined): Terms {
  return value === undefined ? {} : { [name]: value };
}
