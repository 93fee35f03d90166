import type { InputEvent } from '../model/event.js';
import type { StateView } from '../state/view.js';
import { TurnTimes } from './histogram.js';

/** Acknowledgement and fill latency in event time, and what became of orders; plain counters, read on scrape. */
export class Latencies {
  readonly ack: TurnTimes = new TurnTimes();
  readonly fill: TurnTimes = new TurnTimes();
  readonly outcomes: Record<string, number> = {};

  observe(event: InputEvent, state: StateView): void {
    if (event.kind === 'outcome') {
      this.#count(event.outcome);
      return;
    }
    if (event.kind !== 'execution') return;
    this.#count(event.report);
    const order = state.orders.byClientOrderId(event.clientOrderId);
    if (order?.submittedAt === undefined) return;
    const ms = (event.at - order.submittedAt) / 1000;
    if (order.acceptedAt === event.at && event.report === 'accepted') this.ack.add(ms);
    if (event.report === 'fill' && order.state === 'filled') this.fill.add(ms);
  }

  #count(what: string): void {
    this.outcomes[what] = (this.outcomes[what] ?? 0) + 1;
  }
}
