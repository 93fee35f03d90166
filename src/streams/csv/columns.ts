import { MillraceError } from '../../model/reason.js';
import { CSV_FIELDS, NEEDED, type ColumnRef, type CsvField, type CsvMapping } from './mapping.js';

/** Places of all columns a mapping uses, in one file. -1: not mapped. */
export interface Places {
  readonly field: Readonly<Record<CsvField, number>>;
  readonly time: number;
  readonly instrument: number;
  readonly filters: readonly number[];
  readonly levels: readonly [askPrice: number, askSize: number, bidPrice: number, bidSize: number];
  /** Columns that must be read. */
  readonly width: number;
}

/** Finds the columns; throws MillraceError `INVALID_CONFIGURATION` for a name that is not in the header. */
export function placesOf(mapping: CsvMapping, header: readonly string[] | undefined, path: string): Places {
  const place = (ref: ColumnRef | undefined): number => {
    if (ref === undefined) return -1;
    if (typeof ref === 'number') return ref;
    const found = header?.findIndex((name) => name.trim() === ref.trim()) ?? -1;
    if (found >= 0) return found;
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `${path} has no column "${ref}"`,
      header === undefined
        ? 'set header: true, or give the place of the column (from 0)'
        : `it has: ${header.join(', ')}`,
    );
  };
  const field = Object.fromEntries(CSV_FIELDS.map((name) => [name, place(mapping.columns[name])])) as Record<
    CsvField,
    number
  >;
  const missing = NEEDED[mapping.kind].filter((name) => field[name] < 0);
  if (missing.length > 0 || (mapping.kind === 'book' && mapping.levels === undefined)) {
    const what = mapping.kind === 'book' ? 'levels' : `columns: ${missing.join(', ')}`;
    throw new MillraceError('INVALID_CONFIGURATION', `csv kind ${mapping.kind} needs ${what}`);
  }
  const levels = mapping.levels;
  const found = {
    time: place(mapping.time.column),
    instrument: 'column' in mapping.instrument ? place(mapping.instrument.column) : -1,
    filters: mapping.filter.map((filter) => place(filter.column)),
    levels: [
      place(levels?.askPrice),
      place(levels?.askSize),
      place(levels?.bidPrice),
      place(levels?.bidSize),
    ] as const,
  };
  const span = levels === undefined ? 0 : (levels.depth - 1) * levels.stride;
  const last = Math.max(
    ...Object.values(field),
    found.time,
    found.instrument,
    ...found.filters,
    ...found.levels.map((p) => p + span),
  );
  return { field, ...found, width: last + 1 };
}
