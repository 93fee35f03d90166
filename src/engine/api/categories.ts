import type { InputEvent } from '../../model/event.js';
import type { Event } from '../../model/record.js';
import type { DataCategory } from './callbacks.js';

/** Adds what there is more of after a turn. Once an event: nothing is allocated. */
export function noteCategories(to: Set<DataCategory>, input: InputEvent, children: readonly Event[]): void {
  const { kind } = input;
  if (kind === 'trade' || kind === 'quote' || kind === 'book' || kind === 'bar') to.add('market_data');
  else if (kind === 'execution' && input.report === 'fill') to.add('trades');
  for (let i = 0; i < children.length; i++) {
    const child = (children[i] as Event).kind;
    if (child === 'order') to.add('orders');
    else if (child === 'mark') to.add('marks');
    else if (child === 'log') to.add('logs');
  }
}
