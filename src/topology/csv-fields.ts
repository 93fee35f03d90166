import { z } from 'zod';
import type { Micros } from '../model/time.js';
import { CSV_FIELDS, NEEDED, type ColumnRef, type CsvMapping, type CsvTime } from '../streams/csv/mapping.js';
import { isTimePattern } from '../streams/csv/time-column.js';
import { isZone, parseInstant, parseTimeOfDay, zone } from '../model/zone.js';
import { duration } from './fields.js';

/** The mapping language of CSV files: how the columns of a file become events. */

const column = (): z.ZodType<ColumnRef, ColumnRef> => z.union([z.int().min(0), z.string().min(1)]);

/** A time zone: IANA name or fixed offset. */
export const zoneName = (): z.ZodType<string, string> =>
  z.string().refine(isZone, 'must be a time zone, for example UTC, America/New_York, UTC-05');

/** A time of day, written `09:30`. */
export const timeOfDay = (): z.ZodType<Micros, string> =>
  z.string().transform((text, ctx): Micros => {
    const time = parseTimeOfDay(text);
    if (time !== undefined) return time;
    ctx.addIssue({ code: 'custom', message: 'must be a time of day, for example 09:30 or 16:00' });
    return z.NEVER;
  });

/** An instant: ISO date or date-time, UTC unless it carries an offset. */
export const instant = (): z.ZodType<Micros, string> =>
  z.string().transform((text, ctx): Micros => {
    const time = parseInstant(text, zone('UTC'));
    if (time !== undefined) return time;
    ctx.addIssue({
      code: 'custom',
      message: 'must be a date or time, for example 2024-08-08 or 2024-08-08T14:30:00Z',
    });
    return z.NEVER;
  });

const pattern = (): z.ZodString =>
  z.string().refine((text) => {
    try {
      return new RegExp(`${text}|`).exec('')?.length === 2;
    } catch {
      return false;
    }
  }, 'must be a regular expression with one group in parentheses');

const FORMATS = ['ms_since_midnight', 's_since_midnight', 's', 'ms', 'us', 'ns', 'iso'];

const time = z.strictObject({
  column: column().describe('Column of the time.'),
  format: z
    .string()
    .refine(
      (text) => FORMATS.includes(text) || isTimePattern(text),
      `must be ${FORMATS.join(', ')}, or a pattern like YYYYMMDD HH:mm`,
    )
    .describe(
      'ms_since_midnight, s_since_midnight (local time of the file’s date); s, ms, us, ns since 1970 UTC; iso; or a pattern of YYYY MM M DD D HH H hh h mm m ss s S A, for example `M/D/YYYY h:mm:ss A`.',
    ),
  zone: zoneName().default('UTC').describe('Zone of local times.'),
  date: z
    .union([
      z.string().regex(/^\d{4}-?\d{2}-?\d{2}$/, 'must be a date like 2013-10-07'),
      z.strictObject({ file: pattern().describe('Pattern whose group is the date in the file name.') }),
    ])
    .default({ file: '(\\d{4}-?\\d{2}-?\\d{2})' })
    .describe(
      'Day of times since midnight: a date, or where the file name has it (default: the first date in it).',
    ),
  label: z
    .enum(['start', 'end'])
    .default('start')
    .describe('Whether a bar’s time is its start or its end. A bar is delivered at its end.'),
  every: duration().optional().describe('Length of a bar.'),
  deliver: timeOfDay()
    .optional()
    .describe('Time of day bars are delivered at instead of their end, for example 16:00 for daily bars.'),
});

const filter = z
  .strictObject({
    column: column().describe('Column to look at.'),
    equals: z.union([z.number(), z.string()]).optional().describe('Keep rows with this value.'),
    in: z
      .array(z.union([z.number(), z.string()]))
      .min(1)
      .optional()
      .describe('Keep rows with one of these values.'),
    not: z.union([z.number(), z.string()]).optional().describe('Leave out rows with this value.'),
  })
  .refine(
    (f) => [f.equals, f.in, f.not].filter((v) => v !== undefined).length === 1,
    'needs one of equals, in, not',
  );

const scale = z.number().positive();

