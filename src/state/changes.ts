import type { HaltEvent, LogLevel } from '../model/event.js';
import { makeLog, makeOrder, makePosition } from '../model/make.js';
import type { Order } from '../model/order.js';
import { reasonText } from '../model/reason.js';
import type { ChildEvent } from '../model/record.js';
import type { Position } from './view.js';

/** What folding one event changed, as records the turn driver has to write. Two arrays are used in turn. */
export class Changes {
  #current: ChildEvent[] = [];
  #spare: ChildEvent[] = [];
  #watcher: ((order: Order) => void) | undefined;

  get any(): boolean {
    return this.#current.length > 0;
  }

  order(order: Order): void {
    this.#current.push(makeOrder(order));
    this.#watcher?.(order);
  }

  /** Tells every order after each change, at once. */
  watch(watcher: (order: Order) => void): void {
    this.#watcher = watcher;
  }

  position(position: Position): void {
    this.#current.push(makePosition(position));
  }

  log(level: LogLevel, code: string, details: Readonly<Record<string, unknown>>): void {
    this.#current.push(makeLog(level, code, reasonText(code, details)));
  }

  halt(event: HaltEvent): void {
    this.#current.push(event);
  }

  anomaly(details: Readonly<Record<string, unknown>>): void {
    this.log('anomaly', 'ORDER_ANOMALY', details);
  }

  /** What changed since the last call. The array is valid until the call after the next. */
  take(): readonly ChildEvent[] {
    const taken = this.#current;
    this.#current = this.#spare;
    this.#current.length = 0;
    this.#spare = taken;
    return taken;
  }
}
