import { basename } from 'node:path';
import type { InputEvent } from '../../model/event.js';
import type { Instrument } from '../../model/instrument.js';
import { MillraceError } from '../../model/reason.js';
import type { Micros } from '../../model/time.js';
import { BACKWARDS, Timeline, WANTED, type Decoder, type FileContext } from '../replay/decoder.js';
import { Zone } from '../../model/zone.js';
import { factorPath, readFactors, type Factors } from './adjust.js';
import { placesOf, type Places } from './columns.js';
import { rowMaker, type RowMaker, type RowTime } from './makers.js';
import type { CsvFilter, CsvMapping } from './mapping.js';
import { Row } from './row.js';
import { TimeColumn, dateOf } from './time-column.js';

type Keep = (row: Row) => boolean;

/** Decodes one CSV file by a {@link CsvMapping}. Rows are read from bytes: no text, no array a row. */
export class CsvDecoder implements Decoder {
  readonly #mapping: CsvMapping;
  readonly #file: FileContext;
  readonly #time: TimeColumn;
  readonly #timeline: Timeline;
  /** Local time of the last row that was wanted, of a bar its start. */
  #lastLocal: Micros = Number.NaN;
  readonly #factors: (Factors | undefined)[] = [];
  /** The only instrument of the file, unless a column names it. */
  readonly #instrument: Instrument | null | undefined;
  #places: Places | undefined;
  #row: Row;
  #make: RowMaker | undefined;
  #filters: readonly Keep[] = [];
  #timeAt = 0;
  #toSkip: number;
  #line = 0;
  readonly #current: RowTime;

  /** Throws MillraceError `BAD_INPUT` when the file name tells no date or instrument that the mapping needs. */
  constructor(mapping: CsvMapping, file: FileContext) {
    this.#mapping = mapping;
    this.#file = file;
    this.#timeline = new Timeline(file.from, file.to);
    this.#time = new TimeColumn(mapping.time, fileDate(mapping, file.path));
    this.#toSkip = mapping.skipRows;
    this.#row = new Row(mapping.delimiter.charCodeAt(0), 1_024);
    this.#instrument = 'column' in mapping.instrument ? undefined : fixedInstrument(mapping, file);
    // A row sets the instrument first when a column names it.
    const instrument = this.#instrument as Instrument;
    this.#current = { at: 0, start: 0, instrument, factors: undefined, wanted: true };
    if (this.#instrument) this.#useFactors(this.#instrument);
    if (!mapping.header) this.#setColumns(undefined);
  }

  get finished(): boolean {
    return this.#instrument === null || this.#timeline.finished;
  }

  /** Rows are kept to the close of the session, so that is what the file covers. */
  get ends(): Micros {
    const session = this.#mapping.session;
    if (session === undefined || Number.isNaN(this.#lastLocal)) return -Infinity;
    return this.#time.zone.toUtc(Zone.midnight(this.#lastLocal) + session.to);
  }

  decode(block: Buffer, out: InputEvent[]): void {
    if (this.#instrument === null) return;
    for (let at = 0; at < block.length;) {
      const row = this.#row;
      at = row.read(block, at);
      this.#line++;
      if (this.#toSkip > 0) this.#toSkip--;
      else if (row.start === row.end) continue;
      else if (this.#make === undefined)
        this.#setColumns(Array.from({ length: row.count }, (_, i) => row.text(i)));
      else {
        const bad = this.#decodeRow(row, this.#make, out);
        if (bad !== '') this.#file.bad.reject(bad, `${this.#file.path}:${this.#line}`, row.line());
      }
      if (this.#timeline.finished) return;
    }
  }

  #setColumns(header: readonly string[] | undefined): void {
    const places = placesOf(this.#mapping, header, this.#file.path);
    this.#places = places;
    this.#timeAt = places.time;
    this.#row = new Row(this.#mapping.delimiter.charCodeAt(0), places.width);
    this.#filters = this.#mapping.filter.map((filter, i) => keeper(filter, places.filters[i] ?? -1));
    this.#make = rowMaker(this.#mapping, places, this.#file.source);
  }

  #decodeRow(row: Row, make: RowMaker, out: InputEvent[]): string {
    if (row.count <= this.#timeAt) return 'malformed';
    for (const keep of this.#filters) if (!keep(row)) return '';
    const time = this.#time;
    if (!time.read(row.bytes, row.starts[this.#timeAt] as number, row.ends[this.#timeAt] as number))
      return 'malformed';
    const current = this.#current;
    this.#setTimes(current);
    if (!this.#inSession(current)) return '';
    if (this.#instrument === undefined) {
      const found = this.#file.lookup.find(row.text(this.#places?.instrument ?? -1));
      if (found === null) return '';
      if (found === undefined) return 'unknown_instrument';
      current.instrument = found;
      if (this.#mapping.adjust !== undefined) this.#useFactors(found);
    }
    current.factors?.use(time.local);
    const verdict = this.#timeline.check(current.at);
    if (verdict === BACKWARDS) return 'time_backwards';
    current.wanted = verdict === WANTED;
    if (current.wanted) this.#lastLocal = time.local - (time.utc - current.start);
    return make(row, current, out);
  }

  #setTimes(current: RowTime): void {
    const { every, label, deliver } = this.#mapping.time;
    const { utc, local } = this.#time;
    current.start = label === 'start' ? utc : utc - every;
    if (deliver !== undefined) current.at = this.#time.zone.toUtc(Zone.midnight(local) + deliver);
    else current.at = label === 'start' ? utc + every : utc;
  }

  #inSession(current: RowTime): boolean {
    const session = this.#mapping.session;
    if (session === undefined) return true;
    const local = this.#time.local - (this.#time.utc - current.start);
    const ofDay: Micros = local - Zone.midnight(local);
    return ofDay >= session.from && ofDay < session.to;
  }

  #useFactors(instrument: Instrument): void {
    const adjust = this.#mapping.adjust;
    if (adjust === undefined) return;
    this.#factors[instrument.ix] ??= readFactors(factorPath(adjust, instrument), adjust.decimals);
    this.#current.factors = this.#factors[instrument.ix];
  }
}

function fileDate(mapping: CsvMapping, path: string): Micros {
  if (!mapping.time.format.endsWith('_since_midnight')) return 0;
  const date = dateOf(mapping.time.date, basename(path));
  if (date !== undefined) return date;
  throw new MillraceError(
    'BAD_INPUT',
    `cannot tell the date of ${path} from its name`,
    'give csv.time.date: a date, or a pattern whose first group is the date in the file name',
  );
}

function fixedInstrument(mapping: CsvMapping, file: FileContext): Instrument | null {
  const ref = mapping.instrument;
  const symbol =
    'symbol' in ref
      ? ref.symbol
      : 'file' in ref
        ? new RegExp(ref.file).exec(basename(file.path))?.[1]
        : undefined;
  const found = symbol === undefined ? undefined : file.lookup.find(symbol);
  if (found !== undefined) return found;
  throw new MillraceError(
    'BAD_INPUT',
    symbol === undefined
      ? `cannot tell the instrument of ${file.path} from its name`
      : `${file.path}: unknown instrument ${symbol}`,
    'name one of the topology’s instruments in csv.instrument',
  );
}

function keeper(filter: CsvFilter, column: number): Keep {
  const numbers = filter.oneOf.filter((value) => typeof value === 'number');
  const texts = filter.oneOf.filter((value) => typeof value === 'string');
  return (row) => {
    const kept =
      (numbers.length > 0 && numbers.includes(row.number(column))) ||
      (texts.length > 0 && texts.includes(row.text(column)));
    return kept !== filter.negate;
  };
}