const schema = z
  .strictObject({
    kind: z
      .enum(['trade', 'quote', 'bar', 'quote_bar', 'book'])
      .describe('What a row is. quote_bar: a bar of the bid and one of the ask.'),
    instrument: z
      .union([
        z.string(),
        z.strictObject({ column: column().describe('Column that names it.') }),
        z.strictObject({ file: pattern().describe('Pattern whose group is the symbol in the file name.') }),
      ])
      .describe('Symbol of all rows, or where it is found.'),
    columns: z
      .strictObject(
        Object.fromEntries(
          CSV_FIELDS.map((name) => [name, column().optional().describe(`Column of ${name}.`)]),
        ) as Record<(typeof CSV_FIELDS)[number], z.ZodOptional<z.ZodType<ColumnRef, ColumnRef>>>,
      )
      .prefault({})
      .describe(
        'Columns by place (from 0) or by name in the header. open, high, low may be left out: they are the close then.',
      ),
    time: time.describe('When it happened.'),
    delimiter: z.string().length(1).default(',').describe('Character between columns.'),
    header: z.boolean().default(false).describe('The first row names the columns.'),
    skip_rows: z.int().min(0).default(0).describe('Rows to leave out at the start.'),
    scale: z
      .union([
        scale,
        z.strictObject({
          price: scale.default(1).describe('For prices.'),
          size: scale.default(1).describe('For sizes and volumes.'),
        }),
      ])
      .default(1)
      .describe('Raw prices (and sizes) are divided by it, for example 10000.'),
    one_sided: z
      .boolean()
      .default(false)
      .describe('A quote row carries one side and 0,0 for the other, which stays what it was.'),
    side: z
      .strictObject({
        column: column().describe('Column of the aggressor’s side.'),
        buy: z.array(z.string()).default(['buy', 'BUY', 'B', '1']).describe('Texts that mean buy.'),
        sell: z.array(z.string()).default(['sell', 'SELL', 'S', '-1']).describe('Texts that mean sell.'),
      })
      .optional()
      .describe('Aggressor of trades.'),
    session: z
      .string()
      .regex(/^\d{1,2}:\d{2}-\d{1,2}:\d{2}$/, 'must be two times of day, for example 09:30-16:00')
      .optional()
      .describe(
        'Keep rows from the first time of day to before the second, in time.zone; a bar counts by its start.',
      ),
    filter: z.array(filter).default([]).describe('Keep rows that pass all of these.'),
    adjust: z
      .strictObject({
        file: z.string().min(1).describe('Factor file; {instrument} stands for the symbol in lower case.'),
        layout: z
          .literal('lean')
          .default('lean')
          .describe('YYYYMMDD,priceFactor,splitFactor,referencePrice; a row applies to dates up to its own.'),
        volume: z.boolean().default(false).describe('Divide volumes by the split factor.'),
        decimals: z.int().min(0).max(15).default(10).describe('Decimals of adjusted prices.'),
      })
      .optional()
      .describe('Price and split factors: raw / scale * price factor * split factor.'),
    emit_quote: z.boolean().default(false).describe('A quote_bar row also gives a quote at its close.'),
    levels: z
      .strictObject({
        depth: z.int().positive().describe('Levels a side.'),
        stride: z.int().positive().default(4).describe('Columns from one level to the next.'),
        ask_price: column().default(0).describe('First ask price.'),
        ask_size: column().default(1).describe('First ask size.'),
        bid_price: column().default(2).describe('First bid price.'),
        bid_size: column().default(3).describe('First bid size.'),
        empty: z.array(z.number()).default([]).describe('Raw prices that mean there is no level.'),
      })
      .optional()
      .describe('Columns of an order book (kind: book).'),
    join: z
      .strictObject({
        find: z.string().min(1).describe('Part of the file’s name.'),
        replace: z.string().describe('What stands there in the other name.'),
      })
      .optional()
      .describe(
        'Each row goes on with the same row of a second file: its columns follow those of the first.',
      ),
  })
  .superRefine((csv, ctx) => {
    for (const name of NEEDED[csv.kind]) {
      if (csv.columns[name] === undefined)
        ctx.addIssue({
          code: 'custom',
          path: ['columns'],
          message: `kind ${csv.kind} needs the column ${name}`,
        });
    }
    const isBar = csv.kind === 'bar' || csv.kind === 'quote_bar';
    if (isBar && csv.time.every === undefined)
      ctx.addIssue({ code: 'custom', path: ['time'], message: 'bars need every, for example 1m' });
    if (csv.kind === 'book' && csv.levels === undefined)
      ctx.addIssue({ code: 'custom', path: ['levels'], message: 'kind book needs levels' });
  });

/** `csv:` of a replay source, as the decoder takes it. */
export const csvMapping: z.ZodType<CsvMapping> = schema.transform(toCsvMapping);

function toCsvMapping(csv: z.output<typeof schema>): CsvMapping {
  const scales = typeof csv.scale === 'number' ? { price: csv.scale, size: 1 } : csv.scale;
  const columns = Object.fromEntries(
    Object.entries(csv.columns).filter(([, ref]) => ref !== undefined),
  ) as CsvMapping['columns'];
  const [from, to] = (csv.session ?? '').split('-').map(parseTimeOfDay);
  const bars = csv.kind === 'bar' || csv.kind === 'quote_bar';
  return {
    kind: csv.kind,
    columns: csv.side === undefined ? columns : { ...columns, side: csv.side.column },
    instrument: typeof csv.instrument === 'string' ? { symbol: csv.instrument } : csv.instrument,
    time: toTime(csv.time, bars),
    delimiter: csv.delimiter,
    header: csv.header,
    skipRows: csv.skip_rows,
    scale: scales,
    oneSided: csv.one_sided,
    side: { buy: csv.side?.buy ?? [], sell: csv.side?.sell ?? [] },
    session: from === undefined || to === undefined ? undefined : { from, to },
    filter: csv.filter.map((f) => ({
      column: f.column,
      oneOf: f.in ?? [(f.equals ?? f.not) as number | string],
      negate: f.not !== undefined,
    })),
    adjust:
      csv.adjust === undefined
        ? undefined
        : { file: csv.adjust.file, volume: csv.adjust.volume, decimals: csv.adjust.decimals },
    emitQuote: csv.emit_quote,
    levels:
      csv.levels === undefined
        ? undefined
        : {
            depth: csv.levels.depth,
            stride: csv.levels.stride,
            askPrice: csv.levels.ask_price,
            askSize: csv.levels.ask_size,
            bidPrice: csv.levels.bid_price,
            bidSize: csv.levels.bid_size,
            empty: csv.levels.empty,
          },
    join: csv.join,
  };
}

function toTime(t: z.output<typeof time>, bars: boolean): CsvTime {
  return {
    column: t.column,
    format: t.format,
    zone: t.zone,
    date: typeof t.date === 'string' ? { fixed: t.date } : t.date,
    label: bars ? t.label : 'end',
    every: bars ? (t.every ?? 0) : 0,
    deliver: t.deliver,
  };
}
