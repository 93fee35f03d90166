import type { MatchReport, VenueOrder } from '../../matching/order.js';
import type { DispatchEvent, ExecutionEvent } from '../../model/event.js';
import type { InstrumentTable } from '../../model/instruments.js';
import { makeExecution } from '../../model/make.js';
import type { Micros } from '../../model/time.js';

/** Writes the venue's results as execution reports with ids of their own. */
export class ReportWriter {
  readonly #broker: string;
  readonly #account: string;
  readonly #life: string;
  readonly #instruments: InstrumentTable;
  #count = 0;

  constructor(broker: string, account: string, life: string, instruments: InstrumentTable) {
    this.#broker = broker;
    this.#account = account;
    this.#life = life;
    this.#instruments = instruments;
  }

  /** `dispatch`: the request being answered; it names the instrument when the venue knows no order. */
  write(
    { report, at, clientOrderId, order, fill, reason }: MatchReport,
    dispatch: DispatchEvent | undefined,
  ): ExecutionEvent {
    const terms =
      report === 'accepted' || report === 'replaced' || report === 'triggered' ? order : undefined;
    const intent = dispatch?.intent;
    return makeExecution(this.#broker, at, {
      broker: this.#broker,
      account: order?.account ?? this.#account,
      report,
      clientOrderId,
      venueOrderId: order?.id ?? '',
      execId: `${this.#life}e${(++this.#count).toString(36)}`,
      instrument: (order === undefined ? intent?.instrument : this.#instruments.at(order.ix)?.symbol) ?? '',
      ix: order?.ix ?? intent?.ix ?? -1,
      side: order?.side ?? intent?.side ?? 'buy',
      fill,
      cumulative: order?.filled,
      quantity: terms?.quantity,
      limitPrice: terms?.limitPrice,
      stopPrice: terms?.stopPrice,
      reason,
    });
  }

  /** An open order as an answer to a query. */
  open(order: VenueOrder, at: Micros): ExecutionEvent {
    return this.write(
      { report: 'accepted', at, clientOrderId: order.clientOrderId, order, fill: undefined, reason: '' },
      undefined,
    );
  }

  /** Client order id of an order of the venue itself. */
  ownId(): string {
    return `${this.#life}stopout-${(++this.#count).toString(36)}`;
  }
}
