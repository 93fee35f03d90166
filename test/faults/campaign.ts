import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../../src/engine/engine.js';
import type { Operations } from '../../src/engine/operations.js';
import { run } from '../../src/engine/run.js';
import { verifyJournal } from '../../src/engine/verify-journal.js';
import { FAULT_KINDS, type FaultInput, type FaultKind } from '../../src/emulators/binance/faults/spec.js';
import { TEST_ACCOUNT } from '../../src/emulators/binance/emulator.js';
import { readJournal } from '../../src/sinks/journal/index.js';
import { verifyAudit } from '../../src/sinks/audit/verify.js';
import type { Log } from '../../src/topology/spec.js';
import { checkFeed, checkSubscriptions, venueEnds, type VenueEnd } from './check-feed.js';
import { checkMoney, checkOrders, ordersIn } from './check-orders.js';
import { Injector } from './injector.js';
import { loadCampaign } from './load.js';
import { ACCOUNT, topologyText } from './topology.js';
import { startVenue, type CampaignVenue } from './venue.js';

export interface CampaignOptions {
  readonly seed: number;
  /** Faults stop when the exchange has taken so many orders. */
  readonly orders: number;
  /** Or after this time, milliseconds. */
  readonly longest: number;
  /** For topology, journal and log; must be empty. */
  readonly folder: string;
  /** Kinds of faults; default: all of them. */
  readonly kinds?: readonly FaultKind[];
  /** Mean time between two faults, milliseconds. */
  readonly every?: number;
  /** Events of the market a second, all pairs together. */
  readonly rate?: number;
  /** Quotes between two decisions of the strategy. */
  readonly pace?: number;
  readonly ordersBy?: 'ws' | 'rest';
}

export interface CampaignResult {
  readonly wrong: readonly string[];
  readonly orders: number;
  readonly fills: number;
  readonly requests: number;
  readonly turns: number;
  /** Injections by kind. */
  readonly injected: Readonly<Record<string, number>>;
  readonly faults: readonly FaultInput[];
  readonly figures: Readonly<Record<string, number>>;
  /** Denials, by reason. */
  readonly denied: Readonly<Record<string, number>>;
  readonly seconds: number;
}

interface State {
  operations?: Operations;
  engine?: Engine;
  campaign?: Promise<void>;
  /** The venue as it was when everything was quiet. */
  ends?: ReadonlyMap<string, VenueEnd>;
}

const BY = { actor: 'campaign', reason: 'a fault campaign' };
/** For everything to come back after the last fault. */
const SETTLE_MS = 40_000;

export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { seed, folder, rate = 300, kinds = FAULT_KINDS, every = 400, pace = 1, ordersBy } = options;
  const began = Date.now();
  const venue = await startVenue(seed, rate);
  const { emulator } = venue;
  const injector = new Injector(emulator, seed, kinds, every);
  const wrong: string[] = [];
  const lines: string[] = [];
  try {
    const topology = await loadCampaign(
      folder,
      topologyText(venue.emulator, { seed, every: pace, ordersBy: ordersBy ?? 'ws' }),
    );
    const stop = new AbortController();
    const state: State = {};
    const summary = await run(topology, {
      live: true,
      log: logTo(lines),
      signal: stop.signal,
      onOperations: (operations) => (state.operations = operations),
      onOpen: (engine) => {
        state.engine = engine;
        state.campaign = trade(options, venue, injector, engine, state.operations as Operations, wrong)
          .then(() => void (state.ends = venueEnds(venue)))
          .catch((error: unknown) => void wrong.push(`the campaign failed: ${told(error)}`))
          .finally(() => stop.abort());
      },
    });
    await state.campaign;
    await sleep(50);
    if (summary.error !== null)
      wrong.push(`the run ended with ${summary.error.code}: ${summary.error.message}`);
    if (!summary.drained) wrong.push('requests were left without an outcome');
    const { engine } = state;
    if (engine === undefined || summary.journal === null) throw new Error('the engine did not open');
    const journal = readJournal(summary.journal);
    wrong.push(...checkOrders(ordersIn(journal), emulator));
    wrong.push(...checkMoney(engine.state.portfolio, ACCOUNT, emulator).map((text) => `in the end: ${text}`));
    const left = emulator.exchange.audit
      .orders(TEST_ACCOUNT)
      .filter(({ status }) => /NEW|PARTIALLY/.test(status));
    if (left.length > 0) wrong.push(`${left.length} orders were left open`);
    const feed = checkFeed(journal, state.ends ?? new Map());
    wrong.push(...feed.wrong);
    const verified = await verifyJournal(journal, { topology });
    if (verified.difference !== undefined) wrong.push(`replay: ${verified.difference.text}`);
    const audit = verifyAudit(join(folder, 'audit.jsonl'));
    if (!audit.intact) wrong.push(`audit: ${audit.message}`);
    const requests = emulator.exchange.journal();
    return {
      wrong,
      orders: emulator.exchange.audit.orders(TEST_ACCOUNT).length,
      fills: emulator.exchange.audit.fills(TEST_ACCOUNT).length,
      requests: requests.length,
      turns: verified.turns,
      injected: countBy(emulator.faults.log().map(({ kind }) => kind)),
      faults: injector.set,
      figures: { ...feed.figures, dispatches: summary.orders },
      denied: summary.denied,
      seconds: (Date.now() - began) / 1000,
    };
  } finally {
    injector.stop();
    await emulator.close();
    writeFileSync(join(folder, 'log.txt'), `${lines.join('\n')}\n`);
    writeFileSync(join(folder, 'faults.json'), JSON.stringify(emulator.faults.log(), undefined, 1));
    writeFileSync(join(folder, 'requests.json'), JSON.stringify(emulator.exchange.journal(), undefined, 1));
  }
}

