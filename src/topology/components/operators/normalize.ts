import { z } from 'zod';
import type { MarketEvent } from '../../../model/event.js';
import { makeLog } from '../../../model/make.js';
import { reasonText } from '../../../model/reason.js';
import { normalize, type DropReason } from '../../../operators/normalize/normalize.js';
import { duration, fraction } from '../../fields.js';
import { defineOperator, type OperatorSpec } from '../../spec.js';

export const normalizeSpec: OperatorSpec = defineOperator({
  type: 'normalize',
  summary: 'Maps symbols, chooses between primary and backup feed, drops bad events.',
  description:
    'Good events pass unchanged. Dropped ones leave on the output `dropped`; the first of each reason is logged. Prices that are not above zero are always refused unless `non_positive: false`; the other filters are off unless given.',
  config: z.strictObject({
    prefer: z
      .array(z.string())
      .optional()
      .describe(
        'Sources of one instrument by preference; a later one is used while the earlier ones are silent.',
      ),
    stale_after: duration()
      .prefault('5s')
      .describe('How long a preferred source may be silent on an instrument before the next one is used.'),
    map: z.record(z.string(), z.string()).default({}).describe('Venue symbol to instrument symbol.'),
    filters: z
      .strictObject({
        duplicates: z
          .boolean()
          .default(false)
          .describe('Drop trades seen before (last 256 ids) and repeated quotes and bars.'),
        out_of_order: z.boolean().default(false).describe('Drop events whose venue time goes back.'),
        crossed: z.boolean().default(false).describe('Drop quotes with bid above ask.'),
        non_positive: z
          .boolean()
          .default(true)
          .describe('Drop prices that are not above zero, and negative sizes.'),
        stale: duration().optional().describe('Drop events older than this at arrival.'),
        outlier: fraction().optional().describe('Drop prices further than this from the last one.'),
        outlier_confirm: z
          .int()
          .positive()
          .default(3)
          .describe('So many outliers in a row are believed to be the new level.'),
      })
      .prefault({})
      .describe('What to drop.'),
  }),
  examples: [
    'stale_after: 5s',
    'prefer: [binance, kraken]\nstale_after: 2s\nmap: { XBT/USD: BTCUSD }\nfilters: { crossed: true, outlier: 5% }',
  ],
  reload: 'restart',
  accepts: ['trade', 'quote', 'book', 'bar', 'status'],
  emits: 'same',
  ports: { dropped: ['trade', 'quote', 'book', 'bar', 'status'] },
  make: (config, context) => {
    const told = new Set<DropReason>();
    const {
      duplicates,
      out_of_order: outOfOrder,
      crossed,
      non_positive: nonPositive,
      stale,
      outlier,
      outlier_confirm: confirm,
    } = config.filters;
    return normalize({
      ...(config.prefer === undefined ? {} : { prefer: config.prefer }),
      staleAfter: config.stale_after,
      map: config.map,
      instruments: context.instruments,
      filters: {
        duplicates,
        outOfOrder,
        crossed,
        nonPositive,
        ...(stale === undefined ? {} : { stale }),
        ...(outlier === undefined ? {} : { outlier: { fraction: outlier.toNumber(), confirm } }),
      },
      onDropped: (event: MarketEvent, reason: DropReason) => {
        context.emit('dropped', event);
        if (reason === 'backup' || told.has(reason)) return;
        told.add(reason);
        const details = {
          node: context.name,
          reason,
          kind: event.kind,
          instrument: event.instrument,
          source: event.source,
        };
        context.record(makeLog('warn', 'BAD_INPUT', reasonText('BAD_INPUT', details)));
      },
    });
  },
});
