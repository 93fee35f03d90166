import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BinanceError } from '../../../../src/brokers/binance/errors.js';
import { dec } from '../../../../src/model/decimal.js';
import { refused } from './mini-exchange.js';
import { Rig, type Carrier } from './rig.js';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const mine = (rig: Rig, id: string) => rig.exchange.order(id)!;
const unknown: Carrier = (carry, done) => {
  carry();
  done({ kind: 'unknown', category: 'timeout', reason: 'no answer' });
};

describe('an order', () => {
  it('is accepted once although answer and report both say so', async () => {
    const rig = await new Rig().open();
    const id = rig.send('new');
    expect(rig.words).toEqual([`accepted ${id}`, `sent ${id}`]);
    expect(rig.order()).toMatchObject({ state: 'accepted', venueOrderId: '1000' });
    expect(rig.requests).toMatchObject([{ by: 'ws', method: 'order.place' }]);
  });

  it('is not hurt by reports that come before the answer, twice or late', async () => {
    const rig = await new Rig().open();
    let answer = (): void => undefined;
    rig.carrier = (carry, done) => {
      const result = carry();
      rig.tell(result.events);
      answer = () => done(result.answer);
    };
    const id = rig.send('new');
    const fill = rig.exchange.fill(mine(rig, id), '4');
    rig.tell([...fill, ...fill]);
    answer();
    const rest = rig.exchange.fill(mine(rig, id), '6');
    rig.tell([...rest, ...fill]);
    expect(rig.words).toEqual([
      `accepted ${id}`,
      `sent ${id}`,
      `fill BTCUSDT:1 ${id}`,
      `fill BTCUSDT:2 ${id}`,
    ]);
    expect([rig.order()?.state, rig.position]).toEqual(['filled', '10']);
  });

  it('takes the fills of its answer, and the same fills from the stream once', async () => {
    const rig = await new Rig().open();
    rig.carrier = (carry, done) => {
      const { events } = carry();
      const order = rig.exchange.orders[0]!;
      const trade = rig.exchange.fill(order, '10');
      const fills = [{ price: '100', qty: '10', commission: '0.1', commissionAsset: 'USDT', tradeId: 1 }];
      done({ kind: 'answer', result: rig.exchange.json(order, { transactTime: 1, fills }) });
      rig.tell([...events, ...trade]);
    };
    const id = rig.send('new', { type: 'market', limitPrice: undefined });
    expect(rig.words).toEqual([`accepted ${id}`, `fill BTCUSDT:1 ${id}`, `sent ${id}`]);
    expect(rig.order()?.state).toBe('filled');
  });

  it('is rejected by a definitive refusal', async () => {
    const rig = await new Rig().open();
    rig.carrier = (_, done) => done(refused(-2010, 'Account has insufficient balance for requested action.'));
    const id = rig.send('new');
    expect(rig.words).toEqual([`rejected ${id}`, `sent ${id}`]);
    expect(rig.order()?.reason).toBe(
      'INSUFFICIENT_CASH: venue=binance code=-2010 message="Account has insufficient balance for requested action."',
    );
  });

  it('that never left comes back as not sent', async () => {
    const rig = await new Rig().open();
    rig.carrier = (_, done) => done({ kind: 'not_sent', category: 'rate_limit', reason: 'wait 3 s' });
    const id = rig.send('new');
    expect(rig.words).toEqual([`not_sent ${id}`]);
    expect(rig.order()).toMatchObject({ state: 'rejected', reason: 'wait 3 s' });
  });

  it('goes by REST when the socket refuses it at once', async () => {
    const rig = await new Rig().open();
    const normal = rig.carrier;
    rig.carrier = (carry, done, method) =>
      rig.requests.at(-1)?.by === 'ws'
        ? done({ kind: 'not_sent', category: 'network', reason: 'not ready' })
        : normal(carry, done, method);
    const id = rig.send('new');
    await rig.settle(1);
    expect(rig.requests.map(({ by }) => by)).toEqual(['ws', 'rest']);
    expect(rig.words).toEqual([`accepted ${id}`, `sent ${id}`]);
  });

  it('the venue has no exact form for is refused here with a reason', async () => {
    const rig = await new Rig().open();
    const id = rig.send('new', { timeInForce: 'day' });
    expect(rig.words).toEqual([`not_sent ${id}`]);
    expect(rig.order()?.reason).toBe('Binance spot has no time in force day: use gtc, ioc or fok');
    expect(rig.requests).toEqual([]);
  });
});

