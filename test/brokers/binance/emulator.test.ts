import { Subject } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { BinanceBroker, binanceOptions, cancelEverything } from '../../../src/brokers/binance/index.js';
import type { BrokerCommand } from '../../../src/brokers/broker.js';
import { startBinanceEmulator, type BinanceEmulator } from '../../../src/emulators/binance/index.js';
import { mintApproved, mintCommand } from '../../../src/model/command.js';
import { dec } from '../../../src/model/decimal.js';
import type {
  AccountEvent,
  ConnectionEvent,
  ExecutionEvent,
  OutcomeEvent,
} from '../../../src/model/event.js';
import { InstrumentTable } from '../../../src/model/instruments.js';
import type { Intent, IntentAction } from '../../../src/model/intent.js';
import { makeDispatch } from '../../../src/model/make.js';
import type { Order } from '../../../src/model/order.js';
import type { Event } from '../../../src/model/record.js';
import { State } from '../../../src/state/state.js';
import { intentOf } from './orders/rig.js';

/** The adapter, the real State and an emulator, over real sockets. */
class Live {
  readonly emulator: BinanceEmulator;
  readonly broker: BinanceBroker;
  readonly instruments: InstrumentTable = new InstrumentTable();
  readonly commands: Subject<BrokerCommand> = new Subject();
  readonly said: (ExecutionEvent | AccountEvent | OutcomeEvent)[] = [];
  readonly links: ConnectionEvent[] = [];
  state: State | undefined;
  #seq = 0;
  #ids = 0;

  constructor(emulator: BinanceEmulator, apiKey: string = emulator.account.apiKey) {
    this.emulator = emulator;
    const silent = () => undefined;
    this.broker = new BinanceBroker(
      binanceOptions({
        name: 'binance',
        account: 'main',
        environment: 'custom',
        endpoints: { rest: emulator.rest, streams: emulator.stream, wsApi: emulator.wsApi },
        credentials: { apiKey, secret: emulator.account.apiSecret },
        reconnect: { initial: 20, max: 200 },
        timeouts: { order: 1_000 },
      }),
      {
        instruments: this.instruments,
        log: { info: silent, warn: silent, error: silent },
        bad: silent,
        wall: () => Date.now() * 1000,
        symbols: ['BTCUSDT'],
        resolve: { settle: 500, first: 50, longest: 200 },
      },
    );
  }

