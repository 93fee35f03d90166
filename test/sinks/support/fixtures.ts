import { dec } from '../../../src/model/decimal.js';
import { makeDenied, makeExecution, makeOrder, makePosition } from '../../../src/model/make.js';
import type { Intent } from '../../../src/model/intent.js';
import type { Order } from '../../../src/model/order.js';
import type { Event } from '../../../src/model/record.js';
import type { StateView } from '../../../src/state/view.js';

export const T0: number = Date.UTC(2024, 7, 8, 23, 54, 13, 937) * 1000 + 85;

/** Stamps an event as the turn driver would. */
export function stamped<E extends Event>(
  event: E,
  seq: number,
  sub: number,
  at: number = T0,
  source = 'test',
): E {
  Object.assign(event, { seq, sub, at, source });
  return event;
}

export const intent: Intent = {
  action: 'new',
  orderKey: 'ema-1',
  account: 'main',
  route: 'sim',
  instrument: 'BTCUSDT',
  ix: 0,
  side: 'buy',
  type: 'limit',
  quantity: dec('0.01'),
  limitPrice: dec('60000.5'),
  stopPrice: undefined,
  trailingOffset: undefined,
  timeInForce: 'gtc',
  expireAt: undefined,
  postOnly: false,
  reduceOnly: false,
  links: undefined,
  strategy: 'ema',
  tag: '',
  reason: 'cross',
  metadata: undefined,
  cause: 1,
};

export const order: Order = {
  ...{ orderKey: 'ema-1', clientOrderId: 'c1', venueOrderId: 'v1', broker: 'sim', account: 'main' },
  ...{ instrument: 'BTCUSDT', ix: 0, side: 'buy', type: 'limit', quantity: dec('0.01') },
  ...{ limitPrice: dec('60000.5'), stopPrice: undefined, trailingOffset: undefined, timeInForce: 'gtc' },
  ...{ expireAt: undefined, postOnly: false, reduceOnly: false, strategy: 'ema', tag: '', state: 'accepted' },
  ...{ previous: 'submitted', reason: '', filled: dec(0), averagePrice: dec(0), inFlight: undefined },
  ...{ riskPrice: dec('60000.5'), createdAt: T0, submittedAt: T0, acceptedAt: T0, closedAt: undefined },
  updatedAt: T0,
};

export function orderEvent(seq: number, change: Partial<Order> = {}): Event {
  return stamped(makeOrder({ ...order, ...change }), seq, 1);
}

export function fillEvent(seq: number, execId: string, quantity = '0.01', at: number = T0): Event {
  const fill = {
    quantity: dec(quantity),
    price: dec('60000.5'),
    fee: dec('0.6'),
    feeCurrency: 'USDT',
    liquidity: 'taker' as const,
  };
  const event = makeExecution('fills', at, {
    ...{ broker: 'sim', account: 'main', report: 'fill', clientOrderId: 'c1', venueOrderId: 'v1', execId },
    ...{ instrument: 'BTCUSDT', ix: 0, side: 'buy', fill, cumulative: undefined, quantity: undefined },
    ...{ limitPrice: undefined, stopPrice: undefined, reason: '' },
  });
  return stamped(event, seq, 0, at, 'fills');
}

export function positionEvent(seq: number, quantity: string): Event {
  return stamped(
    makePosition({
      ...{
        account: 'main',
        instrument: 'BTCUSDT',
        ix: 0,
        quantity: dec(quantity),
        averagePrice: dec('60000.5'),
      },
      ...{ realizedPnl: dec('1.25'), fees: dec('0.6') },
    }),
    seq,
    2,
  );
}

export function deniedEvent(seq: number, text: string, change: Partial<Intent> = {}): Event {
  return stamped(makeDenied({ ...intent, ...change }, 'MAX_POSITION', text, 'risk'), seq, 1);
}

/** A State with one account, for sinks that read figures. */
export function stateView(seq = 7, at: number = T0): StateView {
  const held = { ...order, inFlight: { action: 'new', clientOrderId: 'c1', since: T0 } } as unknown as Order;
  return {
    seq,
    at,
    orders: {
      open: () => [held, { ...order, state: 'unknown' }],
      byVenueOrderId: () => undefined,
      byClientOrderId: (id: string) => (id === 'c1' ? order : undefined),
    },
    portfolio: {
      baseCurrency: 'USDT',
      accounts: () => ['main'],
      positions: () => [],
      currencies: () => ['USDT'],
      cash: () => dec('99399.395'),
      equity: () => dec('99999.4'),
      realizedPnl: () => dec('0'),
      unrealizedPnl: () => undefined,
      fees: () => dec('0.6'),
      grossExposure: () => dec('600.005'),
      netExposure: () => dec('600.005'),
      dayStartEquity: () => dec('100000'),
      peakEquity: () => dec('100000'),
      maxDrawdown: () => 0.25,
    },
    control: { trading: 'active', killed: false, recovering: false },
  } as unknown as StateView;
}

export interface LogLines {
  readonly lines: string[];
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export function logLines(): LogLines {
  const lines: string[] = [];
  return {
    lines,
    info: (message) => void lines.push(`info ${message}`),
    warn: (message) => void lines.push(`warn ${message}`),
    error: (message) => void lines.push(`error ${message}`),
  };
}
