import { describe, expect, it } from 'vitest';
import { createEngine } from '../../../src/engine/api/create-engine.js';
import type { EngineCallbacks } from '../../../src/engine/api/callbacks.js';
import type { LiveEngine } from '../../../src/engine/api/live-engine.js';
import type { LiveEngineOptions } from '../../../src/engine/api/options.js';
import { MillraceError } from '../../../src/model/reason.js';
import { tempFolder } from '../../support/run-topology.js';

const YAML = `version: 1
name: api
mode: paper
portfolio: { base_currency: USDT }
instruments: { BTCUSDT: { asset_class: crypto_spot, base: BTC, quote: USDT, tick_size: 0.1, lot_size: 0.0001 } }
brokers: { sim: { type: paper, prices: ticks, cash: { USDT: 1000000 }, fees: { maker: 2 bps, taker: 5 bps } } }
sources:
  market: { type: synthetic, instruments: { BTCUSDT: { price: 60000 } }, duration: 20m, rate: 2/s }
  fills: { type: executions, broker: sim }
operators:
  ticks: { type: normalize, inputs: [market] }
  bars: { type: bars, inputs: [ticks], every: 10s }
  ema: { type: strategy, use: ema-cross, inputs: [bars, fills], params: { fast: 3, slow: 8, quantity: 0.01 } }
  risk: { type: risk, inputs: [ema] }
  pace: { type: throttle, inputs: [risk] }
sinks:
  orders: { type: orders, broker: sim, inputs: [pace] }
  closed: { type: bus, inputs: [bars], topic: bars }
`;
const PACED = YAML.replace('rate: 2/s', 'rate: 2/s, pace: 200x');
const by = { actor: 'test', reason: 'because' };

function engine(text = YAML, options: LiveEngineOptions = {}): LiveEngine {
  return createEngine(text, { baseDir: tempFolder(), environment: {}, ...options });
}
const codeOf = async (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => 'resolved',
    (error: unknown) => (error instanceof MillraceError ? error.code : String(error)),
  );
const throwing = (message: string) => (): never => {
  throw new Error(message);
};

