import { z } from 'zod';
import { PaperBroker } from '../../../brokers/paper/paper-broker.js';
import type { PaperOptions } from '../../../brokers/paper/options.js';
import type { FeeSchedule, Slippage } from '../../../matching/options.js';
import { Decimal } from '../../../model/decimal.js';
import { decimal, duration, fraction } from '../../fields.js';
import { defineBroker, type BrokerSpec } from '../../spec.js';

const SLIPPAGE = /^(\d+(?:\.\d+)?)\s*(ticks?|bps)$/;

const slippage = z
  .string()
  .transform((text, ctx): Slippage => {
    const match = SLIPPAGE.exec(text.trim());
    if (match === null) {
      ctx.addIssue({
        code: 'custom',
        message: 'an adverse price change in ticks or bps, for example 1 tick, 2 bps',
      });
      return z.NEVER;
    }
    return { value: new Decimal(match[1] ?? '0'), unit: match[2] === 'bps' ? 'bps' : 'ticks' };
  })
  .meta({
    unit: 'slippage',
    expected: 'an adverse price change in ticks or bps',
    examples: ['1 tick', '2 bps'],
  });

const fees = z.union([
  z.strictObject({
    maker: fraction().describe('Fee of resting orders, as a fraction of notional; negative is a rebate.'),
    taker: fraction().describe('Fee of orders that take liquidity, as a fraction of notional.'),
  }),
  z.strictObject({
    per_share: decimal().describe('Fee for one share or contract, in the instrument’s cash currency.'),
    minimum: decimal().prefault(0).describe('Least fee of one order.'),
    maximum: fraction().optional().describe('Greatest fee of one order, as a fraction of its notional.'),
  }),
]);

const basis = z.enum(['trade', 'quote']);
const stopPrice = z.enum(['stop', 'open', 'close']);

const bars = z.strictObject({
  market: z
    .enum(['close', 'next_open'])
    .default('close')
    .describe('Market orders: at the newest close at once, or at the open of the next bar.'),
  limit: z
    .strictObject({
      basis: basis
        .default('trade')
        .describe('Bars that judge limit orders; quote: ask bars for buys, bid bars for sells.'),
      price: z
        .enum(['limit', 'open', 'range'])
        .default('open')
        .describe(
          'At the limit; at the open when it is better; or at the far end of a bar that is better as a whole.',
        ),
      marketable: z
        .enum(['immediate', 'next_bar'])
        .default('immediate')
        .describe(
          'A limit that could trade at the newest close trades on arrival, or is first judged on the next bar.',
        ),
    })
    .prefault({})
    .describe('Limit orders on bars.'),
  stop: z
    .strictObject({
      basis: basis.default('trade').describe('Bars that trigger stops.'),
      price: stopPrice
        .default('open')
        .describe('At the stop; at the open when the bar opened through it; at the worse of stop and close.'),
    })
    .prefault({})
    .describe('Stop orders on bars.'),
  stop_limit: z
    .strictObject({
      basis: basis.default('trade').describe('Bars that trigger stop-limit orders.'),
      after: z
        .enum(['limit', 'close'])
        .default('limit')
        .describe('After the trigger bar: judged like a limit order, or by each close only.'),
    })
    .prefault({})
    .describe('Stop-limit orders on bars; the trigger bar fills them only by its close.'),
  trailing_stop: z
    .strictObject({
      basis: basis.default('quote').describe('Bars that trigger and move trailing stops.'),
      price: stopPrice
        .default('close')
        .describe('At the stop; at the open when the bar opened through it; at the worse of stop and close.'),
    })
    .prefault({})
    .describe('Trailing stops on bars; the test comes before the move.'),
  at_close: z
    .enum(['fill', 'skip'])
    .default('fill')
    .describe('skip: nothing fills on the last bar of a session.'),
  participation: z
    .number()
    .positive()
    .max(1)
    .optional()
    .describe('Part of a bar’s volume that may fill; left out: no limit.'),
});

