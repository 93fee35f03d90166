import { Decimal } from '../../../model/decimal.js';

const NUMBER = /^-?[0-9]{1,20}(\.[0-9]{1,20})?$/;

/** Reads fields of one message and remembers the first that is missing or of another type. */
export class Fields {
  readonly #o: Readonly<Record<string, unknown>>;
  problem = '';

  constructor(message: Readonly<Record<string, unknown>>) {
    this.#o = message;
  }

  /** A text; empty is fine. */
  text(key: string): string {
    const value = this.#o[key];
    return typeof value === 'string' ? value : this.#bad(key, 'a text', '');
  }

  /** A text that may be null or left out: empty then. */
  optionalText(key: string): string {
    const value = this.#o[key];
    return value === undefined || value === null ? '' : this.text(key);
  }

  name(key: string): string {
    const value = this.text(key);
    return value === '' ? this.#bad(key, 'a name', '') : value;
  }

  /** An exact decimal, sent as text. */
  decimal(key: string): Decimal {
    const value = this.#o[key];
    if (typeof value === 'string' && NUMBER.test(value)) return new Decimal(value);
    return this.#bad(key, 'a decimal in a text', new Decimal(NaN));
  }

  /** A whole number that JavaScript holds exactly. */
  int(key: string): number {
    const value = this.#o[key];
    return typeof value === 'number' && Number.isSafeInteger(value)
      ? value
      : this.#bad(key, 'a whole number', 0);
  }

  flag(key: string): boolean {
    const value = this.#o[key];
    return typeof value === 'boolean' ? value : this.#bad(key, 'true or false', false);
  }

  oneOf<T extends string>(key: string, values: readonly T[]): T | undefined {
    const value = this.#o[key];
    const found = values.find((one) => one === value);
    return found ?? this.#bad(key, `one of ${values.join(', ')}`, undefined);
  }

  list(key: string): readonly unknown[] {
    const value = this.#o[key];
    return Array.isArray(value) ? value : this.#bad(key, 'a list', []);
  }

  #bad<T>(key: string, wanted: string, instead: T): T {
    if (this.problem === '') {
      const value = this.#o[key];
      this.problem = value === undefined ? `"${key}" is missing` : `"${key}" is not ${wanted}`;
    }
    return instead;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
