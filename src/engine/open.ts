import type { Subscription } from 'rxjs';
import { componentContext } from './contexts.js';
import type { Engine } from './engine.js';

/** Opens every broker and listens to it: reports reach State whether or not an executions source reads them. */
export async function openBrokers(engine: Engine, heard: Subscription[]): Promise<void> {
  const { brokers, instruments, outbox } = engine;
  for (const broker of brokers.values()) {
    await broker.open();
    for (const input of await broker.instruments())
      if (instruments.get(input.symbol) === undefined) instruments.add(input);
    outbox.attach(broker);
    const error = (failure: unknown): void => engine.brokerFailed(broker.name, failure);
    heard.push(
      broker.executions$.subscribe({
        next: (event) => (engine.running ? engine.post(event) : engine.early.push(event)),
        error,
      }),
      broker.connection$.subscribe({
        next: (event) => (engine.running ? engine.post(event) : engine.early.push(event)),
        error,
      }),
    );
  }
  for (const broker of brokers.values()) engine.early.push(await broker.accountState());
}

/** Makes the sources; reports of a broker come by its own stream. */
export function makeSources(engine: Engine): void {
  for (const { name, spec, config } of engine.topology.sources) {
    const made = spec.make(config, {
      ...componentContext(engine, name),
      brokers: engine.brokers,
      bad: engine.bad.reporter(name),
    });
    if (spec.type !== 'executions') engine.sources.set(name, made);
  }
}
