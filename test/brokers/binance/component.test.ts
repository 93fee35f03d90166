import { of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { BinanceBroker } from '../../../src/brokers/binance/index.js';
import { InstrumentTable } from '../../../src/model/instruments.js';
import type { Mode } from '../../../src/model/component.js';
import { binanceSpec } from '../../../src/topology/components/brokers/binance.js';
import { intentOf } from './orders/rig.js';
import { makeDispatch } from '../../../src/model/make.js';
import type { BrokerCommand } from '../../../src/brokers/broker.js';

const KEYS = { api_key: 'the-key', secret: 'the-secret' };

function made(config: Record<string, unknown>, mode: Mode): BinanceBroker {
  const silent = () => undefined;
  return binanceSpec.make(binanceSpec.config.parse(config), {
    name: 'binance',
    mode,
    baseDir: '.',
    instruments: new InstrumentTable(),
    log: { info: silent, warn: silent, error: silent },
    session: 's',
    seed: 1,
    host: {
      wall: () => 1_000,
      at: () => 0,
      postAt: silent,
      runAt: silent,
      onMarket: silent,
      state: {} as never,
    },
  }) as BinanceBroker;
}

describe('the binance component', () => {
  it('needs no credentials for market data and never uses them outside mode live', async () => {
    for (const mode of ['paper', 'replay'] as const) {
      expect(made({}, mode).panic).toBeUndefined();
      expect(made(KEYS, mode).panic).toBeUndefined();
      await expect(made(KEYS, mode).openOrders()).rejects.toMatchObject({
        category: 'auth',
        message:
          'broker "binance" has no credentials, so it is market data only: give it api_key and secret or private_key',
      });
    }
  });

  it('refuses live trading without credentials', () => {
    expect(() => made({}, 'live')).toThrow(
      'broker "binance" trades live and needs api_key and either secret or private_key',
    );
    expect(() => made({ api_key: 'a' }, 'live')).toThrow('needs api_key');
    expect(() => made({ ...KEYS, private_key: 'p' }, 'live')).toThrow('needs api_key');
    expect(made({ trading: false }, 'live').panic).toBeUndefined();
  });

  it('hands the panic task plain data with a session of its own', () => {
    const task = made({ ...KEYS, environment: 'testnet' }, 'live').panic?.();
    expect(structuredClone(task?.options)).toMatchObject({
      name: 'binance',
      endpoints: { rest: 'https://testnet.binance.vision' },
      credentials: { apiKey: 'the-key', secret: 'the-secret' },
    });
    expect(task?.module).toMatch(/^file:.*panic\.(ts|js)$/);
  });

  it('refuses orders on USD-M with a reason', () => {
    const broker = made({ market: 'usdm', ...KEYS }, 'live');
    const dispatch = makeDispatch('c1', '', 'binance', intentOf('new'));
    const said: unknown[] = [];
    broker.execute(of({ dispatch } as BrokerCommand)).subscribe((outcome) => said.push(outcome));
    expect(said).toMatchObject([
      {
        outcome: 'not_sent',
        category: 'rejection',
        reason:
          'broker "binance" is Binance USD-M futures, which is market data only here: send orders to a spot broker',
      },
    ]);
    expect(broker.capabilities.orderTypes).toEqual({});
  });

  it('says what an address or a key lacks', () => {
    expect(() => made({ environment: 'custom', ...KEYS }, 'live')).toThrow(
      'broker "binance": the Binance address "rest"',
    );
    expect(() => made({ api_key: 'k', private_key: 'no pem' }, 'live')).toThrow(/broker "binance"/);
    expect(() => made({ recv_window: '2m' }, 'paper')).toThrow('recvWindow');
  });

  it('offers what the venue takes', () => {
    const { orderTypes, short, amend } = made(KEYS, 'live').capabilities;
    expect(orderTypes.limit).toEqual(['gtc', 'ioc', 'fok']);
    expect(orderTypes.stop).toEqual(['gtc']);
    expect([short, amend]).toEqual([false, true]);
  });
});