  async open(): Promise<this> {
    await this.broker.open();
    for (const input of await this.broker.instruments()) this.instruments.add(input);
    this.state = new State(
      { baseCurrency: 'USDT', accounts: [{ name: 'main', cash: { USDT: 100_000 } }] },
      this.instruments,
    );
    this.broker.executions$.subscribe((e) => this.#say(e));
    this.broker.connection$.subscribe((e) => this.links.push(e));
    this.broker.execute(this.commands).subscribe((e) => this.#say(e));
    return this;
  }

  send(action: IntentAction, fields: Partial<Intent> = {}): string {
    const { symbol, ix } = this.instruments.get('BTCUSDT')!;
    const intent = intentOf(action, {
      instrument: symbol,
      ix,
      quantity: dec('0.01'),
      limitPrice: dec('20000'),
      ...fields,
    });
    const id = `e2e-${++this.#ids}`;
    const approved = mintApproved(intent, dec(100), () => {
      throw new Error('not asked here');
    });
    this.#apply(approved);
    const target = action === 'new' ? '' : (this.order(intent.orderKey)?.clientOrderId ?? '');
    const dispatch = makeDispatch(id, target, 'binance', intent);
    this.#apply(dispatch);
    this.commands.next({
      command: mintCommand(approved),
      dispatch,
      order: this.order(intent.orderKey) as Order,
    });
    return id;
  }

  order(key = 'k1'): Order | undefined {
    return this.state?.orders.get(key);
  }

  async until(what: () => boolean, ms = 10_000): Promise<void> {
    const end = Date.now() + ms;
    while (!what()) {
      if (Date.now() > end)
        throw new Error(`waited in vain for ${String(what)}: ${JSON.stringify(this.order())}`);
      await new Promise((done) => setTimeout(done, 5));
    }
  }

  #say(event: ExecutionEvent | AccountEvent | OutcomeEvent): void {
    this.said.push(event);
    this.#apply(event);
  }

  #apply(event: Event): void {
    this.state?.setTurn(++this.#seq, Date.now() * 1000);
    this.state?.apply(event);
    this.state?.takeChanges();
  }
}

let emulator: BinanceEmulator | undefined;
let live: Live | undefined;

afterEach(async () => {
  await live?.broker.close();
  await emulator?.close();
  live = emulator = undefined;
});

async function start(): Promise<Live> {
  emulator = await startBinanceEmulator({ symbols: ['BTCUSDT'], seed: 3 });
  live = await new Live(emulator).open();
  return live;
}

const market = { type: 'market', limitPrice: undefined } as const;

describe('against the emulator', () => {
  it('trades, changes, cancels and asks', async () => {
    const l = await start();
    await l.until(() => l.links.at(-1)?.state === 'ready');
    const bought = l.send('new', { orderKey: 'm', ...market });
    await l.until(() => l.order('m')?.state === 'filled');
    expect(l.state?.portfolio.position('main', 0)?.quantity.toString()).toBe('0.01');

    l.send('new');
    await l.until(() => l.order()?.state === 'accepted');
    const shrunk = l.send('replace', { quantity: dec('0.008') });
    await l.until(() => l.order()?.clientOrderId === shrunk && l.order()?.state === 'accepted');
    const moved = l.send('replace', { quantity: dec('0.008'), limitPrice: dec('19000') });
    await l.until(() => l.order()?.clientOrderId === moved && l.order()?.state === 'accepted');
    expect(
      (await l.broker.openOrders()).map((e) => [
        e.clientOrderId,
        e.report,
        e.quantity?.toString(),
        e.limitPrice?.toString(),
      ]),
    ).toEqual([[moved, 'accepted', '0.008', '19000']]);
    l.send('cancel');
    await l.until(() => l.order()?.state === 'cancelled');

    expect(await l.broker.openOrders()).toEqual([]);
    const asked = await l.broker.order({ instrument: 'BTCUSDT', clientOrderId: moved, venueOrderId: '' });
    expect(asked?.report).toBe('cancelled');
    expect(
      await l.broker.order({ instrument: 'BTCUSDT', clientOrderId: 'nobody', venueOrderId: '' }),
    ).toBeUndefined();
    const told = l.said.flatMap((e) => (e.kind === 'execution' && e.report === 'fill' ? [e.execId] : []));
    const fills = await l.broker.fills({ since: (Date.now() - 60_000) * 1000, instruments: ['BTCUSDT'] });
    expect(fills.map((e) => [e.execId, e.clientOrderId])).toEqual(told.map((execId) => [execId, bought]));
    expect((await l.broker.accountState()).balances.map((b) => b.currency)).toContain('USDT');
    expect(await l.broker.permissions()).toMatchObject({ canTrade: true, keyCanWithdraw: undefined });
    expect(Math.abs((await l.broker.serverTime()) / 1000 - Date.now())).toBeLessThan(5_000);
  });

  it('a refused order is rejected with the venue’s words', async () => {
    const l = await start();
    l.send('new', { quantity: dec('0.0000001') });
    await l.until(() => l.order()?.state === 'rejected');
    expect(l.order()?.reason).toContain('Filter failure: LOT_SIZE');
  });

  it('a post-only order that would trade, and a cancel that comes too late', async () => {
    const l = await start();
    l.send('new', { orderKey: 'p', postOnly: true, limitPrice: dec('900000') });
    await l.until(() => l.order('p')?.state === 'rejected');
    l.send('new', { orderKey: 'm', ...market });
    l.send('cancel', { orderKey: 'm', ...market });
    await l.until(() => l.order('m')?.state === 'filled');
    expect(l.order('m')?.inFlight).toBeUndefined();
  });

  it('comes back from cut connections with nothing lost', async () => {
    const l = await start();
    for (let i = 0; i < 12; i++) {
      const key = `cut-${i}`;
      const seen = l.links.length;
      l.send('new', { orderKey: key, ...market });
      await new Promise((done) => setTimeout(done, i % 4));
      l.emulator.cut('ws_api');
      await l.until(() => l.links.slice(seen).some((e) => e.name === 'binance' && e.state === 'ready'));
      await l.until(() => ['filled', 'rejected'].includes(l.order(key)?.state ?? ''));
    }
    const theirs = await l.broker.fills({
      since: (Date.now() - 120_000) * 1000,
      instruments: ['BTCUSDT'],
    });
    const sum = theirs.reduce((total, e) => total.plus(e.fill?.quantity ?? 0), dec(0));
    expect(l.state?.portfolio.position('main', 0)?.quantity.toString() ?? '0').toBe(sum.toString());
  }, 60_000);

  it('a wrong key is one clear sentence', async () => {
    emulator = await startBinanceEmulator({ symbols: ['BTCUSDT'] });
    live = new Live(emulator, 'W'.repeat(64));
    const failed = await live.broker.open().catch((error: unknown) => error);
    expect(failed).toMatchObject({ category: 'auth' });
    expect(String(failed)).not.toContain(emulator.account.apiSecret);
    expect(String(failed)).toMatch(/code -20(14|15)/);
  });

  it('panic cancels everything from outside', async () => {
    const l = await start();
    l.send('new', { orderKey: 'a' });
    l.send('new', { orderKey: 'b', limitPrice: dec('21000') });
    await l.until(() => l.order('a')?.state === 'accepted' && l.order('b')?.state === 'accepted');
    const task = l.broker.panic!();
    expect(await cancelEverything(structuredClone(task.options))).toEqual({
      cancelled: 2,
      verified: true,
      reason: '',
    });
    await l.until(() => l.order('a')?.state === 'cancelled' && l.order('b')?.state === 'cancelled');
    expect((await cancelEverything({})).verified).toBe(false);
  });
});
