import type { Instrument } from '../../model/instrument.js';
import type { InstrumentTable } from '../../model/instruments.js';

export interface LookupOptions {
  /** Venue whose symbols the data uses. */
  readonly venue: string;
  /** Symbols to keep; undefined keeps all. */
  readonly only: readonly string[] | undefined;
  /** Symbols of the data that have another name in the topology. */
  readonly rename: Readonly<Record<string, string>>;
}

/** Damaged data may hold any number of symbols. */
const REMEMBERED = 100_000;

/** Finds the instrument a recorded symbol means: by renaming, by the venue's symbol, by its own name. */
export class InstrumentLookup {
  readonly #table: InstrumentTable;
  readonly #options: LookupOptions;
  readonly #known = new Map<string, Instrument | null | undefined>();

  constructor(table: InstrumentTable, options: LookupOptions = { venue: '', only: undefined, rename: {} }) {
    this.#table = table;
    this.#options = options;
  }

  /** `null`: known, but not wanted. `undefined`: not known. */
  find(symbol: string): Instrument | null | undefined {
    const known = this.#known.get(symbol);
    if (known !== undefined || this.#known.has(symbol)) return known;
    const { venue, only, rename } = this.#options;
    const name = rename[symbol] ?? symbol;
    const found =
      this.#table.get(name) ?? this.#table.byVenueSymbol(venue, symbol) ?? this.#byUpperCase(name);
    const kept =
      found === undefined
        ? only !== undefined && !only.includes(name)
          ? null
          : undefined
        : only === undefined || only.includes(found.symbol)
          ? found
          : null;
    if (this.#known.size < REMEMBERED) this.#known.set(symbol, kept);
    return kept;
  }

  /** Instruments whose symbol (own or the venue's) a file name starts with, longest first. */
  inFileName(name: string): Instrument | undefined {
    const lower = name.toLowerCase();
    const fits = (symbol: string): boolean =>
      lower.startsWith(symbol.toLowerCase()) && !/[a-z0-9]/.test(lower[symbol.length] ?? '');
    return this.#table.all
      .filter((i) => fits(i.venueSymbol) || fits(i.symbol))
      .sort((a, b) => b.venueSymbol.length - a.venueSymbol.length)[0];
  }

  #byUpperCase(name: string): Instrument | undefined {
    const upper = name.toUpperCase();
    return this.#table.all.find(
      (i) => i.symbol.toUpperCase() === upper || i.venueSymbol.toUpperCase() === upper,
    );
  }
}