/** Orders under faults, then quiet, then the comparison while orders still rest. */
async function trade(
  { orders, longest }: CampaignOptions,
  { emulator }: CampaignVenue,
  injector: Injector,
  engine: Engine,
  operations: Operations,
  wrong: string[],
): Promise<void> {
  const placed = (): number => emulator.exchange.audit.orders(TEST_ACCOUNT).length;
  const armed = await operations.arm(ACCOUNT, BY);
  if (armed.refused !== undefined) throw new Error(`not armed: ${armed.refused}`);
  injector.start();
  const until = Date.now() + longest;
  while (placed() < orders && Date.now() < until && engine.halted === undefined) await sleep(50);
  injector.stop();
  // A while without faults, in which trading must go on by itself.
  const before = placed();
  const deadline = Date.now() + SETTLE_MS;
  while (placed() < before + 5 && Date.now() < deadline) await sleep(50);
  if (placed() < before + 5) wrong.push(`trading did not resume: ${notTrading(engine)}`);
  await operations.disableStrategy('busy', BY);
  const ready = (): boolean =>
    engine.unsettled === 0 &&
    engine.state.readiness.of('venue')?.books === 'agree' &&
    checkSubscriptions(emulator).length === 0;
  let calm = 0;
  for (; calm < 20 && Date.now() < deadline; calm = ready() ? calm + 1 : 0) await sleep(50);
  if (calm < 20) wrong.push(`it did not settle: ${engine.unsettled} unsettled; ${notTrading(engine)}`);
  emulator.market?.pause();
  await sleep(500);
  const books = await operations.reconcile(BY);
  if (books !== '') wrong.push(`the engine says its books differ: ${books}`);
  wrong.push(...checkSubscriptions(emulator));
  wrong.push(...checkMoney(engine.state.portfolio, ACCOUNT, emulator));
  const open = emulator.exchange.audit
    .orders(TEST_ACCOUNT)
    .filter(({ status }) => /NEW|PARTIALLY/.test(status));
  if (open.length !== engine.state.orders.openCount())
    wrong.push(`${engine.state.orders.openCount()} orders open here, ${open.length} there`);
}

function notTrading(engine: Engine): string {
  const { control, readiness } = engine.state;
  const books = readiness.of('venue');
  return `trading ${control.trading} ${control.tradingReason}, session ${books?.session ?? '?'}, books ${books?.books ?? '?'} ${books?.reason ?? ''}, unknown ${engine.state.orders.byState('unknown').length}`;
}

function logTo(lines: string[]): Log {
  const take =
    (level: string) =>
    (message: string, fields?: object): void =>
      void lines.push(
        `${new Date().toISOString()} ${level} ${message} ${fields === undefined ? '' : JSON.stringify(fields)}`,
      );
  return { info: take('info'), warn: take('warn'), error: take('error') };
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function told(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
