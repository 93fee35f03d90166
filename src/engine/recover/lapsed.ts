import type { DeniedEvent } from '../../model/event.js';
import type { Intent } from '../../model/intent.js';
import { makeDenied } from '../../model/make.js';
import { reasonText } from '../../model/reason.js';
import type { State } from '../../state/state.js';
import type { Engine } from '../engine.js';

/**
 * Intents that were approved and whose place in a throttle did not outlive its process: each is denied, so that no order
 * waits, and holds back exposure, for ever.
 */
export function lapsed(state: State): DeniedEvent[] {
  const text = reasonText('RECOVERING', { reason: 'it waited when the process ended' });
  const denied = (intent: Intent): DeniedEvent => makeDenied(intent, 'RECOVERING', text, 'queue');
  const found: DeniedEvent[] = [];
  for (const order of state.orders.open()) {
    const record = state.orders.record(order.orderKey);
    if (record === undefined || state.queue.has(order.orderKey)) continue;
    if (record.wish !== undefined) found.push(denied(record.wish));
    if ((order.state === 'initialized' || order.state === 'queued') && record.ids.size === 0)
      found.push(denied(intentOf(state, order.orderKey)));
  }
  return found;
}

/** The intent an order that never left came from, as far as the order knows it. */
function intentOf(state: State, orderKey: string): Intent {
  const order = state.orders.get(orderKey);
  if (order === undefined) throw new Error(`order ${orderKey} is not known`);
  return {
    action: 'new',
    orderKey,
    account: order.account,
    route: order.broker,
    instrument: order.instrument,
    ix: order.ix,
    side: order.side,
    type: order.type,
    quantity: order.quantity,
    limitPrice: order.limitPrice,
    stopPrice: order.stopPrice,
    trailingOffset: order.trailingOffset,
    timeInForce: order.timeInForce,
    expireAt: order.expireAt,
    postOnly: order.postOnly,
    reduceOnly: order.reduceOnly,
    links: undefined,
    strategy: order.strategy,
    tag: order.tag,
    reason: '',
    metadata: undefined,
    cause: state.seq,
  };
}

/** Strategies that State says are disabled stay so in a new session. */
export function disableAgain(engine: Engine): void {
  const { control } = engine.state;
  for (const [name, strategy] of engine.graph.strategies)
    if (!control.strategyEnabled(name)) strategy.disable('it was disabled before the restart');
}
