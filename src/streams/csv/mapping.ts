import type { Micros } from '../../model/time.js';

/** A column by its place (from 0) or by its name in the header. */
export type ColumnRef = number | string;

export type CsvKind = 'trade' | 'quote' | 'bar' | 'quote_bar' | 'book';

/**
 * Form of the time column: counted from local midnight of the file's date (`*_since_midnight`), counted from 1970 in
 * UTC (`s`, `ms`, `us`, `ns`, decimals allowed), `iso`, or a pattern of `YYYY MM M DD D HH H hh h mm m ss s A` and
 * other characters as they stand, `S` for a fraction of a second of any length (`YYYYMMDD HH:mm`).
 */
export type TimeFormat =
  'ms_since_midnight' | 's_since_midnight' | 's' | 'ms' | 'us' | 'ns' | 'iso' | (string & {});

export interface CsvTime {
  readonly column: ColumnRef;
  readonly format: TimeFormat;
  /** Zone of local times: IANA name or fixed offset. */
  readonly zone: string;
  /** Day of `*_since_midnight` times: a fixed date, or a pattern whose group 1 is the date in the file name. */
  readonly date: { readonly fixed: string } | { readonly file: string };
  /** What the time of a bar says: when it starts or when it ends. */
  readonly label: 'start' | 'end';
  /** Length of a bar; 0 for trades, quotes and books. */
  readonly every: Micros;
  /** Time of day (after local midnight of the labelled day) bars are delivered at, instead of their end. */
  readonly deliver: Micros | undefined;
}

/** Rows are kept when the column has one of these values; numbers compare as numbers, other values as text. */
export interface CsvFilter {
  readonly column: ColumnRef;
  readonly oneOf: readonly (number | string)[];
  /** True: rows with one of the values are left out instead. */
  readonly negate: boolean;
}

/** Order book in columns: level k stands `stride` columns after level k - 1. */
export interface CsvLevels {
  readonly depth: number;
  readonly stride: number;
  readonly askPrice: ColumnRef;
  readonly askSize: ColumnRef;
  readonly bidPrice: ColumnRef;
  readonly bidSize: ColumnRef;
  /** Raw prices that mean "no level here". */
  readonly empty: readonly number[];
}

export interface CsvAdjust {
  /** Factor file in LEAN's layout; `{instrument}` stands for the symbol in lower case. */
  readonly file: string;
  /** True: volumes and sizes are divided by the split factor. */
  readonly volume: boolean;
  /** Decimals adjusted prices are rounded to. */
  readonly decimals: number;
}

export type CsvInstrument =
  | { readonly symbol: string }
  | { readonly column: ColumnRef }
  /** Pattern whose group 1 is the symbol in the file name; compared in upper case. */
  | { readonly file: string };

/** Columns by the name of the event's field; which are needed depends on `kind`. */
export type CsvColumns = Readonly<Partial<Record<CsvField, ColumnRef>>>;

export const CSV_FIELDS = [
  'price', 'size', 'trade_id', 'side',
  'bid', 'bid_size', 'ask', 'ask_size',
  'open', 'high', 'low', 'close', 'volume', 'count',
  'bid_open', 'bid_high', 'bid_low', 'bid_close', 'ask_open', 'ask_high', 'ask_low', 'ask_close',
] as const; // prettier-ignore
export type CsvField = (typeof CSV_FIELDS)[number];

/** How the rows of a CSV file become events. */
export interface CsvMapping {
  readonly kind: CsvKind;
  readonly columns: CsvColumns;
  readonly instrument: CsvInstrument;
  readonly time: CsvTime;
  readonly delimiter: string;
  /** True: the first row (after `skipRows`) names the columns. */
  readonly header: boolean;
  readonly skipRows: number;
  /** Raw prices and sizes are divided by these. */
  readonly scale: { readonly price: number; readonly size: number };
  /** A quote row carries one side and zeros for the other, which keeps what it had. */
  readonly oneSided: boolean;
  /** Texts of the `side` column that mean the aggressor bought or sold. */
  readonly side: { readonly buy: readonly string[]; readonly sell: readonly string[] };
  /** Times of day [from, to) in the zone; a bar counts by its start. */
  readonly session: { readonly from: Micros; readonly to: Micros } | undefined;
  readonly filter: readonly CsvFilter[];
  readonly adjust: CsvAdjust | undefined;
  /** A `quote_bar` row also gives a quote at its close. */
  readonly emitQuote: boolean;
  readonly levels: CsvLevels | undefined;
  /** Each row goes on with the same row of a second file, whose name has `replace` instead of `find`. */
  readonly join: { readonly find: string; readonly replace: string } | undefined;
}

/** Columns a kind cannot do without. */
export const NEEDED: Readonly<Record<CsvKind, readonly CsvField[]>> = {
  trade: ['price'],
  quote: ['bid', 'ask'],
  bar: ['close'],
  quote_bar: ['bid_close', 'ask_close'],
  book: [],
};
