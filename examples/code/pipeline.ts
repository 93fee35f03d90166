import { topology, type CheckedTopology } from 'millrace';
import first from '../strategies/first.js';

/** The topology of ../strategies/first.yaml, in code. An order path that goes around risk does not type-check. */
export function pipeline(): CheckedTopology {
  return topology('first', {
    mode: 'paper',
    seed: 3,
    portfolio: { base_currency: 'USDT', marks: 'mid' },
    instruments: {
      BTCUSDT: { asset_class: 'crypto_spot', base: 'BTC', quote: 'USDT', tick_size: 0.1, lot_size: 0.0001 },
    },
  })
    .broker('sim', 'paper', {
      prices: 'market',
      cash: { USDT: 100_000 },
      fees: { maker: '2 bps', taker: '5 bps' },
      latency: '40ms',
    })
    .source('market', 'synthetic', {
      instruments: { BTCUSDT: { price: 60_000, volatility: '4%' } },
      duration: '2h',
      rate: '10/s',
    })
    .source('fills', 'executions', { broker: 'sim' })
    .operator('bars', 'bars', ['market'], { every: '5m' })
    .operator('first', 'strategy', ['bars', 'fills'], { use: first, params: { quantity: 0.01 } })
    .operator('risk', 'risk', ['first'], { limits: { max_position: 0.05, max_order_value: '5000 USDT' } })
    .operator('pace', 'throttle', ['risk'], { orders: '5/s' })
    .sink('orders', 'orders', ['pace'], { broker: 'sim' })
    .check();
}
