import type { InputEvent, MarketEvent } from '../../model/event.js';
import type { InstrumentTable } from '../../model/instruments.js';
import type { Micros } from '../../model/time.js';
import type { StateView } from '../../state/view.js';

/** What the paper broker needs of the engine around it; `BrokerHost` of the topology has this shape. */
export interface PaperHost {
  at(): Micros;
  postAt(at: Micros, event: InputEvent): void;
  runAt(at: Micros, fn: () => void): void;
  onMarket(node: string, fn: (event: MarketEvent) => void): void;
  readonly state: StateView;
}

export interface PaperEnvironment {
  /** Topology name: `source` and `broker` of everything it posts. */
  readonly name: string;
  readonly session: string;
  readonly seed: number;
  readonly instruments: InstrumentTable;
  readonly host: PaperHost;
}
