import { setImmediate as afterwards } from 'node:timers';
import type { Event } from '../../model/record.js';
import { BestEffortRing } from '../ring.js';

/** Topics every engine publishes; a `bus` sink adds topics of its own. */
export const BUS_TOPICS = [
  'MarketData',
  'ExecutionReport',
  'PositionUpdate',
  'AccountUpdate',
  'System',
] as const;
export type BusTopic = (typeof BUS_TOPICS)[number];

export interface BusMessage<E extends Event = Event> {
  readonly topic: string;
  readonly payload: E;
  /** Name of the node, broker or part of the engine it comes from. */
  readonly origin: string;
  /** Number of the message on this bus, from 1 and without gaps. */
  readonly sequence: number;
}

/** What it returns is waited for, if it is a promise: the next message comes after it. */
export type BusHandler = (message: BusMessage) => unknown;

export interface SubscribeOptions {
  /** Most messages that may wait for it; default 8,192. Beyond them the oldest are dropped and counted. */
  readonly capacity?: number;
  /** For messages and figures. */
  readonly name?: string;
}

export interface BusFigures {
  readonly id: number;
  readonly name: string;
  readonly topics: readonly string[];
  readonly delivered: number;
  readonly dropped: number;
  readonly errors: number;
  readonly waiting: number;
}

interface Subscriber {
  readonly id: number;
  readonly name: string;
  /** Empty: every topic. */
  readonly topics: ReadonlySet<string>;
  readonly handler: BusHandler;
  readonly ring: BestEffortRing<BusMessage>;
  delivered: number;
  errors: number;
  /** A handler that returned a promise; nothing else is given to it until then. */
  busy: Promise<void> | undefined;
  gone: boolean;
}

const CAPACITY = 8_192;
const SETTLE_MS = 5_000;

/**
 * Tells programs what happens, outside turns: first in, first out, over all topics of a subscriber. A subscriber that
 * throws is counted and hears on; one that is slow has a bounded queue of its own and can slow neither the engine nor
 * another subscriber. Nothing it does reaches the loop.
 *
 * Memory: `capacity` references a subscriber. Without a subscriber a message costs one comparison.
 */
export class EventBus {
  readonly #subscribers = new Map<number, Subscriber>();
  readonly #onError: (name: string, error: unknown) => void;
  #sequence = 0;
  #ids = 0;
  #due = false;

  /** `onError` is told the first error of each subscriber; all are counted. */
  constructor(onError: (name: string, error: unknown) => void = () => undefined) {
    this.#onError = onError;
  }

  /** Calls `handler` for every message of the topics (`*`: of all); returns the number to unsubscribe with. */
  subscribe(
    topics: string | readonly string[],
    handler: BusHandler,
    { capacity = CAPACITY, name }: SubscribeOptions = {},
  ): number {
    const wanted = typeof topics === 'string' ? [topics] : topics;
    const id = ++this.#ids;
    this.#subscribers.set(id, {
      id,
      name: name ?? `subscriber ${id}`,
      topics: new Set(wanted.includes('*') ? [] : wanted),
      handler,
      ring: new BestEffortRing(capacity),
      delivered: 0,
      errors: 0,
      busy: undefined,
      gone: false,
    });
    return id;
  }

  /** Nothing is delivered to it any more, not even what waits. False: there is none. */
  unsubscribe(id: number): boolean {
    const subscriber = this.#subscribers.get(id);
    if (subscriber === undefined) return false;
    subscriber.gone = true;
    return this.#subscribers.delete(id);
  }

  /** Somebody listens. */
  get used(): boolean {
    return this.#subscribers.size > 0;
  }

  /** Safe inside a turn: only notes the message. */
  publish(topic: string, payload: Event, origin: string = payload.source): void {
    if (this.#subscribers.size === 0) return;
    const message: BusMessage = { topic, payload, origin, sequence: ++this.#sequence };
    for (const subscriber of this.#subscribers.values())
      if (subscriber.topics.size === 0 || subscriber.topics.has(topic)) subscriber.ring.push(message);
    if (this.#due) return;
    this.#due = true;
    afterwards(() => this.drain());
  }

  /** Delivers what waits, except to those who have not answered yet. Outside turns. */
  drain(): void {
    this.#due = false;
    for (const subscriber of [...this.#subscribers.values()]) this.#deliver(subscriber);
  }

  /** Resolves when everything was delivered and answered; false: not within `ms`. */
  async settle(ms: number = SETTLE_MS): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
    });
    try {
      for (;;) {
        this.drain();
        const all = [...this.#subscribers.values()];
        const busy = all.flatMap(({ busy }) => busy ?? []);
        const more = all.some(({ busy, ring }) => busy === undefined && ring.size > 0);
        if (busy.length === 0 && !more) return true;
        const round = more ? new Promise((next) => afterwards(next)) : Promise.all(busy);
        if ((await Promise.race([round, late])) === false) return false;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  figures(): readonly BusFigures[] {
    return [...this.#subscribers.values()].map(({ id, name, topics, delivered, errors, ring }) => ({
      id,
      name,
      topics: [...topics],
      delivered,
      dropped: ring.dropped,
      errors,
      waiting: ring.size,
    }));
  }

  /** What waits now. What a handler publishes meanwhile comes in the next round, so that it never holds the loop. */
  #deliver(subscriber: Subscriber): void {
    let left = subscriber.ring.size;
    while (!subscriber.gone && subscriber.busy === undefined && left-- > 0 && subscriber.ring.size > 0)
      subscriber.ring.drain(1, (message) => this.#give(subscriber, message));
  }

  #give(subscriber: Subscriber, message: BusMessage): void {
    subscriber.delivered++;
    try {
      const answer = subscriber.handler(message);
      if (!isPromise(answer)) return;
      subscriber.busy = answer
        .then(
          () => undefined,
          (error: unknown) => this.#failed(subscriber, error),
        )
        .then(() => {
          subscriber.busy = undefined;
          this.#deliver(subscriber);
        });
    } catch (error) {
      this.#failed(subscriber, error);
    }
  }

  #failed(subscriber: Subscriber, error: unknown): void {
    if (subscriber.errors++ === 0) this.#onError(subscriber.name, error);
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** Topic of a record, by its kind; undefined for those that only matter inside. */
export function topicOf(event: Event): BusTopic | undefined {
  switch (event.kind) {
    case 'trade':
    case 'quote':
    case 'book':
    case 'bar':
    case 'status':
      return 'MarketData';
    case 'execution':
      return 'ExecutionReport';
    case 'position':
      return 'PositionUpdate';
    case 'account':
      return 'AccountUpdate';
    case 'control':
    case 'connection':
    case 'halt':
    case 'gap':
    case 'reconciliation':
    case 'regime':
    case 'log':
      return 'System';
    default:
      return undefined;
  }
}
