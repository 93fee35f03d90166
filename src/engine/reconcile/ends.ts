import type { Broker } from '../../brokers/broker.js';
import type { InputEvent } from '../../model/event.js';
import type { Micros } from '../../model/time.js';
import type { StateView } from '../../state/view.js';
import type { ReconcileSettings } from '../../topology/reconcile-schema.js';
import type { Log } from '../../model/component.js';

/** What a reconciler touches of the world. It decides nothing inside a turn: all it finds enters as inputs. */
export interface ReconcileEnds {
  readonly broker: Broker;
  readonly state: StateView;
  readonly settings: ReconcileSettings;
  readonly log: Log;
  /** Engine time now. */
  at(): Micros;
  /** An input; it is folded when this returns. */
  post(event: InputEvent): void;
  sleep(ms: number): Promise<void>;
}

/** A comparison that did not take place. `busy`: something happened in the account each time it was asked. */
export class NotCompared extends Error {
  override readonly name = 'NotCompared';
  readonly why: 'busy' | 'session';

  constructor(why: 'busy' | 'session') {
    super(
      why === 'busy' ? 'the account was never quiet between question and answer' : 'the session went down',
    );
    this.why = why;
  }
}

/** The answer, or a rejection after `ms`. */
export async function within<T>(answer: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} was not answered within ${ms} ms`)), ms);
    timer.unref();
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
