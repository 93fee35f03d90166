import type { Broker, BrokerFigure } from '../../brokers/broker.js';
import type { Log } from '../../model/component.js';
import { InstrumentTable, type InstrumentInput } from '../../model/instruments.js';
import { hashSeed } from '../../model/random.js';
import { MICROS_PER_MS } from '../../model/time.js';
import type { CheckedBroker, CheckedTopology } from '../../topology/checked.js';
import { monotonicMs, wallMs } from '../guard.js';
import { realBrokers } from '../state-config.js';
import { checkAccount } from './account.js';
import { failure } from './failure.js';
import type { Findings } from './finding.js';
import { checkInstruments, usedAt } from './instruments.js';

/** A clock that is off by so much is told; by so much more, nothing that looks at the age of data can be trusted. */
const SKEW_WARN_MS = 500;
const SKEW_FAIL_MS = 5_000;
/** Share of a limit from which it is told. */
const NEARLY = 0.8;

/** Opens the session of a broker, reads what can be read, and closes it. Nothing is changed at the venue. */
export async function checkBroker(
  found: Findings,
  checked: CheckedBroker,
  topology: CheckedTopology,
  log: Log,
): Promise<void> {
  let broker: Broker;
  try {
    broker = makeBroker(checked, topology, log);
  } catch (error) {
    return failure(found, error);
  }
  // Whoever nobody listens to would keep what he says.
  const quiet = { next: () => undefined, error: () => undefined };
  const subscriptions = [broker.connection$.subscribe(quiet), broker.executions$.subscribe(quiet)];
  try {
    const began = monotonicMs();
    await broker.open();
    found.ok('reach', `session open after ${Math.round(monotonicMs() - began)} ms`);
    await readBroker(found, broker, checked, topology);
  } catch (error) {
    failure(found, error);
  } finally {
    for (const subscription of subscriptions) subscription.unsubscribe();
    await broker.close();
  }
}

/** The rules of one instrument, read over a public session: no key is used. Undefined: the venue has no such symbol. */
export async function venueRules(
  checked: CheckedBroker,
  topology: CheckedTopology,
  symbol: string,
  log: Log,
): Promise<InstrumentInput | undefined> {
  const broker = makeBroker(checked, { ...topology, mode: 'paper' }, log);
  try {
    await broker.open();
    const own = topology.instruments.find((input) => input.symbol === symbol)?.venueSymbol ?? symbol;
    const listed = (await broker.instruments()).find((input) => (input.venueSymbol ?? input.symbol) === own);
    return listed && { ...listed, symbol, venueSymbol: own };
  } finally {
    await broker.close();
  }
}

async function readBroker(
  found: Findings,
  broker: Broker,
  checked: CheckedBroker,
  topology: CheckedTopology,
): Promise<void> {
  await clock(found, broker);
  const used = usedAt(checked, topology);
  const listed = await broker.instruments();
  checkInstruments(found, used, listed, topology.instruments);
  if (topology.mode === 'live' && realBrokers(topology).includes(checked)) {
    const subscribed = listed.filter(({ symbol }) => used.includes(symbol));
    await checkAccount(found, broker, topology, subscribed);
  } else found.ok('credentials', 'not used: only a live topology that sends orders needs a key');
  limits(found, broker.figures?.() ?? []);
}

/** As the engine makes it, but with every instrument of the venue, so that a wrong name can be told from a right one. */
function makeBroker({ name, spec, config }: CheckedBroker, topology: CheckedTopology, log: Log): Broker {
  const unavailable = (): never => {
    throw new Error('a check has no engine time');
  };
  return spec.make(
    { ...config, instruments: undefined },
    {
      name,
      mode: topology.mode,
      baseDir: topology.baseDir,
      instruments: new InstrumentTable(topology.instruments),
      log,
      session: 'check',
      seed: hashSeed(`${topology.seed}:${name}`),
      host: {
        wall: () => Math.round(wallMs() * MICROS_PER_MS),
        at: unavailable,
        postAt: unavailable,
        runAt: unavailable,
        onMarket: unavailable,
        get state(): never {
          return unavailable();
        },
      },
    },
  );
}

async function clock(found: Findings, broker: Broker): Promise<void> {
  const before = wallMs();
  const venue = (await broker.serverTime()) / MICROS_PER_MS;
  const after = wallMs();
  const uncertain = Math.ceil((after - before) / 2);
  const ahead = Math.round(venue - (before + after) / 2);
  const skew = Math.max(0, Math.abs(ahead) - uncertain);
  const message = `this clock is ${Math.abs(ahead)} ms ${ahead > 0 ? 'behind' : 'ahead of'} the venue’s (give or take ${uncertain} ms)`;
  const next = 'synchronise the clock of this machine (NTP)';
  if (skew >= SKEW_FAIL_MS) found.fail('clock', message, next);
  else if (skew >= SKEW_WARN_MS) found.warn('clock', message, next);
  else found.ok('clock', message);
}

function limits(found: Findings, figures: readonly BrokerFigure[]): void {
  const told: string[] = [];
  let nearly = false;
  for (const limit of figures) {
    const [, name] = /^(.*)_limit$/.exec(limit.name) ?? [];
    if (name === undefined || limit.value <= 0) continue;
    const window = limit.labels['window'] ?? 'minute';
    const used = figures.find(
      (figure) =>
        (figure.name === `${name}_used` || figure.name === name) &&
        figure.labels['window'] === limit.labels['window'],
    );
    if (used === undefined) continue;
    nearly ||= used.value >= NEARLY * limit.value;
    told.push(`${name.replaceAll('_', ' ')} ${used.value} of ${limit.value} (${window})`);
  }
  if (told.length === 0) return;
  if (nearly)
    found.warn(
      'rate limits',
      told.join(', '),
      'stop whatever else asks the venue from this address or account',
    );
  else found.ok('rate limits', told.join(', '));
}
