export const TEMPLATES = ['quickstart', 'replay', 'paper', 'testnet', 'live'] as const;
export type Template = (typeof TEMPLATES)[number];

export interface Scaffold {
  /** File name to write when none is asked for. */
  readonly file: string;
  readonly text: string;
  /** Commands to try next. */
  readonly next: (file: string) => readonly string[];
}

const HEAD =
  '# yaml-language-server: $schema=./millrace.schema.json   (write it with: millrace schema -o millrace.schema.json)\nversion: 1\n';

/** In another terminal, once it runs. */
const ARM = 'npx millrace arm binance --reason "..."';

/** The order path and the records, the same in every template. */
function tail(broker: string, currency: string): string {
  return `operators:
  ticks: { type: normalize, inputs: [market], stale_after: 5m }
  bars:  { type: bars, inputs: [ticks], every: 1m }
  ema:   { type: strategy, use: ema-cross, inputs: [bars, fills], params: { fast: 12, slow: 26, quantity: 0.01 } }
  risk:  { type: risk, inputs: [ema], limits: { max_position: 0.05, max_order_value: 5000 ${currency}, max_daily_loss: 500 ${currency} } }
  pace:  { type: throttle, inputs: [risk], orders: 5/s }

sinks:
  orders:  { type: orders, broker: ${broker}, inputs: [pace] }
  journal: { type: journal, inputs: ["*"], path: ./data/journal, delivery: required }
  audit:   { type: audit, inputs: ["*"], path: ./data/audit.jsonl }
`;
}

const INSTRUMENTS = `instruments:
  BTCUSDT: { venue: binance, asset_class: crypto_spot, base: BTC, quote: USDT, tick_size: 0.01, lot_size: 0.00001, min_notional: 5 }

portfolio: { base_currency: USDT }

`;

const SIM = `brokers:
  sim: { type: paper, prices: ticks, cash: { USDT: 100000 }, fees: { maker: 10 bps, taker: 10 bps }, latency: 40ms }

`;

/** Orders to Binance itself. Keys come from the environment; nothing new leaves before the account is armed. */
function onBinance(name: string, environment: 'live' | 'testnet', description: string): string {
  return `${HEAD}name: ${name}
mode: live
description: ${description}

# Keys: BINANCE_API_KEY and BINANCE_SECRET_KEY, or BINANCE_API_KEY_FILE and BINANCE_SECRET_KEY_FILE with files that hold them.
${INSTRUMENTS}brokers:
  binance:
    type: binance
    environment: ${environment}
    api_key: \${secret:BINANCE_API_KEY}
    secret: \${secret:BINANCE_SECRET_KEY}
    instruments: [BTCUSDT]

sources:
  market: { type: market_data, broker: binance, instruments: [BTCUSDT], emit: [trade, quote] }
  fills:  { type: executions, broker: binance }

operators:
  ticks: { type: normalize, inputs: [market], filters: { crossed: true, outlier: 5% } }
  bars:  { type: bars, inputs: [ticks], every: 1m }
  ema:   { type: strategy, use: ema-cross, inputs: [bars, fills], instruments: [BTCUSDT], params: { fast: 12, slow: 26, quantity: 0.001 } }
  risk:
    type: risk
    inputs: [ema]
    limits: { max_position: 0.001, max_order_value: 200 USDT, max_daily_loss: 20 USDT, price_collar: 1%, stale_quote: 5s }
  pace:  { type: throttle, inputs: [risk], orders: 1/s }

sinks:
  orders:  { type: orders, broker: binance, inputs: [pace] }
  journal: { type: journal, inputs: ["*"], path: ./data/journal, delivery: required }
  audit:   { type: audit, inputs: ["*"], path: ./data/audit.jsonl, delivery: required }

safety:
  daily_loss: { limit: 20 USDT }
  stale_feed: { limit: 30s }

shutdown: { open_orders: cancel }
`;
}

/** A topology that lints as it stands. */
export function newTopology(name: string, template: Template): Scaffold {
  const texts: Readonly<Record<Template, string>> = {
    quickstart: `${HEAD}name: ${name}
mode: paper
description: A synthetic market on a simulated venue; needs nothing from outside.

${INSTRUMENTS}${SIM}sources:
  market: { type: synthetic, instruments: { BTCUSDT: { price: 60000, volatility: 3% } }, duration: 8h, rate: 20/s }
  fills:  { type: executions, broker: sim }

${tail('sim', 'USDT')}`,
    replay: `${HEAD}name: ${name}
mode: replay
description: Recorded data on a simulated venue. Another file is --set sources.market.path=FILE.

${INSTRUMENTS}${SIM}sources:
  market: { type: replay, path: ./data/btcusdt.gz, venue: binance }
  fills:  { type: executions, broker: sim }

${tail('sim', 'USDT')}`,
    paper: `${HEAD}name: ${name}
mode: paper
description: Binance's live market data, traded on a simulated venue. Needs no keys.

${INSTRUMENTS}brokers:
  binance: { type: binance, environment: live, trading: false, instruments: [BTCUSDT] }
  sim:     { type: paper, prices: ticks, cash: { USDT: 100000 }, fees: { maker: 10 bps, taker: 10 bps }, latency: 40ms }

sources:
  market: { type: market_data, broker: binance, instruments: [BTCUSDT], emit: [trade, quote] }
  fills:  { type: executions, broker: sim }

${tail('sim', 'USDT')}`,
    testnet: onBinance(name, 'testnet', 'Binance spot testnet, real protocol, play money.'),
    live: onBinance(name, 'live', 'Binance spot with real money. Starts with --live, sends after arming.'),
  };
  const next = (file: string): readonly string[] => {
    const lint = `npx millrace lint ${file}`;
    const graph = `npx millrace graph ${file} --format svg -o ${name}.svg`;
    const check = `npx millrace check ${file}`;
    const run = `npx millrace run ${file}`;
    if (template === 'testnet') return [lint, `${check} --exercise`, `${run} --live`, ARM];
    if (template === 'live') return [lint, check, `${run} --live`, ARM];
    return template === 'paper' ? [lint, graph, check, run] : [lint, graph, run];
  };
  return { file: `${name}.yaml`, text: texts[template], next };
}

/** A strategy to change: follows the direction of the last bar. */
export function newStrategy(name: string): Scaffold {
  const text = `import { decimal, defineStrategy } from 'millrace';
import { distinctUntilChanged, filter, map } from 'rxjs';
import { z } from 'zod';

/** Buys when a bar closes above its open, sells when it closes below; acts only when the direction changes. */
export default defineStrategy({
  name: '${name}',
  version: '1.0.0',
  params: z.object({ quantity: decimal() }),
  run: ({ bars$, place }, { quantity }) =>
    bars$.pipe(
      map((bar) => Math.sign(bar.close - bar.open)),
      filter((direction) => direction !== 0),
      distinctUntilChanged(),
      map((direction) => place.market({ side: direction > 0 ? 'buy' : 'sell', quantity })),
    ),
});
`;
  return {
    file: `${name}.ts`,
    text,
    next: (file) => [
      `npx millrace run TOPOLOGY.yaml --set operators.ema.use=./${file} --set "operators.ema.params={ quantity: 0.01 }"`,
    ],
  };
}
