import { Decimal, ZERO } from '../../model/decimal.js';
import type { Instrument } from '../../model/instrument.js';
import type { Intent } from '../../model/intent.js';
import type { LogLevel } from '../../model/event.js';
import type { Micros } from '../../model/time.js';
import {
  END,
  childLeaves,
  filledOf,
  netFilled,
  openChildren,
  type EmulatedOrder,
} from '../../state/emulated-order.js';
import type { EmulatedView } from '../../state/emulated-view.js';
import type { StateView } from '../../state/view.js';
import { againIntent, childIntent, marketTerms, wholeLots } from './intents.js';
import type { ManageOptions } from './options.js';
import { workLeg } from './leg.js';
import { restores, type Shares } from './shares.js';

/** What a decision may do. Every `send` goes to risk like any intent. */
export interface Hands {
  send(intent: Intent): void;
  /** Nothing more is wanted of an order held here. */
  end(held: EmulatedOrder, reason: string): void;
  log(level: LogLevel, code: string, details: Readonly<Record<string, unknown>>): void;
  halt(code: string, reason: string): void;
  /** Look again at this time at the latest. */
  wait(until: Micros): void;
}

export interface Scene {
  readonly state: StateView;
  readonly emulated: EmulatedView;
  readonly options: ManageOptions;
  readonly at: Micros;
  readonly hands: Hands;
  /** What each order may close of the position; computed once a round. */
  readonly shares: Shares;
}

/** One group of orders that share a quantity, as it stands. */
export interface Group {
  readonly legs: readonly EmulatedOrder[];
  readonly instrument: Instrument;
  /** Quantity the group may fill in all, and what it filled, less what was taken back. */
  readonly allowed: Decimal;
  readonly filled: Decimal;
  /** No more can come: what it waits for is closed, or it waits for nothing. */
  readonly final: boolean;
  /** The leg that must leave at once: a stop that was set off, or one that closes what lost its protection. */
  readonly urgent: EmulatedOrder | undefined;
}

/** Time between looks at something that waits for an answer nobody may ever tell. */
export const LOOK_AGAIN: Micros = 1_000_000;

/**
 * Brings one group one step further: sizes its orders by what the order they wait for really filled and by what each
 * other filled, sends stops that were set off, ends what is done. Reads State only, so the same State gives the same
 * step; called again after every change.
 */
export function decide(legs: readonly EmulatedOrder[], scene: Scene): void {
  const group = groupOf(legs, scene);
  if (group === undefined) return;
  // After a kill or a flatten nothing is opened again; the flatten closes what is left.
  if (!legs.some(({ stopped }) => stopped) && takeBack(group, scene)) return;
  if (finished(group, scene)) return;
  // Protection first: what a limit refuses then is the target, not the stop.
  for (const leg of legs) if (leg.intent.type !== 'limit') workLeg(leg, group, scene);
  for (const leg of legs) if (leg.intent.type === 'limit') workLeg(leg, group, scene);
}

function groupOf(legs: readonly EmulatedOrder[], scene: Scene): Group | undefined {
  const first = legs[0];
  const instrument = first === undefined ? undefined : scene.state.instruments.at(first.intent.ix);
  if (instrument === undefined) return undefined;
  const live = legs.filter((leg) => leg.ended === '');
  return {
    legs,
    instrument,
    allowed: legs.reduce((most, leg) => Decimal.max(most, allowance(leg, instrument)), ZERO),
    filled: legs.reduce((sum, leg) => sum.plus(netFilled(leg)), ZERO),
    final: legs.every(
      ({ parent }) => parent === undefined || parent.closed || parent.filled.gte(parent.quantity),
    ),
    urgent:
      live.find((leg) => closing(leg, scene.options) && !spare(leg, legs)) ??
      live.find((leg) => leg.watch?.triggered === true),
  };
}

/** What a leg may fill in all: its quantity, or the part of it that the order it waits for filled. */
export function allowance(leg: EmulatedOrder, instrument: Instrument): Decimal {
  const { parent, intent } = leg;
  if (parent === undefined) return intent.quantity;
  if (parent.filled.isZero() || parent.quantity.isZero()) return ZERO;
  if (intent.quantity.eq(parent.quantity)) return parent.filled;
  if (parent.filled.gte(parent.quantity)) return intent.quantity;
  const share = intent.quantity.times(parent.filled).div(parent.quantity);
  return share.div(instrument.lotSize).floor().times(instrument.lotSize);
}

