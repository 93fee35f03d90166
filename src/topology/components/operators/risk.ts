import { z } from 'zod';
import { dec, type Decimal } from '../../../model/decimal.js';
import type { Money } from '../../../model/units.js';
import { risk } from '../../../operators/risk/risk.js';
import * as field from '../../fields.js';
import { defineOperator, type OperatorSpec } from '../../spec.js';

// A limit below zero would deny everything by mistake; halting trading is the way to do that on purpose.
const notNegative = { error: 'must not be below zero' };
const decimal = (): z.ZodType<Decimal, string | number> =>
  field.decimal().refine((value) => !value.lt(0), notNegative);
const fraction = (): z.ZodType<Decimal, string | number> =>
  field.fraction().refine((value) => !value.lt(0), notNegative);
const money = (): z.ZodType<Money, string | number> =>
  field.money().refine(({ amount }) => !amount.lt(0), notNegative);
const duration = field.duration;
const count = (): z.ZodInt => z.int().positive();

const instrumentLimits = {
  max_position: decimal()
    .optional()
    .describe('Largest absolute position in base units; working orders of the side count.'),
  max_position_percent: fraction()
    .optional()
    .describe('Largest position value as a part of equity; working orders count.'),
  max_order_quantity: decimal().optional().describe('Largest quantity of one order.'),
  max_order_value: money().optional().describe('Largest value of one order.'),
  max_open_orders_per_instrument: count()
    .optional()
    .describe('Most open orders on one instrument, queued ones included.'),
  price_collar: fraction()
    .optional()
    .describe('Largest distance of a price from the middle of the quote, else the last trade.'),
  stale_quote: duration().optional().describe('Oldest market price an order may be decided on.'),
  duplicate_window: duration().optional().describe('Time in which the same new order is not approved twice.'),
  self_trade: z
    .enum(['deny', 'allow'])
    .optional()
    .describe('Whether an order may meet an own resting order.'),
  short: z.enum(['allow', 'deny']).optional().describe('Whether positions below zero are allowed.'),
  session: z
    .enum(['require', 'ignore'])
    .optional()
    .describe('`ignore`: orders may leave while the session is closed; the venue keeps them for the open.'),
};

const accountLimits = {
  ...instrumentLimits,
  max_daily_loss: money().optional().describe('Loss since the daily roll at which only exits pass.'),
  max_daily_loss_percent: fraction().optional().describe('The same as a part of the equity at the roll.'),
  max_drawdown: fraction().optional().describe('Fall from peak equity at which only exits pass.'),
  rolling_loss: z
    .strictObject({
      amount: money().describe('Loss from the highest equity inside the window.'),
      window: duration().describe('Length of the rolling window.'),
    })
    .optional()
    .describe('Loss inside a rolling window at which only exits pass.'),
  max_gross_exposure: money()
    .optional()
    .describe('Largest sum of absolute position values; working orders count.'),
  max_net_exposure: money()
    .optional()
    .describe('Largest signed sum of position values in the direction of the order.'),
  max_leverage: decimal().optional().describe('Largest gross exposure over equity.'),
  max_open_orders: count().optional().describe('Most open orders of the account, queued ones included.'),
  max_orders_per_second: count()
    .optional()
    .describe('Most new and replaced orders approved within a second; more are denied.'),
  max_orders_per_minute: count().optional().describe('The same within a minute.'),
  cash: z
    .enum(['require', 'ignore'])
    .optional()
    .describe('`require`: buys must be covered by cash in the quote currency.'),
  margin: z.enum(['require', 'ignore']).optional().describe('`require`: initial margin must fit in equity.'),
  sectors: z
    .record(z.string().min(1), fraction())
    .optional()
    .describe(
      'Largest part of equity by sector; `unknown` is for instruments without one, which are denied otherwise.',
    ),
  industries: z.record(z.string().min(1), fraction()).optional().describe('The same by industry.'),
  sector_map: z
    .record(z.string().min(1), z.string().min(1))
    .optional()
    .describe('Symbol to sector, over what the instrument says.'),
  industry_map: z.record(z.string().min(1), z.string().min(1)).optional().describe('Symbol to industry.'),
  correlation: z
    .strictObject({
      window: z
        .int()
        .min(2)
        .default(50)
        .describe('Returns compared; while fewer are known, correlation counts as full.'),
      max_correlation: decimal()
        .default(() => dec('0.8'))
        .describe('From this absolute correlation on, two instruments count as one.'),
      max_pair_exposure: fraction()
        .default(() => dec('0.2'))
        .describe('Largest value of such a pair as a part of equity.'),
    })
    .optional()
    .describe('Cap on pairs of strongly correlated instruments.'),
};

