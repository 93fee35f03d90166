import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BinanceError } from '../../../src/brokers/binance/errors.js';
import { Rig, type Carrier } from './orders/rig.js';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const lost: Carrier = (carry, done) => {
  carry();
  done({ kind: 'unknown', category: 'network', reason: 'socket lost' });
};

describe('the session', () => {
  it('opens step by step', async () => {
    const rig = await new Rig().open();
    expect(rig.links).toEqual([
      'user closed: not opened',
      'user ready: ',
      'session up: reading open orders',
      'session ready: authenticated, user data subscribed',
    ]);
    expect(rig.trading.session.notReady).toBe('');
  });

  it('refuses to open when the key is refused', async () => {
    const rig = new Rig();
    const opened = rig.trading.session.open();
    rig.link('connecting');
    rig.link('closed', 'code -2015: the API key is unknown here');
    await expect(opened).rejects.toMatchObject({
      category: 'auth',
      message: 'Binance refused the session: code -2015: the API key is unknown here',
    });
  });

  it('gives up opening when nothing answers', async () => {
    const rig = new Rig();
    const opened = rig.trading.session.open();
    const failed = expect(opened).rejects.toMatchObject({ category: 'unavailable' });
    rig.link('connecting', 'no route');
    await rig.settle(60_000);
    await failed;
  });

  it('opens only after a reading that failed was made again', async () => {
    const rig = new Rig();
    rig.broken.set('/api/v3/openOrders', new BinanceError('network', 'no answer', true));
    const opened = rig.trading.session.open();
    rig.link('ready');
    await rig.settle(2_500);
    expect(rig.trading.session.notReady).toBe('the reconciliation failed: no answer');
    rig.broken.clear();
    await rig.settle(5_000);
    await opened;
  });

  it('does not tell orders and fills from before it, but knows them', async () => {
    const rig = new Rig();
    const before = rig.exchange.request('order.place', {
      newClientOrderId: 'web-1',
      side: 'BUY',
      type: 'LIMIT',
      quantity: '5',
      price: '100',
    });
    expect(before.answer.kind).toBe('answer');
    rig.exchange.fill(rig.exchange.orders[0]!, '1');
    await rig.settle(1_000);
    await rig.open();
    expect(rig.words).toEqual([]);
    rig.tell(rig.exchange.fill(rig.exchange.orders[0]!, '2'));
    await rig.settle(1_000);
    expect(rig.words).toEqual(['fill BTCUSDT:2 web-1']);
    await rig.reconnect();
    expect(rig.words).toEqual(['fill BTCUSDT:2 web-1', 'accepted web-1']);
  });
});

