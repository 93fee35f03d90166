import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startBinanceEmulator, type BinanceEmulator } from '../../src/emulators/binance/index.js';
import { millrace, ready, ROOT, type Ran } from './support/program.js';

const CANARY = 'canary-7f3a91c2d4';
const SECRET = `${CANARY}-secret`;
const KEY = `${CANARY}-key`;
const folder = mkdtempSync(join(tmpdir(), 'millrace-check-test-'));
const outputs: string[] = [];
let venue: BinanceEmulator;

beforeAll(async () => {
  ready();
  mkdirSync(join(folder, 'config'));
  copyFileSync(join(ROOT, 'config/quickstart.yaml'), join(folder, 'config/quickstart.yaml'));
  venue = await startBinanceEmulator({
    symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'],
    market: { type: 'flow', rate: 200 },
    account: { apiKey: KEY, apiSecret: SECRET, balances: { USDT: '100000', BTC: '1' } },
  });
}, 120_000);
afterEach(() => {
  venue.faults.clear();
  venue.exchange.clock.skewMs = 0;
});
afterAll(async () => {
  await venue.close();
  rmSync(folder, { recursive: true, force: true });
  // Whatever was done above: neither key nor secret was said.
  expect(outputs.length).toBeGreaterThan(0);
  for (const text of outputs) expect(text).not.toContain(CANARY);
});

async function check(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const ran = await millrace(folder, ['check', 'config/quickstart.yaml', ...args], {
    BINANCE_REST_URL: venue.rest,
    BINANCE_STREAM_URL: venue.stream,
    BINANCE_WS_API_URL: venue.wsApi,
    BINANCE_API_KEY: KEY,
    BINANCE_SECRET_KEY: SECRET,
    ...env,
  });
  outputs.push(ran.out, ran.err);
  return ran;
}

/** Lines that are not ok. */
const wrong = ({ out }: Ran): string[] => out.split('\n').filter((line) => /^(warn|fail) /.test(line));

test('all is well: one line each, exit 0', async () => {
  const ran = await check();
  expect(ran.code, ran.out + ran.err).toBe(0);
  expect(wrong(ran)).toEqual([]);
  for (const line of [
    /^ok +binance: clock +this clock is \d+ ms (behind|ahead of) the venue’s/m,
    /^ok +binance: instruments +BTCUSDT, ETHUSDT, SOLUSDT: listed and open$/m,
    /^ok +binance: credentials +the key is good, the account \(spot\) may trade/m,
    /^ok +binance: fees +maker 10 bps, taker 10 bps$/m,
    /^ok +binance: balances +1 BTC, 100000 USDT$/m,
    /^ok +binance: rate limits +request weight \d+ of 6000 \(minute\), order count/m,
    /^ok +files: journal .* MiB free, will be made$/m,
    /^ok +files: lock +no other run of it$/m,
    /^ok +arming: binance .*Next: millrace arm binance --reason/m,
  ])
    expect(ran.out).toMatch(line);
}, 120_000);

test('--json gives the same as data', async () => {
  const ran = await check(['--json']);
  const it = JSON.parse(ran.out) as { result: string; findings: { check: string; status: string }[] };
  expect([ran.code, it.result]).toEqual([0, 'ok']);
  expect(it.findings.map(({ check: what }) => what)).toEqual(
    expect.arrayContaining([
      'reach',
      'clock',
      'instruments',
      'credentials',
      'balances',
      'lock',
      'kill switch',
    ]),
  );
}, 120_000);

test.each([
  [
    'a wrong key',
    { BINANCE_API_KEY: `${CANARY}-other` },
    /^fail +binance: credentials .*code -2015.*Next: the API key is unknown here, lacks the permission, or this IP/,
  ],
  [
    'a wrong secret',
    { BINANCE_SECRET_KEY: `${CANARY}-other` },
    /^fail +binance: credentials .*code -1022.*Next: the signature does not fit the key/,
  ],
])(
  '%s is one sentence with a next step',
  async (_, env, line) => {
    const ran = await check([], env);
    expect(ran.code).toBe(1);
    expect(wrong(ran)).toHaveLength(1);
    expect(wrong(ran)[0]).toMatch(line);
  },
  120_000,
);

test('a host that cannot be reached: exit 69', async () => {
  const ran = await check([], { BINANCE_REST_URL: 'http://127.0.0.1:9' });
  expect(ran.code).toBe(69);
  expect(wrong(ran)).toEqual([
    expect.stringMatching(
      /^fail +binance: reach +Binance could not be reached \(ECONNREFUSED\)\. Next: check the address/,
    ),
  ]);
}, 120_000);

test('a banned address, a venue under maintenance', async () => {
  venue.faults.set({ kind: 'rate_limit', status: 418, retry_after: 3_600, times: 100 });
  const banned = await check();
  expect(banned.code).toBe(1);
  expect(wrong(banned)).toEqual([
    expect.stringMatching(/^fail +binance: rate limits .*Next: this IP is banned until \d{4}-.*and wait\.$/),
  ]);
  venue.faults.clear();
  venue.faults.set({ kind: 'maintenance', times: 1_000 });
  const away = await check();
  expect(away.code).toBe(69);
  expect(wrong(away)).toEqual([
    expect.stringMatching(/^fail +binance: reach .*status 503.*Next: look at the status page of the venue/),
  ]);
}, 120_000);

