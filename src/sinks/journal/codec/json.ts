import type { Head, InputEvent } from '../../../model/event.js';
import { EVENT_KINDS, INPUT_KINDS, type Event, type EventKind, type EventOf } from '../../../model/record.js';
import { FIELDS, type Payload } from './event-shapes.js';
import { isObject, number, object, ShapeError, text, type Json, type Shape } from './shape.js';

/**
 * An event as it comes back from a journal. `approved` and `command` come back as plain data: they compare and print,
 * but are not the branded objects a queue or outbox takes, so a journal can never be turned into an order.
 */
export type RecordedEvent =
  | Exclude<Event, EventOf<'approved' | 'command'>>
  | (Head<'approved'> & Payload<'approved'>)
  | (Head<'command'> & Payload<'command'>);

const PAYLOADS: ReadonlyMap<string, Shape<object>> = new Map(
  EVENT_KINDS.map((kind) => [kind, object<object>(FIELDS[kind] as Parameters<typeof object<object>>[0])]),
);
const INPUTS: ReadonlySet<string> = new Set(INPUT_KINDS);

function payloadShape(kind: unknown): Shape<object> {
  const shape = typeof kind === 'string' ? PAYLOADS.get(kind) : undefined;
  if (shape === undefined) throw new ShapeError('kind', 'a kind of event', kind);
  return shape;
}

/** The payload alone, without the head. */
export function payloadToJson(event: RecordedEvent | Event): Readonly<Record<string, Json>> {
  return payloadShape(event.kind).toJson(event) as Readonly<Record<string, Json>>;
}

/** Exactly the text of {@link payloadToJson}. */
export function payloadText(event: RecordedEvent | Event): string {
  const shape = payloadShape(event.kind);
  return shape.write?.(event) ?? JSON.stringify(shape.toJson(event));
}

/** An event from its head and payload. Throws {@link ShapeError} naming the first field that is wrong. */
export function eventFromJson(
  kind: EventKind,
  seq: number,
  sub: number,
  at: number,
  ts: number,
  source: string,
  payload: unknown,
): RecordedEvent {
  return { kind, seq, sub, at, ts, source, ...payloadShape(kind).fromJson(payload, '') } as RecordedEvent;
}

/** Plain JSON of an event: Decimals and special numbers as strings, undefined fields left out. */
export function toJson(event: RecordedEvent | Event): Readonly<Record<string, Json>> {
  const { kind, seq, sub, at, ts, source } = event;
  return { kind, seq, sub, at: number.toJson(at), ts: number.toJson(ts), source, ...payloadToJson(event) };
}

/** The event of a {@link toJson} object; unknown keys are ignored. Throws {@link ShapeError}. */
export function fromJson(json: unknown): RecordedEvent {
  if (!isObject(json)) throw new ShapeError('event', 'an object', json);
  const kind = json['kind'];
  payloadShape(kind);
  return eventFromJson(
    kind as EventKind,
    number.fromJson(json['seq'], 'seq'),
    number.fromJson(json['sub'], 'sub'),
    number.fromJson(json['at'], 'at'),
    number.fromJson(json['ts'], 'ts'),
    text.fromJson(json['source'], 'source'),
    json,
  );
}

/** True for a recorded event that may enter the engine again. */
export function isInput(event: RecordedEvent): event is InputEvent {
  return event.sub === 0 && INPUTS.has(event.kind);
}