const limits = z.strictObject({
  ...accountLimits,
  self_trade: z
    .enum(['deny', 'allow'])
    .default('deny')
    .describe('Whether an order may meet an own resting order.'),
  short: z.enum(['allow', 'deny']).default('allow').describe('Whether positions below zero are allowed.'),
  session: z
    .enum(['require', 'ignore'])
    .default('require')
    .describe(
      '`require`: denied while the session is closed. `ignore`: sent; the venue keeps it for the next open.',
    ),
  cash: z
    .enum(['require', 'ignore'])
    .default('ignore')
    .describe('`require`: buys must be covered by cash in the quote currency.'),
  margin: z
    .enum(['require', 'ignore'])
    .default('ignore')
    .describe('`require`: initial margin must fit in equity.'),
  instruments: z
    .record(z.string().min(1), z.strictObject(instrumentLimits))
    .optional()
    .describe('Limits of single instruments, by symbol, over the general ones.'),
});

const overlay = z.strictObject({
  allow_new_exposure: z.boolean().default(true).describe('`false`: only exits pass.'),
  max_order_notional: money().optional().describe('Largest value of one order.'),
  max_position_pct: fraction().optional().describe('Largest position value as a part of equity.'),
  allow_market_orders: z.boolean().default(true).describe('`false`: market orders are denied.'),
  allow_aggressive_tif: z.boolean().default(true).describe('`false`: ioc and fok orders are denied.'),
  limits: z
    .strictObject(accountLimits)
    .optional()
    .describe('Further limits in this regime, beside the general ones.'),
});

const config = z.strictObject({
  limits: limits.prefault({}).describe('Limits; one left out is off.'),
  regimes: z
    .record(z.string().min(1), overlay)
    .default({})
    .describe('Overlays by regime; the one named `unknown` holds while no regime is known.'),
  normalize: z
    .enum(['none', 'round'])
    .default('none')
    .describe(
      '`round`: prices to the tick (buy down, sell up) and quantity down to the lot; `none`: such orders are denied.',
    ),
  post_only: z
    .enum(['reject', 'drop'])
    .default('reject')
    .describe('A post-only order that would trade is denied, or sent without the flag.'),
  dry_run: z.boolean().default(false).describe('Checks everything and sends nothing.'),
});

/** `type: risk`. */
export const riskSpec: OperatorSpec = defineOperator({
  type: 'risk',
  summary: 'Approves or denies every order, with a reason; nothing reaches a broker around it.',
  description: `Asks a fixed list of checks; the first denial is the answer and leaves on the output \`denied\`. Market orders
are valued at the quote, else at the last trade. Working, queued and just-approved orders count as if filled. Cancels
pass whenever their order is open; orders that only close a position pass limits and gates. What is unknown, not a
number or fails is denied. Money needs its currency; another one than the base currency needs an exchange rate.
Control events can tighten every limit at run time by its name, for one instrument as \`max_position.BTCUSDT\`.`,
  config,
  examples: [
    'limits: { max_position: 0.05, max_order_value: 5000 USDT, max_daily_loss: 500 USDT }',
    'limits: { max_leverage: 3, price_collar: 5%, stale_quote: 5s, instruments: { BTCUSDT: { max_position: 0.05 } } }',
    'limits: { max_drawdown: 10%, rolling_loss: { amount: 200 USDT, window: 1h } }\nnormalize: round',
    'regimes: { crisis: { allow_new_exposure: false }, unknown: { max_position_pct: 5% } }',
  ],
  reload: 'hot',
  accepts: ['intent'],
  emits: ['approved'],
  ports: { denied: ['denied'] },
  make: (options, context) => risk(options)(context),
});
