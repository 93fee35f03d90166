import { setTimeout as sleep } from 'node:timers/promises';
import Bottleneck from 'bottleneck';
import { Observable, type Subscriber } from 'rxjs';
import { Agent } from 'undici';
import type { ConnectionState, InputEvent } from '../../model/event.js';
import { makeConnection, makeGap } from '../../model/make.js';
import { MillraceError } from '../../model/reason.js';
import { MICROS_PER_MS, type Micros } from '../../model/time.js';
import type { Rate } from '../../model/units.js';
import { BadData } from '../bad-data.js';
import { Random } from '../random.js';
import type { InstrumentLookup } from '../replay/instrument-lookup.js';
import type { BadDataPolicy, PushSource, ReportBadData } from '../source.js';
import { PollError, getJson } from './get-json.js';
import { textAt, valueAt } from './json-path.js';
import { mapItem, type PollMapping } from './mapping.js';
import { SeenIds } from './seen-ids.js';

export interface PollingOptions {
  readonly source: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly every: Micros;
  readonly timeout: Micros;
  readonly budget: Rate | undefined;
  /** Path of the list of items in an answer; empty: the answer is the list, or the only item. */
  readonly items: string;
  /** True: the newest item comes first and the list is turned round. */
  readonly newestFirst: boolean;
  /** Query parameter that says where to go on: its value is taken from the answer, or from the last item. */
  readonly cursor:
    | {
        readonly parameter: string;
        readonly from: string;
        readonly of: 'answer' | 'item';
        readonly start: string | undefined;
      }
    | undefined;
  /** Path of an item's identity; items seen before are left out. */
  readonly id: string | undefined;
  readonly remember: number;
  readonly mapping: PollMapping;
  readonly lookup: InstrumentLookup;
  readonly retry: { readonly initial: Micros; readonly factor: number; readonly max: Micros };
  readonly maxBytes: number;
  readonly seed: number;
  readonly onBad: BadDataPolicy;
  readonly report: ReportBadData;
}

/**
 * A REST endpoint as a stream: asked again and again, each new item one event. A poll that fails is a `connection`
 * event (and, the first time, a `gap`), never an empty answer; it is tried again with exponential back-off and jitter,
 * or after the time the server asks for. 401 and 403, and any other 4xx before the first good answer, error the stream with
 * MillraceError `PROVIDER_CONNECTION_FAILED`.
 *
 * ```
 * answers:  --[a b]----[b c]---503---503------[d]--
 * events$:  -R-a-b-------c-----DG----D--------Rd---     R ready, D degraded, G gap
 * ```
 */
export function pollingSource(options: PollingOptions): PushSource {
  return { type: 'push', events$: new Observable((subscriber) => startPoller(options, subscriber)) };
}

function startPoller(options: PollingOptions, subscriber: Subscriber<InputEvent>): () => void {
  const abort = new AbortController();
  const poller = new Poller(options, subscriber, abort.signal);
  poller.run().then(
    () => undefined,
    (error: unknown) => {
      if (!abort.signal.aborted) subscriber.error(error);
    },
  );
  return () => {
    abort.abort();
    void poller.close();
  };
}

class Poller {
  readonly #options: PollingOptions;
  readonly #out: Subscriber<InputEvent>;
  readonly #signal: AbortSignal;
  readonly #agent = new Agent({ connections: 1 });
  readonly #limiter: Bottleneck;
  readonly #random: Random;
  readonly #seen: SeenIds;
  readonly #bad: BadData;
  readonly #place: string;
  #cursor: string | undefined;
  #failures = 0;
  #ready = false;
  #worked = false;

  constructor(options: PollingOptions, out: Subscriber<InputEvent>, signal: AbortSignal) {
    this.#options = options;
    this.#out = out;
    this.#signal = signal;
    const { budget } = options;
    const spacing = budget === undefined ? 0 : Math.ceil(budget.per / budget.count / MICROS_PER_MS);
    this.#limiter = new Bottleneck({ maxConcurrent: 1, minTime: spacing });
    this.#random = new Random(options.seed, `polling ${options.source}`);
    this.#seen = new SeenIds(options.remember);
    this.#bad = new BadData(options.onBad, options.report);
    const url = new URL(options.url);
    this.#place = url.origin + url.pathname;
    this.#cursor = options.cursor?.start;
  }

