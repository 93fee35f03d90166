import type { Broker } from '../../brokers/broker.js';
import { isClosed } from '../../model/order.js';
import type { Scope } from '../../model/scope.js';
import type { Engine } from '../engine.js';
import { messageOf } from './latches.js';

/** An order that is still open at a venue. */
export interface OpenAtVenue {
  readonly broker: string;
  readonly instrument: string;
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  /** False: nobody here sent it, so it is not ours to cancel. */
  readonly ours: boolean;
}

/** What venues say about open orders. Verified only when every venue of the scope answered, and has none. */
export interface VenueCheck {
  readonly verified: boolean;
  /** Why not; empty when it is. */
  readonly why: string;
  readonly open: readonly OpenAtVenue[];
}

/** Longest wait for one venue's answer. */
const ANSWER_MS = 10_000;

/** Asks every broker of the scope for its open orders. A query that fails is no answer, and so is one that never comes. */
export async function askVenues(engine: Engine, scope: Scope): Promise<VenueCheck> {
  const brokers = [...engine.brokers.values()].filter(
    ({ name, account }) =>
      engine.topology.sinks.some((sink) => sink.broker === name) &&
      (scope.kind !== 'account' || scope.name === account),
  );
  const answers = await Promise.all(brokers.map((broker) => askOne(engine, scope, broker)));
  const open = answers.flatMap((answer) => (Array.isArray(answer) ? answer : []));
  const failures = answers.filter((answer): answer is string => typeof answer === 'string');
  const reasons = [...failures];
  const ours = open.filter((order) => order.ours).length;
  if (ours > 0) reasons.push(`${ours} of our orders still open at the venue`);
  if (open.length > ours)
    reasons.push(`${open.length - ours} orders open at the venue that nobody here sent`);
  return { verified: reasons.length === 0, why: reasons.join('; '), open };
}

async function askOne(engine: Engine, scope: Scope, broker: Broker): Promise<OpenAtVenue[] | string> {
  try {
    const reports = await within(broker.openOrders(), ANSWER_MS);
    return reports.flatMap((report): OpenAtVenue[] => {
      const { clientOrderId, venueOrderId, instrument } = report;
      const order =
        engine.state.orders.byClientOrderId(clientOrderId) ??
        engine.state.orders.byVenueOrderId(broker.name, venueOrderId, instrument);
      if (scope.kind === 'strategy' && order?.strategy !== scope.name) return [];
      return [{ broker: broker.name, instrument, clientOrderId, venueOrderId, ours: order !== undefined }];
    });
  } catch (error) {
    return `${broker.name} could not be asked: ${messageOf(error)}`;
  }
}

/** True while State holds an open order of the scope that an orders sink can cancel. */
export function openInState(engine: Engine, scope: Scope): boolean {
  for (const order of engine.state.orders.open()) {
    if (isClosed(order.state)) continue;
    if (scope.kind === 'global') return true;
    if (scope.name === (scope.kind === 'account' ? order.account : order.strategy)) return true;
  }
  return false;
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
