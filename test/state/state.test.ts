import { from, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  makeBar,
  makeBook,
  makeConnection,
  makeControl,
  makeGap,
  makeHalt,
  makeRegime,
  makeStatus,
} from '../../src/model/make.js';
import { MICROS_PER_MINUTE, MICROS_PER_SECOND } from '../../src/model/time.js';
import { Hasher } from '../../src/state/hash.js';
import { reduce } from '../../src/state/reduce.js';
import { fingerprint } from '../../src/state/view.js';
import { dec } from '../../src/model/decimal.js';
import { Bench, T0, intentOf } from './support.js';

const book = (snapshot: boolean, bids: number[], asks: number[]) =>
  makeBook('m', T0, 'BTCUSDT', 0, snapshot, bids, asks, 0, 0, 0);
const bar = (close: number, every = MICROS_PER_MINUTE) =>
  makeBar('m', T0, 'BTCUSDT', 0, {
    basis: 'trade',
    every,
    start: T0,
    open: 1,
    high: 1,
    low: 1,
    close,
    volume: 1,
    count: 1,
  });

describe('market', () => {
  it('knows nothing at first, and grows with the index', () => {
    const { market } = new Bench().state;
    expect([market.bid(0), market.last(0), market.mark(99), market.quoteAt(0)]).toEqual([NaN, NaN, NaN, 0]);
    expect([market.status(0), market.status(99)]).toEqual(['open', 'unknown']);
    const b = new Bench().trade(5, 70);
    expect([b.state.market.last(70), b.state.market.tradeAt(70), b.state.market.mark(70)]).toEqual([
      5,
      T0,
      5,
    ]);
  });

  it('keeps the top of a book through deltas, and nothing after a gap', () => {
    const b = new Bench();
    const { market } = b.state;
    b.state.applyMarket(book(true, [99, 1, 98, 2], [101, 1, 102, 5]));
    b.state.applyMarket(book(false, [99, 0, 97, 1], [100.5, 3]));
    expect([market.bid(0), market.bidSize(0), market.ask(0), market.askSize(0)]).toEqual([98, 2, 100.5, 3]);
    b.state.applyMarket(book(false, [98, 7], [100.5, 0]));
    expect([market.bidSize(0), market.ask(0), market.quoteAt(0)]).toEqual([7, 101, T0]);
    b.apply(makeGap('m', T0, 'BTCUSDT', 0, 'SEQUENCE', 5, 9, ''));
    expect([market.bid(0), market.ask(0), market.mark(0)]).toEqual([NaN, NaN, NaN]);
  });

  it('takes a provider bar as a price, a bar of our own only as a sample', () => {
    const b = new Bench().trade(50);
    b.apply(bar(100)).apply(bar(110)).apply(bar(999, 5)).apply(bar(99));
    expect(b.state.market.last(0)).toBe(50);
    expect(b.state.activity.returns(0, 5).map((r) => Number(r.toFixed(6)))).toEqual([0.1, -0.1]);
    expect(b.state.activity.returns(0, 1)).toHaveLength(1);
    b.state.applyMarket(bar(120));
    expect(b.state.market.last(0)).toBe(120);
  });

  it('keeps status and regime', () => {
    const b = new Bench();
    b.state.applyMarket(makeStatus('m', T0, 'BTCUSDT', 0, 'halted', ''));
    b.apply(makeRegime(T0, '', -1, 'bear', '', 1, 'x'));
    expect([b.state.market.status(0), b.state.market.regime(0)]).toEqual(['halted', 'bear']);
    b.apply(makeRegime(T0, 'BTCUSDT', 0, 'bull', '', 1, 'x'));
    expect([b.state.market.regime(0), b.state.market.regime(1)]).toEqual(['bull', 'bear']);
  });
});

