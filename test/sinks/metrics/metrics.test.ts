import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { Registry } from 'prom-client';
import { brokerMetrics } from '../../../src/sinks/metrics/collect-brokers.js';
import { MetricsSink, type MetricsOptions } from '../../../src/sinks/metrics/metrics-sink.js';
import { dec } from '../../../src/model/decimal.js';
import type { EngineStats } from '../../../src/topology/spec.js';
import { logLines, stateView, T0 } from '../support/fixtures.js';

const times = { count: 3, seconds: 0.000_003, counts: [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2] };
const stats: EngineStats = {
  ...{ mode: 'paper', name: 'btc', session: 's1', startedAt: T0, wall: T0 + 2_000_000, at: T0, seq: 10 },
  ...{ children: 4, running: true, ready: true, queueDepth: 1, queueCapacity: 1024, queueDrops: 0 },
  ...{ clockTurns: 2, kinds: { trade: 8 }, denials: { MAX_POSITION: 2 } },
  sources: [{ name: 'market', events: 8, bad: { price: 1 }, lastAt: T0, lastWall: T0, connection: 'up' }],
  strategies: [{ name: 'ema', evaluations: 8, seconds: 0.5, errors: 0, enabled: true, intents: 3 }],
  brokers: [
    {
      name: 'binance',
      figures: [
        { name: 'request_weight_used', type: 'gauge', help: 'Weight.', labels: { lane: 'risk' }, value: 7 },
        { name: 'connection_attempts_total', type: 'counter', help: 'Attempts.', labels: {}, value: 3 },
      ],
    },
  ],
  sinks: [{ name: 'audit', delivery: 'required', written: 5, dropped: 0, depth: 0, errors: 0 }],
  ...{ turn: times, ack: times, fillLatency: times, outcomes: { sent: 3, fill: 1 } },
  journal: { records: 14, bytes: 900, pendingBytes: 10, syncedSeq: 7, errors: 0 },
};
const make = (change: Partial<MetricsOptions> = {}): MetricsSink =>
  new MetricsSink({
    ...{ host: '127.0.0.1', port: 0, required: false, engine: { stats: () => stats } },
    ...{ state: stateView(), log: logLines(), ...change },
  });

it('serves figures over HTTP with fixed names, types and labels', async () => {
  const sink = make();
  await sink.open();
  try {
    const answer = await fetch(`${sink.address ?? ''}/metrics`);
    const text = await answer.text();
    const sample = (name: string): number =>
      Number(
        text
          .split('\n')
          .find((l) => l.startsWith(`${name} `))
          ?.split(' ')[1],
      );
    expect(answer.headers.get('content-type')).toContain('version=0.0.4');
    expect(sample('millrace_turns_total')).toBe(10);
    expect(sample('millrace_journal_lag_events')).toBe(3);
    expect(sample('millrace_source_age_seconds{source="market"}')).toBe(2);
    expect(sample('millrace_denials_total{code="MAX_POSITION"}')).toBe(2);
    expect(sample('millrace_account_equity{account="main",currency="USDT"}')).toBe(99999.4);
    expect(sample('millrace_orders_open{state="unknown"}')).toBe(1);
    expect(sample('millrace_turn_seconds_bucket{le="0.000001024"}')).toBe(3);
    expect(sample('millrace_turn_seconds_bucket{le="+Inf"}')).toBe(3);
    expect(text).not.toContain('millrace_account_unrealized_pnl{');
    const labels = new Map<string, string>();
    for (const [, name = '', inner = ''] of text.matchAll(/^(millrace_\w+?)(?:\{(.*)\})? /gm))
      labels.set(
        name.replace(/_(bucket|sum|count)$/, ''),
        [...inner.matchAll(/(\w+)="/g)].map((m) => m[1]).join(','),
      );
    const list = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) =>
      `${name} ${type} ${labels.get(name) ?? ''}`.trim(),
    );
    expect(list.sort()).toMatchSnapshot();
    expect((await fetch(`${sink.address ?? ''}/healthz`)).status).toBe(200);
    expect((await fetch(`${sink.address ?? ''}/readyz`)).status).toBe(200);
  } finally {
    await sink.close();
  }
});

it('shows unrealized profit when it is known, and the rate of a source between two scrapes', async () => {
  let now: EngineStats = stats;
  const state = stateView();
  const portfolio = { ...state.portfolio, unrealizedPnl: () => dec('-12.5') };
  const sink = make({ engine: { stats: () => now }, state: { ...state, portfolio } });
  expect(await sink.scrape()).not.toContain('millrace_source_events_per_second{');
  const [market] = stats.sources;
  now = {
    ...stats,
    wall: stats.wall + 4_000_000,
    sources: [{ ...market, events: 48 }] as typeof stats.sources,
  };
  const text = await sink.scrape();
  expect(text).toContain('millrace_account_unrealized_pnl{account="main",currency="USDT"} -12.5\n');
  expect(text).toContain('millrace_source_events_per_second{source="market"} 10\n');
  expect(text).toContain('millrace_source_age_seconds{source="market"} 6\n');
});

it('takes the age of a feed from engine time where inputs bring their own', async () => {
  const [market] = stats.sources;
  const sources = [{ ...market, lastWall: 0, lastAt: T0 - 30_000_000 }] as typeof stats.sources;
  const text = await make({ engine: { stats: () => ({ ...stats, sources }) } }).scrape();
  expect(text).toContain('millrace_source_age_seconds{source="market"} 30\n');
  const never = [{ ...market, events: 0, lastWall: 0, lastAt: 0 }] as typeof stats.sources;
  expect(await make({ engine: { stats: () => ({ ...stats, sources: never }) } }).scrape()).not.toContain(
    'millrace_source_age_seconds{',
  );
});

it('says 503 and why when it may not trade', async () => {
  const sink = make({ engine: { stats: () => ({ ...stats, ready: false }) } });
  await sink.open();
  const answer = await fetch(`${sink.address ?? ''}/readyz`);
  const body = (await answer.json()) as { components: Record<string, { ready: boolean }> };
  await sink.close();
  expect(answer.status).toBe(503);
  expect(body.components['trading']?.ready).toBe(false);
});

it('warns when the port is taken, or refuses when it is required', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const log = logLines();
  const sink = make({ port, log });
  await sink.open();
  expect(sink.address).toBeUndefined();
  expect(log.lines[0]).toContain(`127.0.0.1:${port} is in use by another process: choose`);
  await expect(make({ port, required: true }).open()).rejects.toMatchObject({
    code: 'INVALID_CONFIGURATION',
    help: 'choose another port with "listen: 127.0.0.1:PORT", or 0 for a free one',
  });
  await sink.close();
  await new Promise((resolve) => other.close(resolve));
});

it('figures of broker sessions are on the page, and stand for what they are at each scrape', async () => {
  const registry = new Registry();
  const collect = brokerMetrics(registry);
  collect(stats);
  collect(stats);
  const text = await registry.metrics();
  expect(text).toContain('millrace_broker_request_weight_used{broker="binance",lane="risk"} 7');
  expect(text).toContain('millrace_broker_connection_attempts_total{broker="binance"} 3');
});
