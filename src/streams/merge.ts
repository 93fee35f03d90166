import type { InputEvent } from '../model/event.js';
import type { PullSource } from './source.js';

/** One ordered input of a merge. `at` must not go back from event to event. */
export interface MergeInput {
  /** Known `at` of its first event: the input is opened only when the merge gets there. Unknown: opened at once. */
  readonly first?: number;
  batches(): AsyncIterable<readonly InputEvent[]> | Iterable<readonly InputEvent[]>;
}

/** Merges recorded sources into one stream by (at, source order, order within source). */
export function mergeSources(sources: readonly PullSource[]): AsyncIterable<readonly InputEvent[]> {
  return mergeBatches(sources);
}

const BATCH = 1_024;

/** Merges inputs by (at, input order, order within the input). Batches are valid until the next one is asked for. */
export async function* mergeBatches(
  inputs: readonly MergeInput[],
  size: number = BATCH,
): AsyncGenerator<readonly InputEvent[], void, undefined> {
  const heap = inputs.map((input, order) => new Cursor(input, order));
  try {
    for (let i = heap.length - 1; i >= 0; i--) {
      const cursor = heap[i] as Cursor;
      if (!cursor.waiting) await cursor.fill();
    }
    keepOpen(heap);
    let out: InputEvent[] = [];
    while (heap.length > 0) {
      const top = heap[0] as Cursor;
      if (top.waiting) {
        await top.fill();
      } else if (heap.length === 1 && out.length === 0) {
        yield top.rest();
        await top.fill();
      } else {
        top.moveTo(out, size, secondOf(heap));
        if (out.length >= size) {
          yield out;
          out = [];
        }
        if (top.empty) await top.fill();
      }
      if (top.done) {
        heap[0] = heap[heap.length - 1] as Cursor;
        heap.pop();
      }
      sink(heap, 0);
    }
    if (out.length > 0) yield out;
  } finally {
    for (const cursor of heap) await cursor.close();
  }
}

/** Removes inputs that were empty from the start and puts the rest in heap order. */
function keepOpen(heap: Cursor[]): void {
  let kept = 0;
  for (const cursor of heap) if (!cursor.done) heap[kept++] = cursor;
  heap.length = kept;
  for (let i = (kept >> 1) - 1; i >= 0; i--) sink(heap, i);
}

function before(a: Cursor, b: Cursor): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function secondOf(heap: readonly Cursor[]): Cursor | undefined {
  const left = heap[1];
  const right = heap[2];
  return left !== undefined && right !== undefined && before(right, left) ? right : left;
}

function sink(heap: Cursor[], from: number): void {
  let i = from;
  for (;;) {
    let least = i;
    for (let child = 2 * i + 1; child <= 2 * i + 2 && child < heap.length; child++) {
      if (before(heap[child] as Cursor, heap[least] as Cursor)) least = child;
    }
    if (least === i) return;
    [heap[i], heap[least]] = [heap[least] as Cursor, heap[i] as Cursor];
    i = least;
  }
}

type Step = IteratorResult<readonly InputEvent[], unknown>;

/** Read position in one input. */
class Cursor {
  readonly order: number;
  /** `at` of the next event. */
  at: number;
  /** Not opened yet: `at` is what was promised. */
  waiting: boolean;
  done = false;
  readonly #input: MergeInput;
  #next: (() => Step | Promise<Step>) | undefined;
  #return: (() => unknown) | undefined;
  #batch: readonly InputEvent[] = [];
  #pos = 0;

  constructor(input: MergeInput, order: number) {
    this.#input = input;
    this.order = order;
    this.waiting = input.first !== undefined;
    this.at = input.first ?? 0;
  }

  get empty(): boolean {
    return this.#pos >= this.#batch.length;
  }

  /** Reads the next batch that is not empty. */
  async fill(): Promise<void> {
    const next = this.#next ?? this.#open();
    for (;;) {
      const pending = next();
      const step = pending instanceof Promise ? await pending : pending;
      if (step.done === true) {
        this.done = true;
        return;
      }
      const head = step.value[0];
      if (head === undefined) continue;
      this.#batch = step.value;
      this.#pos = 0;
      this.at = head.at;
      return;
    }
  }

  /** What is left of the batch, without copying a whole one. */
  rest(): readonly InputEvent[] {
    const rest = this.#pos === 0 ? this.#batch : this.#batch.slice(this.#pos);
    this.#pos = this.#batch.length;
    return rest;
  }

  /** Moves events as long as they come before those of `other`. */
  moveTo(out: InputEvent[], size: number, other: Cursor | undefined): void {
    const batch = this.#batch;
    const limit = other === undefined ? Infinity : other.at;
    const wins = other === undefined || this.order < other.order;
    let pos = this.#pos;
    while (pos < batch.length && out.length < size) {
      const event = batch[pos] as InputEvent;
      if (event.at > limit || (event.at === limit && !wins)) {
        this.at = event.at;
        break;
      }
      out.push(event);
      pos++;
    }
    this.#pos = pos;
    const head = batch[pos];
    if (head !== undefined) this.at = head.at;
  }

  async close(): Promise<void> {
    if (!this.done) await this.#return?.();
  }

  #open(): () => Step | Promise<Step> {
    const batches = this.#input.batches();
    const iterator =
      Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
    this.waiting = false;
    this.#next = () => iterator.next();
    this.#return = () => iterator.return?.();
    return this.#next;
  }
}
