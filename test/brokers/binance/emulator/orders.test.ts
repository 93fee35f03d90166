import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { dec } from '../../../../src/model/decimal.js';
import type { Intent } from '../../../../src/model/intent.js';
import { Desk, type DeskOptions } from './desk.js';

let desk: Desk | undefined;

/** A market that stands still: 60,000 bid and 60,001 asked for ten each; `price` moves it. */
async function open(options: DeskOptions = {}): Promise<Desk> {
  desk = await Desk.open({
    ...options,
    emulator: { market: { type: 'none' }, ...options.emulator },
  });
  price(60_000);
  trade('BUY'); // a last price, which conditional orders look at
  return desk;
}

function price(bid: number): void {
  const { market } = desk!.emulator.exchange;
  market.levels('BTCUSDT', [bid, 10, bid - 100, 10], [bid + 1, 10, bid + 101, 10], true);
}

/** A trade of others at the best price. */
function trade(side: 'BUY' | 'SELL', quantity = 0.001): void {
  desk!.emulator.exchange.market.take('BTCUSDT', side, quantity);
}

function move(bid: number): void {
  price(bid);
  trade('BUY');
  trade('SELL');
}

afterEach(async () => {
  await desk?.close();
  desk = undefined;
});

const market = { type: 'market', limitPrice: undefined } as const;
const at = (value: number): Partial<Intent> => ({ limitPrice: dec(value) });
const stopAt = (value: number): Partial<Intent> => ({
  type: 'stop',
  limitPrice: undefined,
  stopPrice: dec(value),
});

describe('limit and market orders', () => {
  it('immediate or cancel, fill or kill, and a market larger than the book', async () => {
    const l = await open();
    l.send('new', 'ioc', { ...at(60_001), quantity: dec('12'), timeInForce: 'ioc', side: 'buy' });
    expect((await l.reaches('ioc', 'expired', 'rejected')).reason).toContain('insufficient balance');
    l.send('new', 'part', { ...at(60_000.5), timeInForce: 'ioc' });
    expect((await l.reaches('part', 'expired')).filled.toString()).toBe('0');
    l.emulator.exchange.market.levels('BTCUSDT', [60_000, 10], [60_001, 0.004, 61_000, 0.002], true);
    l.send('new', 'some', { ...at(60_001), timeInForce: 'ioc' });
    expect((await l.reaches('some', 'expired')).filled.toString()).toBe('0.004');
    l.send('new', 'none', { ...at(61_000), timeInForce: 'fok' });
    expect((await l.reaches('none', 'expired')).filled.toString()).toBe('0');
    l.send('new', 'all', { ...at(61_000), quantity: dec('0.001'), timeInForce: 'fok' });
    await l.reaches('all', 'filled');
    l.send('new', 'big', market);
    expect((await l.reaches('big', 'expired')).filled.toString()).toBe('0.001');
    await l.check();
  });

  it('rest, fill in parts as maker, and end by a cancel', async () => {
    const l = await open();
    const id = l.send('new', 'rest', { ...at(60_000), quantity: dec('0.01') });
    await l.reaches('rest', 'accepted');
    l.emulator.exchange.market.levels('BTCUSDT', [60_000, 0], [], false);
    trade('SELL', 0.003);
    await l.reaches('rest', 'partially_filled');
    trade('SELL', 0.002);
    await l.until(() => l.order('rest')?.filled.eq('0.005') === true);
    l.send('cancel', 'rest');
    await l.reaches('rest', 'cancelled');
    const fills = l.said.filter(
      (e) => e.kind === 'execution' && e.clientOrderId === id && e.report === 'fill',
    );
    expect(fills.map((e) => (e.kind === 'execution' ? e.fill?.liquidity : ''))).toEqual(['maker', 'maker']);
    await l.check();
  });
});

describe('conditional orders', () => {
  it('a stop sells when the price falls, a stop-limit rests at its limit', async () => {
    const l = await open();
    const stop = l.send('new', 'stop', { side: 'sell', ...stopAt(59_000) });
    l.send('new', 'limit', {
      side: 'sell',
      type: 'stop_limit',
      stopPrice: dec('59000'),
      limitPrice: dec('59500'),
    });
    await l.reaches('stop', 'accepted');
    await l.reaches('limit', 'accepted');
    expect((await l.broker.openOrders()).map((e) => e.stopPrice?.toString())).toEqual(['59000', '59000']);
    move(58_900);
    await l.reaches('stop', 'filled');
    await l.until(() => l.reports(l.order('limit')?.clientOrderId ?? '').includes('triggered'));
    expect(l.order('limit')?.state).toBe('accepted');
    expect(l.reports(stop)).toEqual(['accepted', 'triggered', 'fill']);
    move(59_600);
    await l.reaches('limit', 'filled');
    await l.check();
  });

  it('take profit, and take profit with a limit', async () => {
    const l = await open();
    const metadata = { trigger: 'take_profit' };
    l.send('new', 'tp', { side: 'sell', metadata, ...stopAt(61_000) });
    l.send('new', 'tpl', {
      side: 'buy',
      metadata,
      type: 'stop_limit',
      stopPrice: dec('59000'),
      limitPrice: dec('59100'),
    });
    await l.reaches('tp', 'accepted');
    await l.reaches('tpl', 'accepted');
    expect(l.emulator.exchange.audit.orders('test').map((o) => o.type)).toEqual([
      'TAKE_PROFIT',
      'TAKE_PROFIT_LIMIT',
    ]);
    move(61_100);
    await l.reaches('tp', 'filled');
    move(58_950);
    await l.reaches('tpl', 'filled');
    await l.check();
  });

  it('a trailing stop follows the best price and sells on the way back', async () => {
    const l = await open();
    l.send('new', 't', {
      side: 'sell',
      type: 'trailing_stop',
      limitPrice: undefined,
      trailingOffset: { value: dec(100), unit: 'bps' },
    });
    await l.reaches('t', 'accepted');
    move(62_000);
    move(61_500);
    expect(l.order('t')?.state).toBe('accepted');
    move(61_300);
    await l.reaches('t', 'filled');
    expect(l.order('t')?.averagePrice.toNumber()).toBeLessThan(61_500);
    await l.check();
  });

  it('a stop on the wrong side is refused, one that waits is moved and cancelled', async () => {
    const l = await open();
    l.send('new', 'wrong', { side: 'sell', ...stopAt(61_000) });
    expect((await l.reaches('wrong', 'rejected')).reason).toMatch(/trigger immediately/i);
    l.send('new', 's', { side: 'sell', ...stopAt(59_000) });
    await l.reaches('s', 'accepted');
    const moved = l.send('replace', 's', { side: 'sell', ...stopAt(58_000) });
    await l.until(() => l.order('s')?.clientOrderId === moved);
    expect((await l.reaches('s', 'accepted')).stopPrice?.toString()).toBe('58000');
    move(58_500);
    expect(l.order('s')?.state).toBe('accepted');
    l.send('cancel', 's');
    await l.reaches('s', 'cancelled');
    await l.check();
  });
});

