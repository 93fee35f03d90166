import type { InputEvent } from '../model/event.js';
import { MillraceError } from '../model/reason.js';
import type { Micros } from '../model/time.js';
import { DueHeap } from './due-heap.js';
import type { EventScheduler } from './event-scheduler.js';

/** The scheduler ends a storm of zero delays inside a turn; this is the last resort. */
const MAX_CLOCK_TURNS_AT_ONCE = 10_000;

export interface SequencerOptions {
  readonly scheduler: EventScheduler;
  /** One turn of the engine. Must not throw: the turn driver owns try/catch. */
  readonly turn: (event: InputEvent, at: Micros) => void;
  /** One clock turn with `now()` = due. */
  readonly clock: (due: Micros) => void;
  /** Wall clock for inputs from outside; undefined: the time each input brings in `at`. */
  readonly wall?: () => Micros;
  /** `recorded`: deadlines fire only by recorded clock events (replay with verification). */
  readonly clocks?: 'derived' | 'recorded';
  /** Inputs that may wait; a full buffer refuses (order-carrying buffers may only halt). */
  readonly capacity?: number;
}

/**
 * The only place where order is decided: a bounded, run-to-completion FIFO. Whatever is posted while a turn runs waits.
 *
 * Order at one instant: re-entrant inputs, deadlines of the graph, deadlines of brokers, then the outside world.
 * Before an input at `t`, every deadline at or before `t` fires, one clock turn per distinct due time.
 *
 * ```
 * outside:   --a-------b--
 * re-entrant:  (x y)          posted by the turn of a
 * deadlines:       d          due before b
 * turns:     --axy-d---b--
 * ```
 */
export class Sequencer {
  readonly #scheduler: EventScheduler;
  readonly #turn: SequencerOptions['turn'];
  readonly #clock: SequencerOptions['clock'];
  readonly #wall: (() => Micros) | undefined;
  #recorded: boolean;
  readonly #capacity: number;
  #inner: InputEvent[] = [];
  #innerHead = 0;
  readonly #pending = new DueHeap();
  #box: InputEvent[] = [];
  #boxHead = 0;
  #at: Micros = 0;
  #running = false;
  #clocksAtOnce = 0;
  #peak = 0;
  #refused = 0;

  constructor(options: SequencerOptions) {
    this.#scheduler = options.scheduler;
    this.#turn = options.turn;
    this.#clock = options.clock;
    this.#wall = options.wall;
    this.#recorded = options.clocks === 'recorded';
    this.#capacity = options.capacity ?? 1 << 20;
  }

  /** Engine time: the `at` of the newest turn. */
  get at(): Micros {
    return this.#at;
  }

  get running(): boolean {
    return this.#running;
  }

  get figures(): {
    readonly depth: number;
    readonly peak: number;
    readonly capacity: number;
    readonly refused: number;
  } {
    return {
      depth: this.#box.length - this.#boxHead,
      peak: this.#peak,
      capacity: this.#capacity,
      refused: this.#refused,
    };
  }

