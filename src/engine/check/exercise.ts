import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../model/component.js';
import type { InstrumentInput } from '../../model/instruments.js';
import { MillraceError } from '../../model/reason.js';
import type { Order } from '../../model/order.js';
import { topology as build } from '../../topology/build.js';
import type { CheckedBroker, CheckedTopology } from '../../topology/checked.js';
import type { Engine } from '../engine.js';
import { monotonicMs } from '../guard.js';
import type { Operations } from '../operations.js';
import { run } from '../run.js';
import { accountOf } from '../state-config.js';
import { venueRules } from './broker.js';
import { exercise, type ExerciseStep } from './exercise-strategy.js';
import { failure } from './failure.js';
import type { Findings } from './finding.js';

export interface ExerciseOptions {
  readonly instrument: string;
  /** Also buys and sells the smallest amount. */
  readonly fill: boolean;
  readonly log: Log;
  /** How long the whole thing may take. Default 60 s. */
  readonly timeoutMs?: number;
}

const HOLD_MS = 3_000;
const POLL_MS = 250;
const MOST_TRIES = 100;

/**
 * Sends orders of the smallest size through the whole live order path: a passive limit must be found among the open
 * orders of the venue and be gone after its cancel (`submit_cancel_reconcile`); with `fill`, a market order in and one out
 * (`fill_reconcile`). Whoever calls sees to it that no real money is behind the broker.
 */
