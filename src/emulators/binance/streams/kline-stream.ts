import type { Micros } from '../../../model/time.js';
import type { Exchange, Kline } from '../types.js';
import { klineMessage } from './messages.js';
import type { Topic } from './topic.js';

/** A candle as it grows, every two seconds (those of one second: every second), and once more, closed, when it is over. */
export class KlineStream {
  readonly topic: Topic;
  readonly #symbol: string;
  readonly #interval: string;
  readonly #exchange: Exchange;
  readonly #ticks: number;
  #last: Kline | undefined;

  constructor(topic: Topic, symbol: string, interval: string, exchange: Exchange) {
    this.topic = topic;
    this.#symbol = symbol;
    this.#interval = interval;
    this.#exchange = exchange;
    this.#ticks = interval === '1s' ? 10 : 20;
  }

  /** A trade changed the candle, or began a new one. */
  traded(): void {
    if (this.topic.wanted) this.#refresh();
    else this.#last = undefined;
  }

  /** Every 100 ms. */
  tick(tick: number, now: Micros): void {
    if (!this.topic.wanted) {
      this.#last = undefined;
      return;
    }
    this.#refresh();
    if (tick % this.#ticks === 0 && this.#last !== undefined) this.#publish(this.#last, false, now);
  }

  #refresh(): void {
    const now = this.#exchange.currentKline(this.#symbol, this.#interval);
    const last = this.#last;
    this.#last = now;
    if (last !== undefined && now !== undefined && now.openTime > last.openTime)
      this.#publish(last, true, this.#exchange.clock.micros());
  }

  #publish(kline: Kline, closed: boolean, at: Micros): void {
    this.topic.publish((unit) => klineMessage(this.#symbol, this.#interval, kline, closed, at, unit));
  }
}
