import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { isApproved, type Approved } from '../../../src/model/command.js';
import { dec } from '../../../src/model/decimal.js';
import { InstrumentTable } from '../../../src/model/instruments.js';
import { makeControl, makeIntent, makeQuote } from '../../../src/model/make.js';
import type { Event } from '../../../src/model/record.js';
import type { OperatorContext } from '../../../src/operators/context.js';
import { risk } from '../../../src/operators/risk/risk.js';
import { State } from '../../../src/state/state.js';
import { BTC, NOW, intentOf } from '../../support/state-view.js';

describe('risk over the real State', () => {
  it('counts each approval, asks again without counting it twice, and obeys a tightened limit', () => {
    const state = new State(
      { baseCurrency: 'USDT', accounts: [{ name: '', cash: { USDT: 100_000 } }] },
      new InstrumentTable([BTC]),
    );
    state.setTurn(1, NOW);
    state.applyMarket(makeQuote('t', NOW, 'BTCUSDT', 0, 99, 1, 101, 1));
    const approved: Approved[] = [];
    const denied: string[] = [];
    const source = new Subject<Event>();
    const context = {
      state,
      at: () => state.at,
      emit: (_port: string, event: Event) => {
        if (event.kind === 'denied') denied.push(event.text);
      },
    } as unknown as OperatorContext;
    const limits = {
      max_position: dec(3),
      max_leverage: dec(1),
      max_daily_loss: { amount: dec(500), currency: 'USDT' },
      max_orders_per_second: 9,
      duplicate_window: 1,
    };
    source.pipe(risk({ limits })(context)).subscribe((event) => {
      if (!isApproved(event)) return;
      state.apply(event);
      approved.push(event);
    });
    source.next(makeIntent(intentOf({ orderKey: 'a', quantity: 2, limitPrice: 95 })));
    source.next(makeIntent(intentOf({ orderKey: 'b', quantity: 2, limitPrice: 96 })));
    source.next(makeIntent(intentOf({ orderKey: 'a', action: 'replace', quantity: 3, limitPrice: 95 })));
    source.next(makeIntent(intentOf({ orderKey: 'a', action: 'replace', quantity: 4, limitPrice: 95 })));
    expect(approved.map((a) => `${a.intent.action} ${a.intent.quantity.toString()}`)).toEqual([
      'new 2',
      'replace 3',
    ]);
    expect(denied).toEqual([
      'MAX_POSITION: position=0 working=2 order=2 limit=3',
      'MAX_POSITION: position=0 working=0 order=4 limit=3',
    ]);
    for (const a of approved) expect(isApproved(a.recheck(a.intent))).toBe(true);
    state.apply(makeControl(NOW, 'set_limit', 'test', 'calm down', 'max_position', '1'));
    expect(approved[0]?.recheck(intentOf({ orderKey: 'a', quantity: 2, limitPrice: 95 }))).toMatchObject({
      code: 'MAX_POSITION',
      stage: 'queue',
    });
  });
});
