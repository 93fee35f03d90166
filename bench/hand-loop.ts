import { Subject } from 'rxjs';
import { PaperBroker } from '../src/brokers/paper/index.js';
import type { BrokerCommand } from '../src/brokers/broker.js';
import { clientOrderId } from '../src/engine/client-order-id.js';
import { Counters } from '../src/engine/counters.js';
import { stateConfig } from '../src/engine/state-config.js';
import { mintApproved, mintCommand } from '../src/model/command.js';
import { Decimal } from '../src/model/decimal.js';
import type { InputEvent, MarketEvent } from '../src/model/event.js';
import type { Intent } from '../src/model/intent.js';
import { InstrumentTable } from '../src/model/instruments.js';
import { makeControl, makeDenied, makeDispatch, makeIntent } from '../src/model/make.js';
import type { Event } from '../src/model/record.js';
import { evaluate, type RiskOptions } from '../src/operators/risk/index.js';
import { State } from '../src/state/state.js';
import { benchTopology, EMA } from './topology.js';
import { inBatches, SYMBOL, type Ticks } from './data.js';

export interface LoopResult {
  readonly orders: number;
  readonly equity: string;
}

/**
 * What the engine does for one topology, written by hand for it: no sequencer, no graph, no RxJS, no journal. The same
 * State, risk checks and paper venue, called directly; the EMA cross in plain variables. It must give the same orders
 * and the same equity.
 */
export async function handLoop(ticks: Ticks): Promise<LoopResult> {
  const topology = benchTopology({ symbols: [SYMBOL], on: 'quotes' });
  const instruments = new InstrumentTable(topology.instruments);
  const state = new State(stateConfig(topology), instruments);
  const counters = new Counters();
  const risk = topology.operators.find((op) => op.name === 'risk')?.config as RiskOptions;
  const inner: (() => void)[] = [];
  let market: (event: MarketEvent) => void = () => undefined;
  let seq = 0;
  let at = 0;
  const broker = topology.brokers[0];
  const venue = broker?.spec.make(broker.config, {
    name: 'sim',
    mode: 'replay',
    baseDir: '/',
    instruments,
    log: { info: ignore, warn: ignore, error: ignore },
    session: 'bench',
    seed: 1,
    host: {
      state,
      at: () => at,
      wall: () => at,
      postAt: (_due, event) => inner.push(() => turn(event)),
      runAt: (due, run) => {
        if (due <= at) inner.push(run); // later ones are expiries, which market orders do not have
      },
      onMarket: (_node, listener) => {
        market = listener;
      },
    },
  });
  if (!(venue instanceof PaperBroker)) throw new Error('the bench trades on paper');
  await venue.open();
  const lane = new Subject<BrokerCommand>();
  venue.execute(lane).subscribe();

  const fastWeight = 2 / (EMA.fast + 1);
  const slowWeight = 2 / (EMA.slow + 1);
  const quantity = new Decimal(EMA.quantity);
  let fast = 0;
  let slow = 0;
  let count = 0;
  let side = 0;
  let orders = 0;
  let children: Event[] = [];

  const record = (child: Event): void => {
    const stamped = child as { seq: number; sub: number; at: number };
    stamped.seq = seq;
    stamped.sub = children.length + 1;
    stamped.at = at;
    children.push(child);
    state.apply(child);
    if (state.changed) for (const change of state.takeChanges()) children.push(change);
  };

  const decide = (): void => {
    const position = state.portfolio.position('sim', 0)?.quantity ?? new Decimal(0);
    const delta = (side === 1 ? quantity : new Decimal(0)).minus(position);
    if (delta.isZero()) return;
    const intent: Intent = {
      action: 'new',
      orderKey: `ema-${orders + 1}`,
      account: 'sim',
      route: '',
      instrument: SYMBOL,
      ix: 0,
      side: delta.isNegative() ? 'sell' : 'buy',
      type: 'market',
      quantity: delta.abs(),
      limitPrice: undefined,
      stopPrice: undefined,
      trailingOffset: undefined,
      timeInForce: 'gtc',
      expireAt: undefined,
      postOnly: false,
      reduceOnly: false,
      links: undefined,
      strategy: 'ema',
      tag: '',
      reason: '',
      metadata: undefined,
      cause: seq,
    };
    record(makeIntent(intent));
    const verdict = evaluate(intent, { state, options: risk, at });
    if (!verdict.ok) {
      record(makeDenied(intent, verdict.code, verdict.code, 'risk'));
      return;
    }
    const approved = mintApproved(verdict.intent, verdict.riskPrice, () =>
      makeDenied(intent, 'CHECK_FAILED', '', 'queue'),
    );
    record(approved);
    const command = mintCommand(approved);
    record(command);
    const dispatch = makeDispatch(
      clientOrderId('bench', 1, seq, children.length + 1),
      '',
      'sim',
      verdict.intent,
    );
    record(dispatch);
    orders++;
    const order = state.orders.get(intent.orderKey);
    if (order !== undefined) lane.next({ command, dispatch, order });
  };

  const turn = (event: InputEvent): void => {
    const stamped = event as { seq: number; at: number };
    stamped.seq = ++seq;
    stamped.at = at;
    state.setTurn(seq, at);
    if (event.kind === 'quote' || event.kind === 'trade') {
      state.applyMarket(event);
      market(event);
      if (event.kind === 'quote') {
        const price = (event.bid + event.ask) / 2;
        if (price > 0) {
          count++;
          if (count === 1) fast = slow = price;
          fast += (count <= EMA.fast ? 1 / count : fastWeight) * (price - fast);
          slow += (count <= EMA.slow ? 1 / count : slowWeight) * (price - slow);
          if (count >= EMA.slow) {
            const gap = fast - slow;
            const now = gap > 0 ? 1 : gap < 0 ? -1 : side;
            if (now !== side) {
              const first = side === 0;
              side = now;
              if (!first) decide();
            }
          }
        }
      }
    } else {
      state.apply(event);
      if (state.changed) for (const change of state.takeChanges()) children.push(change);
    }
    counters.frame(event, children);
    if (children.length > 0) children = [];
  };

  turn(makeControl(0, 'start', 'bench', ''));
  inBatches(ticks, (batch) => {
    for (let i = 0; i < batch.length; i++) {
      const event = batch[i] as InputEvent;
      if (event.at > at) at = event.at;
      turn(event);
      while (inner.length > 0) inner.shift()?.();
    }
  });
  return { orders, equity: state.portfolio.equity()?.toString() ?? 'unknown' };
}

const ignore = (): undefined => undefined;
