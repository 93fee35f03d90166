import { appendFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { defineSink, isoMicros } from 'millrace';
import { z } from 'zod';

/** A sink of one's own. Best effort: it is called between turns and can never slow an order. */
export const fillsSink = defineSink({
  type: 'fills_file',
  summary: 'Writes a line for every fill.',
  config: z.strictObject({ path: z.string().describe('File, relative to the topology.') }),
  examples: ['path: ./fills.txt'],
  reload: 'restart',
  accepts: ['execution'],
  delivery: 'best_effort',
  make: ({ path }, { baseDir }) => {
    const file = resolve(baseDir, path);
    const lines: string[] = [];
    return {
      open: () => writeFile(file, ''),
      write: (event) => {
        if (event.kind !== 'execution' || event.fill === undefined) return;
        const { side, instrument, fill } = event;
        lines.push(
          `${isoMicros(event.at)} ${side} ${fill.quantity.toString()} ${instrument} at ${fill.price.toString()}\n`,
        );
      },
      close: () => appendFile(file, lines.join('')),
    };
  },
});
