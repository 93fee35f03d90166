import type { Event } from '../model/record.js';
import { EVENT_KINDS } from '../model/record.js';

type Counts = Record<string, number>;

/** Counts of records by kind and of denials by code: plain fields, read on scrape and for the summary. */
export class Counters {
  trades = 0;
  quotes = 0;
  books = 0;
  bars = 0;
  /** Inputs of the other kinds. */
  readonly others: Counts = {};
  readonly children: Counts = {};
  readonly denials: Counts = {};

  frame(input: Event, children: readonly Event[]): void {
    switch (input.kind) {
      case 'quote':
        this.quotes++;
        break;
      case 'trade':
        this.trades++;
        break;
      case 'book':
        this.books++;
        break;
      case 'bar':
        this.bars++;
        break;
      default:
        this.others[input.kind] = (this.others[input.kind] ?? 0) + 1;
    }
    for (let i = 0; i < children.length; i++) {
      const child = children[i] as Event;
      this.children[child.kind] = (this.children[child.kind] ?? 0) + 1;
      if (child.kind === 'denied') this.denials[child.code] = (this.denials[child.code] ?? 0) + 1;
    }
  }

  /** Inputs and children of every kind that was seen. */
  get kinds(): Counts {
    const inputs: Counts = {
      ...this.others,
      trade: this.trades,
      quote: this.quotes,
      book: this.books,
      bar: this.bars,
    };
    const all = EVENT_KINDS.map((kind) => [kind, (inputs[kind] ?? 0) + (this.children[kind] ?? 0)] as const);
    return Object.fromEntries(all.filter(([, n]) => n > 0));
  }
}
