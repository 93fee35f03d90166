import { filter } from 'rxjs';
import { z } from 'zod';
import type { Broker, BrokerCommand } from '../../../src/brokers/broker.js';
import type { InputEvent } from '../../../src/model/event.js';
import { makeOutcome } from '../../../src/model/make.js';
import { seededRandom } from '../../../src/model/random.js';
import { paperSpec } from '../../../src/topology/components/brokers/paper.js';
import { defineBroker, type BrokerHost, type BrokerSpec } from '../../../src/topology/spec.js';

/** How often, 0 to 1, something goes wrong on the wire. */
export interface Faults {
  /** The same report comes twice. */
  readonly duplicate: number;
  /** A report comes up to `delayMs` late, so that others overtake it. */
  readonly late: number;
  readonly delayMs: number;
  /** A report never comes. */
  readonly drop: number;
  /** The command did not leave. */
  readonly notSent: number;
  /** Nobody knows whether the command left: half of those did. */
  readonly unknown: number;
}

export const NO_FAULTS: Faults = { duplicate: 0, late: 0, delayMs: 0, drop: 0, notSent: 0, unknown: 0 };

/** The paper broker behind a wire that loses, repeats, delays and doubts. `arrived` hears every command released. */
export function flakySpec(
  faults: Faults,
  seed: number,
  arrived: (command: BrokerCommand) => void,
  made: (host: BrokerHost) => void,
): BrokerSpec {
  return defineBroker({
    type: 'flaky',
    summary: 'A paper broker behind a bad wire.',
    config: z.strictObject(paperSpec.config.shape),
    examples: [],
    reload: 'restart',
    simulated: true,
    reads: (config) => paperSpec.reads?.(config) ?? [],
    make: (config, context) => {
      const random = seededRandom(seed);
      const { host } = context;
      made(host);
      const doubted = new Set<string>();
      const later = (at: number): number =>
        random() < faults.late ? at + Math.floor(random() * faults.delayMs * 1000) : at;
      const postAt = (at: number, event: InputEvent): void => {
        if (event.kind === 'outcome' && doubted.delete(event.clientOrderId)) {
          host.postAt(at, { ...event, outcome: 'unknown', category: 'timeout' });
          return;
        }
        if (event.kind !== 'execution') {
          host.postAt(at, event);
          return;
        }
        if (random() < faults.duplicate) host.postAt(later(at), { ...event });
        if (random() >= faults.drop) host.postAt(later(at), event);
      };
      const paper = paperSpec.make(config, { ...context, host: { ...host, postAt } });
      const tell = ({ dispatch }: BrokerCommand, outcome: 'not_sent' | 'unknown'): void =>
        host.postAt(
          host.at(),
          makeOutcome(
            context.name,
            host.at(),
            context.name,
            dispatch.orderKey,
            dispatch.clientOrderId,
            dispatch.action,
            outcome,
            'network',
            'the wire broke',
          ),
        );
      const leaves = (command: BrokerCommand): boolean => {
        arrived(command);
        if (random() < faults.notSent) {
          tell(command, 'not_sent');
          return false;
        }
        if (random() >= faults.unknown) return true;
        if (random() < 0.5) {
          tell(command, 'unknown');
          return false;
        }
        doubted.add(command.dispatch.clientOrderId);
        return true;
      };
      const broker: Broker = {
        name: paper.name,
        venue: paper.venue,
        account: paper.account,
        simulated: true,
        capabilities: paper.capabilities,
        connection$: paper.connection$,
        executions$: paper.executions$,
        market: (subscription) => paper.market(subscription),
        execute: (commands$) => paper.execute(commands$.pipe(filter(leaves))),
        openOrders: () => paper.openOrders(),
        order: (query) => paper.order(query),
        fills: (query) => paper.fills(query),
        positions: () => paper.positions(),
        accountState: () => paper.accountState(),
        instruments: () => paper.instruments(),
        serverTime: () => paper.serverTime(),
        open: () => paper.open(),
        close: () => paper.close(),
      };
      return broker;
    },
  });
}
