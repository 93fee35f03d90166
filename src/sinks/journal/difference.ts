import type { Event } from '../../model/record.js';
import type { FrameEncoder } from './codec/frame-encoder.js';
import { toJson, type RecordedEvent } from './codec/json.js';
import { isObject, type Json } from './codec/shape.js';
import type { JournalFrame } from './frame.js';

/** The first thing in a turn that is not as recorded. */
export interface Difference {
  readonly seq: number;
  /** 0 for the input, else the child. */
  readonly sub: number;
  /** `intent.quantity`; `event` when a whole child is missing or too much. */
  readonly field: string;
  readonly recorded: string;
  readonly produced: string;
  readonly text: string;
}

/** Compares a recorded turn with the one produced now, by value. Undefined when they are the same. */
function describeDifference(
  recorded: Pick<JournalFrame, 'input' | 'children'>,
  input: Event,
  children: readonly Event[],
): Difference | undefined {
  const before: readonly RecordedEvent[] = [recorded.input, ...recorded.children];
  const after: readonly Event[] = [input, ...children];
  const seq = recorded.input.seq;
  for (let sub = 0; sub < Math.max(before.length, after.length); sub++) {
    const [a, b] = [before[sub], after[sub]];
    if (a === undefined || b === undefined)
      return difference(seq, sub, 'event', a?.kind ?? 'nothing', b?.kind ?? 'nothing');
    const found = firstDifference(toJson(a), toJson(b), '');
    if (found !== undefined) return difference(seq, sub, found.field, found.a, found.b);
  }
  return undefined;
}

/**
 * Checks one produced turn against its record: by hash when both encoders saw the same names, else by value. Feeds the
 * encoder's digest either way. Undefined when they are the same.
 */
export function checkFrame(
  encoder: FrameEncoder,
  recorded: JournalFrame,
  children: readonly Event[],
): Difference | undefined {
  const { hash } = recorded;
  // Its input is what those very bytes say, and it has nothing else.
  if (hash?.named === false && recorded.childCount === 0 && children.length === 0) {
    encoder.digestKnown(hash.x, hash.y);
    return undefined;
  }
  encoder.digestFrame(recorded.input, children);
  const { x, y } = encoder.frameHash;
  if (hash !== undefined && hash.x === x && hash.y === y) return undefined;
  return describeDifference(recorded, recorded.input, children);
}

function difference(seq: number, sub: number, field: string, recorded: string, produced: string): Difference {
  const where = sub === 0 ? `turn ${seq}, its input` : `turn ${seq}, child ${sub}`;
  return {
    seq,
    sub,
    field,
    recorded,
    produced,
    text: `${where}: ${field} was ${recorded}, is now ${produced}`,
  };
}

function firstDifference(
  a: Json,
  b: Json,
  field: string,
): { readonly field: string; readonly a: string; readonly b: string } | undefined {
  if (isObject(a) && isObject(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const found = firstDifference(a[key], b[key], field === '' ? key : `${field}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.max(a.length, b.length); i++) {
      const found = firstDifference(a[i] as Json, b[i] as Json, `${field}[${i}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return a === b
    ? undefined
    : { field, a: JSON.stringify(a) ?? 'nothing', b: JSON.stringify(b) ?? 'nothing' };
}
