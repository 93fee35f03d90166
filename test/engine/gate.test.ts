import { expect, onTestFinished, test } from 'vitest';
import { of, type Observable } from 'rxjs';
import type { ControlAction, ExecutionEvent } from '../../src/model/event.js';
import { makeControl, makeTrade, receivedAt } from '../../src/model/make.js';
import { MICROS_PER_SECOND } from '../../src/model/time.js';
import { fillOf } from '../../src/testing/build.js';
import { NO_FAULTS } from './support/flaky-broker.js';
import { OrderPathRig, START, type Scenario } from './support/order-path-rig.js';

const QUIET: Scenario = {
  seed: 1,
  faults: NO_FAULTS,
  events: 0,
  activity: 0,
  orders: '10/s',
  cancels: '10/s',
  messages: '20/s',
  onLimit: 'defer',
  maxQueue: 10,
  maxPosition: 20,
  latency: '0ms',
  reportLatency: '0ms',
  slowJournal: false,
  controls: 0,
  accountType: 'margin',
  displayed: false,
  strategies: 1,
  strategyReadsFills: true,
  stop: 'leave',
};

async function started(): Promise<OrderPathRig> {
  const rig = new OrderPathRig(QUIET);
  await rig.engine.open();
  onTestFinished(() => rig.engine.close());
  rig.engine.start(START);
  return rig;
}

/** Trading state and code of the closed gate after each action. */
function after(rig: OrderPathRig, ...actions: ControlAction[]): (string | undefined)[] {
  for (const action of actions)
    rig.engine.feed([receivedAt(makeControl(START, action, 'test', 'because'), START)]);
  return [rig.engine.state.control.trading, rig.engine.outbox.gate?.code];
}

test('kill closes the gate, resume does not open it before a release', async () => {
  const rig = await started();
  expect(after(rig, 'kill')).toEqual(['halted', 'LATCHED']);
  expect(after(rig, 'resume')).toEqual(['halted', 'LATCHED']);
  expect(after(rig, 'arm')).toEqual(['halted', 'LATCHED']);
  expect(after(rig, 'release')).toEqual(['halted', 'LATCHED']);
  expect(after(rig, 'resume')).toEqual(['active', undefined]);
});

test('a halt from outside closes the gate at once, is recorded, and resume opens it', async () => {
  const rig = await started();
  rig.engine.haltFromOutside('SINK_FAILED', 'no disk');
  expect(after(rig)).toEqual(['halted', 'SINK_FAILED']);
  expect(after(rig, 'resume')).toEqual(['active', undefined]);
});

test('a resume that was asked for before a halt does not open the gate the halt closed', async () => {
  const rig = await started();
  const { engine } = rig;
  const gates: (string | undefined)[] = [];
  engine.sequencer.runAt(START, () => {
    engine.post(receivedAt(makeControl(START, 'resume', 'test', 'asked before'), START));
    engine.haltFromOutside('SINK_FAILED', 'no disk');
    engine.sequencer.runAt(START, () => gates.push(engine.outbox.gate?.code));
  });
  engine.sequencer.advance(START);
  expect(gates).toEqual(['SINK_FAILED']);
  expect(after(rig)).toEqual(['halted', 'SINK_FAILED']);
});

test('a halt before the start turn is recorded in it', async () => {
  const rig = new OrderPathRig(QUIET);
  await rig.engine.open();
  onTestFinished(() => rig.engine.close());
  rig.engine.haltFromOutside('SINK_FAILED', 'no disk');
  rig.engine.start(START);
  expect(after(rig)).toEqual(['halted', 'SINK_FAILED']);
});

test('a report that comes before the start turn is a turn after it', async () => {
  const rig = new OrderPathRig({ ...QUIET, faults: { ...NO_FAULTS, late: Number.MIN_VALUE } });
  const broker = rig.engine.brokers.get('sim') as { executions$: Observable<ExecutionEvent> };
  const fill = fillOf('before', 'buy', 2, 100, { instrument: 'BTCUSDT', ix: 0 });
  broker.executions$ = of({ ...fill, account: 'sim' });
  await rig.engine.open();
  onTestFinished(() => rig.engine.close());
  expect(rig.engine.driver.seq).toBe(0);
  rig.engine.start(START);
  expect(rig.inputs.slice(0, 2).map(({ kind, seq, at }) => [kind, seq, at])).toEqual([
    ['control', 1, START],
    ['execution', 2, START],
  ]);
  expect(rig.engine.state.portfolio.position('sim', 0)?.quantity.toString()).toBe('2');
});

test('what a broker throws between turns halts; the stream goes on', async () => {
  const rig = await started();
  rig.host.runAt(START + 1, () => {
    throw new Error('the venue broke');
  });
  const later = START + MICROS_PER_SECOND;
  rig.engine.feed([receivedAt(makeTrade('market', later, 'BTCUSDT', 0, 60_000, 1, 0, ''), later)]);
  expect(after(rig)).toEqual(['halted', 'TRADING_PROVIDER_ERROR']);
  expect(rig.engine.state.market.last(0)).toBe(60_000);
});
