import type { Event } from '../model/record.js';
import { EVENT_KINDS } from '../model/record.js';

type Counts = Record<string, number>;

/** Counts of records by kind and of denials by code: plain fields, read on scrape and for the summary. */
export class Counters {
  readonly inputs: Counts = Object.fromEntries(EVENT_KINDS.map((kind) => [kind, 0]));
  readonly children: Counts = Object.fromEntries(EVENT_KINDS.map((kind) => [kind, 0]));
  readonly denials: Counts = {};

  frame(input: Event, children: readonly Event[]): void {
    this.inputs[input.kind] = (this.inputs[input.kind] ?? 0) + 1;
    for (let i = 0; i < children.length; i++) {
      const child = children[i] as Event;
      this.children[child.kind] = (this.children[child.kind] ?? 0) + 1;
      if (child.kind === 'denied') this.denials[child.code] = (this.denials[child.code] ?? 0) + 1;
    }
  }

  /** Inputs and children of every kind that was seen. */
  get kinds(): Counts {
    const all = EVENT_KINDS.map(
      (kind) => [kind, (this.inputs[kind] ?? 0) + (this.children[kind] ?? 0)] as const,
    );
    return Object.fromEntries(all.filter(([, n]) => n > 0));
  }
}
