import type { BrokerCapabilities, RateLimit } from '../broker.js';
import type { BinanceMarket } from './environments.js';

/** Spot takes orders as `orders/place.ts` maps them; USD-M is market data only. */
export function binanceCapabilities(
  market: BinanceMarket,
  orderLimits: readonly RateLimit[],
): BrokerCapabilities {
  const spot = market === 'spot';
  return {
    orderTypes: spot
      ? {
          market: ['gtc', 'ioc'],
          limit: ['gtc', 'ioc', 'fok'],
          stop: ['gtc'],
          stop_limit: ['gtc', 'ioc', 'fok'],
          trailing_stop: ['gtc'],
        }
      : {},
    fractional: true,
    short: false,
    amend: spot,
    batch: false,
    rateLimits: { orders: orderLimits, cancels: [], messages: [] },
  };
}
