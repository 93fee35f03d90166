import { setImmediate as yieldToHost, setTimeout as sleep } from 'node:timers/promises';
import type { Subscription } from 'rxjs';
import { MillraceError } from '../model/reason.js';
import type { InputEvent } from '../model/event.js';
import { MICROS_PER_DAY, type Micros } from '../model/time.js';
import { mergeSources } from '../streams/merge.js';
import type { PullSource, PushSource } from '../streams/source.js';
import { Waker } from './clock.js';
import { snapshotOf, type ControlAnswer } from './control-turns.js';
import type { Engine } from './engine.js';
import type { By } from './operations.js';
import { monotonicMs } from './guard.js';
import type { Life } from './recover/life.js';
import { skipping } from './recover/skipping.js';
import type { RunOptions } from './run-options.js';
import type { Safety } from './safety.js';

/** Longest stretch of recorded events before the host gets a breath: timers, sockets, signals. */
const BREATH_MS = 8;
const PROGRESS_MS = 100;
/** Somebody asked the run to end. */
interface Asked {
  readonly by: By;
  readonly stopped: (answer: ControlAnswer) => void;
}

/** Feeds an engine: recorded input at its pace, live input as it comes. */
export class Runner {
  readonly #life: Life;
  readonly #engine: Engine;
  readonly #options: RunOptions;
  readonly #safety: Safety;
  readonly #wall: (() => Micros) | undefined;
  readonly #waker: Waker | undefined;
  readonly #subscriptions: Subscription[] = [];
  readonly #deadline: number;
  #asked: Asked | undefined;
  #stopping = false;
  #lastProgress = 0;
  #lastBreath = 0;

  constructor(life: Life, options: RunOptions, wall: (() => Micros) | undefined, safety: Safety) {
    this.#life = life;
    this.#engine = life.engine;
    this.#options = options;
    this.#safety = safety;
    this.#wall = wall;
    this.#waker = wall === undefined ? undefined : new Waker(wall, () => this.#onWake());
    this.#deadline = options.forMs === undefined ? Infinity : monotonicMs() + options.forMs;
    this.#lastBreath = monotonicMs();
  }

