import type { OrderType, TimeInForce } from '../../model/instrument.js';
import type { BrokerCapabilities } from '../broker.js';

const PLAIN: readonly TimeInForce[] = ['day', 'gtc', 'ioc', 'fok', 'gtd'];
const WITH_AUCTIONS: readonly TimeInForce[] = [...PLAIN, 'opg', 'cls'];
const TYPES: Readonly<Record<OrderType, readonly TimeInForce[]>> = {
  market: WITH_AUCTIONS,
  limit: WITH_AUCTIONS,
  stop: PLAIN,
  stop_limit: PLAIN,
  trailing_stop: PLAIN,
};

export function paperCapabilities(short: boolean): BrokerCapabilities {
  return {
    orderTypes: TYPES,
    fractional: true,
    short,
    amend: true,
    batch: false,
    rateLimits: { orders: [], cancels: [], messages: [] },
  };
}
