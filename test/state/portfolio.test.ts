import { describe, expect, it } from 'vitest';
import { dec, type Decimal } from '../../src/model/decimal.js';
import type { InstrumentInput } from '../../src/model/instruments.js';
import { makeAccount, makeControl } from '../../src/model/make.js';
import { MICROS_PER_HOUR, MICROS_PER_MINUTE } from '../../src/model/time.js';
import { nextDaily as nextDayRoll } from '../../src/model/session.js';
import { EquityTrack } from '../../src/state/equity-track.js';
import { Bench, T0, fillOf, report } from './support.js';

const PERP: InstrumentInput = {
  symbol: 'BTCPERP',
  assetClass: 'crypto_perp',
  base: 'BTC',
  quote: 'USDT',
  multiplier: '0.1',
  initialMargin: '0.5',
};
const text = (value: Decimal | undefined): string => value?.toString() ?? 'unknown';
const at = (iso: string): number => Date.parse(iso) * 1000;

let ids = 0;
function fill(
  b: Bench,
  side: 'buy' | 'sell',
  quantity: number | string,
  price: number | string,
  more = {},
): Bench {
  const fields = {
    side,
    execId: `f${++ids}`,
    clientOrderId: 'other',
    fill: fillOf(quantity, price),
    ...more,
  };
  return b.apply(report('fill', fields));
}

describe('portfolio', () => {
  it('moves cash by fills, keeps average cost, and realizes on the way back through zero', () => {
    const b = new Bench();
    fill(b, 'buy', 10, 100);
    fill(b, 'buy', 10, 110);
    const p = b.state.portfolio;
    expect(text(p.position('main', 0)?.averagePrice)).toBe('105');
    expect(text(p.cash('main', 'USDT'))).toBe('97900');
    fill(b, 'sell', 5, 115);
    expect(text(p.position('main', 0)?.realizedPnl)).toBe('50');
    fill(b, 'sell', 25, 125);
    const short = p.position('main', 0);
    expect([text(short?.quantity), text(short?.averagePrice), text(short?.realizedPnl)]).toEqual([
      '-10',
      '125',
      '350',
    ]);
    b.trade(120);
    expect([text(p.unrealizedPnl()), text(p.equity()), p.equityNumber()]).toEqual(['50', '100400', 100400]);
    expect([text(p.grossExposure()), text(p.netExposure())]).toEqual(['1200', '-1200']);
    fill(b, 'buy', 10, 120);
    expect([text(p.equity()), text(p.realizedPnl()), text(p.position('main', 0)?.averagePrice)]).toEqual([
      '100400',
      '400',
      '0',
    ]);
  });

  it('takes fees from the cash of their own currency', () => {
    const b = new Bench();
    b.trade(100);
    fill(b, 'buy', 10, 100, { fill: fillOf(10, 100, '0.01', 'BTC') });
    const p = b.state.portfolio;
    expect([text(p.cash('main', 'BTC')), text(p.position('main', 0)?.quantity)]).toEqual(['-0.01', '10']);
    expect([text(p.fees()), text(p.position('main', 0)?.fees), text(p.equity())]).toEqual([
      '1',
      '1',
      '99999',
    ]);
  });

  it('perpetuals move profit and fees only, and bind margin by ratio and leverage', () => {
    const b = new Bench({ accounts: [{ name: 'main', cash: { USDT: 1000 }, leverage: 5 }] }, [PERP]);
    fill(b, 'buy', 10, 100, { instrument: 'BTCPERP', fill: fillOf(10, 100, 1) });
    const p = b.state.portfolio;
    expect(text(p.cash('main', 'USDT'))).toBe('999');
    expect(p.equityNumber()).toBeNaN();
    expect(text(p.equity())).toBe('unknown');
    b.trade(120);
    expect([text(p.equity()), p.equityNumber(), text(p.marginUsed())]).toEqual(['1019', 1019, '12']);
    fill(b, 'sell', 10, 130, { instrument: 'BTCPERP' });
    expect([text(p.cash('main', 'USDT')), text(p.equity())]).toEqual(['1029', '1029']);
  });

  it('converts currencies by configured rates or by the mark of an instrument, else the value is unknown', () => {
    const b = new Bench({
      accounts: [{ name: 'main', cash: { USDT: 100, EUR: 10, BTC: 2 } }],
      rates: { EUR: '1.1' },
    });
    const p = b.state.portfolio;
    expect([text(p.equity()), text(p.startEquity()), text(p.rate('JPY'))]).toEqual([
      'unknown',
      'unknown',
      'unknown',
    ]);
    b.trade(50);
    expect([text(p.equity()), p.equityNumber(), text(p.startEquity())]).toEqual(['211', 211, '211']);
    b.trade(60);
    expect([p.equityNumber(), text(p.startEquity()), text(p.dayStartEquity())]).toEqual([231, '211', '211']);
  });

  it('marks by the configured rule: longs at the bid and shorts at the ask', () => {
    const b = new Bench({ marks: 'bid_ask' });
    fill(b, 'buy', 1, 100);
    b.quote(98, 102);
    expect([b.state.market.mark(0), b.state.portfolio.equityNumber()]).toEqual([100, 99998]);
    fill(b, 'sell', 2, 100);
    expect(b.state.portfolio.equityNumber()).toBe(99998);
    const mid = new Bench({ marks: 'mid' }).quote(98, 104).trade(90);
    expect(mid.state.market.mark(0)).toBe(101);
    expect(new Bench().quote(98, 104).state.market.mark(0)).toBe(101);
  });

  it('account reports set and never add; own books win unless the broker is configured to', () => {
    const balances = (total: number) =>
      makeAccount('x', T0, 'sim', 'main', [
        { currency: 'USDT', total: dec(total), free: dec(total), locked: dec(0) },
      ]);
    const derived = new Bench().apply(balances(99_000));
    expect(text(derived.state.portfolio.cash('main', 'USDT'))).toBe('100000');
    expect(derived.changes.map((c) => c.kind === 'log' && c.code)).toEqual(['BALANCE_DIFFERENCE']);
    expect(derived.apply(balances(99_000)).changes).toEqual([]);
    expect(derived.state.portfolio.difference('main', 'USDT')).toBe('-1000');
    const broker = new Bench({ accounts: [{ name: 'main', cash: { USDT: 5 }, balances: 'broker' }] });
    broker.apply(balances(99_000)).apply(balances(99_000));
    expect(text(broker.state.portfolio.equity())).toBe('99000');
    const live = new Bench({ accounts: [{ name: 'main', cash: {} }] });
    expect(text(live.state.portfolio.equity())).toBe('unknown');
    expect(text(live.apply(balances(7)).state.portfolio.startEquity())).toBe('7');
  });

  it('sums accounts, and keeps peak and drawdown', () => {
    const b = new Bench({
      accounts: [
        { name: 'main', cash: { USDT: 1000 } },
        { name: 'two', cash: { USDT: 1000 } },
      ],
    });
    fill(b, 'buy', 10, 50);
    for (const price of [60, 40, 55]) b.trade(price);
    const p = b.state.portfolio;
    expect([p.equityNumber('main'), p.equityNumber('two'), p.equityNumber()]).toEqual([1050, 1000, 2050]);
    expect([text(p.peakEquity('main')), text(p.peakEquity()), p.maxDrawdown('two')]).toEqual([
      '1100',
      '2100',
      0,
    ]);
    expect(p.maxDrawdown('main')).toBeCloseTo(200 / 1100, 12);
    expect(text(p.equity('nobody'))).toBe('unknown');
  });
});