describe('after an interruption', () => {
  it('missed fills come first, then open orders, then what was held, then ready', async () => {
    const rig = await new Rig().open();
    const a = rig.send('new', { orderKey: 'a' });
    const b = rig.send('new', { orderKey: 'b' });
    rig.said.length = 0;
    rig.links.length = 0;
    rig.link('down', 'no frame for 45 s');
    expect(rig.trading.session.notReady).toBe('no frame for 45 s');
    const orders = [a, b].map((id) => rig.exchange.order(id)!);
    rig.exchange.fill(orders[0]!, '10'); // nobody was told
    // the stream runs again before the session is reconciled
    rig.tell(rig.exchange.fill(orders[1]!, '2'));
    expect(rig.words).toEqual([]);
    rig.link('ready');
    await rig.settle(100);
    expect(rig.words).toEqual([`fill BTCUSDT:1 ${a}`, `fill BTCUSDT:2 ${b}`, `accepted ${b}`]);
    expect(rig.links).toEqual([
      'user down: no frame for 45 s',
      'session down: no frame for 45 s',
      'user ready: ',
      'session up: fetching missed fills',
      'session up: reading open orders',
      'session up: reading balances',
      'session ready: reconciled',
    ]);
    expect([rig.order('a')?.state, rig.order('b')?.filled.toString(), rig.position]).toEqual([
      'filled',
      '2',
      '12',
    ]);
  });

  it('asks once more for every request of unknown outcome before it is ready', async () => {
    const rig = await new Rig().open();
    rig.broken.set('/api/v3/order', new BinanceError('network', 'down', true));
    rig.carrier = lost;
    rig.send('new');
    rig.link('down', 'lost');
    await rig.settle(120_000);
    rig.broken.clear();
    rig.link('ready');
    await rig.settle(10);
    expect(rig.order()?.state).toBe('accepted');
    expect(rig.links.at(-1)).toBe('session ready: reconciled');
  });

  it('is not ready until every reading succeeded, and starts again when the link is lost meanwhile', async () => {
    const rig = await new Rig().open();
    rig.send('new');
    rig.broken.set('/api/v3/account', new BinanceError('unavailable', 'maintenance', true));
    rig.link('down', 'lost');
    rig.link('ready');
    await rig.settle(5_000);
    expect(rig.trading.session.notReady).not.toBe('');
    expect(rig.links.some((l) => l === 'session degraded: the reconciliation failed: maintenance')).toBe(
      true,
    );
    rig.link('down', 'lost again');
    rig.broken.clear();
    await rig.settle(60_000);
    expect(rig.trading.session.notReady).toBe('lost again');
    rig.link('ready');
    await rig.settle(100);
    expect(rig.trading.session.notReady).toBe('');
  });

  it('reads trades from the last one that a reading told', async () => {
    const rig = await new Rig().open();
    const id = rig.send('new');
    rig.exchange.fill(rig.exchange.order(id)!, '1');
    await rig.reconnect();
    rig.exchange.fill(rig.exchange.order(id)!, '1');
    await rig.reconnect();
    expect([rig.position, rig.trading.session.recoveredFills]).toEqual(['2', 2]);
    await rig.reconnect();
    expect([rig.position, rig.trading.session.recoveredFills]).toEqual(['2', 2]);
  });

  it('an order that ended unseen is asked for', async () => {
    const rig = await new Rig().open();
    const id = rig.send('new');
    await rig.reconnect(() => void rig.exchange.expire(rig.exchange.order(id)!));
    expect(rig.order()?.state).toBe('expired');
  });

  it('a fill of an older leg, replayed, leaves a replace in flight alone', async () => {
    const rig = await new Rig().open();
    const first = rig.send('new');
    const lostFill = rig.exchange.fill(rig.exchange.order(first)!, '3');
    let answer = (): void => undefined;
    rig.carrier = (carry, done) => {
      answer = () => done(carry().answer);
    };
    const id = rig.send('replace', { quantity: rig.order()!.quantity.minus(1) });
    rig.tell(lostFill);
    expect(rig.order()).toMatchObject({ state: 'pending_replace', inFlight: { clientOrderId: id } });
    answer();
    expect(rig.order()).toMatchObject({ state: 'partially_filled', clientOrderId: id });
  });

  it('a cancel during the reconciliation does not lose an earlier fill', async () => {
    const rig = await new Rig().open();
    const id = rig.send('new');
    rig.link('down', 'lost');
    rig.exchange.fill(rig.exchange.order(id)!, '4');
    rig.send('cancel');
    rig.link('ready');
    await rig.settle(1_000);
    expect([rig.order()?.state, rig.order()?.filled.toString(), rig.position]).toEqual([
      'cancelled',
      '4',
      '4',
    ]);
  });
});

describe('what cannot be read', () => {
  it('is counted, and the order is asked for', async () => {
    const rig = await new Rig().open();
    const id = rig.send('new');
    const [report] = rig.exchange.fill(rig.exchange.order(id)!, '4') as [Record<string, unknown>];
    rig.tell([{ ...report, L: undefined }]);
    expect(rig.position).toBe('0');
    await rig.settle(10);
    expect(rig.position).toBe('4');
    expect(rig.trading.figures().find(({ name }) => name === 'user_events_malformed_total')?.value).toBe(1);
  });

  it('and tells nothing of what it was makes the session reconcile', async () => {
    const rig = await new Rig().open();
    const id = rig.send('new');
    rig.exchange.fill(rig.exchange.order(id)!, '4');
    rig.tell(['garbage']);
    expect(rig.links).toContain('session degraded: a message could not be read: it is not an object');
    expect(rig.trading.session.notReady).not.toBe('');
    await rig.settle(10);
    expect([rig.position, rig.trading.session.notReady]).toEqual(['4', '']);
  });

  it('balances that moved are asked for; older statements do not put newer ones back', async () => {
    const rig = await new Rig().open();
    rig.tell([{ e: 'balanceUpdate', E: 1, a: 'USDT', d: '5', T: 1 }]);
    await rig.settle(10);
    const usdt = (f: string, u: number) => ({
      e: 'outboundAccountPosition',
      E: u,
      u,
      B: [{ a: 'USDT', f, l: '0' }],
    });
    rig.tell([usdt('90', 7), usdt('95', 6)]);
    const told = rig.said.flatMap((e) => (e.kind === 'account' ? [e.balances[0]?.total.toString()] : []));
    expect(told).toEqual(['100000', '90']);
  });
});

it('fails rather than drop what it cannot hold', async () => {
  const rig = await new Rig().open();
  rig.link('down', 'lost');
  for (let i = 0; i < 50_001; i++) rig.stream.next({ e: 'listStatus' });
  expect(rig.failures.map(({ message }) => message)).toEqual([
    '50000 messages of the Binance user data stream wait for a reconciliation',
  ]);
});

it('ends when the key is refused in mid-session', async () => {
  const rig = await new Rig().open();
  rig.link('down', 'lost');
  expect(rig.failures).toEqual([]);
  rig.link('closed', 'code -2015');
  expect(rig.failures.map(({ message }) => message)).toEqual(['Binance refused the session: code -2015']);
});