export async function exerciseBroker(
  found: Findings,
  broker: CheckedBroker,
  topology: CheckedTopology,
  options: ExerciseOptions,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-check-'));
  const [end, over] = [new AbortController(), new AbortController()];
  let operations: Operations | undefined;
  let watch: Promise<void> | undefined;
  try {
    const rules = await venueRules(broker, topology, options.instrument, options.log);
    if (rules === undefined)
      return found.fail(
        'exercise',
        `${options.instrument} is not listed at the venue`,
        'name another with --instrument',
      );
    const summary = await run(desk(broker, topology, options, folder, rules), {
      log: options.log,
      live: true,
      resume: 'never',
      signal: end.signal,
      onOperations: (made) => {
        operations = made;
      },
      onOpen: (engine) => {
        void operations?.arm(accountOf(broker), { actor: 'check', reason: 'exercise' });
        watch = watchExercise(found, engine, broker.name, options, over.signal)
          .catch((error: unknown) => failure(found, error, 'exercise'))
          .finally(() => end.abort());
      },
    });
    over.abort();
    await watch;
    if (summary.error !== null)
      failure(
        found,
        new MillraceError('INVALID_CONFIGURATION', summary.error.message, summary.error.help),
        'exercise',
      );
    else if (!summary.drained)
      found.fail(
        'exercise',
        'a request was still unanswered at the end',
        'look at the open orders of the account',
      );
  } catch (error) {
    failure(found, error, 'exercise');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A topology of one strategy on the very broker of the user's, under the venue's own rules. */
function desk(
  broker: CheckedBroker,
  { portfolio }: CheckedTopology,
  { instrument, fill }: ExerciseOptions,
  folder: string,
  rules: InstrumentInput,
): CheckedTopology {
  const { name } = broker;
  const made = build('exercise', {
    mode: 'paper',
    portfolio: { base_currency: portfolio.baseCurrency },
    instruments: { [instrument]: {} },
    reconcile: { unknown_orders: 'ignore', opening_positions: 'ignore', on_break: 'warn' },
    shutdown: { drain: '10s', open_orders: 'cancel' },
    control: { listen: 'off' },
    state_dir: folder,
  })
    .broker(name, 'paper', { prices: 'market', cash: {} })
    .source('market', 'market_data', { broker: name, instruments: [instrument], emit: ['quote'] })
    .source('fills', 'executions', { broker: name })
    .operator('exercise', 'strategy', ['market', 'fills'], {
      use: exercise,
      instruments: [instrument],
      params: { hold: HOLD_MS, fill },
    })
    .operator('risk', 'risk', ['exercise'], { limits: { price_collar: '10%', stale_quote: '30s' } })
    .operator('pace', 'throttle', ['risk'], { orders: '2/s' })
    .sink('orders', 'orders', ['pace'], { broker: name })
    .sink('journal', 'journal', [], { path: join(folder, 'journal') })
    .check({ baseDir: folder });
  return { ...made, mode: 'live', brokers: [broker], instruments: [rules] };
}

/** Follows the exercise from outside the stream, by asking the venue what it has. */
async function watchExercise(
  found: Findings,
  engine: Engine,
  name: string,
  { fill, timeoutMs = 60_000 }: ExerciseOptions,
  over: AbortSignal,
): Promise<void> {
  const until = monotonicMs() + timeoutMs;
  const broker = engine.brokers.get(name);
  if (broker === undefined) return;
  const isOpen = async (order: Order): Promise<boolean> =>
    (await broker.openOrders()).some(({ clientOrderId }) => clientOrderId === order.clientOrderId);
  const reach = (step: ExerciseStep, ...states: readonly Order['state'][]): Promise<Order> =>
    reached(engine, step, states, until, over);

  let order = await reach('passive', 'accepted', 'partially_filled', 'pending_cancel');
  const place = `${order.side} ${order.quantity.toString()} ${order.instrument} at ${order.limitPrice?.toString() ?? ''}`;
  while (!(await isOpen(order))) {
    order = await reach('passive', 'accepted', 'pending_cancel', 'cancelled');
    if (order.state === 'cancelled')
      throw new MillraceError(
        'BAD_INPUT',
        `${place} was accepted but never shown as open`,
        'look at the account',
      );
    await sleep(POLL_MS);
  }
  order = await reach('passive', 'cancelled');
  while (await isOpen(order)) {
    if (monotonicMs() > until)
      throw new MillraceError('BAD_INPUT', `${place} is still open after its cancel`, 'cancel it by hand');
    await sleep(POLL_MS);
  }
  found.ok(
    'submit_cancel_reconcile',
    `${place} was placed, found among the open orders, cancelled, and is gone`,
  );
  if (!fill) return;
  const entry = await reach('entry', 'filled');
  const exit = await reach('exit', 'filled');
  const count = [entry, exit]
    .map((o) => `${o.side} ${o.filled.toString()} at ${o.averagePrice.toString()}`)
    .join(', ');
  found.ok('fill_reconcile', `${entry.instrument}: ${count}`);
}

/** The order of a step once it is in one of `states`. Throws when it ends otherwise or takes too long. */
async function reached(
  engine: Engine,
  step: ExerciseStep,
  states: readonly Order['state'][],
  until: number,
  over: AbortSignal,
): Promise<Order> {
  for (;;) {
    const order = newest(engine, step);
    if (order !== undefined && states.includes(order.state)) return order;
    const ended = order?.state === 'rejected' || order?.state === 'expired' || order?.state === 'filled';
    if (order !== undefined && ended)
      throw new MillraceError(
        'BAD_INPUT',
        `the ${step} order is ${order.state}${order.reason === '' ? '' : `: ${order.reason}`}`,
        'see what the venue says about it',
      );
    if (monotonicMs() > until || over.aborted) {
      const why =
        order === undefined
          ? `nothing was placed${deniedText(engine)}`
          : `it is ${order.state}: ${order.reason || 'no reason given'}`;
      throw new MillraceError(
        'BAD_INPUT',
        `the ${step} order did not get there in time: ${why}`,
        'try again; if it stays so, look at the log with --log-level info',
      );
    }
    await sleep(50);
  }
}

function deniedText(engine: Engine): string {
  const codes = Object.keys(engine.counters.denials);
  return codes.length === 0 ? '; no quote came' : `; denied by ${codes.join(', ')}`;
}

/** Its orders are numbered; a denied one is not kept, and is followed by the next try a second later. */
function newest(engine: Engine, step: ExerciseStep): Order | undefined {
  let last: Order | undefined;
  for (let n = 1; n <= MOST_TRIES; n++) {
    const order = engine.state.orders.get(`exercise-${n}`);
    if (order?.tag === step) last = order;
  }
  return last;
}