describe('reports of the stream', () => {
  it('a stop is triggered when it begins to work', async () => {
    const rig = await new Rig().open();
    rig.carrier = (carry, done) => done(carry().answer);
    const id = rig.send('new', { type: 'stop', limitPrice: undefined, stopPrice: dec(110) });
    rig.tell([rig.exchange.report(mine(rig, id), 'NEW', { w: false })]);
    expect(rig.words).toEqual([`accepted ${id}`, `sent ${id}`]);
    const working = rig.exchange.report(mine(rig, id), 'NEW');
    rig.tell([working, working]);
    expect(rig.words.slice(2)).toEqual([`triggered ${id}`]);
  });

  it('self-trade prevention ends an order that it took whole, and what it took of one that fills', async () => {
    const rig = await new Rig().open();
    const a = rig.send('new', { orderKey: 'a' });
    rig.exchange.order(a)!.status = 'EXPIRED_IN_MATCH';
    rig.tell([rig.exchange.report(mine(rig, a), 'TRADE_PREVENTION')]);
    expect(rig.order('a')).toMatchObject({ state: 'expired', reason: 'self-trade prevention' });
    const b = rig.send('new', { orderKey: 'b' });
    const [fill] = rig.exchange.fill(mine(rig, b), '6') as [Record<string, unknown>];
    rig.tell([{ ...fill, X: 'FILLED' }]);
    expect([rig.order('b')?.state, rig.order('b')?.filled.toString()]).toEqual(['expired', '6']);
  });

  it('an amendment by somebody else renames the order', async () => {
    const rig = await new Rig().open();
    const id = rig.send('new');
    const { events } = rig.exchange.request('order.amend.keepPriority', {
      origClientOrderId: id,
      newClientOrderId: 'web-2',
      newQty: '5',
    });
    rig.tell(events);
    expect(rig.order()).toMatchObject({ clientOrderId: 'web-2' });
    rig.tell(rig.exchange.fill(rig.exchange.order('web-2')!, '5'));
    expect([rig.order()?.state, rig.position]).toEqual(['filled', '5']);
  });

  it('a cancel of a replace nobody remembers is asked for, not believed', async () => {
    const rig = await new Rig().open();
    const id = rig.send('new');
    const { events } = rig.exchange.request('order.cancelReplace', {
      cancelOrigClientOrderId: id,
      cancelNewClientOrderId: 'old-session-c',
      newClientOrderId: 'old-session',
      side: 'BUY',
      type: 'LIMIT',
      quantity: '10',
      price: '99',
    });
    rig.tell(events.slice(0, 1));
    expect(rig.order()?.state).toBe('accepted');
    await rig.settle(10);
    expect(rig.order()).toMatchObject({ state: 'accepted' });
    expect(rig.words.at(-1)).toBe('replaced old-session');
  });
});