  async run(): Promise<void> {
    this.#state('connecting', '');
    while (!this.#signal.aborted) {
      let wait = this.#options.every / MICROS_PER_MS;
      try {
        this.#take(await this.#limiter.schedule(() => this.#ask()));
      } catch (error) {
        if (this.#signal.aborted) return;
        if (!(error instanceof PollError)) throw error;
        wait = this.#failed(error);
      }
      await sleep(wait, undefined, { signal: this.#signal });
    }
  }

  async close(): Promise<void> {
    await this.#limiter.stop({ dropWaitingJobs: true }).catch(() => undefined);
    await this.#agent.destroy();
  }

  #ask(): Promise<unknown> {
    const { url: text, headers, timeout, maxBytes, cursor } = this.#options;
    const url = new URL(text);
    if (cursor !== undefined && this.#cursor !== undefined)
      url.searchParams.set(cursor.parameter, this.#cursor);
    return getJson(url, {
      headers,
      timeoutMs: timeout / MICROS_PER_MS,
      maxBytes,
      dispatcher: this.#agent,
      signal: this.#signal,
    });
  }

  /** Emits what is new in an answer. The cursor moves on only after all of it is emitted. */
  #take(answer: unknown): void {
    const { items: path, newestFirst, cursor, id: idPath } = this.#options;
    const found = valueAt(answer, path);
    if (typeof found !== 'object' || found === null)
      throw new PollError('schema', `the answer has nothing at "${path}"`);
    const items: unknown[] = Array.isArray(found) ? [...(found as unknown[])] : [found];
    if (newestFirst) items.reverse();
    this.#succeeded();
    for (const item of items) {
      const id = idPath === undefined ? undefined : textAt(item, idPath);
      if (idPath !== undefined && id === undefined) this.#reject('missing_field', item);
      else if (id === undefined || this.#seen.add(id)) this.#emit(item);
    }
    if (cursor === undefined) return;
    const next = cursor.of === 'answer' ? textAt(answer, cursor.from) : textAt(items.at(-1), cursor.from);
    if (next !== undefined) this.#cursor = next;
  }

  #emit(item: unknown): void {
    const event = mapItem(item, this.#options.mapping, this.#options.source, this.#options.lookup);
    if (typeof event === 'string') this.#reject(event, item);
    else if (event !== null) this.#out.next(event);
  }

  #reject(kind: string, item: unknown): void {
    this.#bad.reject(kind, this.#place, JSON.stringify(item) ?? String(item));
  }

  #succeeded(): void {
    this.#failures = 0;
    this.#worked = true;
    if (this.#ready) return;
    this.#ready = true;
    this.#state('ready', '');
  }

  /** Tells that a poll failed; gives the milliseconds to wait. Throws when trying again cannot help. */
  #failed(error: PollError): number {
    this.#failures++;
    const reason = `${error.category}: ${error.message}`;
    // A request that never worked is wrong; one that did may be refused for a while.
    if (error.category === 'auth' || (error.category === 'rejection' && !this.#worked)) {
      this.#state('closed', reason);
      const help = error.category === 'auth' ? 'check the credentials in headers' : 'check url and cursor';
      throw new MillraceError(
        'PROVIDER_CONNECTION_FAILED',
        `${this.#options.source}: ${this.#place} answered ${error.message}`,
        help,
      );
    }
    if (error.category === 'schema') this.#options.report('malformed', this.#place, error.message);
    this.#ready = false;
    this.#state('degraded', reason);
    if (this.#failures === 1)
      this.#out.next(makeGap(this.#options.source, now(), '', -1, 'POLL_FAILED', 0, 0, reason));
    const { initial, factor, max } = this.#options.retry;
    const backOff = Math.min(max, initial * factor ** (this.#failures - 1)) / MICROS_PER_MS;
    return Math.max(error.retryAfter, backOff * this.#random.between(0.5, 1));
  }

  #state(state: ConnectionState, reason: string): void {
    const { source } = this.#options;
    this.#out.next(makeConnection(source, now(), source, state, this.#failures, reason));
  }
}

const now = (): Micros => Date.now() * MICROS_PER_MS;
