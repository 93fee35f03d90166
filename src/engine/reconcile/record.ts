import type { Decimal } from '../../model/decimal.js';
import { ZERO } from '../../model/decimal.js';
import type { ExecutionEvent } from '../../model/event.js';
import { makeExecution, makeReconciliation, type ReconciliationFields } from '../../model/make.js';
import type { Order } from '../../model/order.js';
import { EXTERNAL_STRATEGY, inferredId } from '../../model/reconciliation.js';
import type { OrderType } from '../../model/instrument.js';
import type { ReconcileEnds } from './ends.js';
import { orderText, toldText, type Correction, type Finding } from './judge-order.js';

const NO_ORDER = { instrument: '', ix: -1, clientOrderId: '', venueOrderId: '' } as const;
const NO_FIGURES = { difference: undefined, amount: undefined, price: undefined, order: undefined } as const;

type Written = Partial<ReconciliationFields> &
  Pick<ReconciliationFields, 'subject' | 'code' | 'key' | 'ours' | 'theirs' | 'resolution' | 'evidence'>;

/** Writes what was found as inputs: first the record, then the reports that follow from it. */
export class Recorder {
  readonly #ends: ReconcileEnds;

  constructor(ends: ReconcileEnds) {
    this.#ends = ends;
  }

  /** One difference. */
  found(fields: Written): void {
    const { broker, log } = this.#ends;
    const { subject, code, key, ours, theirs, resolution, evidence } = fields;
    if (resolution !== 'gone')
      log.warn(`${broker.name}: ${code} ${key}: ours ${ours}, theirs ${theirs}: ${resolution} (${evidence})`);
    const full = { ...NO_ORDER, ...NO_FIGURES, execIds: [], ...fields, subject };
    const { name, account } = broker;
    this.#ends.post(makeReconciliation(this.#ends.at(), { broker: name, account, ...full }));
  }

  /** `told`: the venue's word, which may bring its order id. */
  ofOrder(order: Order, finding: Finding, told?: ExecutionEvent): void {
    const { code, resolution, ours, theirs, evidence, correction } = finding;
    const { orderKey, instrument, ix, clientOrderId, venueOrderId } = order;
    const about = { instrument, ix, clientOrderId, venueOrderId };
    this.found({ subject: 'order', code, key: orderKey, ours, theirs, resolution, evidence, ...about });
    if (correction !== undefined) this.#correct(order, correction, told?.venueOrderId || venueOrderId);
  }

