import { z } from 'zod';
import { topology } from '../src/topology/build.js';
import type { CheckedTopology } from '../src/topology/checked.js';
import { defineSource, type SourceSpec } from '../src/topology/spec.js';

/** What both loops trade: the same options are read by the hand-written one. */
export const EMA = { fast: 500, slow: 2_500, quantity: '100' } as const;
export const LIMITS = {
  max_position: 100,
  max_order_value: '20000 USD',
  max_daily_loss: '50000 USD',
  price_collar: '5%',
  max_open_orders: 10,
} as const;
export const CASH = { USD: 100_000 } as const;

/** Its events are fed by the benchmark. */
const fed: SourceSpec = defineSource({
  type: 'fed',
  summary: 'Events fed by the benchmark.',
  config: z.strictObject({}),
  examples: [],
  reload: 'restart',
  emits: ['trade', 'quote'],
  make: () => ({ type: 'pull', pace: Infinity, batches: () => [] }),
});

export interface Shape {
  readonly symbols: readonly string[];
  /**
   * `quotes`: EMA on quotes. `bars`: normalize and 20-tick bars before an EMA too slow to trade, so that the same number of
   * bars and no order comes out however many instruments share the ticks.
   */
  readonly on: 'quotes' | 'bars';
  /** Strategies on other instruments that have nothing to do. */
  readonly idle?: number;
  readonly journal?: { readonly encoding: 'binary' | 'jsonl'; readonly path: string };
}

export function benchTopology(shape: Shape): CheckedTopology {
  const { symbols, on, idle = 0, journal } = shape;
  const idleSymbols = Array.from({ length: idle }, (_, i) => `IDLE${i}`);
  const instruments = Object.fromEntries(
    [...symbols, ...idleSymbols].map((symbol) => [symbol, { tick_size: 0.0001 }]),
  );
  const start = topology('bench', { mode: 'replay' })
    .use(fed)
    .with({ instruments, portfolio: { base_currency: 'USD', marks: 'mid' } })
    .broker('sim', 'paper', { prices: 'market', cash: CASH, fees: { maker: '1 bps', taker: '1 bps' } })
    .source('market', 'fed')
    .source('fills', 'executions', { broker: 'sim' });
  const params = { ...EMA, on };
  const traded = symbols.length === 1 ? {} : { instruments: symbols };
  const shaped =
    on === 'quotes'
      ? start.operator('ema', 'strategy', ['market', 'fills'], { use: 'ema-cross', params, ...traded })
      : start
          .operator('ticks', 'normalize', ['market'], { filters: { crossed: true } })
          .operator('bars', 'bars', ['ticks'], { ticks: 20, from: 'mid' })
          .operator('ema', 'strategy', ['bars', 'fills'], {
            use: 'ema-cross',
            params: { ...params, fast: 10_000, slow: 100_000 },
            ...traded,
          });
  let withIdle = shaped;
  for (const symbol of idleSymbols) {
    withIdle = withIdle.operator(symbol.toLowerCase(), 'strategy', ['market'] as never, {
      use: 'ema-cross',
      params,
      instruments: [symbol],
    }) as never;
  }
  const names = ['ema', ...idleSymbols.map((symbol) => symbol.toLowerCase())];
  const ordered = withIdle
    .operator('risk', 'risk', names as never, { limits: LIMITS })
    .operator('pace', 'throttle', ['risk'] as never, { orders: '1000/s', messages: '5000/s' })
    .sink('orders', 'orders', ['pace'] as never, { broker: 'sim' });
  return (
    journal === undefined ? ordered : ordered.sink('journal', 'journal', ['*'] as never, journal)
  ).check();
}
