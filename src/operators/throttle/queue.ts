import type { Intent, IntentAction } from '../../model/intent.js';
import type { Order } from '../../model/order.js';
import type { Approved } from '../../model/command.js';
import type { SupersededEvent } from '../../model/event.js';
import { makeSuperseded } from '../../model/make.js';
import type { NodeQueue, Pending } from '../../state/queue.js';
import { fold } from './fold.js';

const PRIORITY: Readonly<Record<IntentAction, number>> = { cancel: 0, replace: 1, new: 2 };

/** What adding an intent did: the records of what it folded away, or that the queue has no room. */
export type Added =
  { readonly full: true } | { readonly full: false; readonly superseded: readonly SupersededEvent[] };

/**
 * Adds an approved intent to the queue, at most one per order key. Past `max` waiting intents nothing that does not
 * fold into one comes in.
 */
export function enqueue(node: NodeQueue, approved: Approved, turn: number, max: number): Added {
  const { intent } = approved;
  const key = intent.orderKey;
  const waiting = node.pending.get(key);
  const folded = fold(waiting?.intent, intent);
  if (waiting === undefined) {
    if (node.pending.size >= max) return { full: true };
    node.places++;
    node.pending.set(key, { approved, intent, turn, place: node.places, folded: false, reason: '' });
    return { full: false, superseded: [] };
  }
  const old = waiting.intent;
  switch (folded.result) {
    case 'annihilate':
      node.pending.delete(key);
      return {
        full: false,
        superseded: [
          makeSuperseded(old, 'annihilated', intent.action),
          makeSuperseded(intent, 'annihilated', old.action),
        ],
      };
    case 'update': {
      const gone = intent.action === 'cancel' ? 'annihilated' : 'updated';
      waiting.approved = approved;
      waiting.intent = folded.intent;
      waiting.folded = folded.folded;
      waiting.turn = turn;
      if (intent.action === 'cancel') waiting.reason = '';
      return { full: false, superseded: [makeSuperseded(old, gone, intent.action)] };
    }
    default:
      return { full: false, superseded: [makeSuperseded(intent, 'discarded', old.action)] };
  }
}

/** Waiting intents in the order they are served: cancels, replaces, new orders; each first come, first served. */
export function served(node: NodeQueue): Pending[] {
  return [...node.pending.values()].sort(
    (a, b) => PRIORITY[a.intent.action] - PRIORITY[b.intent.action] || a.place - b.place,
  );
}

/**
 * True when the intent must wait for an answer from the venue: new and replace for anything in flight, a cancel only
 * for another cancel that is out. When the outcome of that cancel is unknown, it may be sent again.
 */
export function inFlightBlocks(intent: Intent, order: Order | undefined): boolean {
  if (order === undefined) return false;
  if (intent.action === 'cancel') return order.state === 'pending_cancel';
  return order.inFlight !== undefined;
}
