import type { DepthSnapshot, Kline, PublicAggTrade, PublicTop, PublicTrade, TimeUnit } from '../types.js';
import type { Micros } from '../../../model/time.js';
import { wireTime } from '../text.js';

type Level = readonly [price: string, quantity: string];

export function tradeMessage(t: PublicTrade, unit: TimeUnit): string {
  const time = wireTime(t.at, unit);
  return `{"e":"trade","E":${time},"s":"${t.symbol}","t":${t.id},"p":"${t.price}","q":"${t.quantity}","T":${time},"m":${t.buyerIsMaker},"M":${t.isBestMatch}}`;
}

export function aggregateMessage(t: PublicAggTrade, unit: TimeUnit): string {
  const time = wireTime(t.at, unit);
  return `{"e":"aggTrade","E":${time},"s":"${t.symbol}","a":${t.id},"p":"${t.price}","q":"${t.quantity}","f":${t.firstTradeId},"l":${t.lastTradeId},"T":${time},"m":${t.buyerIsMaker},"M":${t.isBestMatch}}`;
}

export function topMessage(t: PublicTop): string {
  return `{"u":${t.updateId},"s":"${t.symbol}","b":"${t.bid}","B":"${t.bidQuantity}","a":"${t.ask}","A":"${t.askQuantity}"}`;
}

export function depthMessage(
  symbol: string,
  at: number,
  first: number,
  last: number,
  bids: Iterable<Level>,
  asks: Iterable<Level>,
): string {
  return `{"e":"depthUpdate","E":${at},"s":"${symbol}","U":${first},"u":${last},"b":${levels(bids)},"a":${levels(asks)}}`;
}

export function partialDepthMessage(book: DepthSnapshot): string {
  return `{"lastUpdateId":${book.lastUpdateId},"bids":${levels(book.bids)},"asks":${levels(book.asks)}}`;
}

export function klineMessage(
  symbol: string,
  interval: string,
  k: Kline,
  closed: boolean,
  at: Micros,
  unit: TimeUnit,
): string {
  return `{"e":"kline","E":${wireTime(at, unit)},"s":"${symbol}","k":{"t":${wireTime(k.openTime, unit)},"T":${wireTime(k.closeTime, unit)},"s":"${symbol}","i":"${interval}","f":${k.firstTradeId},"L":${k.lastTradeId},"o":"${k.open}","c":"${k.close}","h":"${k.high}","l":"${k.low}","v":"${k.volume}","n":${k.trades},"x":${closed},"q":"${k.quoteVolume}","V":"${k.takerBase}","Q":"${k.takerQuote}","B":"0"}}`;
}

function levels(list: Iterable<Level>): string {
  let text = '';
  for (const [price, quantity] of list) text += `${text === '' ? '' : ','}["${price}","${quantity}"]`;
  return `[${text}]`;
}
