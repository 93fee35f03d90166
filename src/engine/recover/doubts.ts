import type { Broker } from '../../brokers/broker.js';
import type { ConnectionEvent, OutcomeEvent } from '../../model/event.js';
import { makeConnection, makeOutcome } from '../../model/make.js';
import type { Micros } from '../../model/time.js';
import type { State } from '../../state/state.js';

/**
 * What became of the requests a former process left without an answer. A real venue may have any of them: `unknown`,
 * until it is asked. A simulated one ended with its process: what was on its way did not arrive.
 */
export function doubts(state: State, brokers: ReadonlyMap<string, Broker>, at: Micros): OutcomeEvent[] {
  const found: OutcomeEvent[] = [];
  for (const { orderKey } of state.orders.open()) {
    const record = state.orders.record(orderKey);
    const broker = record?.order.broker ?? '';
    const simulated = brokers.get(broker)?.simulated === true;
    for (const request of [record?.work, record?.cancel]) {
      if (request === undefined || (request.unsure && !simulated)) continue;
      const { clientOrderId, action } = request;
      const [outcome, reason] = simulated
        ? (['not_sent', 'the simulated venue ended with its process'] as const)
        : (['unknown', 'no answer was recorded before the restart'] as const);
      found.push(makeOutcome('recovery', at, broker, orderKey, clientOrderId, action, outcome, '', reason));
    }
  }
  return found;
}

/** No session of a former process is up: what State knew of them is over, and books count as not compared. */
export function disconnected(brokers: ReadonlyMap<string, Broker>, at: Micros): ConnectionEvent[] {
  return [...brokers.values()]
    .filter(({ simulated }) => !simulated)
    .map(({ name }) => makeConnection(name, at, name, 'closed', 0, 'the process before ended'));
}