describe('callbacks of a run', () => {
  it('all of them fire, in order, and snapshots are filled (defects 18 and 23)', async () => {
    const counts: Record<string, number> = {};
    const order: string[] = [];
    const note = (name: string): void => {
      counts[name] = (counts[name] ?? 0) + 1;
      if (order.at(-1) !== name && counts[name] === 1) order.push(name);
    };
    const statuses: string[] = [];
    const changes: number[] = [];
    const placed = new Set<string>();
    const made = engine();
    const topics: Record<string, number> = {};
    made.bus.subscribe('*', ({ topic }) => void (topics[topic] = (topics[topic] ?? 0) + 1));
    let final = false;
    const summary = await made.run({
      onEngineStart: ({ symbols, intervals }) => {
        note('start');
        expect([symbols, intervals]).toEqual([['BTCUSDT'], ['10s']]);
      },
      onEngineStop: (error) => {
        note('stop');
        expect(error).toBe(undefined);
      },
      onMarketData: () => note('market'),
      onOrderPlaced: ({ orderKey }) => {
        note('placed');
        placed.add(orderKey);
      },
      onOrderFilled: ({ orderKey, state }) => {
        note('filled');
        expect([state, placed.has(orderKey)]).toEqual(['filled', true]);
      },
      onTrade: () => note('trade'),
      onStatsUpdate: () => note('stats'),
      onStatusUpdate: (status) => statuses.push(status),
      onProviderStatusChange: (status) => {
        note('provider');
        expect(status).toEqual({ marketData: 'connected', trading: 'connected' });
      },
      onLiveDataChanged: ({ sequence, finalized }) => {
        changes.push(sequence);
        final = finalized;
      },
      onOrderChanged: () => note('orderChanged'),
      onAssetsChanged: () => note('assets'),
      onBuyingPowerChanged: () => note('power'),
      onDashboardUpdate: () => note('dashboard'),
    });
    expect(summary.orders).toBeGreaterThan(3);
    expect([counts['placed'], counts['trade'], counts['filled']]).toEqual([
      summary.orders,
      summary.fills,
      summary.fills,
    ]);
    expect([order[0], order.at(-1)]).toEqual(['start', 'stop']);
    for (const name of ['stats', 'provider', 'orderChanged', 'assets', 'power', 'dashboard', 'stop'])
      expect([name, (counts[name] ?? 0) > 0]).toEqual([name, true]);
    expect(statuses).toEqual(['running', 'stopping', 'stopped']);
    expect([changes, final]).toEqual([changes.map((_, i) => i + 1), true]);
    expect(topics['MarketData']).toBeGreaterThan(2_000);
    expect(
      [topics['ExecutionReport'], topics['PositionUpdate'], topics['bars'], topics['System']].every(Boolean),
    ).toBe(true);

    const { headline, execution, venueSummary, setup, ...rest } = made.dashboard();
    expect(headline.equity).toBe(summary.equity);
    expect(headline.totalReturn).toBeCloseTo(Number(summary.pnl) / 1_000_000, 12);
    for (const value of [headline.sharpeRatio, headline.sortinoRatio, headline.winRate, headline.buyingPower])
      expect(value).not.toBe(null);
    expect(execution.fillCount).toBe(summary.fills);
    expect(execution.totalCommission).toBe(summary.fees);
    expect(venueSummary).toHaveLength(1);
    expect(venueSummary[0]).toMatchObject({
      ...{ venue: 'sim', fillCount: summary.fills, orderCount: summary.orders, commission: summary.fees },
      ...{ parentOrderCount: summary.orders, makerFillRatio: 0 },
    });
    expect(venueSummary[0]?.avgSlippageBps).toBeGreaterThan(0);
    expect(setup).toMatchObject({
      ...{ strategyName: 'ema-cross', dataSource: 'synthetic', symbols: ['BTCUSDT'], barType: '10s' },
      ...{ executionModel: 'paper', queueEnabled: true, routingEnabled: false },
    });
    expect(rest.equityCurve.length).toBeGreaterThan(15);
    expect(rest.recentFills).toHaveLength(Math.min(10, summary.fills));
    expect(rest.quoteSummary.map(({ symbol }) => symbol)).toEqual(['BTCUSDT']);
    expect(JSON.parse(made.dashboardJson())).toHaveProperty('account.initialMargin');
  });

  it.each([
    ['onEngineStart', 'CALLBACK_FAILED', 0],
    ['onMarketData', 'CALLBACK_FAILED', 0],
  ] as const)(
    '%s that throws aborts the run with its code; onEngineStop is told',
    async (name, code, orders) => {
      let told: MillraceError | undefined;
      let placed = 0;
      const callbacks: EngineCallbacks = {
        [name]: throwing('mine'),
        onOrderPlaced: () => placed++,
        onEngineStop: (error) => (told = error),
      };
      expect(await codeOf(engine().run(callbacks))).toBe(code);
      expect([told?.code, told?.message.split(' (')[0], placed]).toEqual([
        code,
        `${name} threw: mine`,
        orders,
      ]);
    },
  );

  it('onMarketData that rejects aborts too, and an error with a code of its own keeps it', async () => {
    expect(await codeOf(engine().run({ onMarketData: () => Promise.reject(new Error('later')) }))).toBe(
      'CALLBACK_FAILED',
    );
    const own = new MillraceError('PROVIDER_CONNECTION_FAILED', 'no database');
    expect(await codeOf(engine().run({ onEngineStart: () => Promise.reject(own) }))).toBe(
      'PROVIDER_CONNECTION_FAILED',
    );
  });

  it('every other callback that throws is counted and told, and the run goes on', async () => {
    const codes: string[] = [];
    const summary = await engine().run({
      ...{ onOrderPlaced: throwing('a'), onOrderFilled: throwing('b'), onStatusUpdate: throwing('c') },
      ...{ onTrade: throwing('d'), onEngineStop: throwing('e'), onDashboardUpdate: throwing('f') },
      onError: ({ code, message }) => {
        codes.push(`${code} ${message.split(' ')[0] ?? ''}`);
        throw new Error('even this');
      },
    });
    expect([summary.error, summary.fills > 0]).toEqual([null, true]);
    for (const which of ['a', 'b', 'c', 'd', 'e']) expect(codes).toContain(`CALLBACK_FAILED ${which}`);
  });

  it('an aborted signal cancels with CONTEXT_CANCELLED, also before the start', async () => {
    const abort = new AbortController();
    let told: string | undefined;
    const run = engine(PACED).run(
      { onMarketData: () => abort.abort(), onEngineStop: (error) => (told = error?.code) },
      { signal: abort.signal },
    );
    expect([await codeOf(run), told]).toEqual(['CONTEXT_CANCELLED', 'CONTEXT_CANCELLED']);
    expect(await codeOf(engine().run({}, { signal: AbortSignal.abort() }))).toBe('CONTEXT_CANCELLED');
  });

  it('errors of a strategy are told with the event it was given, and do not end the run', async () => {
    const problems: string[] = [];
    const source = `import { defineStrategy } from 'millrace'; import { map } from 'rxjs'; import { z } from 'zod';
export default defineStrategy({ name: 'bad', version: '1.0.0', params: z.object({}),
  run: ({ bars$ }) => bars$.pipe(map(() => { throw new Error('oh no'); })) });`;
    const made = engine();
    made.loadStrategyFromBytes(new TextEncoder().encode(source));
    const heard: string[] = [];
    made.onError(({ code }) => heard.push(code));
    // Parameters of the strategy before do not fit this one.
    expect(await codeOf(made.run())).toBe('resolved');
    const again = engine();
    again.loadStrategyFromBytes(new TextEncoder().encode(source));
    await again.run({
      onStrategyError: (data, { code, strategy }) =>
        problems.push(`${(data as { kind: string }).kind} ${strategy} ${code}`),
    });
    expect(problems).toContain('clock ema STRATEGY_FAILED');
    expect(problems).toContain('clock ema STRATEGY_DISABLED');
    expect(heard).toContain('STRATEGY_FAILED');
  });
});

