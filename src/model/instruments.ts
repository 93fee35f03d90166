import { Decimal, ONE, ZERO, dec, type DecimalInput } from './decimal.js';
import type { AssetClass, Instrument } from './instrument.js';

/** What must be said about an instrument; the rest has defaults (see {@link defineInstrument}). */
export type InstrumentInput = Partial<
  Omit<
    Instrument,
    | 'ix'
    | 'tickSize'
    | 'lotSize'
    | 'minQuantity'
    | 'maxQuantity'
    | 'minNotional'
    | 'maxNotional'
    | 'minPrice'
    | 'maxPrice'
    | 'marketLotSize'
    | 'marketMinQuantity'
    | 'marketMaxQuantity'
    | 'multiplier'
    | 'initialMargin'
    | 'maintenanceMargin'
  >
> & {
  readonly symbol: string;
  readonly tickSize?: DecimalInput;
  readonly lotSize?: DecimalInput;
  readonly minQuantity?: DecimalInput;
  readonly maxQuantity?: DecimalInput;
  readonly minNotional?: DecimalInput;
  readonly maxNotional?: DecimalInput;
  readonly minPrice?: DecimalInput;
  readonly maxPrice?: DecimalInput;
  readonly marketLotSize?: DecimalInput;
  readonly marketMinQuantity?: DecimalInput;
  readonly marketMaxQuantity?: DecimalInput;
  readonly multiplier?: DecimalInput;
  readonly initialMargin?: DecimalInput;
  readonly maintenanceMargin?: DecimalInput;
};

const optional = (value: DecimalInput | undefined): Decimal | undefined =>
  value === undefined ? undefined : dec(value);

/** Fills in defaults: tick 0.01, lot 1 (1e-8 for crypto), full initial margin, no session, status open. */
export function defineInstrument(input: InstrumentInput, ix: number): Instrument {
  const assetClass: AssetClass = input.assetClass ?? 'equity';
  const crypto = assetClass === 'crypto_spot' || assetClass === 'crypto_perp';
  const tickSize = dec(input.tickSize ?? '0.01');
  const lotSize = dec(input.lotSize ?? (crypto ? '0.00000001' : 1));
  const quote = input.quote ?? 'USD';
  return {
    symbol: input.symbol,
    ix,
    venue: input.venue ?? '',
    venueSymbol: input.venueSymbol ?? input.symbol,
    assetClass,
    base: input.base ?? input.symbol,
    quote,
    settle: input.settle ?? quote,
    tickSize,
    lotSize,
    minQuantity: dec(input.minQuantity ?? lotSize),
    maxQuantity: optional(input.maxQuantity),
    minNotional: optional(input.minNotional),
    maxNotional: optional(input.maxNotional),
    minPrice: optional(input.minPrice),
    maxPrice: optional(input.maxPrice),
    marketLotSize: optional(input.marketLotSize),
    marketMinQuantity: optional(input.marketMinQuantity),
    marketMaxQuantity: optional(input.marketMaxQuantity),
    pricePrecision: input.pricePrecision ?? tickSize.decimalPlaces(),
    quantityPrecision: input.quantityPrecision ?? lotSize.decimalPlaces(),
    multiplier: input.multiplier === undefined ? ONE : dec(input.multiplier),
    allowsNegativePrice: input.allowsNegativePrice ?? false,
    shortable: input.shortable ?? true,
    initialMargin: input.initialMargin === undefined ? ONE : dec(input.initialMargin),
    maintenanceMargin:
      input.maintenanceMargin === undefined
        ? input.initialMargin === undefined
          ? ONE
          : dec(input.initialMargin)
        : dec(input.maintenanceMargin),
    session: input.session,
    orderTypes: input.orderTypes ?? {},
    venueRules: input.venueRules ?? {},
    sector: input.sector,
    industry: input.industry,
    status: input.status ?? 'open',
  };
}

/** The instruments of one topology: symbol and venue symbol to instrument, and the dense index of each. */
export class InstrumentTable {
  readonly #bySymbol = new Map<string, Instrument>();
  readonly #byVenue = new Map<string, Instrument>();
  readonly #all: Instrument[] = [];

  constructor(inputs: Iterable<InstrumentInput> = []) {
    for (const input of inputs) this.add(input);
  }

  get all(): readonly Instrument[] {
    return this.#all;
  }

  /** Adds or replaces (same symbol keeps its index). Throws on a rule that cannot hold, naming it. */
  add(input: InstrumentInput): Instrument {
    const old = this.#bySymbol.get(input.symbol);
    const instrument = defineInstrument(input, old?.ix ?? this.#all.length);
    for (const field of ['tickSize', 'lotSize', 'multiplier'] as const) {
      if (!instrument[field].isFinite() || instrument[field].lte(ZERO)) {
        throw new RangeError(
          `instrument ${input.symbol}: ${field} must be above zero, got ${instrument[field].toString()}`,
        );
      }
    }
    this.#all[instrument.ix] = instrument;
    this.#bySymbol.set(instrument.symbol, instrument);
    this.#byVenue.set(`${instrument.venue}\u0000${instrument.venueSymbol}`, instrument);
    return instrument;
  }

  get(symbol: string): Instrument | undefined {
    return this.#bySymbol.get(symbol);
  }

  byVenueSymbol(venue: string, venueSymbol: string): Instrument | undefined {
    return this.#byVenue.get(`${venue}\u0000${venueSymbol}`);
  }

  at(ix: number): Instrument | undefined {
    return this.#all[ix];
  }
}

/** The input that gives this instrument again. */
export function toInput(instrument: Instrument): InstrumentInput {
  return Object.fromEntries(
    Object.entries(instrument).filter(([key, value]) => key !== 'ix' && value !== undefined),
  ) as unknown as InstrumentInput;
}