  #correct(order: Order, correction: Correction, venueOrderId: string): void {
    const { broker } = this.#ends;
    const { report, clientOrderId, quantity, limitPrice, stopPrice, reason } = correction;
    this.#ends.post(
      makeExecution(broker.name, this.#ends.at(), {
        broker: broker.name,
        account: order.account,
        report,
        clientOrderId,
        venueOrderId,
        execId: '',
        instrument: order.instrument,
        ix: order.ix,
        side: order.side,
        fill: undefined,
        cumulative: undefined,
        quantity,
        limitPrice,
        stopPrice,
        reason,
      }),
    );
  }

  /** A fill the venue lists and we had not counted. */
  missed(fill: ExecutionEvent): void {
    const { instrument, ix, clientOrderId, venueOrderId, execId } = fill;
    this.found({
      subject: 'fill',
      code: 'MISSING_FILL',
      key: execId,
      ours: 'not told',
      theirs: `${fill.side} ${fill.fill?.quantity.toString() ?? '?'} at ${fill.fill?.price.toString() ?? '?'}`,
      resolution: 'applied',
      evidence: 'listed among the fills of the account',
      instrument,
      ix,
      clientOrderId,
      venueOrderId,
    });
    this.#ends.post(copyOf(fill));
  }

  /** The venue counts more filled than it lists fills. */
  inferred(order: Order, cumulative: Decimal, price: Decimal, evidence: string): void {
    const { broker } = this.#ends;
    const { instrument, ix, clientOrderId, venueOrderId, account, side } = order;
    const execId = inferredId(instrument, venueOrderId || clientOrderId, cumulative);
    const quantity = cumulative.minus(order.filled);
    this.found({
      subject: 'fill',
      code: 'INFERRED_FILL',
      key: execId,
      ours: order.filled.toString(),
      theirs: cumulative.toString(),
      difference: quantity,
      resolution: 'inferred',
      evidence,
      instrument,
      ix,
      clientOrderId,
      venueOrderId,
    });
    this.#ends.post(
      makeExecution(broker.name, this.#ends.at(), {
        ...{ broker: broker.name, account, report: 'fill', clientOrderId, venueOrderId, execId },
        ...{ instrument, ix, side, cumulative },
        fill: { quantity, price, fee: ZERO, feeCurrency: '', liquidity: 'unknown' },
        quantity: undefined,
        limitPrice: undefined,
        stopPrice: undefined,
        reason: 'inferred by reconciliation',
      }),
    );
  }

  /** An order of the venue that is not open here. `old`: the closed one of ours it is. `ix` below 0: none of ours trades it. */
  adopted(
    told: ExecutionEvent,
    old: Order | undefined,
    execIds: readonly string[],
    ix: number,
    quantity: Decimal,
  ): void {
    const code = old === undefined ? 'UNKNOWN_ORDER' : 'REOPENED_ORDER';
    const about = { instrument: told.instrument, ix, clientOrderId: told.clientOrderId };
    const common = { subject: 'order', code, ours: old === undefined ? 'none' : orderText(old) } as const;
    const key = orderKeyOf(this.#ends.broker.name, told);
    const rest = { theirs: toldText(told), ...about, venueOrderId: told.venueOrderId };
    if (ix < 0) {
      const evidence = 'its instrument is not in the topology';
      this.found({ ...common, key, ...rest, resolution: 'ignored', evidence });
      return;
    }
    const order = adoptedOrder(told, old, key, quantity, ix, this.#ends.at(), this.#ends.broker.account);
    const evidence = 'in the venue’s list of open orders';
    this.found({ ...common, key: order.orderKey, ...rest, resolution: 'adopted', evidence, order, execIds });
  }
}

/** Stable name of an order of the venue that has none here. */
export function orderKeyOf(broker: string, told: ExecutionEvent): string {
  return `${EXTERNAL_STRATEGY}:${broker}:${told.instrument}:${told.venueOrderId || told.clientOrderId}`;
}

function adoptedOrder(
  told: ExecutionEvent,
  old: Order | undefined,
  key: string,
  quantity: Decimal,
  ix: number,
  at: number,
  account: string,
): Order {
  const { clientOrderId, venueOrderId, instrument, side, limitPrice, stopPrice, broker } = told;
  const filled = told.cumulative ?? old?.filled ?? ZERO;
  const state = filled.isZero() ? 'accepted' : 'partially_filled';
  const ids = { clientOrderId, venueOrderId, broker, account, instrument, ix, side };
  return {
    orderKey: old?.orderKey ?? key,
    ...ids,
    type: old?.type ?? typeOf(told),
    quantity,
    limitPrice,
    stopPrice,
    trailingOffset: old?.trailingOffset,
    timeInForce: old?.timeInForce ?? 'gtc',
    expireAt: old?.expireAt,
    postOnly: old?.postOnly ?? false,
    reduceOnly: old?.reduceOnly ?? false,
    strategy: old?.strategy ?? EXTERNAL_STRATEGY,
    tag: old?.tag ?? '',
    state,
    previous: state,
    reason: 'adopted by reconciliation',
    filled,
    averagePrice: old?.averagePrice ?? limitPrice ?? ZERO,
    inFlight: undefined,
    riskPrice: old?.riskPrice ?? limitPrice ?? stopPrice ?? ZERO,
    createdAt: old?.createdAt ?? at,
    submittedAt: old?.submittedAt ?? at,
    acceptedAt: old?.acceptedAt ?? at,
    closedAt: undefined,
    updatedAt: at,
  };
}

/** The type is not told; its prices say which it can be. */
function typeOf({ limitPrice, stopPrice }: ExecutionEvent): OrderType {
  if (stopPrice === undefined) return limitPrice === undefined ? 'market' : 'limit';
  return limitPrice === undefined ? 'stop' : 'stop_limit';
}

/** Events are stamped once: a report told again enters as a new one. */
export function copyOf(report: ExecutionEvent): ExecutionEvent {
  return makeExecution(report.source, report.ts, report);
}
