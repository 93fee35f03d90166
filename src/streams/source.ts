import type { Observable } from 'rxjs';
import type { InputEvent } from '../model/event.js';
import type { Micros } from '../model/time.js';

/**
 * Recorded or generated input: pulled, so that the engine decides the pace. Each event carries the receive time in
 * `at` (see `receivedAt`), which must not go back within one source. Batches keep the loop free of promises per event.
 */
export interface PullSource {
  readonly type: 'pull';
  /** As fast as possible (Infinity), real time (1), or N times real time. */
  readonly pace: number;
  batches(): AsyncIterable<readonly InputEvent[]> | Iterable<readonly InputEvent[]>;
  /**
   * Time its data reaches, asked after the last event. Later than that event when the data is known to go on without
   * one, as to the close of a session: what is due until then, such as a bar that ends there, still happens.
   */
  ends?(): Micros;
}

/** Live input: pushed when it happens, stamped with the engine's wall clock. Reconnection (`retry`) lives inside. */
export interface PushSource {
  readonly type: 'push';
  readonly events$: Observable<InputEvent>;
}

export type Source = PullSource | PushSource;

/** What a source does with data it cannot use: counted and logged once per kind; then skipped, or trading halts. */
export type BadDataPolicy = 'skip' | 'halt';

/**
 * Told by a source about a record it cannot use. `kind` is a stable word (`malformed`, `negative_price`,
 * `time_backwards`, `unknown_instrument`, ...), `sample` shows the record, `place` says where (`file:line`).
 */
export type ReportBadData = (kind: string, place: string, sample: string) => void;
