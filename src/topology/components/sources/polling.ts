import { z } from 'zod';
import { pollingSource } from '../../../streams/polling/poll.js';
import { POLL_FIELDS, POLL_NEEDED, type PollField } from '../../../streams/polling/mapping.js';
import { InstrumentLookup } from '../../../streams/replay/instrument-lookup.js';
import type { Source } from '../../../streams/source.js';
import { zoneName } from '../../csv-fields.js';
import { duration, rate } from '../../fields.js';
import { defineSource, type SourceContext, type SourceSpec } from '../../spec.js';

const path = (): z.ZodString => z.string().min(1);
const fields = Object.fromEntries(
  POLL_FIELDS.map((name) => [name, path().optional().describe(`Path of ${name} in an item.`)]),
) as Record<PollField, z.ZodOptional<z.ZodString>>;

const map = z
  .strictObject({
    kind: z.enum(['trade', 'quote', 'bar']).describe('What an item is.'),
    instrument: z
      .union([z.string(), z.strictObject({ path: path().describe('Path of the symbol in an item.') })])
      .describe('Symbol of all items, or where an item has it.'),
    time: z
      .strictObject({
        path: path().describe('Path of the time in an item.'),
        format: z.enum(['s', 'ms', 'us', 'ns', 'iso']).describe('Since 1970 UTC, or ISO.'),
        zone: zoneName().default('UTC').describe('Zone of ISO times without offset.'),
      })
      .describe('Venue time of an item.'),
    fields: z.strictObject(fields).describe('Paths of the event’s fields in an item.'),
    every: duration().optional().describe('Length of a bar.'),
    label: z
      .enum(['start', 'end'])
      .default('start')
      .describe('Whether a bar’s time is its start or its end.'),
    buy: z
      .array(z.string())
      .default(['buy', 'BUY', 'B'])
      .describe('Texts of side that mean the aggressor bought.'),
    sell: z
      .array(z.string())
      .default(['sell', 'SELL', 'S'])
      .describe('Texts of side that mean the aggressor sold.'),
  })
  .superRefine((m, ctx) => {
    for (const name of POLL_NEEDED[m.kind]) {
      if (m.fields[name] === undefined)
        ctx.addIssue({ code: 'custom', path: ['fields'], message: `kind ${m.kind} needs ${name}` });
    }
    if (m.kind === 'bar' && m.every === undefined)
      ctx.addIssue({ code: 'custom', path: ['every'], message: 'bars need every, for example 1m' });
  });

const config = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('What to GET.'),
  every: duration().describe('Time from one answer to the next question.'),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .describe('Request headers; use ${secret:NAME} for keys. Never logged.'),
  timeout: duration().prefault('10s').describe('Longest wait for a whole answer.'),
  budget: rate().optional().describe('At most so many requests, for example 60/min.'),
  items: z
    .string()
    .default('')
    .describe('Path of the list of items in the answer; empty: the answer itself.'),
  newest_first: z.boolean().default(false).describe('The list has the newest item first.'),
  cursor: z
    .strictObject({
      parameter: path().describe('Query parameter that says where to go on.'),
      from: path().describe('Path of its next value.'),
      of: z
        .enum(['answer', 'item'])
        .default('answer')
        .describe('Whether the path is in the answer or in its newest item.'),
      start: z.union([z.string(), z.number()]).optional().describe('Value of the first request.'),
    })
    .optional()
    .describe('Asks only for what is new.'),
  id: path().optional().describe('Path of an item’s identity: items seen before are left out.'),
  remember: z.int().positive().max(10_000_000).default(10_000).describe('Identities kept for that.'),
  map: map.describe('How an item becomes an event.'),
  venue: z.string().default('').describe('Venue whose symbols the data uses.'),
  retry: z
    .strictObject({
      initial: duration().prefault('1s').describe('Wait after the first failure.'),
      factor: z.number().min(1).default(2).describe('Growth from failure to failure.'),
      max: duration().prefault('30s').describe('Longest wait (but for Retry-After).'),
    })
    .prefault({})
    .describe('Back-off after failed polls, with jitter.'),
  max_bytes: z.int().positive().default(16_777_216).describe('Longest answer.'),
  on_bad: z.enum(['skip', 'halt']).default('skip').describe('Count bad items and go on, or stop the source.'),
});
type Config = z.output<typeof config>;

/** A REST endpoint asked again and again. */
export const pollingSpec: SourceSpec = defineSource({
  type: 'polling',
  summary: 'Turns a REST endpoint into events: cursor, de-duplication, rate budget, retry.',
  description: [
    'A failed poll (network, time-out, 5xx, 429, an answer that is not JSON or has no items) is a `connection` event and',
    'a `gap`, never an empty answer. It is tried again with exponential back-off and jitter; `Retry-After` is obeyed.',
    '401 and 403, and any other 4xx before the first good answer, end the source with an error.',
  ].join('\n'),
  config,
  examples: [
    'url: https://api.example.com/v1/trades?symbol=BTCUSDT\nevery: 2s\nitems: data\nid: id\nbudget: 60/min\nmap:\n  kind: trade\n  instrument: BTCUSDT\n  time: { path: ts, format: ms }\n  fields: { price: price, size: qty, side: side, trade_id: id }',
    'url: https://api.example.com/v1/bars\nevery: 1m\ncursor: { parameter: since, from: next, start: 0 }\nitems: bars\nmap:\n  kind: bar\n  instrument: { path: s }\n  time: { path: t, format: s }\n  every: 1m\n  fields: { open: o, high: h, low: l, close: c, volume: v }',
  ],
  reload: 'restart',
  emits: ['trade', 'quote', 'bar', 'connection', 'gap'],
  pushed: true,
  emitsOf: (c) => [c.map.kind, 'connection', 'gap'],
  make,
});

function make(options: Config, context: SourceContext): Source {
  const { map: m, cursor } = options;
  return pollingSource({
    source: context.name,
    url: options.url,
    headers: options.headers,
    every: options.every,
    timeout: options.timeout,
    budget: options.budget,
    items: options.items,
    newestFirst: options.newest_first,
    cursor:
      cursor === undefined
        ? undefined
        : { ...cursor, start: cursor.start === undefined ? undefined : String(cursor.start) },
    id: options.id,
    remember: options.remember,
    mapping: {
      kind: m.kind,
      fields: Object.fromEntries(Object.entries(m.fields).filter(([, value]) => value !== undefined)),
      instrument: typeof m.instrument === 'string' ? { symbol: m.instrument } : m.instrument,
      time: m.time,
      every: m.every ?? 0,
      label: m.label,
      side: { buy: m.buy, sell: m.sell },
    },
    lookup: new InstrumentLookup(context.instruments, { venue: options.venue, only: undefined, rename: {} }),
    retry: options.retry,
    maxBytes: options.max_bytes,
    seed: context.seed,
    onBad: options.on_bad,
    report: context.bad,
  });
}