describe('an unknown outcome', () => {
  it('is asked for and adopted, and nothing is sent again', async () => {
    const rig = await new Rig().open();
    rig.carrier = unknown;
    const id = rig.send('new');
    expect(rig.order()?.state).toBe('unknown');
    await rig.settle(1);
    expect(rig.words).toEqual([`unknown ${id}`, `accepted ${id}`]);
    expect([rig.order()?.state, rig.requests.length]).toEqual(['accepted', 1]);
  });

  it('of an order that filled at once brings its fills', async () => {
    const rig = await new Rig().open();
    rig.carrier = (carry, done) => {
      carry();
      rig.exchange.fill(rig.exchange.orders[0]!, '10');
      done({ kind: 'unknown', category: 'unavailable', reason: '503' });
    };
    rig.send('new');
    await rig.settle(1);
    expect([rig.order()?.state, rig.position]).toEqual(['filled', '10']);
  });

  it('of an order that never arrived is decided only when "not found" has held beyond the receive window', async () => {
    const rig = await new Rig().open();
    rig.carrier = (_, done) => done({ kind: 'unknown', category: 'timeout', reason: 'no answer' });
    rig.send('new');
    await rig.settle(9_900);
    expect(rig.order()?.state).toBe('unknown');
    await rig.settle(10_000);
    expect(rig.order()?.state).toBe('rejected');
    expect(rig.order()?.reason).toBe('Binance does not know it: it never arrived (no answer)');
    expect(rig.requests.length).toBe(1);
  });

  it('is found although the venue first says that it does not exist', async () => {
    const rig = await new Rig().open();
    let late = (): void => undefined;
    rig.carrier = (carry, done) => {
      late = () => void carry();
      done({ kind: 'unknown', category: 'timeout', reason: 'no answer' });
    };
    rig.send('new');
    await rig.settle(2_000);
    late();
    await rig.settle(5_000);
    expect(rig.order()?.state).toBe('accepted');
  });

  it('survives queries that fail: they decide nothing', async () => {
    const rig = await new Rig().open();
    rig.broken.set('/api/v3/order', new BinanceError('network', 'down', true));
    rig.carrier = unknown;
    rig.send('new');
    await rig.settle(120_000);
    expect(rig.order()?.state).toBe('unknown');
    rig.broken.clear();
    await rig.settle(5_000);
    expect(rig.order()?.state).toBe('accepted');
  });

  it('a duplicate is adopted', async () => {
    const rig = await new Rig().open();
    rig.carrier = (carry, done) => {
      carry();
      done(refused(-2010, 'Duplicate order sent.'));
    };
    rig.send('new');
    await rig.settle(1);
    expect(rig.order()?.state).toBe('accepted');
  });

  it('an unreadable answer is asked for', async () => {
    const rig = await new Rig().open();
    rig.carrier = (carry, done) => {
      carry();
      done({ kind: 'answer', result: { orderId: 'seven' } });
    };
    const id = rig.send('new');
    expect(rig.words).toContain(`unknown ${id}`);
    await rig.settle(1);
    expect(rig.order()?.state).toBe('accepted');
  });
});

describe('a cancel', () => {
  it('ends the order', async () => {
    const rig = await new Rig().open();
    const id = rig.send('new');
    const cancel = rig.send('cancel');
    expect(rig.words.slice(2)).toEqual([`cancelled ${id}`, `sent ${cancel}`]);
    expect(rig.order()?.state).toBe('cancelled');
  });

  it('that came too late is no rejection: the fills come first', async () => {
    const rig = await new Rig().open();
    const id = rig.send('new');
    rig.exchange.fill(mine(rig, id), '10'); // its report is lost
    rig.send('cancel');
    expect(rig.order()?.state).toBe('pending_cancel');
    await rig.settle(1);
    expect([rig.order()?.state, rig.position]).toEqual(['filled', '10']);
    expect(rig.words.some((w) => w.startsWith('cancel_rejected'))).toBe(false);
  });

  it('without an answer of an order that stays open is told as rejected in the end', async () => {
    const rig = await new Rig().open();
    rig.send('new');
    rig.carrier = (_, done) => done({ kind: 'unknown', category: 'timeout', reason: 'no answer' });
    const cancel = rig.send('cancel');
    await rig.settle(20_000);
    expect(rig.words.at(-1)).toBe(`cancel_rejected ${cancel}`);
    expect(rig.order()?.state).toBe('accepted');
  });

  it('is tried by REST while the session is down; new orders are not', async () => {
    const rig = await new Rig().open();
    const id = rig.send('new');
    rig.link('down', 'socket lost');
    const refusedId = rig.send('new', { orderKey: 'k2' });
    expect(rig.words.at(-1)).toBe(`not_sent ${refusedId}`);
    expect(rig.order('k2')?.reason).toBe('BROKER_NOT_READY: broker=binance reason="socket lost"');
    rig.send('cancel');
    await rig.settle(1);
    expect(rig.requests.at(-1)).toMatchObject({ by: 'rest', method: 'order.cancel' });
    expect(mine(rig, id).status).toBe('CANCELED');
    expect(rig.order()?.state).toBe('cancelled');
  });
});

