import { readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { readJournal, type JournalFrame } from '../../../src/sinks/journal/index.js';

/** A market of a seed on paper: bars, timers and two strategies with state in closures. */
export const TOPOLOGY = `
version: 1
name: desk
mode: paper
seed: 3
portfolio: { base_currency: USDT, marks: mid }
instruments:
  BTCUSDT: { asset_class: crypto_spot, base: BTC, quote: USDT, tick_size: 0.1, lot_size: 0.0001 }
  ETHUSDT: { asset_class: crypto_spot, base: ETH, quote: USDT, tick_size: 0.01, lot_size: 0.001 }
brokers:
  sim: { type: paper, prices: ticks, cash: { USDT: 100000 }, fees: { maker: 2 bps, taker: 5 bps } }
sources:
  market:
    type: synthetic
    instruments: { BTCUSDT: { price: 60000, volatility: 9% }, ETHUSDT: { price: 2600, volatility: 9% } }
    duration: 40m
    rate: 2/s
  fills: { type: executions, broker: sim }
operators:
  ticks: { type: normalize, inputs: [market], filters: { crossed: true, outlier: 10% } }
  bars: { type: bars, inputs: [ticks], every: 10s }
  ema_btc: { type: strategy, use: ema-cross, inputs: [bars, fills], instruments: [BTCUSDT], params: { fast: 2, slow: 5, quantity: 0.05, mode: long_short } }
  ema_eth: { type: strategy, use: ema-cross, inputs: [bars, fills], instruments: [ETHUSDT], params: { fast: 3, slow: 7, quantity: 1, mode: long_short } }
  risk: { type: risk, inputs: [ema_btc, ema_eth], limits: { max_order_value: 50000 USDT, max_daily_loss: 5000 USDT } }
  pace: { type: throttle, inputs: [risk], orders: 5/s }
sinks:
  orders: { type: orders, broker: sim, inputs: [pace] }
  journal: { type: journal, path: ./journal, delivery: required }
  audit: { type: audit, inputs: ['*'], path: ./audit.jsonl }
`;

/** Folders of sessions below a journal, in order of their names. */
export function sessions(folder: string): readonly string[] {
  return readdirSync(join(folder, 'journal'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, 'journal', name));
}

export const framesOf = (session: string): readonly JournalFrame[] => [...readJournal(session).frames()];

/** Leaves a session as a killed process would: cut in its newest segment, without its end. */
export function crash(session: string, bytes: number): void {
  const last = readJournal(session).segments.at(-1) ?? '';
  if (bytes > statSync(last).size) throw new Error(`the segment has only ${statSync(last).size} bytes`);
  truncateSync(last, bytes);
  for (const name of readdirSync(session)) if (name === 'end.json') rmSync(join(session, name));
}