const config = z.strictObject({
  prices: z
    .union([z.string(), z.array(z.string()).min(1)])
    .describe('Node, or nodes, whose market events orders fill against.'),
  account: z.string().min(1).optional().describe('Name of the account; the broker’s name when left out.'),
  cash: z
    .record(z.string().regex(/^[A-Z][A-Z0-9]{1,9}$/), decimal())
    .describe('Cash at the start by currency.'),
  account_type: z
    .enum(['margin', 'cash'])
    .default('margin')
    .describe(
      'cash: buys must be paid and only what is held is sold. margin: exposure is bounded by equity and leverage.',
    ),
  shorting: z
    .boolean()
    .default(true)
    .describe('Whether a margin account may sell short (instruments may forbid it).'),
  leverage: decimal()
    .refine((value) => value.gt(0), 'a number above zero, for example 1, 10')
    .prefault(1)
    .describe('Divides initial and maintenance margin.'),
  margin: z
    .strictObject({
      initial: fraction()
        .optional()
        .describe('Initial margin as a fraction of notional; left out: as each instrument says.'),
      maintenance: fraction()
        .optional()
        .describe('Maintenance margin as a fraction of notional; left out: as each instrument says.'),
      stop_out: fraction()
        .optional()
        .describe('Equity over maintenance margin at which the venue closes everything; left out: never.'),
    })
    .prefault({})
    .describe('Margin rules of a margin account.'),
  fees: fees.optional().describe('Fees; left out: none.'),
  slippage: slippage.optional().describe('Adverse change of every price that takes liquidity: ticks or bps.'),
  latency: duration().prefault('0ms').describe('Time from dispatch to arrival at the venue.'),
  latency_jitter: duration()
    .prefault('0ms')
    .describe('Up to so much more, seeded; requests still arrive in order.'),
  report_latency: duration()
    .prefault('0ms')
    .describe('Time from the venue’s decision to the arrival of its report.'),
  fill_on: z
    .array(z.enum(['quote', 'trade', 'book', 'bar']))
    .min(1)
    .default(['quote', 'trade', 'book', 'bar'])
    .describe('Market events orders fill against, of those that arrive.'),
  limit_fill: z
    .enum(['touch', 'penetrate'])
    .default('touch')
    .describe('A resting limit fills when its price is touched, or only when traded through.'),
  queue_position: z
    .boolean()
    .default(false)
    .describe('Resting limits wait for the quantity shown ahead of them to trade or leave.'),
  liquidity: z
    .enum(['unlimited', 'displayed'])
    .default('unlimited')
    .describe(
      'displayed: fills are bounded by the sizes shown or traded. A book is always walked by its sizes.',
    ),
  min_fill: decimal().optional().describe('Smaller partial fills do not happen.'),
  stop_trigger: z
    .enum(['any', 'quote', 'trade'])
    .default('any')
    .describe('Ticks that trigger stops and move trailing stops.'),
  trailing_reference: z
    .enum(['last', 'quote'])
    .default('last')
    .describe('Price a trailing stop without a stop price starts from.'),
  after_close: z
    .enum(['next_open', 'wait', 'reject', 'immediate'])
    .default('next_open')
    .describe(
      'A market order outside the session: at the next open; at the first price of the next session; rejected; filled anyway.',
    ),
  outside_session: z
    .enum(['rest', 'match'])
    .default('rest')
    .describe('Whether resting orders fill on prices from outside the session.'),
  check_increments: z
    .boolean()
    .default(true)
    .describe('Reject prices off the tick and quantities off the lot.'),
  reject_probability: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('Part of new orders rejected at random, seeded.'),
  fill_history: z.int().positive().default(10_000).describe('Fills kept at least for queries.'),
  bars: bars.prefault({}).describe('How orders fill against bars.'),
});

type Config = z.output<typeof config>;

export const paperSpec: BrokerSpec = defineBroker({
  type: 'paper',
  summary: 'A simulated venue: fills orders against quotes, trades, book depth or bars of a node.',
  description: [
    'Takes every order type and time in force. Market orders walk the book where there is one; limits rest, by touch or',
    'strict penetration, optionally behind the queue shown at their price; stops and trailing stops trigger on ticks or bars.',
    'Latency, slippage, fees, rejections, cash, margin and shorting rules are simulated, all from the configured seed.',
    '',
    'Its outcomes, reports and balances are events on later turns: a strategy that reads the same bars gets a bar before',
    'the fills it made, unless it reads them behind a `delay` of 1us. Each currency is a pot of its own.',
  ].join('\n'),
  config,
  examples: [
    'type: paper\nprices: ticks\ncash: { USDT: 100000 }\nfees: { maker: 10 bps, taker: 10 bps }\nlatency: 40ms',
    'type: paper\nprices: bars\ncash: { USD: 100000 }\nfees: { per_share: 0.005, minimum: 1 }\nbars: { market: close, limit: { price: range } }\nlimit_fill: penetrate',
    'type: paper\nprices: ticks\ncash: { USDT: 1000000 }\nleverage: 10\nmargin: { initial: 5%, maintenance: 2.5%, stop_out: 50% }\nslippage: 1 tick',
  ],
  reload: 'restart',
  simulated: true,
  reads: (c) => nodes(c),
  make: (c, context) => new PaperBroker(paperOptions(c, context.name), context),
});

function nodes(c: Config): readonly string[] {
  return typeof c.prices === 'string' ? [c.prices] : c.prices;
}

function paperOptions(c: Config, name: string): PaperOptions {
  return {
    account: c.account ?? name,
    prices: nodes(c),
    cash: c.cash,
    rules: {
      type: c.account_type,
      shorting: c.shorting,
      leverage: c.leverage,
      initialMargin: c.margin.initial,
      maintenanceMargin: c.margin.maintenance,
    },
    stopOut: c.margin.stop_out?.toNumber(),
    latency: c.latency,
    latencyJitter: c.latency_jitter,
    reportLatency: c.report_latency,
    rejectProbability: c.reject_probability,
    fillHistory: c.fill_history,
    matching: {
      use: {
        quote: c.fill_on.includes('quote'),
        trade: c.fill_on.includes('trade'),
        book: c.fill_on.includes('book'),
        bar: c.fill_on.includes('bar'),
      },
      limit: c.limit_fill,
      queue: c.queue_position,
      liquidity: c.liquidity,
      minFill: c.min_fill,
      trigger: c.stop_trigger,
      trailingReference: c.trailing_reference,
      afterClose: c.after_close,
      outsideSession: c.outside_session,
      checkIncrements: c.check_increments,
      slippage: c.slippage,
      fees: feeSchedule(c.fees),
      bars: {
        market: c.bars.market,
        limit: c.bars.limit,
        stop: c.bars.stop,
        stopLimit: c.bars.stop_limit,
        trailingStop: c.bars.trailing_stop,
        atClose: c.bars.at_close,
        participation: c.bars.participation,
      },
    },
  };
}

function feeSchedule(f: Config['fees']): FeeSchedule | undefined {
  if (f === undefined) return undefined;
  if ('maker' in f) return { type: 'notional', maker: f.maker, taker: f.taker };
  return { type: 'per_unit', perUnit: f.per_share, minimum: f.minimum, maximum: f.maximum };
}
