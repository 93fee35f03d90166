import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { InputEvent } from '../src/model/event.js';
import { InstrumentTable } from '../src/model/instruments.js';
import { makeQuote, makeTrade, receivedAt } from '../src/model/make.js';
import { mergeSources } from '../src/streams/merge.js';
import { builtins } from '../src/topology/builtins.js';
import type { PullSource } from '../src/streams/source.js';
import type { SourceSpec } from '../src/topology/spec.js';

/** Recorded or made-up ticks as columns, so that making the events costs the same little in every case. */
export interface Ticks {
  readonly what: string;
  readonly count: number;
  /** 0 trade, 1 quote. */
  readonly kind: Uint8Array;
  readonly at: Float64Array;
  /** Trade: price, size. Quote: bid, bid size. */
  readonly a: Float64Array;
  readonly b: Float64Array;
  /** Quote: ask, ask size. */
  readonly c: Float64Array;
  readonly d: Float64Array;
}

export const SYMBOL = 'AIG';
const BATCH = 512;

/** One symbol-day of AIG ticks (1.48 million) if the recorded data is there, else as many synthetic ones. */
export async function loadTicks(limit = Infinity): Promise<Ticks> {
  const root =
    process.env['MILLRACE_SHARED_DATA'] ??
    resolve(dirname(fileURLToPath(import.meta.url)), '../../../shared/data');
  const folder = join(root, 'market/us-equity/tick/aig');
  const recorded = existsSync(folder) && readdirSync(folder).length > 0;
  const sources = recorded
    ? recordedSources(folder)
    : [
        make('synthetic', 'synthetic', {
          instruments: { [SYMBOL]: { price: 50, volatility: '2%', tick: 0.01 } },
          events: 1_500_000,
          rate: '60/s',
        }),
      ];
  const columns = new Columns();
  for await (const batch of mergeSources(sources)) {
    for (const event of batch) columns.add(event);
    if (columns.count >= limit) break;
  }
  return columns.ticks(
    recorded ? 'AIG ticks, 2013-10-09' : 'synthetic ticks',
    Math.min(limit, columns.count),
  );
}

function recordedSources(folder: string): PullSource[] {
  const common = {
    instrument: SYMBOL,
    scale: { price: 10_000 },
    time: { column: 0, format: 'ms_since_midnight', zone: 'America/New_York', date: '2013-10-09' },
  };
  return [
    make('quotes', 'replay', {
      path: join(folder, '*Quote*'),
      csv: {
        ...common,
        kind: 'quote',
        one_sided: true,
        columns: { bid: 1, bid_size: 2, ask: 3, ask_size: 4 },
      },
    }),
    make('trades', 'replay', {
      path: join(folder, '*Trade*'),
      csv: { ...common, kind: 'trade', columns: { price: 1, size: 2 } },
    }),
  ];
}

function make(name: string, type: string, options: Readonly<Record<string, unknown>>): PullSource {
  const spec = builtins().get('sources', type) as SourceSpec;
  const log = { info: ignore, warn: ignore, error: ignore };
  const source = spec.make(spec.config.parse(options), {
    name,
    mode: 'replay',
    baseDir: '/',
    instruments: new InstrumentTable([{ symbol: SYMBOL }]),
    log,
    session: 'bench',
    seed: 1,
    brokers: new Map(),
    bad: ignore,
  });
  if (source.type !== 'pull') throw new Error(`${type} is not a recorded source`);
  return source;
}

const ignore = (): undefined => undefined;

/** Grows by doubling, so that no event is kept while the file is read. */
class Columns {
  count = 0;
  #kind = new Uint8Array(1 << 16);
  #values = Array.from({ length: 5 }, () => new Float64Array(1 << 16));

  add(event: InputEvent): void {
    if (event.kind !== 'trade' && event.kind !== 'quote') return;
    if (this.count === this.#kind.length) this.#grow();
    const i = this.count++;
    const row =
      event.kind === 'quote'
        ? [event.at, event.bid, event.bidSize, event.ask, event.askSize]
        : [event.at, event.price, event.size, 0, 0];
    this.#kind[i] = event.kind === 'quote' ? 1 : 0;
    row.forEach((value, k) => ((this.#values[k] as Float64Array)[i] = value));
  }

  ticks(what: string, count: number): Ticks {
    const [at, a, b, c, d] = this.#values.map((column) => column.slice(0, count)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    return { what, count, kind: this.#kind.slice(0, count), at, a, b, c, d };
  }

  #grow(): void {
    const size = this.#kind.length * 2;
    const kind = new Uint8Array(size);
    kind.set(this.#kind);
    this.#kind = kind;
    this.#values = this.#values.map((column) => {
      const grown = new Float64Array(size);
      grown.set(column);
      return grown;
    });
  }
}

/** The i-th event, fresh: on one instrument, or spread over several. */
export function eventAt(t: Ticks, i: number, symbols: readonly string[] = [SYMBOL]): InputEvent {
  const ix = symbols.length === 1 ? 0 : i % symbols.length;
  const symbol = symbols[ix] as string;
  const at = t.at[i] as number;
  const event =
    t.kind[i] === 1
      ? makeQuote(
          'market',
          at,
          symbol,
          ix,
          t.a[i] as number,
          t.b[i] as number,
          t.c[i] as number,
          t.d[i] as number,
        )
      : makeTrade('market', at, symbol, ix, t.a[i] as number, t.b[i] as number, 0, '');
  return receivedAt(event, at);
}

/** Calls `take` with batches of fresh events. */
export function inBatches(
  t: Ticks,
  take: (batch: readonly InputEvent[]) => void,
  symbols?: readonly string[],
): void {
  for (let start = 0; start < t.count; start += BATCH) {
    const end = Math.min(t.count, start + BATCH);
    const batch = new Array<InputEvent>(end - start);
    for (let i = start; i < end; i++) batch[i - start] = eventAt(t, i, symbols);
    take(batch);
  }
}
