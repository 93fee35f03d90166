/** What stands in place of a secret. */
const REDACTED = '***';
/** Shorter values would also hide harmless text, so they are refused and reported. */
const SHORTEST_SECRET = 4;

const SENSITIVE = [
  'api_key',
  'apikey',
  'secret',
  'private_key',
  'privatekey',
  'token',
  'password',
  'passphrase',
  'authorization',
] as const;

/** True for a configuration key whose value must never be shown; `apiKey`, `api-key` and `API_KEY` alike. */
export function isSensitiveKey(key: string): boolean {
  const plain = key.toLowerCase().replaceAll('-', '_');
  return SENSITIVE.some((word) => plain.includes(word));
}

/**
 * The secret values of a process. Everything that prints configuration, errors or venue answers passes `redact`.
 * Memory: the registered values.
 */
export class Secrets {
  readonly #values = new Set<string>();
  /** Longest first, so that a secret that contains another one is hidden whole. */
  #sorted: readonly string[] = [];

  /** Registers a value. False: too short to be registered safely; the caller reports that (never the value). */
  add(value: string): boolean {
    const text = value.trim();
    if (text.length < SHORTEST_SECRET) return false;
    if (!this.#values.has(text)) {
      this.#values.add(text);
      this.#sorted = [...this.#values].sort((a, b) => b.length - a.length);
    }
    return true;
  }

  /** Registers every text below a sensitive key; returns the paths of values too short to register. */
  addConfig(config: unknown): readonly string[] {
    const short: string[] = [];
    walk(config, '', false, (path, value) => {
      if (value !== '' && !this.add(value)) short.push(path);
    });
    return short;
  }

  get size(): number {
    return this.#values.size;
  }

  clear(): void {
    this.#values.clear();
    this.#sorted = [];
  }

  /** Text with every registered value replaced, longest first. */
  redact(text: string): string {
    let out = text;
    for (const value of this.#sorted) if (out.includes(value)) out = out.replaceAll(value, REDACTED);
    return out;
  }

  /** A copy that can be shown: values below sensitive keys are hidden, registered values anywhere else too. */
  redactConfig(config: unknown): unknown {
    return this.#copy(config, false);
  }

  #copy(value: unknown, sensitive: boolean): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#copy(item, sensitive));
    if (isPlainObject(value)) {
      const entries = Object.entries(value).map(([key, item]): [string, unknown] => [
        this.redact(key),
        this.#copy(item, sensitive || isSensitiveKey(key)),
      ]);
      return Object.fromEntries(entries);
    }
    if (value === undefined || value === null || value === '') return value;
    if (sensitive) return REDACTED;
    return typeof value === 'string' ? this.redact(value) : value;
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function walk(
  value: unknown,
  path: string,
  sensitive: boolean,
  visit: (path: string, value: string) => void,
): void {
  if (Array.isArray(value)) value.forEach((item, i) => walk(item, `${path}[${i}]`, sensitive, visit));
  else if (isPlainObject(value))
    for (const [key, item] of Object.entries(value))
      walk(item, path === '' ? key : `${path}.${key}`, sensitive || isSensitiveKey(key), visit);
  else if (sensitive && (typeof value === 'string' || typeof value === 'number')) visit(path, String(value));
}

/** The registry of this process. */
export const secrets: Secrets = new Secrets();

/** Registers a secret of this process; false when it is too short (three characters or fewer). */
export function registerSecret(value: string): boolean {
  return secrets.add(value);
}

export function redact(text: string): string {
  return secrets.redact(text);
}

export function redactConfig(config: unknown): unknown {
  return secrets.redactConfig(config);
}
