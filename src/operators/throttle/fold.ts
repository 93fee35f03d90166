import type { Intent } from '../../model/intent.js';

/**
 * What becomes of a waiting intent and a newcomer of the same order key:
 * - `enter`: nothing waited;
 * - `update`: `intent` takes the place of the one that waited; `folded` when risk has not seen it as it is now;
 * - `annihilate`: neither is sent: the order never left;
 * - `discard`: the newcomer is dropped.
 */
export type Fold =
  | { readonly result: 'enter'; readonly intent: Intent }
  | { readonly result: 'update'; readonly intent: Intent; readonly folded: boolean }
  | { readonly result: 'annihilate' }
  | { readonly result: 'discard' };

/**
 * Dominance of cancel over replace over new, one newcomer after the other:
 *
 * | waiting | + new | + replace | + cancel |
 * |---|---|---|---|
 * | nothing | new | replace | cancel |
 * | new | discard | new with the replaced terms | nothing is left |
 * | replace | discard | the later replace | cancel |
 * | cancel | discard | discard | discard |
 */
export function fold(waiting: Intent | undefined, incoming: Intent): Fold {
  if (waiting === undefined) return { result: 'enter', intent: incoming };
  if (waiting.action === 'cancel' || incoming.action === 'new') return { result: 'discard' };
  if (incoming.action === 'cancel') {
    return waiting.action === 'new'
      ? { result: 'annihilate' }
      : { result: 'update', intent: incoming, folded: false };
  }
  if (waiting.action === 'replace') return { result: 'update', intent: incoming, folded: false };
  return { result: 'update', intent: updatedNew(waiting, incoming), folded: true };
}

/** The order as first wished (side, type, time in force, flags), with the terms of the replace. */
function updatedNew(waiting: Intent, replace: Intent): Intent {
  const { quantity, limitPrice, stopPrice, trailingOffset, reason, metadata, cause } = replace;
  return { ...waiting, quantity, limitPrice, stopPrice, trailingOffset, reason, metadata, cause };
}
