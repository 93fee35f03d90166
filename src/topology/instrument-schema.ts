import { z } from 'zod';
import type { InstrumentInput } from '../model/instruments.js';
import { isZone } from '../model/zone.js';
import { parseClock } from './clock-text.js';
import { decimal } from './fields.js';

const positive = (): z.ZodType<ReturnType<typeof decimal>['_output'], string | number> =>
  decimal().refine((value) => value.gt(0), 'must be above zero');

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const ORDER_TYPES = ['market', 'limit', 'stop', 'stop_limit', 'trailing_stop'] as const;
const TIMES_IN_FORCE = ['day', 'gtc', 'ioc', 'fok', 'gtd', 'opg', 'cls'] as const;

/** `09:30` as minutes after midnight; `24:00` is the end of the day. */
export const clockTime = (): z.ZodType<number, string> =>
  z
    .string()
    .transform((text, ctx): number => {
      const minutes = parseClock(text);
      if (minutes !== undefined) return minutes;
      ctx.addIssue({ code: 'custom', message: 'a time of day in quotes' });
      return z.NEVER;
    })
    .meta({ unit: 'clock', expected: 'a time of day in quotes', examples: ['"09:30"', '"16:00"'] });

export const timeZone = (): z.ZodType<string, string> =>
  z
    .string()
    .refine(isZone)
    .meta({ unit: 'zone', expected: 'a time zone', examples: ['UTC', 'America/New_York'] });

const session = z
  .strictObject({
    zone: timeZone().default('UTC').describe('Time zone of the times below.'),
    days: z
      .array(z.enum(DAYS))
      .min(1)
      .default(['mon', 'tue', 'wed', 'thu', 'fri'])
      .describe('Weekdays with a session.'),
    open: clockTime().describe('Start of the session, in local time.'),
    close: clockTime().describe('End of the session, in local time.'),
    holidays: z
      .array(z.iso.date().meta({ expected: 'a date', examples: ['"2026-12-25"'] }))
      .default([])
      .describe('Dates without a session.'),
  })
  .describe('Trading hours. Without it the instrument always trades.');

/** One instrument as written under `instruments:`. Absent rules get the defaults of `defineInstrument`. */
const schema = z.strictObject({
  venue: z.string().optional().describe('Venue it trades at; part of the look-up by venue symbol.'),
  venue_symbol: z.string().min(1).optional().describe('The venue’s own name; default: the symbol.'),
  asset_class: z
    .enum(['equity', 'etf', 'crypto_spot', 'crypto_perp', 'future', 'option', 'fx', 'index'])
    .optional()
    .describe('Kind of instrument; default equity.'),
  base: z.string().min(1).optional().describe('What one unit is; default: the symbol.'),
  quote: z.string().min(1).optional().describe('Currency of prices; default USD.'),
  settle: z.string().min(1).optional().describe('Currency of profit, fees and margin; default: quote.'),
  tick_size: positive().optional().describe('Smallest price step; default 0.01.'),
  lot_size: positive().optional().describe('Smallest quantity step; default 1, for crypto 0.00000001.'),
  min_quantity: positive().optional().describe('Smallest order; default: the lot size.'),
  max_quantity: positive().optional().describe('Largest order.'),
  min_notional: decimal().optional().describe('Smallest price times quantity of an order.'),
  max_notional: positive().optional().describe('Largest price times quantity of an order.'),
  min_price: positive().optional().describe('Lowest price of an order.'),
  max_price: positive().optional().describe('Highest price of an order.'),
  market_lot_size: positive()
    .optional()
    .describe('Smallest quantity step of market orders, where it is another one.'),
  market_min_quantity: positive().optional().describe('Smallest market order, where it is another one.'),
  market_max_quantity: positive().optional().describe('Largest market order, where it is another one.'),
  multiplier: positive().optional().describe('Money per price unit of one contract; default 1.'),
  initial_margin: decimal()
    .optional()
    .describe('Part of the notional an order binds; default 1 (no leverage).'),
  maintenance_margin: decimal()
    .optional()
    .describe('Part of the notional a position must keep; default: initial_margin.'),
  shortable: z.boolean().optional().describe('May be sold short; default true.'),
  allows_negative_price: z
    .boolean()
    .optional()
    .describe('Prices below zero are valid (some futures); default false.'),
  session: session.optional(),
  order_types: z
    .partialRecord(z.enum(ORDER_TYPES), z.array(z.enum(TIMES_IN_FORCE)))
    .optional()
    .describe('Order types the venue takes, each with its times in force. Without it: all.'),
  sector: z.string().optional().describe('For exposure caps.'),
  industry: z.string().optional().describe('For exposure caps.'),
});

/** An instrument as its schema gives it: only what was said. */
export interface WrittenInstrument {
  readonly session?:
    | {
        readonly zone: string;
        readonly days: readonly (typeof DAYS)[number][];
        readonly open: number;
        readonly close: number;
        readonly holidays: readonly string[];
      }
    | undefined;
  readonly [rule: string]: unknown;
}

export const instrumentSchema: z.ZodType<WrittenInstrument> = schema;

/** Drops what was not said, so that `exactOptionalPropertyTypes` and the defaults of the model hold. */
export function toInstrumentInput(symbol: string, written: WrittenInstrument): InstrumentInput {
  const result: Record<string, unknown> = { symbol };
  for (const [key, value] of Object.entries(written)) {
    if (value === undefined) continue;
    const camel = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (key === 'session' && written.session !== undefined) {
      const { zone, days, open, close, holidays } = written.session;
      result.session = { zone, days: days.map((day) => DAYS.indexOf(day) + 1).sort(), open, close, holidays };
    } else result[camel] = value;
  }
  return result as unknown as InstrumentInput;
}
