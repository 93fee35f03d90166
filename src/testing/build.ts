import { dec, type DecimalInput } from '../model/decimal.js';
import type { BarEvent, ExecutionEvent, QuoteEvent, TradeEvent } from '../model/event.js';
import type { Side } from '../model/instrument.js';
import { makeBar, makeExecution, makeQuote, makeTrade } from '../model/make.js';
import { MICROS_PER_MINUTE, type Micros } from '../model/time.js';

/** Fields any test event may set; the rest has fixed values, so that events compare equal. */
export interface EventInput {
  readonly ts?: Micros;
  readonly instrument?: string;
  readonly ix?: number;
}

/** A bar: `barOf(101)` closes at 101, or give open, high and low too. */
export function barOf(
  close: number,
  input: EventInput &
    Partial<Pick<BarEvent, 'open' | 'high' | 'low' | 'volume' | 'every' | 'start' | 'basis' | 'count'>> = {},
): BarEvent {
  const every = input.every ?? MICROS_PER_MINUTE;
  const start = input.start ?? 0;
  const open = input.open ?? close;
  return makeBar('test', input.ts ?? start + every, input.instrument ?? 'TEST', input.ix ?? 0, {
    basis: input.basis ?? 'trade',
    every,
    start,
    open,
    high: input.high ?? Math.max(open, close),
    low: input.low ?? Math.min(open, close),
    close,
    volume: input.volume ?? 1,
    count: input.count ?? 1,
  });
}

export function tradeOf(
  price: number,
  size = 1,
  input: EventInput & { readonly tradeId?: string } = {},
): TradeEvent {
  return makeTrade(
    'test',
    input.ts ?? 0,
    input.instrument ?? 'TEST',
    input.ix ?? 0,
    price,
    size,
    0,
    input.tradeId ?? '',
  );
}

export function quoteOf(
  bid: number,
  ask: number,
  input: EventInput & { readonly bidSize?: number; readonly askSize?: number } = {},
): QuoteEvent {
  return makeQuote(
    'test',
    input.ts ?? 0,
    input.instrument ?? 'TEST',
    input.ix ?? 0,
    bid,
    input.bidSize ?? 1,
    ask,
    input.askSize ?? 1,
  );
}

/** A fill report of an order. */
export function fillOf(
  clientOrderId: string,
  side: Side,
  quantity: DecimalInput,
  price: DecimalInput,
  input: EventInput & { readonly execId?: string; readonly fee?: DecimalInput } = {},
): ExecutionEvent {
  return makeExecution('test', input.ts ?? 0, {
    broker: 'test',
    account: 'test',
    report: 'fill',
    clientOrderId,
    venueOrderId: '',
    execId: input.execId ?? `${clientOrderId}-fill`,
    instrument: input.instrument ?? 'TEST',
    ix: input.ix ?? 0,
    side,
    fill: {
      quantity: dec(quantity),
      price: dec(price),
      fee: dec(input.fee ?? 0),
      feeCurrency: 'USD',
      liquidity: 'taker',
    },
    cumulative: undefined,
    quantity: undefined,
    limitPrice: undefined,
    stopPrice: undefined,
    reason: '',
  });
}
