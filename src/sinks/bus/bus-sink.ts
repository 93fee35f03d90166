import type { Event } from '../../model/record.js';
import type { Sink } from '../sink.js';

/** Publishes its inputs under a topic of their own. */
export class BusSink implements Sink {
  readonly #topic: string;
  readonly #publish: (topic: string, event: Event) => void;

  constructor(topic: string, publish: (topic: string, event: Event) => void) {
    this.#topic = topic;
    this.#publish = publish;
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  write(event: Event): void {
    this.#publish(this.#topic, event);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
