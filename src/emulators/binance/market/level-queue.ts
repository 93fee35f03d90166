export type FlowSide = 'BUY' | 'SELL';

/** A resting order of the flow. */
export interface FlowOrder {
  readonly level: LevelQueue;
  lots: number;
  /** Its place in the list of all orders. */
  place: number;
}

/** The orders of the flow at one price, oldest first. */
export class LevelQueue {
  readonly side: FlowSide;
  readonly ticks: number;
  total: number = 0;
  readonly #orders: FlowOrder[] = [];

  constructor(side: FlowSide, ticks: number) {
    this.side = side;
    this.ticks = ticks;
  }

  add(lots: number, place: number): FlowOrder {
    const order: FlowOrder = { level: this, lots, place };
    this.#orders.push(order);
    this.total += lots;
    return order;
  }

  remove(order: FlowOrder): void {
    const i = this.#orders.indexOf(order);
    if (i < 0) return;
    this.#orders.splice(i, 1);
    this.total -= order.lots;
  }

  /** Takes from the front until `left` lots are left; `gone` is told of each order that is used up. */
  takeTo(left: number, gone: (order: FlowOrder) => void): void {
    while (this.total > left) {
      const order = this.#orders[0];
      if (order === undefined) return;
      const lots = Math.min(order.lots, this.total - left);
      order.lots -= lots;
      this.total -= lots;
      if (order.lots > 0) return;
      this.#orders.shift();
      gone(order);
    }
  }
}
