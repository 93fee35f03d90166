import { mintApproved } from '../../src/model/command.js';
import { ZERO, dec, type DecimalInput } from '../../src/model/decimal.js';
import type { ExecutionEvent, Fill } from '../../src/model/event.js';
import { InstrumentTable, type InstrumentInput } from '../../src/model/instruments.js';
import type { Intent, IntentAction } from '../../src/model/intent.js';
import {
  makeDispatch,
  makeExecution,
  makeOutcome,
  makeQuote,
  makeTrade,
  type ExecutionFields,
} from '../../src/model/make.js';
import { MICROS_PER_SECOND } from '../../src/model/time.js';
import type { Event } from '../../src/model/record.js';
import type { StateConfig } from '../../src/state/config.js';
import { State } from '../../src/state/state.js';

export const BTC: InstrumentInput = {
  symbol: 'BTCUSDT',
  venue: 'sim',
  assetClass: 'crypto_spot',
  base: 'BTC',
  quote: 'USDT',
};

export const T0: number = 1_700_000_000 * MICROS_PER_SECOND;

export function intentOf(action: IntentAction, fields: Partial<Intent> = {}): Intent {
  return {
    action,
    orderKey: 'k1',
    account: 'main',
    route: '',
    instrument: 'BTCUSDT',
    ix: 0,
    side: 'buy',
    type: 'limit',
    quantity: dec(10),
    limitPrice: dec(100),
    stopPrice: undefined,
    trailingOffset: undefined,
    timeInForce: 'gtc',
    expireAt: undefined,
    postOnly: false,
    reduceOnly: false,
    links: undefined,
    strategy: 's',
    tag: '',
    reason: '',
    metadata: undefined,
    cause: 1,
    ...fields,
  };
}

export function fillOf(
  quantity: DecimalInput,
  price: DecimalInput,
  fee: DecimalInput = 0,
  feeCurrency = 'USDT',
): Fill {
  return { quantity: dec(quantity), price: dec(price), fee: dec(fee), feeCurrency, liquidity: 'taker' };
}

export function report(
  kind: ExecutionEvent['report'],
  fields: Partial<ExecutionFields> = {},
): ExecutionEvent {
  return makeExecution('fills', T0, {
    broker: 'sim',
    account: 'main',
    report: kind,
    clientOrderId: 'c1',
    venueOrderId: '',
    execId: '',
    instrument: 'BTCUSDT',
    ix: 0,
    side: 'buy',
    fill: undefined,
    cumulative: undefined,
    quantity: undefined,
    limitPrice: undefined,
    stopPrice: undefined,
    reason: '',
    ...fields,
  });
}

/** A State of one account with a step per call, and the records its last step caused. */
export class Bench {
  readonly state: State;
  at: number = T0;
  seq = 0;
  changes: readonly Event[] = [];

  constructor(config: Partial<StateConfig> = {}, instruments: readonly InstrumentInput[] = [BTC]) {
    this.state = new State(
      { baseCurrency: 'USDT', accounts: [{ name: 'main', cash: { USDT: 100_000 } }], ...config },
      new InstrumentTable(instruments),
    );
    this.turn();
  }

  turn(at: number = this.at): void {
    this.at = at;
    this.state.setTurn(++this.seq, at);
  }

  apply(event: Event): this {
    this.turn();
    this.state.apply(event);
    this.changes = [...this.state.takeChanges()];
    return this;
  }

  approve(intent: Intent, price: DecimalInput = 100): this {
    return this.apply(
      mintApproved(intent, dec(price), () => {
        throw new Error('not asked in this test');
      }),
    );
  }

  dispatch(intent: Intent, id: string): this {
    return this.apply(
      makeDispatch(id, this.state.orders.get(intent.orderKey)?.clientOrderId ?? '', 'sim', intent),
    );
  }

  outcome(id: string, action: IntentAction, outcome: 'sent' | 'not_sent' | 'unknown', key = 'k1'): this {
    return this.apply(makeOutcome('sim', T0, 'sim', key, id, action, outcome, '', 'told so'));
  }

  /** Approved, dispatched as c1 and acknowledged. */
  working(fields: Partial<Intent> = {}): this {
    const intent = intentOf('new', fields);
    return this.approve(intent)
      .dispatch(intent, 'c1')
      .apply(report('accepted', { venueOrderId: 'v1' }));
  }

  fill(
    execId: string,
    quantity: DecimalInput,
    price: DecimalInput = 100,
    fields: Partial<ExecutionFields> = {},
  ): this {
    return this.apply(report('fill', { execId, fill: fillOf(quantity, price), ...fields }));
  }

  trade(price: number, ix = 0): this {
    this.turn();
    this.state.applyMarket(makeTrade('m', T0, 'x', ix, price, 1, 0, ''));
    return this;
  }

  quote(bid: number, ask: number, ix = 0): this {
    this.turn();
    this.state.applyMarket(makeQuote('m', T0, 'x', ix, bid, 1, ask, 1));
    return this;
  }

  get orderState(): string {
    return this.state.orders.get('k1')?.state ?? 'none';
  }

  get position(): string {
    return (this.state.portfolio.position('main', 0)?.quantity ?? ZERO).toString();
  }

  exposed(side: 'buy' | 'sell' = 'buy'): string {
    return this.state.orders.exposed('main', 0, side).toString();
  }

  get anomalies(): number {
    return this.changes.filter((change) => change.kind === 'log' && change.level === 'anomaly').length;
  }
}