test('an unknown symbol and other rules are named; a skewed clock too', async () => {
  venue.exchange.clock.skewMs = 7_000;
  const ran = await check([
    ...['--set', 'brokers.binance.instruments=[BTCUSDT, ETHUSDTT]'],
    ...['--set', 'instruments.SOLUSDT.tick_size=0.001'],
  ]);
  expect(ran.code).toBe(1);
  expect(wrong(ran)).toEqual([
    expect.stringMatching(/^fail +binance: clock +this clock is \d+ ms behind .*Next: synchronise the clock/),
    expect.stringMatching(
      /^fail +binance: instruments +ETHUSDTT is not listed at the venue\. Next: did you mean ETHUSDT\?/,
    ),
    expect.stringMatching(
      /^warn +binance: instruments +SOLUSDT has other rules at the venue: tick_size 0\.01 instead of 0\.001/,
    ),
  ]);
}, 120_000);

test('a key that can withdraw, works from everywhere or may not trade', async () => {
  const rights = {
    ipRestrict: false,
    enableReading: true,
    enableWithdrawals: true,
    enableSpotAndMarginTrading: true,
  };
  const front = await liveFront(() => rights);
  const live = ['--set', 'brokers.binance.environment=live'];
  const rich = await check(live, { BINANCE_REST_URL: front });
  expect(rich.code, rich.out).toBe(0);
  expect(wrong(rich)).toEqual([
    expect.stringMatching(/^warn +binance: withdrawals +THIS KEY CAN WITHDRAW MONEY: /),
    expect.stringMatching(/^warn +binance: addresses +the key works from every address\. Next: restrict it/),
  ]);
  Object.assign(rights, { ipRestrict: true, enableWithdrawals: false, enableSpotAndMarginTrading: false });
  const poor = await check(live, { BINANCE_REST_URL: front });
  expect(poor.code).toBe(1);
  expect(wrong(poor)).toEqual([
    expect.stringMatching(
      /^fail +binance: credentials +the key is good, but it may not trade\. Next: enable trading/,
    ),
  ]);
}, 120_000);

test('--exercise places, finds, cancels, buys and sells, and dates it in a page', async () => {
  const page = join(folder, 'venue.md');
  copyFileSync(join(ROOT, 'docs/venues/binance.md'), page);
  const ran = await check(['--exercise', '--fill', '--record', page]);
  expect(ran.code, ran.out + ran.err).toBe(0);
  expect(ran.out).toMatch(
    /^ok +binance: submit_cancel_reconcile buy [\d.]+ BTCUSDT at \d+.* was placed, found among the open orders, cancelled, and is gone$/m,
  );
  expect(ran.out).toMatch(
    /^ok +binance: fill_reconcile +BTCUSDT: buy [\d.]+ at [\d.]+, sell [\d.]+ at [\d.]+$/m,
  );
  const today = new Date().toISOString().slice(0, 10);
  expect(readFileSync(page, 'utf8')).toMatch(
    new RegExp(`\\n\\| ${today} \\| emulator \\| submit_cancel_reconcile, fill_reconcile \\| ok +\\| `),
  );
  const orders = venue.exchange.audit.orders(venue.account.id);
  expect(orders.map(({ status }) => status)).toEqual(['CANCELED', 'FILLED', 'FILLED']);
}, 120_000);

test('--exercise is refused where real money could be, and says what a venue refuses', async () => {
  const moved = { BINANCE_REST_URL: 'https://api.binance.com' };
  const refused = await check(['--exercise'], moved);
  expect(refused.code).toBe(78);
  expect(refused.err).toContain('--exercise is refused: real money may be behind broker "binance"');
  const testnet = await check(['--exercise', '--set', 'brokers.binance.environment=testnet'], moved);
  expect(testnet.code).toBe(78);
  const lonely = await check(['--fill']);
  expect(lonely.code).toBe(78);

  venue.faults.set({
    kind: 'error',
    operation: 'order.place',
    status: 400,
    code: -1013,
    msg: 'Filter failure: LOT_SIZE',
    execute: false,
    times: 50,
  });
  const ran = await check(['--exercise']);
  expect(ran.code).toBe(1);
  expect(wrong(ran)).toEqual([
    expect.stringMatching(/^fail +binance: exercise +the passive order is rejected: .*LOT_SIZE/),
  ]);
}, 120_000);

test('a kill from before and a run that goes on are told', async () => {
  mkdirSync(join(folder, 'data/state'), { recursive: true });
  writeFileSync(join(folder, 'data/state/KILL'), 'maintenance of the desk\n');
  const lock = { pid: process.pid, host: (await import('node:os')).hostname(), session: 'abc', began: '' };
  writeFileSync(join(folder, 'data/audit.jsonl.lock'), JSON.stringify(lock));
  onTestFinished(() => rmSync(join(folder, 'data'), { recursive: true }));
  const ran = await check();
  expect(ran.code).toBe(0);
  expect(wrong(ran)).toEqual([
    expect.stringMatching(
      /^warn +files: lock +a run of it is going on: session abc, process \d+ on .*millrace status/,
    ),
    expect.stringMatching(/^warn +files: kill switch .*millrace release --reason/),
  ]);
}, 120_000);

/** The emulator behind the one call that only the live venue has: what a key may do. */
async function liveFront(rights: () => object): Promise<string> {
  const server = createServer((request, answer) => {
    if (request.url?.startsWith('/sapi/v1/account/apiRestrictions') === true) {
      answer.setHeader('content-type', 'application/json').end(JSON.stringify(rights()));
      return;
    }
    const { method, headers, url } = request;
    const onward = ask(`${venue.rest}${url ?? ''}`, { method, headers }, (reply) => {
      answer.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(answer);
    });
    request.pipe(onward);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
