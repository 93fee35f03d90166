import type { ControlEvent } from '../model/event.js';
import type { Intent } from '../model/intent.js';
import { intent as shape } from '../sinks/journal/codec/order-shapes.js';

/** An intent as the text of a control event. */
export function intentText(intent: Intent): string {
  return JSON.stringify(shape.toJson(intent));
}

/** The intent a control event `order` asks for, or why there is none. */
export function intentOf(event: ControlEvent): Intent | string {
  try {
    return { ...shape.fromJson(JSON.parse(event.value), 'intent'), cause: event.seq };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
