import { filter } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Broker } from '../../../src/brokers/broker.js';
import { Desk, until } from './support/desk.js';

const BY = { actor: 'ann', reason: 'get out' };
const held = (desk: Desk): string =>
  desk.engine.state.portfolio.position('sim', 0)?.quantity.toString() ?? '0';

describe('flatten', () => {
  test('defect 5: closes positions while trading is killed, in front of risk, and replays', async () => {
    const desk = await new Desk().start();
    desk.trade('buy');
    desk.trade('buy');
    desk.trade('rest');
    await until(() => held(desk) === '2' && desk.open === 1);
    await desk.operations.kill(BY);
    expect(held(desk)).toBe('2');
    const answer = await desk.operations.flatten(BY);
    expect(answer).toMatchObject({ scope: 'global', flat: true, rounds: 1, left: [] });
    expect([held(desk), desk.open]).toEqual(['0', 0]);
    const exit = desk.sent.at(-1)?.dispatch.intent;
    expect([exit?.side, exit?.type, exit?.reduceOnly, exit?.quantity.toString()]).toEqual([
      'sell',
      'market',
      true,
      '2',
    ]);
    expect(
      desk.records.some((event) => event.kind === 'approved' && event.intent.strategy === 'flatten'),
    ).toBe(true);
    expect(desk.engine.state.control.killed).toBe(true);
    expect(await desk.verify()).toBeUndefined();
  });

  test('of an active desk lets nothing new in meanwhile, and a short position is bought back', async () => {
    const desk = await new Desk().start();
    desk.trade('sell');
    await until(() => held(desk) === '-1');
    const answer = await desk.operations.flatten(BY, { kind: 'account', name: 'sim' });
    expect(answer).toMatchObject({
      flat: true,
      before: { trading: 'active' },
      after: { trading: 'reducing' },
    });
    desk.trade('buy');
    expect(desk.words.at(-1)).toBe('denied TRADING_REDUCING');
    expect(held(desk)).toBe('0');
  });

  test('asks again for what the venue does not do, a bounded number of times, and says what is left', async () => {
    const desk = await new Desk().start();
    desk.trade('buy');
    await until(() => held(desk) === '1');
    // The venue halts: exits are refused from now on.
    const market = desk.engine.state.market as unknown as { status: (ix: number) => string };
    market.status = () => 'halted';
    const answer = await desk.operations.flatten(BY, undefined, 100);
    expect(answer).toMatchObject({
      flat: false,
      left: [{ account: 'sim', instrument: 'BTC', quantity: '1' }],
    });
    expect(desk.logs.at(-1)).toContain('not flat after');
  });

  test('of a strategy is refused: positions are kept by account', async () => {
    const desk = await new Desk().start();
    const answer = await desk.operations.flatten(BY, { kind: 'strategy', name: 'one' });
    expect(answer).toMatchObject({ seq: 0, flat: false });
    expect(answer.refused).toContain('flatten its account');
  });

  test('of an account that is not here is refused, and does not say that it is flat', async () => {
    const desk = await new Desk().start();
    desk.trade('buy');
    await until(() => held(desk) === '1');
    const answer = await desk.operations.flatten(BY, { kind: 'account', name: 'smi' });
    expect(answer).toMatchObject({ seq: 0, flat: false });
    expect(answer.refused).toBe('there is no account "smi"; these are: sim');
  });

  test('is not flat while an order that nobody could cancel may still fill', async () => {
    const desk = await new Desk({ wrap: deaf }).start();
    desk.trade('rest');
    await until(() => desk.open === 1);
    const answer = await desk.operations.flatten(BY, undefined, 300);
    expect(answer).toMatchObject({ flat: false, left: [] });
    expect(desk.logs.at(-1)).toContain('1 orders that may still fill');
  });
});

/** A venue that cancels reach too late. */
function deaf(broker: Broker): Partial<Broker> {
  return {
    execute: (commands$) =>
      broker.execute(commands$.pipe(filter(({ dispatch }) => dispatch.action !== 'cancel'))),
  };
}