describe('control', () => {
  const control = (b: Bench, action: Parameters<typeof makeControl>[1], target = '', value = '') =>
    b.apply(makeControl(T0, action, 'op', 'because', target, value)).state.control;

  it('latches kill until it is released', () => {
    const b = new Bench();
    expect([control(b, 'kill').trading, b.state.control.killed]).toEqual(['halted', true]);
    expect(control(b, 'resume').trading).toBe('halted');
    expect(b.changes.map((c) => c.kind === 'log' && c.code)).toEqual(['CONTROL_REFUSED']);
    expect(control(b, 'reduce').trading).toBe('halted');
    expect([control(b, 'arm').trading, b.state.control.killed]).toEqual(['halted', true]);
    expect([control(b, 'release').trading, b.state.control.killed]).toEqual(['halted', false]);
    expect([control(b, 'resume').trading, b.state.control.tradingReason]).toEqual(['active', '']);
  });

  it('pauses, reduces and halts with a reason, and wakes the queue', () => {
    const b = new Bench();
    expect(control(b, 'pause').tradingReason).toBe('PAUSE: actor=op reason=because');
    expect(b.state.takeInFlightCleared()).toBe(true);
    expect(control(b, 'resume').trading).toBe('active');
    expect(control(b, 'reduce').trading).toBe('reducing');
    b.apply(makeHalt('INVARIANT', 'broken'));
    expect([b.state.control.trading, b.state.control.tradingReason]).toEqual(['halted', 'INVARIANT: broken']);
    expect([control(b, 'recovering').recovering, control(b, 'recovered').recovering]).toEqual([true, false]);
  });

  it('knows strategies and connections', () => {
    const b = new Bench().apply(makeConnection('sim', T0, 'sim', 'ready', 1, ''));
    expect([b.state.control.connection('sim'), b.state.control.connection('x')]).toEqual([
      'ready',
      undefined,
    ]);
    expect(control(b, 'strategy_disable', 's').strategyEnabled('s')).toBe(false);
    expect(control(b, 'strategy_enable', 's').strategyEnabled('s')).toBe(true);
  });

  it('accepts only tighter limits', () => {
    const b = new Bench({ limits: { max_position: 10 } });
    expect(control(b, 'set_limit', 'max_position', '20').limit('max_position')).toBeUndefined();
    expect(b.changes).toHaveLength(1);
    expect(control(b, 'set_limit', 'max_position', '5').limit('max_position')?.toString()).toBe('5');
    expect(control(b, 'set_limit', 'max_position', '6').limit('max_position')?.toString()).toBe('5');
    expect(control(b, 'set_limit', 'max_daily_loss', '500 USDT').limit('max_daily_loss')?.toString()).toBe(
      '500',
    );
    expect(control(b, 'set_limit', 'x', 'lots').limit('x')).toBeUndefined();
  });
});

describe('activity', () => {
  it('counts approvals in a half-open window and forgets fingerprints after theirs', () => {
    const b = new Bench();
    b.approve(intentOf('new', { orderKey: 'a' })).approve(intentOf('cancel'));
    b.at += MICROS_PER_SECOND;
    b.approve(intentOf('new', { orderKey: 'b', quantity: dec(2) }));
    const { activity } = b.state;
    expect(activity.approvedWithin('main', MICROS_PER_SECOND)).toBe(1);
    expect(activity.approvedWithin('main', MICROS_PER_SECOND + 1)).toBe(2);
    expect([activity.approvedWithin('x', 1), activity.lastApproved(fingerprint(intentOf('new')))]).toEqual([
      0,
      T0,
    ]);
    b.at += 2 * MICROS_PER_MINUTE;
    b.approve(intentOf('new', { orderKey: 'c', quantity: dec(3) }));
    expect(activity.lastApproved(fingerprint(intentOf('new')))).toBeUndefined();
    expect(activity.approvedWithin('main', MICROS_PER_MINUTE)).toBe(1);
  });
});

describe('hash', () => {
  const session = (price: number) => {
    const b = new Bench().trade(price).working().fill('e1', 4).quote(99, 101).apply(bar(100));
    return b.fill('e2', 6).apply(makeControl(T0, 'pause', 'op', 'x'));
  };

  it('is the same for the same events, and the same on every Node version', () => {
    expect(session(100).state.hash()).toBe(session(100).state.hash());
    expect(session(100).state.hash()).not.toBe(session(100.5).state.hash());
    expect(new Hasher().num(0.1).num(NaN).str('é').dec(dec('1.50')).bool(true).digest()).toBe(
      'c47bd48133ce042f',
    );
    expect(new Hasher().num(0).digest()).toBe(new Hasher().num(-0).digest());
  });

  it('does not depend on reading', () => {
    const read = session(100);
    read.state.portfolio.equity();
    read.state.portfolio.rollingPeakEquity();
    read.state.portfolio.rate('JPY');
    read.state.orders.byState('filled');
    expect(read.state.hash()).toBe(session(100).state.hash());
  });

  it('counts the fills of closed orders independent of their order', () => {
    const one = new Bench().working().fill('e1', 4).fill('e2', 4).state;
    const other = new Bench().working().fill('e2', 4).fill('e1', 4).state;
    expect(one.hash()).toBe(other.hash());
  });
});

describe('reduce', () => {
  it('runs a reducer as a stream of states', async () => {
    const sums = from([1, 2, 3]).pipe(
      reduce((sum: number, n: number) => sum + n, 0),
      toArray(),
    );
    expect(await lastValueFrom(sums)).toEqual([1, 3, 6]);
  });
});
