import type { InputEvent, MarketEvent } from '../../model/event.js';
import type { InstrumentTable } from '../../model/instruments.js';
import type { Micros } from '../../model/time.js';
import type { Decimal } from '../../model/decimal.js';
import type { Order } from '../../model/order.js';

/** What a paper venue takes over of State after a restart; `StateView` has this shape. */
export interface PaperState {
  /** 0: State has seen nothing yet. */
  readonly seq: number;
  readonly orders: { open(): Iterable<Order> };
  readonly portfolio: {
    currencies(account: string): readonly string[];
    cash(account: string, currency: string): Decimal;
    positions(
      account: string,
    ): Iterable<{ readonly ix: number; readonly quantity: Decimal; readonly averagePrice: Decimal }>;
  };
}

/** What the paper broker needs of the engine around it; `BrokerHost` of the topology has this shape. */
export interface PaperHost {
  at(): Micros;
  postAt(at: Micros, event: InputEvent): void;
  runAt(at: Micros, fn: () => void): void;
  onMarket(node: string, fn: (event: MarketEvent) => void): void;
  readonly state: PaperState;
}

export interface PaperEnvironment {
  /** Topology name: `source` and `broker` of everything it posts. */
  readonly name: string;
  readonly session: string;
  readonly seed: number;
  readonly instruments: InstrumentTable;
  readonly host: PaperHost;
}