describe('setting up', () => {
  it('refuses with codes: no topology, mistakes, WebAssembly, a strategy that is not there', async () => {
    expect(await codeOf(createEngine().run())).toBe('INVALID_CONFIGURATION');
    expect(await codeOf(createEngine().initialize('version: 1\nnmae: x\n'))).toBe('INVALID_CONFIGURATION');
    expect(() => engine().loadStrategyFromBytes(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))).toThrow(
      expect.objectContaining({ code: 'STRATEGY_INIT_FAILED' }) as Error,
    );
    const missing = engine();
    missing.loadStrategyFromFile('./missing.ts');
    expect(await codeOf(missing.run())).toBe('INVALID_CONFIGURATION');
    const wrong = engine();
    wrong.setStrategyConfig('{"fast": "many"}');
    expect(await codeOf(wrong.run())).toBe('STRATEGY_INIT_FAILED');
  });

  it('takes strategy, its configuration and providers, and gives their schemas', async () => {
    const made = createEngine(undefined, { baseDir: tempFolder(), environment: {} });
    await made.initialize(YAML);
    made.loadStrategyFromFile('buy-and-hold');
    await made.initialize(YAML);
    made.setStrategyConfig('{"quantity": 0.5, "fast": 2}');
    made.setMarketDataProvider('synthetic', {
      instruments: { BTCUSDT: { price: 100 } },
      duration: '10m',
      rate: '2/s',
    });
    made.setTradingProvider('paper', { prices: 'ticks', cash: { USDT: 500_000 } });
    const summary = await made.run();
    expect([summary.error, summary.startEquity, summary.fees]).toEqual([null, '500000', '0']);
    expect(made.dashboard().recentFills[0]?.quantity).toBe('0.5');
    expect(made.configSchema()).toHaveProperty('properties.brokers');
    expect(made.strategyConfigSchema('ema-cross')).toHaveProperty('properties.fast');
  });
});

describe('a running engine', () => {
  it('starts once, can be looked at and steered, and stops once', async () => {
    const made = engine(PACED);
    expect([made.isRunning(), await codeOf(Promise.resolve().then(() => made.status()))]).toEqual([
      false,
      'NOT_RUNNING',
    ]);
    const trades: string[] = [];
    const codes: string[] = [];
    made.onTrade(({ fill }) => trades.push(fill.quantity.toString()));
    made.onError(({ code }) => codes.push(code));
    await Promise.all([made.start(), made.start()]);
    expect([made.isRunning(), made.status().tradingEnabled, made.status().connected]).toEqual([
      true,
      true,
      true,
    ]);
    expect(await codeOf(made.run())).toBe('INVALID_CONFIGURATION');
    await new Promise<void>((resolve) => {
      const end = made.bus.subscribe('MarketData', () => {
        made.bus.unsubscribe(end);
        resolve();
      });
    });
    const buy = await made.orders.submit({ instrument: 'BTCUSDT', side: 'buy', type: 'market', quantity: 1 });
    expect(buy.accepted).toBe(true);
    const paused = await made.disableTrading(by);
    expect([paused.before.trading, paused.after.trading, made.status().tradingEnabled]).toEqual([
      'active',
      'halted',
      false,
    ]);
    const denied = await made.orders.submit({
      ...{ instrument: 'BTCUSDT', side: 'buy', type: 'market', quantity: 1 },
    } as const);
    expect([denied.accepted, denied.reason.split(':')[0]]).toEqual([false, 'TRADING_HALTED']);
    expect(codes).toContain('TRADING_HALTED');
    const flat = await made.closeAllPositions(by);
    expect([flat.flat, trades.includes('1')]).toEqual([true, true]);
    expect((await made.enableTrading(by)).after.trading).toBe('active');
    const health = made.systemHealth();
    expect([health.memoryMb > 10, health.lastMarketData !== null]).toEqual([true, true]);
    const [one, two] = await Promise.all([made.stop(), made.stop()]);
    expect([one?.ended, one === two, made.isRunning()]).toEqual(['signal', true, false]);
    expect((await made.stop()) === one).toBe(true);
  });

  it('tells dashboards at most as often as asked, and may run again', async () => {
    const made = engine(PACED, { dashboardEveryMs: 100_000 });
    let dashboards = 0;
    made.onDashboardUpdate(() => dashboards++);
    await made.start();
    await new Promise((resolve) => setTimeout(resolve, 350));
    await made.stop();
    expect(dashboards).toBeLessThanOrEqual(2);
    expect(dashboards).toBeGreaterThan(0);
    await made.start();
    expect(made.isRunning()).toBe(true);
    await made.stop();
  });
});
