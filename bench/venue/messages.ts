/** What the processes of a venue measurement say to each other. */

/** Where a client connects to, what it trades, and with whose money. */
export interface ClientTask {
  readonly rest: string;
  readonly stream: string;
  readonly wsApi: string;
  readonly apiKey: string;
  readonly secret: string;
  readonly symbol: string;
  /** Of the engine's journal. */
  readonly durability: 'os' | 'fsync';
  /** Of the engine's journal and state. */
  readonly folder: string;
}

/** Plays quotes of one symbol; every `every`th asks its client for an order. */
export interface Block {
  readonly symbol: string;
  readonly rate: number;
  readonly quotes: number;
  readonly every: number;
}

export interface BlockResult {
  /** Microseconds from the write of a quote to the arrival of the order that answers it, before that is parsed. */
  readonly micros: readonly number[];
  /** Quotes nobody answered. */
  readonly unanswered: number;
  /** Names of the fields of the last order, in the order they were sent, and its length in bytes. */
  readonly fields: string;
  readonly bytes: number;
  /** Why the venue refused an order, if it did. */
  readonly refused: string;
}

/** What a forked process says. */
export type Said =
  | { readonly type: 'venue'; readonly rest: string; readonly stream: string; readonly wsApi: string }
  | { readonly type: 'ready' }
  | { readonly type: 'block'; readonly result: BlockResult }
  | { readonly type: 'rate'; readonly perSecond: number; readonly perCpuSecond: number }
  | { readonly type: 'failed'; readonly reason: string };

/** A quantity below one whole coin in a quote asks for an order of this quantity. */
export const ASK_BELOW = 1;

export function say(message: Said): void {
  process.send?.(message);
}

/** Ends with the process that made this one. */
export function endWithParent(end: () => void): void {
  process.once('disconnect', end);
}