describe('a replace', () => {
  it('that shrinks keeps its place and renames the order', async () => {
    const rig = await new Rig().open();
    rig.send('new');
    const id = rig.send('replace', { quantity: dec(6) });
    expect(rig.requests.at(-1)?.method).toBe('order.amend.keepPriority');
    expect(rig.words.slice(2)).toEqual([`replaced ${id}`, `sent ${id}`]);
    expect(rig.order()).toMatchObject({ state: 'accepted', clientOrderId: id });
    expect(rig.order()?.quantity.toString()).toBe('6');
    rig.tell(rig.exchange.fill(mine(rig, id), '6'));
    expect([rig.order()?.state, rig.position]).toEqual(['filled', '6']);
  });

  it('of a price is a cancel-replace; the cancel of the old leg does not end the order', async () => {
    const rig = await new Rig().open();
    rig.send('new');
    const id = rig.send('replace', { limitPrice: dec(101) });
    expect(rig.requests.at(-1)).toMatchObject({
      method: 'order.cancelReplace',
      params: { cancelRestrictions: 'ONLY_NEW', cancelNewClientOrderId: `${id}-c`, newClientOrderId: id },
    });
    expect(rig.words.slice(2)).toEqual([`replaced ${id}`, `sent ${id}`]);
    expect(rig.order()).toMatchObject({ state: 'accepted', clientOrderId: id, venueOrderId: '1001' });
  });

  it('is refused when the order fills first', async () => {
    const rig = await new Rig().open();
    const first = rig.send('new');
    const lost = rig.exchange.fill(mine(rig, first), '10');
    const id = rig.send('replace', { limitPrice: dec(101) });
    rig.tell(lost);
    await rig.settle(20_000);
    expect(rig.words).toContain(`replace_rejected ${id}`);
    expect([rig.order()?.state, rig.position, rig.exchange.orders.length]).toEqual(['filled', '10', 1]);
  });

  it('is refused when a part filled on the way, so nothing can be overshot', async () => {
    const rig = await new Rig().open();
    const first = rig.send('new');
    rig.exchange.fill(mine(rig, first), '3');
    rig.send('replace', { limitPrice: dec(101) });
    await rig.settle(20_000);
    expect([rig.order()?.state, rig.order()?.filled.toString(), rig.position]).toEqual([
      'partially_filled',
      '3',
      '3',
    ]);
  });

  it('whose new half is refused ends the order', async () => {
    const rig = await new Rig().open();
    const first = rig.send('new');
    rig.carrier = (_, done) => {
      const { answer, events } = rig.exchange.request('order.cancel', {
        origClientOrderId: first,
        newClientOrderId: 't-2-c',
      });
      rig.tell(events);
      done(
        refused(-2021, 'Order cancel-replace partially failed.', {
          cancelResult: 'SUCCESS',
          newOrderResult: 'FAILURE',
          cancelResponse: answer.kind === 'answer' ? answer.result : null,
          newOrderResponse: { code: -2010, msg: 'Order would immediately match and take.' },
        }),
      );
    };
    const id = rig.send('replace', { limitPrice: dec(101) });
    expect(rig.words.slice(2)).toEqual([`replace_rejected ${id}`, `cancelled ${first}`, `sent ${id}`]);
    expect(rig.order()?.state).toBe('cancelled');
  });

  it('without an answer is found by its new id', async () => {
    const rig = await new Rig().open();
    rig.send('new');
    rig.carrier = unknown;
    const id = rig.send('replace', { limitPrice: dec(101) });
    expect(rig.order()?.state).toBe('unknown');
    await rig.settle(1);
    expect(rig.order()).toMatchObject({ state: 'accepted', clientOrderId: id });
  });

  it('without an answer that never arrived leaves the old order', async () => {
    const rig = await new Rig().open();
    const first = rig.send('new');
    rig.carrier = (_, done) => done({ kind: 'unknown', category: 'timeout', reason: 'no answer' });
    rig.send('replace', { limitPrice: dec(101) });
    await rig.settle(20_000);
    expect(rig.order()).toMatchObject({ state: 'accepted', clientOrderId: first });
  });

  it('may be overtaken by a cancel of the old leg, which then is no end', async () => {
    const rig = await new Rig().open();
    rig.send('new');
    let answer = (): void => undefined;
    rig.carrier = (carry, done) => {
      const { answer: result } = carry(); // reports lost
      answer = () => done(result);
    };
    const id = rig.send('replace', { limitPrice: dec(101) });
    rig.carrier = (carry, done) => done(carry().answer);
    const cancel = rig.send('cancel');
    await rig.settle(500);
    answer();
    await rig.settle(5_000);
    expect(rig.words).toContain(`cancel_rejected ${cancel}`);
    expect(rig.order()).toMatchObject({ state: 'accepted', clientOrderId: id });
  });
});