describe('changes', () => {
  it('an amendment keeps the place in the queue, a new price gives it up', async () => {
    const l = await open();
    l.send('new', 'a', at(59_000));
    const venueId = (await l.reaches('a', 'accepted')).venueOrderId;
    const smaller = l.send('replace', 'a', { ...at(59_000), quantity: dec('0.005') });
    await l.until(() => l.order('a')?.clientOrderId === smaller);
    expect((await l.reaches('a', 'accepted')).venueOrderId).toBe(venueId);
    const dearer = l.send('replace', 'a', { ...at(59_500), quantity: dec('0.007') });
    await l.until(() => l.order('a')?.clientOrderId === dearer);
    expect((await l.reaches('a', 'accepted')).venueOrderId).not.toBe(venueId);
    await l.check();
  });

  it('a replace that the venue refuses in its second half leaves no order', async () => {
    const l = await open();
    l.send('new', 'a', at(59_000));
    await l.reaches('a', 'accepted');
    l.send('replace', 'a', { ...at(59_000), quantity: dec('5') }); // more than the balance allows
    expect((await l.reaches('a', 'cancelled')).reason).toContain('insufficient balance');
    await l.check();
  });

  it('a cancel and a replace that come too late find the fill', async () => {
    const l = await open();
    l.send('new', 'a', at(59_000));
    l.send('new', 'b', at(59_000));
    await l.reaches('a', 'accepted');
    await l.reaches('b', 'accepted');
    price(58_000); // fills both
    l.send('cancel', 'a');
    l.send('replace', 'b', at(58_900));
    await l.reaches('a', 'filled');
    await l.reaches('b', 'filled');
    await l.check();
  });
});

const pair = generateKeyPairSync('ed25519', {
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const ED_KEY = 'E'.repeat(64);
const ed25519: DeskOptions = {
  accountId: 'ed',
  emulator: {
    accounts: [
      {
        id: 'ed',
        keys: [{ apiKey: ED_KEY, publicKey: pair.publicKey }],
        balances: { USDT: '100000', BTC: '2' },
      },
    ],
  },
  credentials: () => ({ apiKey: ED_KEY, privateKeyPem: pair.privateKey }),
};

describe.each<[string, DeskOptions]>([
  ['orders by REST', { broker: { orderTransport: 'rest' } }],
  ['an Ed25519 key', ed25519],
  ['an Ed25519 key, orders by REST', { ...ed25519, broker: { orderTransport: 'rest' } }],
  ['reports before answers', { emulator: { answerOrder: 'events_first' } }],
  ['answers and reports in any order', { emulator: { answerOrder: 'mixed' } }],
])('with %s', (_, options) => {
  it('everything is as usual', async () => {
    const l = await open(options);
    l.send('new', 'm', market);
    l.send('new', 'a', at(59_000));
    l.send('new', 's', { side: 'sell', ...stopAt(58_000) });
    l.send('new', 'bad', { quantity: dec('0.0000001') });
    await l.reaches('m', 'filled');
    await l.reaches('a', 'accepted');
    await l.reaches('s', 'accepted');
    expect((await l.reaches('bad', 'rejected')).reason).toContain('LOT_SIZE');
    const smaller = l.send('replace', 'a', { ...at(59_000), quantity: dec('0.005') });
    await l.until(() => l.order('a')?.clientOrderId === smaller);
    await l.reaches('a', 'accepted');
    const dearer = l.send('replace', 'a', { ...at(59_500), quantity: dec('0.005') });
    await l.until(() => l.order('a')?.clientOrderId === dearer);
    await l.reaches('a', 'accepted');
    l.send('cancel', 's');
    await l.reaches('s', 'cancelled');
    move(59_400);
    await l.reaches('a', 'filled');
    expect(await l.broker.openOrders()).toEqual([]);
    const fills = await l.broker.fills({ since: (Date.now() - 60_000) * 1_000, instruments: ['BTCUSDT'] });
    expect(fills.map((e) => e.clientOrderId)).toEqual(
      expect.arrayContaining([l.order('m')?.clientOrderId, dearer]),
    );
    await l.check();
    expect(
      l.figure('order_requests_total', { transport: options.broker?.orderTransport ?? 'ws' }),
    ).toBeGreaterThan(6);
  });
});
