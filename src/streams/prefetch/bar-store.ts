import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BarEvent } from '../../model/event.js';
import type { Instrument } from '../../model/instrument.js';
import { makeBar } from '../../model/make.js';
import type { Micros } from '../../model/time.js';

type Row = readonly [start: Micros, o: number, h: number, l: number, c: number, v: number, n: number];

/**
 * Bars of one instrument and length in a file of its own, one JSON row a line, so that a later run need not fetch them
 * again. A torn or damaged line is left out (its bar is then fetched again). Writing happens between turns, in the order
 * of the calls. Throws what the file system throws.
 */
export class BarStore {
  readonly #path: string;
  readonly #instrument: Instrument;
  readonly #every: Micros;
  readonly #onError: (error: unknown) => void;
  #rows: string[] = [];
  #torn = false;
  #timer: NodeJS.Immediate | undefined;

  constructor(
    folder: string,
    instrument: Instrument,
    every: Micros,
    onError: (error: unknown) => void = () => undefined,
  ) {
    this.#path = join(folder, `${encodeURIComponent(instrument.symbol)}-${every / 1_000_000}s.jsonl`);
    this.#instrument = instrument;
    this.#every = every;
    this.#onError = onError;
  }

  /** Stored bars that start in [from, to), ascending, each start once (the last one written counts). */
  load(source: string, from: Micros, to: Micros): BarEvent[] {
    if (!existsSync(this.#path)) return [];
    const text = readFileSync(this.#path, 'utf8');
    this.#torn = text !== '' && !text.endsWith('\n');
    const rows = new Map<Micros, Row>();
    for (const line of text.split('\n')) {
      const row = rowOf(line, this.#every);
      if (row !== undefined && row[0] >= from && row[0] < to) rows.set(row[0], row);
    }
    return [...rows.values()].sort((a, b) => a[0] - b[0]).map((row) => this.#bar(source, row));
  }

  add({ start, open, high, low, close, volume, count }: BarEvent): void {
    this.#rows.push(JSON.stringify([start, open, high, low, close, volume, count]));
    this.#timer ??= setImmediate(() => this.#write());
  }

  /** Writes what is waiting. */
  close(): void {
    if (this.#timer === undefined) return;
    clearImmediate(this.#timer);
    this.#write();
  }

  #write(): void {
    this.#timer = undefined;
    const text = `${this.#torn ? '\n' : ''}${this.#rows.join('\n')}\n`;
    this.#rows = [];
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      appendFileSync(this.#path, text);
      this.#torn = false;
    } catch (error) {
      // the next lines begin anew, whatever part of these was written
      this.#torn = true;
      this.#onError(error);
    }
  }

  #bar(source: string, [start, open, high, low, close, volume, count]: Row): BarEvent {
    const { symbol, ix } = this.#instrument;
    const every = this.#every;
    const fields = { basis: 'trade', every, start, open, high, low, close, volume, count } as const;
    return makeBar(source, start + every, symbol, ix, fields);
  }
}

function rowOf(line: string, every: Micros): Row | undefined {
  if (line === '') return undefined;
  try {
    const row: unknown = JSON.parse(line);
    if (!Array.isArray(row) || row.length !== 7 || !row.every((value) => Number.isFinite(value)))
      return undefined;
    const [start, open, high, low, close, volume, count] = row as unknown as Row;
    if (!Number.isSafeInteger(start) || start % every !== 0) return undefined;
    if (high < Math.max(open, close, low) || low > Math.min(open, close) || volume < 0 || count < 0)
      return undefined;
    return [start, open, high, low, close, volume, count];
  } catch {
    return undefined;
  }
}
