import { readFileSync } from 'node:fs';
import type { Instrument } from '../../model/instrument.js';
import { MillraceError } from '../../model/reason.js';
import { MICROS_PER_DAY, type Micros } from '../../model/time.js';
import { parseInstant, zone } from '../../model/zone.js';
import type { CsvAdjust } from './mapping.js';
import { power10 } from './number.js';

interface Factor {
  /** Last local day it applies to, in days since 1970. */
  readonly until: number;
  readonly price: number;
  readonly split: number;
}

/** Price and split factors of one instrument: a row applies to dates up to its own, back to the row before. */
export class Factors {
  readonly #rows: readonly Factor[];
  readonly #round: number;
  #day = Number.NaN;
  #price = 1;
  #split = 1;

  constructor(rows: readonly Factor[], decimals: number) {
    this.#rows = rows;
    this.#round = power10(decimals);
  }

  /** Chooses the factors of a local time. Days after the last row are not adjusted. */
  use(local: Micros): void {
    const day = Math.floor(local / MICROS_PER_DAY);
    if (day === this.#day) return;
    this.#day = day;
    const row = this.#rows.find((factor) => factor.until >= day);
    this.#price = row?.price ?? 1;
    this.#split = row?.split ?? 1;
  }

  /** raw * price factor * split factor, rounded so that no floating-point noise is left. */
  price(raw: number): number {
    return Math.round(raw * this.#price * this.#split * this.#round) / this.#round;
  }

  volume(raw: number): number {
    return raw / this.#split;
  }
}

/** Path of the factor file of an instrument. */
export function factorPath(adjust: CsvAdjust, instrument: Instrument): string {
  return adjust.file.replaceAll('{instrument}', instrument.symbol.toLowerCase());
}

/** Reads a factor file in LEAN's layout: `YYYYMMDD,priceFactor,splitFactor,referencePrice`. */
export function readFactors(path: string, decimals: number): Factors {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new MillraceError(
      'BAD_INPUT',
      `cannot read the factor file ${path}: ${why}`,
      'correct adjust.file',
      { cause: error },
    );
  }
  const rows = text
    .split(/\r?\n/)
    .flatMap((line, i) => (line.trim() === '' ? [] : [factorOf(line, `${path}:${i + 1}`)]));
  rows.sort((a, b) => a.until - b.until);
  return new Factors(rows, decimals);
}

function factorOf(line: string, place: string): Factor {
  const [date = '', price, split] = line.split(',');
  const until = parseInstant(date, zone('UTC'));
  const factor = {
    until: (until ?? Number.NaN) / MICROS_PER_DAY,
    price: Number(price),
    split: Number(split),
  };
  if (Number.isNaN(factor.until) || !(factor.price > 0) || !(factor.split > 0)) {
    throw new MillraceError(
      'BAD_INPUT',
      `${place}: not a row of a factor file: ${line}`,
      'rows are YYYYMMDD,priceFactor,splitFactor,referencePrice',
    );
  }
  return factor;
}
