import type { ExecutionReport } from '../model/event.js';
import type { Event } from '../model/record.js';

export const REGIMEFLOW_SCHEMA = 'regimeflow.replay.v1';

const PRIORITY = { system: 0, market: 10, order: 20, user: 30 } as const;
/** The format holds ten levels a side. */
const LEVELS = 10;

const ORDER_KIND: Readonly<Record<ExecutionReport, string>> = {
  accepted: 'new_order',
  fill: 'fill',
  cancelled: 'cancel',
  rejected: 'reject',
  expired: 'reject',
  inactive: 'reject',
  replaced: 'update',
  cancel_rejected: 'update',
  replace_rejected: 'update',
  triggered: 'update',
  bust: 'update',
  correct: 'update',
};

/**
 * One of our events as a line of RegimeFlow's replay journal, without the newline; undefined for kinds it has no place
 * for. The sequence is the real one, and `instrument` gives the symbol beside the number, which there only holds inside
 * one process. Order ids that are not numbers are 0 in `order_id`; the texts are added beside it.
 */
export function toRegimeFlow(event: Event): string | undefined {
  const body = bodyOf(event);
  if (body === undefined) return undefined;
  const [type, kind, data] = body;
  const keyed =
    'instrument' in event
      ? { symbol: event.ix, instrument: event.instrument }
      : { symbol: 0, instrument: '' };
  return JSON.stringify({
    schema: REGIMEFLOW_SCHEMA,
    timestamp_us: event.at,
    type,
    priority: PRIORITY[type],
    sequence: event.seq,
    symbol: keyed.symbol,
    kind,
    data,
    instrument: keyed.instrument,
  });
}

type Body = readonly [type: keyof typeof PRIORITY, kind: string, data: Readonly<Record<string, unknown>>];

function bodyOf(event: Event): Body | undefined {
  switch (event.kind) {
    case 'bar': {
      const { start, ix, open, high, low, close, volume, count } = event;
      return [
        'market',
        'bar',
        { timestamp_us: start, symbol: ix, open, high, low, close, volume, trade_count: count, vwap: 0 },
      ];
    }
    case 'trade':
      return [
        'market',
        'tick',
        { timestamp_us: event.ts, symbol: event.ix, price: event.price, quantity: event.size, flags: 0 },
      ];
    case 'quote':
      return [
        'market',
        'quote',
        {
          timestamp_us: event.ts,
          symbol: event.ix,
          bid: zero(event.bid),
          ask: zero(event.ask),
          bid_size: zero(event.bidSize),
          ask_size: zero(event.askSize),
        },
      ];
    case 'book':
      // The format has whole books only; a change of levels would be read as one.
      return event.snapshot
        ? [
            'market',
            'book',
            { timestamp_us: event.ts, symbol: event.ix, bids: levels(event.bids), asks: levels(event.asks) },
          ]
        : undefined;
    case 'execution': {
      const { fill } = event;
      return [
        'order',
        ORDER_KIND[event.report],
        {
          order_id: id(event.venueOrderId),
          parent_order_id: 0,
          fill_id: id(event.execId),
          quantity: (fill?.quantity ?? event.quantity)?.toNumber() ?? 0,
          price: (fill?.price ?? event.limitPrice)?.toNumber() ?? 0,
          commission: fill?.fee.toNumber() ?? 0,
          transaction_cost: 0,
          is_maker: fill?.liquidity === 'maker',
          venue: event.broker,
          client_order_id: event.clientOrderId,
          venue_order_id: event.venueOrderId,
          exec_id: event.execId,
        },
      ];
    }
    case 'clock':
      return ['system', 'timer', { code: 0, id: '' }];
    case 'regime':
      return ['system', 'regime_change', { code: 0, id: event.regime }];
    case 'denied':
      return ['system', 'trading_halt', { code: 0, id: event.text }];
    case 'halt':
      return ['system', 'trading_halt', { code: 0, id: event.code }];
    case 'control':
      return event.action === 'resume'
        ? ['system', 'trading_resume', { code: 0, id: event.reason }]
        : undefined;
    default:
      return undefined;
  }
}

/** A missing side is 0 there. */
const zero = (value: number): number => (Number.isFinite(value) ? value : 0);

const id = (text: string): number => (/^\d{1,15}$/.test(text) ? Number(text) : 0);

function levels(flat: readonly number[]): readonly (readonly number[])[] {
  const pairs: number[][] = [];
  for (let i = 0; i + 1 < flat.length && pairs.length < LEVELS; i += 2)
    pairs.push([flat[i] ?? 0, flat[i + 1] ?? 0, 1]);
  return pairs;
}