describe('defect 11: the day rolls at a wall-clock time and its start equity is part of State', () => {
  it('takes the equity before the first event of the new day', () => {
    const b = new Bench({ dayRoll: { time: 17 * 60, zone: 'America/New_York' } });
    b.turn(at('2024-03-08T21:59:59Z'));
    fill(b, 'buy', 10, 100);
    b.trade(90);
    const p = b.state.portfolio;
    const before = b.state.hash();
    expect(text(p.dayStartEquity())).toBe('100000');
    b.turn(at('2024-03-08T22:00:00Z'));
    expect([text(p.dayStartEquity()), text(p.dayStartEquity('main')), text(p.startEquity())]).toEqual([
      '99900',
      '99900',
      '100000',
    ]);
    expect(b.state.hash()).not.toBe(before);
  });

  it('follows daylight saving: days of 23 and 25 hours', () => {
    const roll = { time: 17 * 60, zone: 'America/New_York' };
    const friday = nextDayRoll(at('2024-03-09T12:00:00Z'), roll);
    expect(friday).toBe(at('2024-03-09T22:00:00Z'));
    expect(nextDayRoll(friday, roll)).toBe(at('2024-03-10T21:00:00Z'));
    const autumn = nextDayRoll(at('2024-11-02T12:00:00Z'), roll);
    expect([autumn, nextDayRoll(autumn, roll)]).toEqual([
      at('2024-11-02T21:00:00Z'),
      at('2024-11-03T22:00:00Z'),
    ]);
  });

  it('gives a time that daylight saving skips the instant after the gap, and of a repeated time the first', () => {
    const skipped = { time: 150, zone: 'America/New_York' };
    expect(nextDayRoll(at('2024-03-10T05:00:00Z'), skipped)).toBe(at('2024-03-10T07:30:00Z'));
    const twice = { time: 90, zone: 'America/New_York' };
    const first = nextDayRoll(at('2024-11-03T04:30:00Z'), twice);
    expect(first).toBe(at('2024-11-03T05:30:00Z'));
    expect(nextDayRoll(first, twice)).toBe(at('2024-11-04T06:30:00Z'));
    expect(nextDayRoll(at('2024-01-01T00:00:00Z'), { time: 0, zone: 'UTC' })).toBe(
      at('2024-01-02T00:00:00Z'),
    );
    expect(nextDayRoll(at('2024-06-01T00:00:00Z'), { time: 540, zone: 'Asia/Tokyo' })).toBe(
      at('2024-06-02T00:00:00Z'),
    );
  });
});

describe('rolling window', () => {
  it('forgets a peak once it is older than the window, and knows the value held when the window began', () => {
    const track = new EquityTrack(MICROS_PER_HOUR);
    track.update(100, T0);
    track.update(90, T0 + MICROS_PER_MINUTE);
    expect(track.rollingPeak(T0 + 59 * MICROS_PER_MINUTE)).toBe(100);
    expect(track.rollingPeak(T0 + 70 * MICROS_PER_MINUTE)).toBe(90);
    track.update(80, T0 + 5 * MICROS_PER_HOUR);
    expect(track.rollingPeak(T0 + 5 * MICROS_PER_HOUR)).toBe(90);
    expect(track.rollingPeak(T0 + 7 * MICROS_PER_HOUR)).toBe(80);
  });
});

describe('defect 13: exposure has a side', () => {
  it('sells are reserved apart from buys', () => {
    const b = new Bench().working({ side: 'sell' });
    expect([b.exposed('buy'), b.exposed('sell')]).toEqual(['0', '10']);
    expect(b.apply(makeControl(T0, 'pause', 'op', 'x')).state.control.trading).toBe('halted');
  });
});
