import { Observable, type Subscriber } from 'rxjs';
import type { BarEvent } from '../../../model/event.js';
import type { Instrument } from '../../../model/instrument.js';
import type { InstrumentTable } from '../../../model/instruments.js';
import { MillraceError } from '../../../model/reason.js';
import { MICROS_PER_MS, type Micros } from '../../../model/time.js';
import type { HistoryRequest } from '../../broker.js';
import type { BinanceOptions } from '../options.js';
import { klineInterval } from './make-stream.js';
import type { RestMarket } from './rest-market.js';

export interface HistoryDeps {
  readonly options: BinanceOptions;
  readonly rest: RestMarket;
  readonly instruments: InstrumentTable;
  /** Venue time now, milliseconds. */
  readonly now: () => number;
}

/** What our idea of the venue's time may be off: a bar that ended less than this ago may not be closed yet. Milliseconds. */
const CLOCK_ERROR = 250;

/**
 * Stored bars by REST klines, page by page, oldest first; only closed ones. `ts` is the end of the bar. Completes after
 * the last; errors with a BrokerError when a page cannot be had (the bars before it were emitted), or with a
 * MillraceError for an unknown instrument or bar length. Unsubscribing, or the request's signal, stops it.
 */
export function history(request: HistoryRequest, deps: HistoryDeps): Observable<BarEvent> {
  return new Observable((out) => {
    const { signal } = request;
    const abort = (): void => out.error(signal?.reason ?? new Error('stopped'));
    if (signal?.aborted === true) {
      abort();
      return undefined;
    }
    signal?.addEventListener('abort', abort, { once: true });
    pages(request, deps, out).then(
      () => out.complete(),
      (error: unknown) => out.error(error),
    );
    return () => signal?.removeEventListener('abort', abort);
  });
}

async function pages(request: HistoryRequest, deps: HistoryDeps, out: Subscriber<BarEvent>): Promise<void> {
  const { source, every, onProgress } = request;
  const instrument = known(request.instrument, deps.instruments);
  const interval = klineInterval(every, deps.options);
  const closedUntil = (deps.now() - CLOCK_ERROR) * MICROS_PER_MS;
  let { from } = request;
  const total = Math.max(1, request.to - from);
  while (from < request.to && !out.closed) {
    const { bars, full } = await deps.rest.klines(instrument, interval, from, request.to, source);
    let next: Micros = from;
    for (const bar of bars) {
      if (out.closed) return;
      if (bar.start < next || bar.start >= request.to || bar.start + bar.every > closedUntil) continue;
      next = bar.start + every;
      out.next(bar);
    }
    if (!full || next === from) break;
    from = next;
    onProgress?.(Math.min(1, 1 - (request.to - from) / total));
  }
  onProgress?.(1);
}

function known(symbol: string, instruments: InstrumentTable): Instrument {
  const instrument = instruments.get(symbol);
  if (instrument !== undefined) return instrument;
  throw new MillraceError(
    'INVALID_CONFIGURATION',
    `the instrument "${symbol}" is not known`,
    'check its name, or whether the venue lists it',
  );
}