  /** An input. Inside a turn it waits in the inner queue; from outside it is taken now. False: the buffer is full. */
  post(event: InputEvent): boolean {
    if (this.#running) {
      if (this.#inner.length - this.#innerHead >= this.#capacity) return this.#refuse();
      this.#inner.push(event);
      return true;
    }
    const depth = this.#box.length - this.#boxHead;
    if (depth >= this.#capacity) return this.#refuse();
    this.#box.push(event);
    if (depth + 1 > this.#peak) this.#peak = depth + 1;
    this.#drain();
    return true;
  }

  /** Second place for a halt that a full inner queue refused: it is taken with the inputs from outside. */
  enqueue(event: InputEvent): boolean {
    if (!this.#running) return this.post(event);
    if (this.#box.length - this.#boxHead >= this.#capacity) return this.#refuse();
    this.#box.push(event);
    return true;
  }

  /** A deadline of a broker: `run` is called between turns when engine time reaches `at`. */
  runAt(at: Micros, run: () => void): void {
    this.#pending.push(Math.max(at, this.#at), run);
  }

  /** Takes a batch of recorded inputs in order; the fast path of replay. */
  feed(batch: readonly InputEvent[]): void {
    if (this.#running) throw new MillraceError('NESTED_TURN', 'feed() was called inside a turn');
    this.#running = true;
    try {
      for (let i = 0; i < batch.length; i++) {
        const event = batch[i] as InputEvent;
        const at = event.at > this.#at ? event.at : this.#at;
        if (this.#behind(at)) this.#catchUp(at);
        this.#take(event, at);
      }
      this.#catchUp(this.#at);
    } finally {
      this.#running = false;
    }
  }

  /** Fires every deadline at or before `to`; engine time moves only by what fires. */
  advance(to: Micros): void {
    if (this.#running) return;
    this.#running = true;
    try {
      this.#catchUp(to);
    } finally {
      this.#running = false;
    }
  }

  /** From now on deadlines fire by themselves: the end of a journal that is gone on with. */
  deriveClocks(): void {
    this.#recorded = false;
  }

  /** Engine time goes on from `at`: a State of an earlier process was taken over. */
  continueAt(at: Micros): void {
    this.#at = Math.max(this.#at, at);
    this.#scheduler.at = this.#at;
  }

  /** Earliest deadline of the graph or of a broker, or Infinity. */
  nextDue(): Micros {
    return Math.min(this.#recorded ? Infinity : this.#scheduler.nextDue(), this.#pending.nextDue());
  }

  /** Earliest deadline of a broker, or Infinity. */
  get nextBrokerDue(): Micros {
    return this.#pending.nextDue();
  }

  #refuse(): false {
    this.#refused++;
    return false;
  }

  #drain(): void {
    this.#running = true;
    try {
      while (this.#boxHead < this.#box.length) {
        const event = this.#box[this.#boxHead] as InputEvent;
        const at = Math.max(this.#at, this.#wall === undefined ? event.at : this.#wall());
        this.#catchUp(at);
        this.#boxHead++;
        if (this.#boxHead > 1024) {
          this.#box = this.#box.slice(this.#boxHead);
          this.#boxHead = 0;
        }
        this.#take(event, at);
      }
      this.#box.length = 0;
      this.#boxHead = 0;
      this.#catchUp(this.#at);
    } finally {
      this.#running = false;
    }
  }

  #take(event: InputEvent, at: Micros): void {
    this.#at = at;
    this.#clocksAtOnce = 0;
    // Only market data counts as progress: live and in a verification the same inputs do.
    if (event.kind === 'trade' || event.kind === 'quote' || event.kind === 'book' || event.kind === 'bar')
      this.#scheduler.resetGap();
    this.#turn(event, at);
  }

  /** Something comes before an input at `at`. */
  #behind(at: Micros): boolean {
    if (this.#innerHead < this.#inner.length || this.#pending.nextDue() <= at) return true;
    return !this.#recorded && this.#scheduler.nextDue() <= at;
  }

  /** Everything that comes before an input at `at`. */
  #catchUp(at: Micros): void {
    for (;;) {
      if (this.#innerHead < this.#inner.length) {
        const event = this.#inner[this.#innerHead++] as InputEvent;
        if (this.#innerHead === this.#inner.length) {
          this.#inner.length = 0;
          this.#innerHead = 0;
        }
        this.#turn(event, this.#at);
        continue;
      }
      const due = this.#recorded ? Infinity : this.#scheduler.nextDue();
      const broker = this.#pending.nextDue();
      if (due <= at && due <= broker) {
        this.#clockTurn(Math.max(due, this.#at));
      } else if (broker <= at) {
        this.#at = Math.max(this.#at, broker);
        this.#pending.pop()();
      } else {
        return;
      }
    }
  }

  #clockTurn(due: Micros): void {
    this.#clocksAtOnce = due === this.#at ? this.#clocksAtOnce + 1 : 1;
    if (this.#clocksAtOnce > MAX_CLOCK_TURNS_AT_ONCE) {
      throw new MillraceError(
        'TIMER_STORM',
        `more than ${MAX_CLOCK_TURNS_AT_ONCE} clock turns at engine time ${due}`,
        'a timer re-arms itself with a delay of zero; give it a positive delay',
      );
    }
    this.#at = due;
    this.#clock(due);
  }
}
