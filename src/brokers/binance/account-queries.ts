import type { ExecutionEvent } from '../../model/event.js';
import type { InstrumentTable } from '../../model/instruments.js';
import { MICROS_PER_MS } from '../../model/time.js';
import type { FillsQuery, OrderQuery } from '../broker.js';
import { reportOf, type EventWriter } from './orders/event-writer.js';
import type { KnownOrders } from './orders/known-orders.js';
import type { Queries } from './queries.js';
import type { VenueClock } from './wire.js';

/** A venue time is asked for up to this far ahead, so that nothing of this moment is left out. Milliseconds. */
const AHEAD = 1_000;

/** The queries of the broker port about orders and fills, answered as execution reports. Nothing is emitted. */
export class AccountQueries {
  readonly #queries: Queries;
  readonly #writer: EventWriter;
  readonly #known: KnownOrders;
  readonly #clock: VenueClock;
  readonly #instruments: InstrumentTable;

  constructor(
    queries: Queries,
    { writer, known }: { readonly writer: EventWriter; readonly known: KnownOrders },
    clock: VenueClock,
    instruments: InstrumentTable,
  ) {
    this.#queries = queries;
    this.#writer = writer;
    this.#known = known;
    this.#clock = clock;
    this.#instruments = instruments;
  }

  /** One `accepted` for each, with its terms and what it filled so far. */
  async openOrders(): Promise<readonly ExecutionEvent[]> {
    return (await this.#queries.openOrders()).map((view) => this.#writer.state('accepted', view));
  }

  /** `accepted` while it is open or filled (then `cumulative` equals `quantity`), else its end. */
  async order(query: OrderQuery): Promise<ExecutionEvent | undefined> {
    const { clientOrderId, venueOrderId } = query;
    const id = clientOrderId === '' ? { venueOrderId } : { clientOrderId };
    const view = await this.#queries.order(this.#symbol(query.instrument), id);
    return view === undefined ? undefined : this.#writer.state(reportOf(view), view);
  }

  /** By instrument, oldest first; each with the client order id of its order where the venue tells it. */
  async fills({ since, instruments }: FillsQuery): Promise<readonly ExecutionEvent[]> {
    const from = Math.floor(since / MICROS_PER_MS);
    const fills: ExecutionEvent[] = [];
    for (const instrument of instruments) {
      const symbol = this.#symbol(instrument);
      const trades = await this.#queries.tradesSince(symbol, from, this.#clock.now() + AHEAD);
      const strange = trades
        .map(({ venueOrderId }) => venueOrderId)
        .filter((id) => this.#known.byVenue(symbol, id) === undefined);
      const ids = await this.#queries.clientIds(symbol, strange);
      for (const trade of trades) {
        const known = this.#known.byVenue(symbol, trade.venueOrderId)?.clientOrderId;
        fills.push(this.#writer.fill(trade, known ?? ids.get(trade.venueOrderId) ?? ''));
      }
    }
    return fills.sort((a, b) => a.ts - b.ts);
  }

  #symbol(instrument: string): string {
    return this.#instruments.get(instrument)?.venueSymbol ?? instrument;
  }
}
