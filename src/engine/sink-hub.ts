import type { Event, EventKind } from '../model/record.js';
import { EVENT_KINDS } from '../model/record.js';
import { BestEffortRing } from '../sinks/ring.js';
import { MillraceError } from '../model/reason.js';
import type { CheckedSink } from '../topology/checked.js';
import type { Micros } from '../model/time.js';
import type { TurnSink } from '../sinks/sink.js';
import type { EngineStats, JournalSink, Sink } from '../topology/spec.js';

interface Attached {
  readonly name: string;
  readonly sink: Sink;
  readonly checked: CheckedSink;
  readonly accepts: ReadonlySet<string>;
  readonly ring: BestEffortRing<Event> | undefined;
  opened: boolean;
  written: number;
  errors: number;
}

function isJournal(sink: Sink): sink is JournalSink {
  return 'frame' in sink;
}

function isTurnSink(sink: Sink): sink is TurnSink {
  return 'sample' in sink;
}

/**
 * The side branches. Required sinks get every record in the turn's order, before anything leaves for a broker.
 * Best-effort sinks get references in bounded rings, drained between turns; they can neither slow nor break the loop.
 * A sink that reads State is written in the turn too, but breaks nothing unless it is required.
 */
export class SinkHub {
  readonly #sinks: Attached[] = [];
  readonly #byKind: Record<string, Attached[]> = Object.fromEntries(EVENT_KINDS.map((kind) => [kind, []]));
  #collected: { readonly to: Attached; readonly event: Event }[] = [];
  #journal: JournalSink | undefined;
  /** Name of the journal; empty without one. */
  journalName = '';
  readonly #samplers: { readonly to: Attached; readonly sink: TurnSink }[] = [];
  /** The earliest `sampleAt`: all that a market event costs for samples. */
  #sampleAt: Micros = Infinity;
  /** A journal is fed: what reaches a sink was told in an earlier life. */
  muted = false;
  #rings = false;
  #everything = false;
  readonly #onFailure: (sink: string, error: Error) => void;

  constructor(onFailure: (sink: string, error: Error) => void) {
    this.#onFailure = onFailure;
  }

  get journal(): JournalSink | undefined {
    return this.#journal;
  }

  /** Adds a sink; returns the function that takes events of its named inputs inside a turn. */
  add(checked: CheckedSink, sink: Sink): (event: Event) => void {
    const attached: Attached = {
      name: checked.name,
      sink,
      checked,
      accepts: new Set<EventKind>(checked.spec.accepts),
      ring:
        checked.delivery === 'required' || isTurnSink(sink)
          ? undefined
          : new BestEffortRing<Event>(
              checked.buffer.maxEvents,
              checked.buffer.whenFull === 'drop_newest' ? 'drop_newest' : 'drop_oldest',
            ),
      opened: false,
      written: 0,
      errors: 0,
    };
    this.#sinks.push(attached);
    if (attached.ring !== undefined) this.#rings = true;
    if (isTurnSink(sink)) {
      this.#samplers.push({ to: attached, sink });
      this.#sampleAt = -Infinity;
    }
    if (isJournal(sink)) {
      this.#journal ??= sink;
      if (this.#journal === sink) this.journalName = checked.name;
    } else if (checked.everything) {
      this.#everything = true;
      for (const kind of attached.accepts) this.#byKind[kind]?.push(attached);
    }
    return (event) => {
      if (!this.muted && attached.accepts.has(event.kind)) this.#collected.push({ to: attached, event });
    };
  }

  async open(): Promise<void> {
    for (const attached of this.#sinks) {
      try {
        await attached.sink.open();
      } catch (error) {
        if (error instanceof MillraceError) throw error;
        const message = `sink "${attached.name}" cannot be opened: ${asError(error).message}`;
        throw new MillraceError('SINK_FAILED', message, '', { cause: error });
      }
      attached.opened = true;
    }
  }

  /** One complete turn. */
  frame(input: Event, children: readonly Event[]): void {
    this.#journal?.frame(input, children);
    if (this.#everything) {
      this.#spread(input);
      for (let i = 0; i < children.length; i++) this.#spread(children[i] as Event);
    }
    if (this.#collected.length > 0) {
      for (const { to, event } of this.#collected) this.#deliver(to, event);
      this.#collected = [];
    }
    if (input.at >= this.#sampleAt) this.#sample(input.at);
  }

  /** Gives best-effort sinks what waits for them. Between turns. Returns how much is left. */
  drain(max = 65_536): number {
    if (!this.#rings) return 0;
    let left = 0;
    for (const attached of this.#sinks) {
      const ring = attached.ring;
      if (ring === undefined) continue;
      ring.drain(max, (event) => this.#write(attached, event));
      left += ring.size;
    }
    return left;
  }

  /** Closes those that are open. `unused`: not one turn was taken, so what they made goes too, the newest first. */
  async close(unused: boolean): Promise<void> {
    while (this.drain() > 0);
    for (const attached of unused ? [...this.#sinks].reverse() : this.#sinks) {
      if (!attached.opened) continue;
      attached.opened = false;
      const { sink } = attached;
      try {
        await (unused && sink.discard !== undefined ? sink.discard() : sink.close());
      } catch (error) {
        this.#threw(attached, error);
      }
    }
  }

  stats(): EngineStats['sinks'] {
    return this.#sinks.map((a) => ({
      name: a.name,
      delivery: a.checked.delivery,
      written: a.written,
      dropped: a.ring?.dropped ?? 0,
      depth: a.ring?.size ?? 0,
      errors: a.errors,
    }));
  }

  #sample(at: Micros): void {
    this.#sampleAt = Infinity;
    for (const { to, sink } of this.#samplers) {
      try {
        if (at >= sink.sampleAt) sink.sample();
      } catch (error) {
        this.#threw(to, error);
      }
      this.#sampleAt = Math.min(this.#sampleAt, sink.sampleAt);
    }
  }

  /** Only the failure of a required sink has consequences. */
  #threw(from: Attached, error: unknown): void {
    from.errors++;
    if (from.checked.delivery === 'required') this.#onFailure(from.name, asError(error));
  }

  #spread(event: Event): void {
    const targets = this.#byKind[event.kind] as Attached[];
    for (let i = 0; i < targets.length; i++) this.#deliver(targets[i] as Attached, event);
  }

  #deliver(to: Attached, event: Event): void {
    if (to.ring === undefined) this.#write(to, event);
    else to.ring.push(event);
  }

  #write(to: Attached, event: Event): void {
    try {
      to.sink.write(event);
      to.written++;
    } catch (error) {
      this.#threw(to, error);
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
