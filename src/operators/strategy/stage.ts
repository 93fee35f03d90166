import type { Subscriber } from 'rxjs';
import type { Event } from '../../model/record.js';
import { Stage } from '../../streams/operate.js';
import type { Runner } from './runner.js';

/** Delivers events to a running strategy; the hot path is one switch and one loop over its subscribers. */
export class StrategyStage extends Stage<Event, Event> {
  readonly #runner: Runner;

  constructor(out: Subscriber<Event>, runner: Runner) {
    super(out);
    this.#runner = runner;
    out.add(() => runner.release());
    runner.start((event) => out.next(event));
  }

  protected override push(event: Event): void {
    const runner = this.#runner;
    if (!runner.stats.enabled) return;
    runner.stats.evaluations++;
    if (runner.warming && event.kind === 'bar') runner.countBar(event.ix, event.start);
    runner.current = event;
    try {
      runner.inputs.deliver(event);
    } catch (error) {
      runner.fail(error);
    }
    runner.current = undefined;
  }

  protected override flush(): void {
    this.#runner.stop();
  }
}
