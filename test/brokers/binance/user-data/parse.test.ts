import { describe, expect, it } from 'vitest';
import { parseUserEvent } from '../../../../src/brokers/binance/user-data/parse.js';
import { dec } from '../../../../src/model/decimal.js';

const NEW = {
  e: 'executionReport',
  E: 1499405658658,
  s: 'ETHBTC',
  c: 'mine',
  S: 'BUY',
  o: 'LIMIT',
  f: 'GTC',
  q: '1.00000000',
  p: '0.10264410',
  P: '0.00000000',
  F: '0.00000000',
  g: -1,
  C: '',
  x: 'NEW',
  X: 'NEW',
  r: 'NONE',
  i: 4293153,
  l: '0.00000000',
  z: '0.00000000',
  L: '0.00000000',
  n: '0',
  N: null,
  T: 1499405658657,
  t: -1,
  I: 8641984,
  w: true,
  m: false,
  M: false,
  O: 1499405658657,
  Z: '0',
  Y: '0',
  Q: '0',
};
const TRADE = {
  ...NEW,
  x: 'TRADE',
  X: 'PARTIALLY_FILLED',
  l: '0.25',
  z: '0.75',
  L: '0.1026',
  n: '0.00001',
  N: 'BNB',
  t: 77,
  m: true,
};

describe('an execution report', () => {
  it('of a new order', () => {
    expect(parseUserEvent(NEW)).toEqual({
      kind: 'order',
      execution: 'NEW',
      trade: undefined,
      cancelId: '',
      formerId: '',
      working: true,
      order: {
        symbol: 'ETHBTC',
        venueOrderId: '4293153',
        clientOrderId: 'mine',
        side: 'buy',
        type: 'LIMIT',
        status: 'NEW',
        quantity: dec(1),
        executed: dec(0),
        limitPrice: dec('0.1026441'),
        stopPrice: undefined,
        time: 1499405658657000,
        reason: '',
      },
    });
  });

  it('of a trade carries the fill', () => {
    const event = parseUserEvent(TRADE);
    expect(event.kind === 'order' && event.trade).toEqual({
      symbol: 'ETHBTC',
      tradeId: '77',
      venueOrderId: '4293153',
      clientOrderId: 'mine',
      side: 'buy',
      fill: {
        quantity: dec('0.25'),
        price: dec('0.1026'),
        fee: dec('0.00001'),
        feeCurrency: 'BNB',
        liquidity: 'maker',
      },
      cumulative: dec('0.75'),
      time: 1499405658657000,
    });
  });

  it('of a cancel names the order in C and the cancel in c', () => {
    const event = parseUserEvent({ ...NEW, x: 'CANCELED', X: 'CANCELED', c: 'the-cancel', C: 'mine' });
    expect(event).toMatchObject({
      kind: 'order',
      cancelId: 'the-cancel',
      order: { clientOrderId: 'mine', status: 'CANCELED' },
    });
  });

  it('of a cancel by the venue has no C', () => {
    const event = parseUserEvent({ ...NEW, x: 'CANCELED', X: 'CANCELED' });
    expect(event).toMatchObject({ cancelId: '', order: { clientOrderId: 'mine' } });
  });

  it('of an amendment names the new id in c', () => {
    const event = parseUserEvent({ ...NEW, x: 'REPLACED', c: 'second', C: 'mine' });
    expect(event).toMatchObject({
      execution: 'REPLACED',
      formerId: 'mine',
      order: { clientOrderId: 'second' },
    });
  });

  it.each([
    ['EXPIRED', 'EXPIRED', { eR: 'UNFILLED_IOC_QUANTITY_EXPIRED' }, 'UNFILLED_IOC_QUANTITY_EXPIRED'],
    ['TRADE_PREVENTION', 'EXPIRED_IN_MATCH', {}, ''],
    ['REJECTED', 'REJECTED', { r: 'INSUFFICIENT_BALANCES' }, 'INSUFFICIENT_BALANCES'],
  ])('%s has its reason', (x, X, more, reason) => {
    expect(parseUserEvent({ ...NEW, x, X, ...more })).toMatchObject({
      kind: 'order',
      order: { status: X, reason },
    });
  });

  it.each([
    ['x', 'CHANGED', '"x" is not one of'],
    ['X', undefined, '"X" is missing'],
    ['i', '4293153', '"i" is not a whole number'],
    ['i', 2 ** 60, '"i" is not a whole number'],
    ['q', 1, '"q" is not a decimal in a text'],
    ['z', '1e-7', '"z" is not a decimal in a text'],
    ['l', undefined, '"l" is missing'],
    ['l', '0', '"l" is not above zero'],
    ['N', null, '"N" is not a text'],
    ['t', -1, '"t" is not the id of a trade'],
    ['m', 'true', '"m" is not true or false'],
    ['S', 'LONG', '"S" is not one of'],
    ['T', null, '"T" is not a whole number'],
  ])('with %s = %s cannot be used, and tells which order it is about', (key, value, problem) => {
    const event = parseUserEvent({ ...TRADE, [key]: value });
    expect(event).toMatchObject({
      kind: 'malformed',
      type: 'executionReport',
      symbol: 'ETHBTC',
      clientOrderId: 'mine',
    });
    expect(event.kind === 'malformed' && event.problem).toContain(problem);
  });
});

describe('other messages', () => {
  it('balances', () => {
    const B = [{ a: 'ETH', f: '10000.000000', l: '1.5' }];
    expect(parseUserEvent({ e: 'outboundAccountPosition', E: 5, u: 4, B })).toEqual({
      kind: 'balances',
      update: 4,
      time: 5000,
      balances: [{ currency: 'ETH', free: dec(10000), locked: dec('1.5'), total: dec('10001.5') }],
    });
    expect(
      parseUserEvent({ e: 'outboundAccountPosition', E: 5, u: 4, B: [{ a: 'ETH', f: 1, l: '0' }] }),
    ).toMatchObject({
      kind: 'malformed',
      problem: 'in "B" "f" is not a decimal in a text',
    });
  });

  it('movements, lists, the end of the stream, and what is not known', () => {
    expect(parseUserEvent({ e: 'balanceUpdate', E: 1, a: 'BTC', d: '-100.0', T: 2 })).toEqual({
      kind: 'moved',
      currency: 'BTC',
      time: 2000,
    });
    expect(parseUserEvent({ e: 'externalLockUpdate', E: 1, a: 'NEO', d: '10.0', T: 2 })).toEqual({
      kind: 'moved',
      currency: 'NEO',
      time: 2000,
    });
    expect(parseUserEvent({ e: 'listStatus' })).toEqual({ kind: 'list' });
    expect(parseUserEvent({ e: 'eventStreamTerminated', E: 1 })).toEqual({ kind: 'terminated' });
    expect(parseUserEvent({ e: 'somethingNew' })).toEqual({ kind: 'other', type: 'somethingNew' });
    for (const junk of [null, 7, 'text', [], {}]) expect(parseUserEvent(junk).kind).toBe('malformed');
  });
});
