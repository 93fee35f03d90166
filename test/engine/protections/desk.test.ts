import { describe, expect, test } from 'vitest';
import { NEVER } from 'rxjs';
import { StaleFeeds } from '../../../src/engine/protections/stale-feed.js';
import { makeTrade, receivedAt } from '../../../src/model/make.js';
import { Desk, until } from '../kill/support/desk.js';

const BY = { actor: 'ann', reason: 'test' };
const controls = (desk: Desk): string[] =>
  desk.records.flatMap((event) =>
    event.kind === 'control' && event.actor.startsWith('protection:')
      ? [`${event.action} ${event.target || event.actor}`]
      : [],
  );
const held = (desk: Desk): string =>
  desk.engine.state.portfolio.position('sim', 0)?.quantity.toString() ?? '0';

describe('protections of a running desk', () => {
  test('daily loss warns at 80 %, halts at the limit, exits still pass, and the session replays', async () => {
    const desk = await new Desk({ safety: { daily_loss: { limit: '50 USD' } } }).start();
    for (let i = 0; i < 4; i++) desk.trade('buy');
    await until(() => held(desk) === '4');
    desk.quote(90);
    desk.trade('none', 89.5);
    await until(() => controls(desk).length === 1);
    expect(controls(desk)).toEqual(['warn daily_loss']);
    desk.trade('none', 86);
    await until(() => desk.engine.state.control.trading === 'halted');
    expect(desk.engine.outbox.gate?.code).toBe('TRADING_HALTED');
    desk.trade('buy', 86);
    expect(desk.words.at(-1)).toBe('denied TRADING_HALTED');
    desk.trade('sell', 86);
    await until(() => held(desk) === '3');
    const status = desk.safety.status().protections[0];
    expect(status).toMatchObject({ name: 'daily_loss', state: 'fired', fired: 1, limit: '50 USD' });
    // Still over: a resume holds for no turn.
    await desk.operations.resume(BY);
    await until(() => desk.engine.state.control.trading === 'halted');
    expect(await desk.verify()).toBeUndefined();
  });

  test('drawdown with action kill latches and cancels', async () => {
    const desk = await new Desk({ safety: { drawdown: { limit: '10 bps', action: 'kill' } } }).start();
    desk.trade('rest');
    for (let i = 0; i < 4; i++) desk.trade('buy');
    await until(() => held(desk) === '4');
    desk.trade('none', 60);
    await until(() => desk.engine.state.control.killed && desk.open === 0);
    expect(desk.engine.state.control.latches()).toMatchObject([
      { scope: 'global', actor: 'protection:drawdown' },
    ]);
    expect(await desk.verify()).toBeUndefined();
  });

  test('a rejection storm stops trading', async () => {
    const desk = await new Desk({
      safety: { rejections: { limit: 3, window: '10s', action: 'reduce' } },
    }).start();
    const { makeExecution } = await import('../../../src/model/make.js');
    const reject = (n: number): void => {
      desk.trade('rest');
      const order = [...desk.engine.state.orders.open()].at(-1);
      if (order === undefined) throw new Error(`no order ${n}`);
      desk.engine.post(
        makeExecution('sim', 0, {
          broker: 'sim',
          account: 'sim',
          report: 'rejected',
          clientOrderId: order.clientOrderId,
          venueOrderId: `v${n}`,
          execId: '',
          instrument: 'BTC',
          ix: 0,
          side: 'buy',
          fill: undefined,
          cumulative: undefined,
          quantity: undefined,
          limitPrice: undefined,
          stopPrice: undefined,
          reason: 'no margin',
        }),
      );
    };
    reject(1);
    reject(2);
    expect(desk.engine.state.control.trading).toBe('active');
    reject(3);
    await until(() => desk.engine.state.control.trading === 'reducing');
    expect(desk.safety.status().protections[0]?.why).toBe('3 rejections, the last: no margin');
    desk.trade('rest');
    expect(desk.words.at(-1)).toBe('denied TRADING_REDUCING');
  });

  test('defect 9: a stale feed reduces, and resumes by itself when it may', async () => {
    const desk = await new Desk({
      safety: { stale_feed: { limit: '600ms', resume: 'auto', after: '300ms' } },
    }).start();
    await until(() => desk.engine.state.control.trading === 'reducing');
    expect(desk.safety.status().protections[0]).toMatchObject({
      name: 'stale_feed/market/BTC',
      state: 'fired',
    });
    const timer = setInterval(() => desk.quote(100), 20);
    await until(() => desk.engine.state.control.trading === 'active');
    clearInterval(timer);
    expect(controls(desk).filter((word) => !word.startsWith('warn'))).toEqual([
      'reduce stale_feed/market/BTC',
      'resume stale_feed/market/BTC',
    ]);
    expect(await desk.verify()).toBeUndefined();
  });

  test('does not resume what somebody else stopped', async () => {
    const desk = await new Desk({
      safety: { stale_feed: { limit: '400ms', resume: 'auto', after: '100ms' } },
    }).start();
    await until(() => desk.engine.state.control.trading === 'reducing');
    await desk.operations.pause(BY);
    const timer = setInterval(() => desk.quote(100), 20);
    await until(() => desk.safety.status().protections[0]?.state === 'ok');
    clearInterval(timer);
    expect(desk.engine.state.control.trading).toBe('halted');
  });

  test('does not resume what fired while it held, though that is good again', async () => {
    const desk = await new Desk({
      safety: {
        stale_feed: { limit: '400ms', resume: 'auto', after: '600ms', action: 'halt' },
        daily_loss: { limit: '50 USD' },
      },
    }).start();
    for (let i = 0; i < 4; i++) desk.trade('buy');
    await until(() => held(desk) === '4');
    await until(() => desk.engine.state.control.trading === 'halted');
    let price = 80;
    const timer = setInterval(() => desk.trade('none', price), 20);
    const state = (name: string): string | undefined =>
      desk.safety.status().protections.find((one) => one.name.startsWith(name))?.state;
    await until(() => state('daily_loss') === 'fired');
    price = 100;
    await until(() => state('daily_loss') === 'ok' && state('stale_feed') === 'ok');
    await new Promise((done) => setTimeout(done, 200));
    clearInterval(timer);
    expect(desk.engine.state.control.trading).toBe('halted');
    expect(desk.engine.state.control.tradingReason).toContain('daily_loss');
  });

  test('a flatten while a feed is stale is not undone when the feed is good again', async () => {
    const desk = await new Desk({
      safety: { stale_feed: { limit: '400ms', resume: 'auto', after: '100ms' } },
    }).start();
    await until(() => desk.engine.state.control.trading === 'reducing');
    await desk.operations.flatten(BY);
    const timer = setInterval(() => desk.quote(100), 20);
    await until(() => desk.safety.status().protections[0]?.state === 'ok');
    await new Promise((done) => setTimeout(done, 100));
    clearInterval(timer);
    expect(desk.engine.state.control.trading).toBe('reducing');
  });

  test('a silent operator reduces; a heartbeat keeps it from that', async () => {
    const desk = await new Desk({ safety: { operator: { limit: '700ms' } } }).start();
    for (let i = 0; i < 10; i++) {
      desk.operations.heartbeat('ann');
      await new Promise((done) => setTimeout(done, 100));
    }
    expect(desk.engine.state.control.trading).toBe('active');
    await until(() => desk.engine.state.control.trading === 'reducing');
    expect(desk.engine.state.control.tradingReason).toContain('protection:operator');
  });

  test('a clock that is off is found, and one that cannot be asked is not taken for right', async () => {
    let off = 5_000_000;
    let asked = 0;
    const desk = await new Desk({
      mode: 'live',
      safety: { clock_skew: { limit: '1s', every: '50ms', action: 'halt' } },
      wrap: () => ({
        simulated: false,
        connection$: NEVER,
        serverTime: () => {
          asked++;
          return off === 0 ? Promise.reject(new Error('gone')) : Promise.resolve(Date.now() * 1_000 + off);
        },
      }),
    }).start();
    await until(() => desk.engine.state.control.trading === 'halted');
    expect(desk.safety.status().protections[0]).toMatchObject({ name: 'clock_skew/sim', state: 'fired' });
    off = 0;
    const before = asked;
    await until(() => asked > before + 4);
    await until(() => Number.isNaN(desk.safety.status().protections[0]?.used));
  });

  test('cancel on disconnect is wound up where the venue has it', async () => {
    const wound: number[] = [];
    await new Desk({
      safety: { cancel_on_disconnect: { after: '300ms' } },
      wrap: () => ({ cancelAfter: (time) => Promise.resolve(void wound.push(time)) }),
    }).start();
    await until(() => wound.length > 2);
    expect(wound.slice(0, 2)).toEqual([300_000, 300_000]);
  });
});

test('silence counts from the open of a session, and not while it is closed', () => {
  const hour = 3_600_000_000;
  const instrument = {
    symbol: 'X',
    ix: 0,
    session: { zone: 'UTC', days: [1, 2, 3, 4, 5], open: 600, close: 960, holidays: [] },
  };
  const state = {
    instruments: { all: [instrument], get: () => instrument },
    market: { status: () => 'open' },
  };
  const source = { name: 'feed', emits: ['trade'], config: { instruments: ['X'] } };
  const settings = {
    action: 'halt',
    confirm: 0,
    limit: hour,
    feeds: {},
    resume: 'manual',
    after: 0,
  } as const;
  const monday = Date.UTC(2025, 0, 6) * 1_000;
  const feeds = new StaleFeeds(settings, [source] as never, state as never, monday - 48 * hour);
  const used = (hours: number): number | undefined => feeds.protections[0]?.read(monday + hours * hour)?.used;
  expect([used(9), used(10), used(10.5), used(12), used(17)]).toEqual([undefined, 0, 0.5, 2, undefined]);
  feeds.saw(receivedAt(makeTrade('feed', 0, 'X', 0, 1, 1, 0, ''), monday + 12 * hour));
  expect(used(12.25)).toBe(0.25);
});
