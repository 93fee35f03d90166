import type { MarketEvent } from '../model/event.js';
import { isCommand } from '../model/command.js';
import { MillraceError } from '../model/reason.js';
import type { Event } from '../model/record.js';
import { componentContext } from './contexts.js';
import type { Engine } from './engine.js';
import { wallMs } from './guard.js';

const nothing = (): undefined => undefined;

/** Makes the brokers; simulated ones listen to the nodes they fill against. */
export function attachBrokers(engine: Engine): void {
  const { sequencer, graph } = engine;
  for (const { name, spec, config } of engine.topology.brokers) {
    /** What a broker throws between turns halts; the stream goes on, so that control and exits still work. */
    const guarded = (run: () => void) => (): void => {
      try {
        run();
      } catch (error) {
        engine.brokerFailed(name, error);
      }
    };
    const host = {
      state: engine.state,
      at: () => sequencer.at,
      wall: () => Math.round(wallMs() * 1000),
      postAt: (at: number, event: Parameters<Engine['post']>[0]) =>
        sequencer.runAt(at, () => engine.post(event)),
      runAt: (at: number, run: () => void) => sequencer.runAt(at, guarded(run)),
      onMarket: (node: string, listener: (event: MarketEvent) => void) => {
        graph.output({ node, port: '' }).link({ next: listener, complete: nothing });
      },
    };
    engine.brokers.set(name, spec.make(config, { ...componentContext(engine, name), host }));
  }
}

/** Closes every broker; one that cannot keeps no other from it. */
export async function closeBrokers(engine: Engine): Promise<void> {
  for (const broker of engine.brokers.values()) {
    try {
      await broker.close();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      engine.options.log.warn(`broker ${broker.name} could not be closed: ${message}`);
    }
  }
}

/** Makes the sinks and links those that read named outputs. */
export function attachSinks(engine: Engine): void {
  const { info } = engine.options;
  for (const checked of engine.topology.sinks) {
    if (checked.spec.type === 'orders') continue;
    const sink = checked.spec.make(checked.config, {
      ...componentContext(engine, checked.name),
      state: engine.state,
      engine,
      publish: (topic, event) => engine.bus?.publish(topic, event),
      ...(info === undefined ? {} : { sessionInfo: info }),
      fail: (error) =>
        checked.delivery === 'required'
          ? engine.sinkFailed(checked.name, error)
          : engine.options.log.warn(`${checked.name}: ${error.message}`),
    });
    const offer = engine.sinks.add(checked, sink);
    if (checked.everything) continue;
    for (const ref of checked.inputs) engine.graph.output(ref).link({ next: offer, complete: nothing });
  }
}

/**
 * Order sinks are the outbox of their brokers. A command goes to the broker its intent names, or to the only one; a
 * command that names nobody is written ahead and comes back `not_sent`, so that it cannot vanish.
 */
export function attachOrders(engine: Engine): void {
  const routes = new Map<string, Set<string>>();
  for (const { spec, inputs, broker } of engine.topology.sinks) {
    if (spec.type !== 'orders') continue;
    for (const { node, port } of inputs) {
      const key = `${node}\u0000${port}`;
      routes.set(key, (routes.get(key) ?? new Set()).add(broker));
    }
  }
  for (const [key, brokers] of routes) {
    const [node = '', port = ''] = key.split('\u0000');
    const only = brokers.size === 1 ? ([...brokers][0] ?? '') : '';
    const next = (event: Event): void => {
      if (!isCommand(event))
        throw new MillraceError(
          'COMMAND_FORGED',
          `what reached the orders sink is a ${event.kind}, not a command of the throttle`,
        );
      const { route } = event.intent;
      engine.outbox.take(event, route === '' ? only : brokers.has(route) ? route : '');
    };
    engine.graph.output({ node, port }).link({ next, complete: nothing });
  }
}
