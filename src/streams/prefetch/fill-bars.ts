import { Observable } from 'rxjs';
import type { ConnectionState, InputEvent } from '../../model/event.js';
import type { Instrument } from '../../model/instrument.js';
import { makeConnection } from '../../model/make.js';
import type { Micros } from '../../model/time.js';
import { BarLine, type BarHistory, type BarPhase } from './bar-line.js';
import type { BarStore } from './bar-store.js';

export interface FillBarsOptions {
  readonly source: string;
  /** Asked when the stream is subscribed to. */
  readonly instruments: () => readonly Instrument[];
  readonly every: Micros;
  /** Absent: missing bars are only declared. */
  readonly history: BarHistory | undefined;
  /** Where the warm-up begins; undefined: no warm-up. */
  readonly from: Micros | undefined;
  readonly store: (instrument: Instrument) => BarStore | undefined;
  readonly wall: () => Micros;
  readonly warn: (message: string) => void;
}

const STATES: Readonly<Record<BarPhase, ConnectionState>> = {
  prefetching: 'connecting',
  gap_filling: 'degraded',
  running: 'ready',
};

/**
 * Puts older bars before the live ones and fills what is missing between them; everything else passes at once.
 *
 * ```
 * live:     ----q--4--q-----------7--8|
 * history:  -1-2-3--|           56|
 * out:      -1q2-3-4--q-----------5678|      and `connection` events `source/SYMBOL`: prefetching, gap filling, running
 * ```
 *
 * A bar of history is known by its `start`; `at` is when it was received. A failure warns and is declared as `gap`
 * (`BAR_GAP`), and live bars go on. Errors and completion of the live stream pass through. Memory: the live bars that
 * wait for older ones, and while stored bars are read, those.
 */
export function fillBars(live: Observable<InputEvent>, options: FillBarsOptions): Observable<InputEvent> {
  return new Observable((out) => {
    const { source, instruments, every, history, from, store, wall, warn } = options;
    const lines: (BarLine | undefined)[] = [];
    for (const instrument of instruments()) {
      const name = `${source}/${instrument.symbol}`;
      lines[instrument.ix] = new BarLine({
        source,
        instrument,
        every,
        history,
        store: store(instrument),
        wall,
        emit: (event) => out.next(event),
        tell: (phase, done) => {
          const reason = phase === 'running' ? '' : `${PHRASES[phase]}: ${Math.round(done * 100)} %`;
          out.next(makeConnection(source, wall(), name, STATES[phase], 0, reason));
        },
        warn,
      });
    }
    const subscription = live.subscribe({
      next: (event) => {
        const line = event.kind === 'bar' && event.every === every ? lines[event.ix] : undefined;
        if (line === undefined || event.kind !== 'bar') out.next(event);
        else line.take(event);
      },
      error: (error: unknown) => out.error(error),
      complete: () => out.complete(),
    });
    if (from !== undefined) for (const line of lines) line?.prefetch(from);
    return () => {
      subscription.unsubscribe();
      for (const line of lines) line?.close();
    };
  });
}

const PHRASES: Readonly<Record<Exclude<BarPhase, 'running'>, string>> = {
  prefetching: 'fetching bars of the past',
  gap_filling: 'fetching missing bars',
};
