import { ApiError } from './api-error.js';
import { badCombination, invalidData, missing, missingOneOf, notRequired, rejected } from './errors.js';
import { ParamReader } from './params.js';
import { hasLimit, isConditional, type OrderTerms, type SpotTif } from './order.js';
import { ORDER_TYPES, STP_MODES, type SpotOrderType, type SpotSymbol } from './symbol.js';
import type { Params } from './types.js';

const SIDES = ['BUY', 'SELL'] as const;
const TIFS = ['GTC', 'IOC', 'FOK'] as const;

const badType = (): ApiError => new ApiError(400, -1116, 'Invalid orderType.');
const badSide = (): ApiError => new ApiError(400, -1117, 'Invalid side.');
const badTif = (): ApiError => new ApiError(400, -1115, 'Invalid timeInForce.');

/** Reads the parameters of a new order by the venue's rules of its type. `newId` makes a client order id when none is sent. */
export function readOrder(params: Params, symbol: SpotSymbol, newId: () => string): OrderTerms {
  const read = new ParamReader(params);
  read.need('side');
  const side = read.oneOf('side', SIDES, badSide);
  read.need('type');
  const type = read.oneOf('type', ORDER_TYPES, badType);
  if (side === undefined || type === undefined) throw missing('side');
  return readTerms(read, symbol, side, type, 'newClientOrderId', newId);
}

/** The rest of an order whose side and type are known. */
function readTerms(
  read: ParamReader,
  symbol: SpotSymbol,
  side: 'BUY' | 'SELL',
  type: SpotOrderType,
  idName: string,
  newId: () => string,
): OrderTerms {
  const p = symbol.precision;
  const timeInForce = readTif(read, type);
  const quantity = read.amount('quantity', p);
  const quoteOrderQty = read.amount('quoteOrderQty', p);
  checkSize(type, quantity !== undefined, quoteOrderQty !== undefined);
  const price = hasLimit(type) ? read.needAmount('price', p) : undefined;
  if (price === undefined && read.has('price')) throw notRequired('price');
  const { stopPrice, trailingDelta } = readStop(read, type, p);
  if (read.amount('icebergQty', p)?.gt(0) === true)
    throw rejected('Iceberg orders are not supported for this symbol.');
  for (const name of ['pegPriceType', 'pegOffsetType', 'pegOffsetValue'])
    if (read.has(name)) throw rejected('Pegged orders are not supported for this symbol.');
  const strategyType = read.integer('strategyType');
  if (strategyType !== undefined && strategyType < 1_000_000)
    throw new ApiError(400, -1134, 'strategyType was less than 1000000.');
  const stp = read.oneOf('selfTradePreventionMode', STP_MODES, () => invalidData('selfTradePreventionMode'));
  return {
    symbol,
    side,
    type,
    timeInForce,
    quantity,
    quoteOrderQty,
    price,
    stopPrice,
    trailingDelta,
    icebergQty: undefined,
    stp: stp ?? symbol.defaultStp,
    strategyId: read.integer('strategyId'),
    strategyType,
    clientOrderId: read.clientId(idName) ?? newId(),
  };
}

function readTif(read: ParamReader, type: SpotOrderType): SpotTif {
  const takes = type === 'LIMIT' || type === 'STOP_LOSS_LIMIT' || type === 'TAKE_PROFIT_LIMIT';
  if (!takes) {
    if (read.has('timeInForce')) throw notRequired('timeInForce');
    return 'GTC';
  }
  read.need('timeInForce');
  return read.oneOf('timeInForce', TIFS, badTif) ?? 'GTC';
}

function checkSize(type: SpotOrderType, quantity: boolean, quote: boolean): void {
  if (quote && type !== 'MARKET') throw notRequired('quoteOrderQty');
  if (quantity && quote) throw badCombination();
  if (!quantity && !quote) {
    if (type === 'MARKET') throw missingOneOf('quantity', 'quoteOrderQty');
    throw missing('quantity');
  }
}

function readStop(
  read: ParamReader,
  type: SpotOrderType,
  precision: number,
): Pick<OrderTerms, 'stopPrice' | 'trailingDelta'> {
  if (!isConditional(type)) {
    for (const name of ['stopPrice', 'trailingDelta']) if (read.has(name)) throw notRequired(name);
    return { stopPrice: undefined, trailingDelta: undefined };
  }
  const stopPrice = read.amount('stopPrice', precision);
  const trailingDelta = read.integer('trailingDelta');
  if (stopPrice === undefined && trailingDelta === undefined)
    throw missingOneOf('stopPrice', 'trailingDelta');
  return { stopPrice, trailingDelta };
}

/** Reads how an order's answer should look: full for orders that may fill at once, else an acknowledgement. */
export function readRespType(params: Params, type: SpotOrderType): 'ACK' | 'RESULT' | 'FULL' {
  const asked = new ParamReader(params).oneOf('newOrderRespType', ['ACK', 'RESULT', 'FULL'], () =>
    invalidData('newOrderRespType'),
  );
  return asked ?? (type === 'LIMIT' || type === 'MARKET' ? 'FULL' : 'ACK');
}