  /** Feeds until the input ends, the time is over or somebody stops it. Resolves to why it ended. */
  async pump(): Promise<string> {
    const pulled: PullSource[] = [];
    const pushed: PushSource[] = [];
    for (const source of this.#engine.sources.values()) {
      if (source.type === 'pull') pulled.push(source);
      else pushed.push(source);
    }
    if (this.#wall !== undefined) return this.#pumpLive(pulled, pushed, this.#wall);
    if (pushed.length > 0)
      throw new MillraceError(
        'INVALID_CONFIGURATION',
        'a source pushes its events, but its component does not say so',
        'add pushed: true to its defineSource',
      );
    if (pulled.length === 0)
      throw new MillraceError(
        'INVALID_CONFIGURATION',
        'no source brings events',
        'add a source under sources:',
      );
    return this.#pumpRecorded(pulled);
  }

  /** Ends the run as soon as the turn at hand is over; resolves when the stop turn was reduced. */
  shutdown(by: By): Promise<ControlAnswer> {
    return new Promise((resolve) => {
      if (this.#stopping || this.#asked !== undefined) {
        const now = snapshotOf(this.#engine.state.control);
        resolve({ seq: 0, before: now, after: now, refused: 'it is stopping already' });
      } else this.#asked = { by, stopped: resolve };
    });
  }

  get stopping(): boolean {
    return this.#stopping || this.#asked !== undefined;
  }

  /** The stop turn, then the drain: until nothing is in flight, or the drain time is over. True: drained. */
  async stop(reason: string): Promise<boolean> {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    const engine = this.#engine;
    this.#stopping = true;
    const asked = this.#asked;
    const stopped =
      asked === undefined ? engine.stop(reason) : engine.stop(`shutdown: ${asked.by.reason}`, asked.by.actor);
    if (asked !== undefined) void stopped.then(asked.stopped);
    const drain = engine.topology.shutdown.drain;
    if (this.#wall === undefined) {
      const limit = engine.sequencer.at + drain;
      while (engine.unsettled > 0 || engine.sequencer.nextBrokerDue <= limit) {
        const due = engine.sequencer.nextDue();
        if (due > limit) break;
        engine.sequencer.advance(due);
      }
    } else {
      const until = monotonicMs() + drain / 1000;
      while (engine.unsettled > 0 && monotonicMs() < until) {
        // What waits for a rate token leaves on a deadline, which nothing else wakes any more.
        this.#waker?.arm(engine.sequencer.nextDue());
        await sleep(5);
        engine.sinks.drain();
        this.#safety.tick();
      }
    }
    this.#waker?.cancel();
    return engine.unsettled === 0;
  }

  get #over(): string | undefined {
    if (this.#asked !== undefined) return 'shutdown';
    if (this.#options.signal?.aborted === true) return 'signal';
    if (monotonicMs() >= this.#deadline) return 'duration';
    return undefined;
  }

  async #pumpRecorded(sources: readonly PullSource[]): Promise<string> {
    const pace = Math.min(...sources.map((source) => source.pace));
    let first = true;
    let toVirtual = (): Micros => Infinity;
    for await (const batch of mergeSources(this.#unread(sources))) {
      if (first) {
        const at = batch[0]?.at ?? 0;
        const wallStart = monotonicMs();
        toVirtual = (): Micros => at + Math.floor((monotonicMs() - wallStart) * 1000 * pace);
        this.#life.start(at);
        first = false;
      }
      if (pace === Infinity) this.#engine.feed(batch);
      else await this.#feedPaced(batch, pace, toVirtual);
      await this.#between();
      await this.#untilDiskTakes();
      const over = this.#over;
      if (over !== undefined) return over;
    }
    if (first)
      throw new MillraceError(
        'BAD_INPUT',
        'the sources brought no event at all',
        'check path, from: and to: of the source',
      );
    this.#engine.sequencer.advance(this.#dataEnd(sources));
    return 'end';
  }

  /** Recorded sources of a session that goes on: without the events it has taken. */
  #unread(sources: readonly PullSource[]): readonly PullSource[] {
    if (this.#life.kind !== 'refed') return sources;
    return sources.map((source) => {
      const [name] = [...this.#engine.sources].find(([, made]) => made === source) ?? [''];
      return skipping(source, this.#engine.graph.root(name)?.events ?? 0);
    });
  }

  /** Where the data says it ends, at most a day after its last event: what is due by then comes before the stop. */
  #dataEnd(sources: readonly PullSource[]): Micros {
    const last = this.#engine.sequencer.at;
    const end = Math.max(last, ...sources.map((source) => source.ends?.() ?? last));
    return Math.min(end, last + MICROS_PER_DAY);
  }

  async #feedPaced(batch: readonly InputEvent[], pace: number, toVirtual: () => Micros): Promise<void> {
    let i = 0;
    while (i < batch.length && this.#over === undefined) {
      const now = toVirtual();
      let j = i;
      while (j < batch.length && (batch[j] as InputEvent).at <= now) j++;
      if (j > i) this.#engine.feed(batch.slice(i, j));
      // Behind the last event of a batch time stands still: the next batch may begin before `now`.
      if (j < batch.length) this.#engine.sequencer.advance(now);
      i = j;
      await this.#between();
      const next = batch[i];
      if (next === undefined) return;
      const due = Math.min(next.at, this.#engine.sequencer.nextDue());
      const ms = (due - toVirtual()) / 1000 / pace;
      if (ms > 0) await sleep(Math.min(ms, PROGRESS_MS));
    }
  }

  async #pumpLive(
    pulled: readonly PullSource[],
    pushed: readonly PushSource[],
    wall: () => Micros,
  ): Promise<string> {
    this.#life.start(wall());
    let open = pushed.length;
    let failure: Error | undefined;
    for (const source of pushed) {
      this.#subscriptions.push(
        source.events$.subscribe({
          next: (event) => this.#post(event),
          error: (error: unknown) => {
            failure = error instanceof Error ? error : new Error(String(error));
          },
          complete: () => {
            open--;
          },
        }),
      );
    }
    if (pulled.length > 0) {
      for await (const batch of mergeSources(pulled)) {
        for (const event of batch) this.#post(event);
        await this.#between();
        if (this.#over !== undefined) break;
      }
    }
    for (;;) {
      const over = this.#over;
      if (over !== undefined) return over;
      if (failure !== undefined) throw failure;
      if (open === 0) return 'end';
      await sleep(20);
      await this.#between();
    }
  }

  #post(event: InputEvent): void {
    this.#engine.offer(event);
    this.#waker?.arm(this.#engine.sequencer.nextDue());
  }

  #onWake(): void {
    if (this.#wall === undefined) return;
    this.#engine.sequencer.advance(this.#wall());
    this.#waker?.arm(this.#engine.sequencer.nextDue());
  }

  /** While the journal cannot write, recorded data waits for it; for as long as the drain time. */
  async #untilDiskTakes(): Promise<void> {
    const since = monotonicMs();
    while (this.#engine.stalled && this.#over === undefined) {
      if (monotonicMs() - since > this.#engine.topology.shutdown.drain / 1000) {
        throw new MillraceError(
          'JOURNAL_FULL',
          'the journal could not write for as long as the drain time',
          'free disk space; the journal is complete up to its last record',
        );
      }
      await sleep(20);
      await this.#between();
    }
  }

  /** Between turns: side branches get theirs, the host gets a breath. */
  async #between(): Promise<void> {
    this.#engine.sinks.drain();
    this.#engine.bus?.drain();
    this.#safety.tick();
    this.#life.between();
    this.#waker?.arm(this.#engine.sequencer.nextDue());
    const now = monotonicMs();
    if (now - this.#lastProgress >= PROGRESS_MS) {
      this.#lastProgress = now;
      this.#options.onProgress?.(this.#engine);
    }
    if (now - this.#lastBreath >= BREATH_MS) {
      await yieldToHost();
      this.#lastBreath = monotonicMs();
    }
  }
}
