import { z } from 'zod';
import { VENUE_DEFAULTS, route, type VenueOptions } from '../../../operators/route/index.js';
import { defineOperator, type OperatorSpec } from '../../spec.js';

const bps = (what: string): z.ZodDefault<z.ZodNumber> => z.number().default(0).describe(what);

const venue = z.strictObject({
  name: z.string().min(1).describe('Broker.'),
  weight: z.number().min(0).default(1).describe('Part of a split, relative to the others.'),
  account: z.string().min(1).optional().describe('Account of its orders; default: the order’s own.'),
  maker_rebate_bps: bps('Rebate of resting orders, for records.'),
  taker_fee_bps: bps('Fee of orders that take, for records.'),
  price_adjustment_bps: bps('Makes prices for this venue keener (above zero) or more careful.'),
  latency_ms: z.number().min(0).default(0).describe('Latency, for records.'),
  queue_enabled: z.boolean().default(false).describe('Whether it has a queue, for records.'),
  queue_progress_fraction: z.number().min(0).max(1).default(0).describe('How its queue moves, for records.'),
  queue_default_visible_qty: z
    .number()
    .min(0)
    .default(0)
    .describe('Quantity taken to be shown, for records.'),
  queue_depth_mode: z.string().default('').describe('How depth is read, for records.'),
});

const split = z.strictObject({
  mode: z
    .enum(['none', 'parallel', 'sequential'])
    .optional()
    .describe('All children at once, or the next when the one before is done. Default: none.'),
  enabled: z.boolean().default(false).describe('Without a mode: parallel.'),
  min_child_qty: z
    .number()
    .min(0)
    .default(1)
    .describe('Least quantity of a child, on average, in base units.'),
  max_children: z
    .int()
    .positive()
    .default(8)
    .describe('Most children; the venues of greatest weight get them.'),
  parent_aggregation: z
    .enum(['partial', 'final', 'none'])
    .default('partial')
    .describe(
      '`partial`: the parent shows every fill; `final`: its figures come when all children are done; `none`: never.',
    ),
});

const config = z.strictObject({
  enabled: z.boolean().default(true).describe('`false`: everything passes as it came.'),
  mode: z.enum(['smart', 'none', 'off', 'disabled']).default('smart').describe('All but `smart`: the same.'),
  split: split.prefault({}).describe('Splitting over venues.'),
  default_venue: z
    .string()
    .default('')
    .describe('Broker when there are no venues; default: the only orders sink.'),
  max_spread_bps: z
    .number()
    .min(0)
    .default(8)
    .describe('Widest spread, of the middle, at which a market order becomes a limit order.'),
  passive_offset_bps: bps('Distance of passive prices from the touch.'),
  aggressive_offset_bps: bps('Distance of aggressive prices through the touch.'),
  venues: z
    .array(z.union([z.string().min(1), venue]))
    .default([])
    .describe('Brokers orders may go to: a name, or a name with how it deals.'),
});

/** `type: route`. */
export const routeSpec: OperatorSpec = defineOperator({
  type: 'route',
  summary: 'Chooses venue and style of orders and splits them over venues, in front of risk.',
  description: `The venue is the one an order asks for (metadata \`venue\`, or its route), else the one of greatest weight, else
\`default_venue\`. The style is metadata \`route_style\`: \`auto\` makes a limit order at the near side of a market order
while the spread is narrow, \`passive\` in any case, \`aggressive\` at the far side. A split order is shown as an order of
its own with its children; cancel and replace of it reach them all.`,
  config,
  examples: [
    'venues: [sim, other]\nsplit: { mode: parallel }',
    'venues: [{ name: sim, weight: 3 }, { name: other, weight: 1, taker_fee_bps: 5 }]\nsplit: { mode: sequential, parent_aggregation: final }',
    'max_spread_bps: 5\npassive_offset_bps: 1',
  ],
  reload: 'restart',
  accepts: ['intent', 'execution', 'order'],
  emits: ['intent'],
  ports: { denied: ['denied'] },
  make: (options, context) =>
    route({
      ...options,
      split: { ...options.split, mode: options.split.mode ?? (options.split.enabled ? 'parallel' : 'none') },
      venues: options.venues.map((one): VenueOptions =>
        typeof one === 'string' ? { ...VENUE_DEFAULTS, name: one } : one,
      ),
    })(context),
});
