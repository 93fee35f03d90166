import type { Approved, Command } from './command.js';
import type {
  BarEvent,
  DeniedEvent,
  DispatchEvent,
  HaltEvent,
  InputEvent,
  IntentEvent,
  LogEvent,
  MarkEvent,
  OrderEvent,
  PositionEvent,
  QueuedEvent,
  RegimeEvent,
  SupersededEvent,
} from './event.js';

/** A consequence of a turn. */
export type ChildEvent =
  | BarEvent
  | RegimeEvent
  | IntentEvent
  | Approved
  | DeniedEvent
  | QueuedEvent
  | SupersededEvent
  | Command
  | DispatchEvent
  | OrderEvent
  | PositionEvent
  | MarkEvent
  | LogEvent
  | HaltEvent;

/** Everything that is journaled: inputs and children. */
export type Event = InputEvent | ChildEvent;
export type EventKind = Event['kind'];
export type EventOf<K extends EventKind> = Extract<Event, { kind: K }>;

export const INPUT_KINDS = [
  'trade',
  'quote',
  'book',
  'bar',
  'status',
  'execution',
  'outcome',
  'account',
  'clock',
  'control',
  'connection',
  'gap',
  'reconciliation',
] as const;
export const MARKET_KINDS = ['trade', 'quote', 'book', 'bar', 'status'] as const;
/** Every kind once; its place here is its number in the binary journal, so new kinds go to the end. */
export const EVENT_KINDS: readonly EventKind[] = [
  'trade',
  'quote',
  'book',
  'bar',
  'status',
  'execution',
  'outcome',
  'account',
  'clock',
  'control',
  'connection',
  'gap',
  'regime',
  'intent',
  'approved',
  'denied',
  'queued',
  'superseded',
  'command',
  'dispatch',
  'order',
  'position',
  'mark',
  'log',
  'halt',
  'reconciliation',
];
