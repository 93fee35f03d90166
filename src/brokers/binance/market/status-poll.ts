import type { Instrument, InstrumentStatus } from '../../../model/instrument.js';
import { makeStatus } from '../../../model/make.js';
import type { Micros } from '../../../model/time.js';
import type { LinkStatus } from '../wire.js';
import { asOf } from './copy.js';
import { statusesIn, type SymbolStatus } from './instruments.js';
import type { Listener } from './stream.js';

export interface StatusPollOptions {
  readonly every: number;
  readonly exchangeInfo: (symbols: readonly string[]) => Promise<unknown>;
  readonly wall: () => Micros;
  readonly status: (status: LinkStatus) => void;
}

interface Watched {
  readonly instrument: Instrument;
  readonly listeners: Set<Listener>;
  status: InstrumentStatus | undefined;
  reason: string;
}

/** Asks for the status of instruments now and then, and tells when it changed (and to whom it is new). */
export class StatusPoll {
  readonly #options: StatusPollOptions;
  readonly #watched = new Map<string, Watched>();
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #asking = false;
  #again = false;

  constructor(options: StatusPollOptions) {
    this.#options = options;
  }

  add(instrument: Instrument, listener: Listener): void {
    const { venueSymbol, symbol, ix } = instrument;
    let watched = this.#watched.get(venueSymbol);
    if (watched === undefined) {
      watched = { instrument, listeners: new Set(), status: undefined, reason: '' };
      this.#watched.set(venueSymbol, watched);
    }
    watched.listeners.add(listener);
    if (watched.status !== undefined) {
      const { status, reason } = watched;
      listener.out.next(makeStatus(listener.source, this.#options.wall(), symbol, ix, status, reason));
    } else this.#soon();
  }

  remove(instrument: Instrument, listener: Listener): void {
    const watched = this.#watched.get(instrument.venueSymbol);
    watched?.listeners.delete(listener);
    if (watched?.listeners.size === 0) this.#watched.delete(instrument.venueSymbol);
    if (this.#watched.size === 0) this.close();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#watched.clear();
  }

  /** Those who join at once are asked for together. */
  #soon(): void {
    if (this.#asking) this.#again = true;
    else this.#arm(0);
  }

  #arm(wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), wait);
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    this.#again = false;
    try {
      const found = statusesIn(await this.#options.exchangeInfo([...this.#watched.keys()]));
      for (const watched of this.#watched.values()) this.#tell(watched, found);
      if (this.#failures > 0) this.#options.status({ state: 'ready', attempt: 0, reason: '' });
      this.#failures = 0;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.status({ state: 'degraded', attempt: ++this.#failures, reason });
    }
    this.#asking = false;
    if (this.#watched.size > 0) this.#arm(this.#again ? 0 : this.#options.every);
  }

  #tell(watched: Watched, found: ReadonlyMap<string, SymbolStatus>): void {
    const { venueSymbol, symbol, ix } = watched.instrument;
    const { status, reason } = found.get(venueSymbol) ?? {
      status: 'unknown' as const,
      reason: 'the venue does not list it',
    };
    if (status === watched.status && reason === watched.reason) return;
    watched.status = status;
    watched.reason = reason;
    const event = makeStatus('', this.#options.wall(), symbol, ix, status, reason);
    for (const { source, out } of [...watched.listeners]) out.next(asOf(event, source));
  }
}
