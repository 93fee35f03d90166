import type { InputEvent } from '../../model/event.js';
import type { PullSource } from '../../streams/source.js';

/** A recorded source without its first `count` events. */
export function skipping(source: PullSource, count: number): PullSource {
  return {
    type: 'pull',
    pace: source.pace,
    ...(source.ends === undefined ? {} : { ends: () => source.ends?.() ?? 0 }),
    batches: async function* (): AsyncGenerator<readonly InputEvent[]> {
      let left = count;
      for await (const batch of source.batches()) {
        const rest = left === 0 ? batch : batch.slice(left);
        left = Math.max(0, left - batch.length);
        if (rest.length > 0) yield rest;
      }
    },
  };
}