/** It failed for good and its policy says that what it protected is closed now. */
export function closing(leg: EmulatedOrder, { on_reject, retries }: ManageOptions): boolean {
  if (leg.failures === 0 || !protects(leg) || on_reject === 'halt') return false;
  return on_reject === 'flatten' || leg.failures > retries;
}

/** A target beside a stop that stands: when it is refused, the position is still protected. */
export function spare(leg: EmulatedOrder, legs: readonly EmulatedOrder[]): boolean {
  const stands = (one: EmulatedOrder): boolean => one !== leg && one.ended === '' && one.failures === 0;
  return leg.intent.type === 'limit' && legs.some(stands);
}

/** An exit: without it a position stands unprotected. */
export function protects(leg: EmulatedOrder): boolean {
  return leg.parent !== undefined || leg.intent.reduceOnly;
}

/** More filled than should have: two legs met their price at once, or a fill of the entry was taken back. */
function takeBack(group: Group, { hands, options, state, shares }: Scene): boolean {
  const { legs, allowed, filled, instrument } = group;
  const under = legs.flatMap((leg) => openChildren(leg, 'restore'));
  const over = filled.minus(allowed).minus(under.reduce((sum, child) => sum.plus(childLeaves(child)), ZERO));
  const leg = legs.find(({ late }) => late) ?? legs.find(({ children }) => children.length > 0);
  if (over.lte(0) || leg === undefined) return false;
  if (under.length > 0) return false;
  const quantity = wholeLots(Decimal.min(over, shares.missing(leg)), instrument);
  if (quantity.isZero() || !restores(leg, options)) return false;
  hands.log('anomaly', 'LINKED_RACE', {
    order: leg.key,
    allowed,
    filled,
    restored: quantity,
    orders: legs.filter((one) => !filledOf(one).isZero()).map(({ key }) => key),
  });
  const side = leg.intent.side === 'buy' ? 'sell' : 'buy';
  // What goes back to the exits of another entry opens for the venue.
  const reduceOnly = quantity.lte(shares.position(leg).neg());
  const terms = { ...marketTerms(instrument), side, quantity, reduceOnly } as const;
  hands.send(childIntent(leg, 'restore', terms, 'linked orders filled twice', state.seq));
  return true;
}

/** True when the group is done; its orders are ended, and what of them is still at the venue is cancelled. */
function finished(group: Group, scene: Scene): boolean {
  const { legs, allowed, filled, final } = group;
  if (!final) return false;
  const open = legs.filter((leg) => leg.ended === '' || leg.late);
  const never = legs.every(({ parent }) => parent?.closed === true && parent.filled.isZero());
  if (!never && filled.lt(allowed)) return false;
  const restoring = legs.some((leg) => openChildren(leg, 'restore').length > 0);
  if (restoring) {
    scene.hands.wait(scene.at + LOOK_AGAIN);
    cancelAll(legs, scene, 'the group is done');
    return true;
  }
  for (const leg of open) {
    scene.hands.end(leg, never ? END.never : filledOf(leg).isZero() ? END.other : END.done);
  }
  cancelAll(legs, scene, 'the group is done');
  return true;
}

/** Cancels what is open of some orders. True while something of them is still open. */
export function cancelAll(legs: readonly EmulatedOrder[], scene: Scene, reason: string): boolean {
  let any = false;
  for (const leg of legs) {
    for (const child of openChildren(leg)) {
      if (child.purpose === 'restore') continue;
      any = true;
      // One whose intent is on its way, or whose cancel was refused a moment ago, is looked at again.
      if (child.cancelledAt === 0 && child.state !== 'asked')
        scene.hands.send(againIntent(leg, child, 'cancel', leg.intent.type, {}, reason, scene.state.seq));
      scene.hands.wait(scene.at + LOOK_AGAIN);
    }
  }
  return any;
}
