import { Decimal, ZERO } from '../../model/decimal.js';
import type { Intent } from '../../model/intent.js';
import type { Micros } from '../../model/time.js';
import {
  END,
  childLeaves,
  openChildren,
  type ChildOrder,
  type EmulatedOrder,
} from '../../state/emulated-order.js';
import {
  LOOK_AGAIN,
  allowance,
  cancelAll,
  closing,
  protects,
  spare,
  type Group,
  type Scene,
} from './decide.js';
import { cancelEntry, inTheWay } from './clear.js';
import { againIntent, childIntent, marketTerms, wholeLots } from './intents.js';

/** Longest time between attempts. */
const SLOWEST: Micros = 60_000_000;

/** Brings one order of a group one step further. */
export function workLeg(leg: EmulatedOrder, group: Group, scene: Scene): void {
  if (leg.ended !== '') {
    cancelAll([leg], scene, leg.ended);
    if (leg.late) scene.hands.end(leg, leg.ended);
    return;
  }
  const { parent, watch } = leg;
  if (parent?.closed === true && parent.filled.isZero()) {
    scene.hands.end(leg, END.never);
    return;
  }
  if (expired(leg, scene)) return;
  const { urgent } = group;
  if (urgent !== undefined && urgent !== leg) {
    cancelAll([leg], scene, `${urgent.key} goes first`);
    return;
  }
  if (leg.failures > 0 && !failed(leg, group, scene)) return;
  if (watch !== undefined && !watch.triggered && urgent === undefined) return;
  const want = wanted(leg, group, scene);
  if (urgent === leg) leave(leg, want, group, scene);
  else rest(leg, want, group, scene);
}

/** Quantity the leg still has to work for, in whole lots. */
function wanted(leg: EmulatedOrder, group: Group, { shares, options }: Scene): Decimal {
  const { instrument, filled } = group;
  let want = Decimal.max(ZERO, allowance(leg, instrument).minus(filled));
  if (leg.intent.reduceOnly) {
    want = Decimal.min(want, shares.of(leg));
    // A venue refuses a reduce-only order for more than the position, whoever else is at work on it.
    if (options.reduce_only === 'keep') want = Decimal.min(want, Decimal.max(ZERO, shares.position(leg)));
  }
  return wholeLots(want, instrument);
}

/** An order of limited time that is over. The deadline of what rests at the venue is the venue's. */
function expired(leg: EmulatedOrder, { at, hands }: Scene): boolean {
  const { timeInForce, expireAt } = leg.intent;
  if (timeInForce !== 'gtd' || expireAt === undefined || leg.watch === undefined || leg.watch.triggered)
    return false;
  if (at >= expireAt) hands.end(leg, 'expired');
  else hands.wait(expireAt);
  return at >= expireAt;
}

/** A refusal for good. True when the leg goes on. */
function failed(leg: EmulatedOrder, group: Group, { options, hands, at }: Scene): boolean {
  const details = { order: leg.key, reason: leg.failure };
  if (!protects(leg)) {
    hands.end(leg, leg.failure);
    return false;
  }
  const { on_reject, retries } = options;
  const target = spare(leg, group.legs);
  const most = on_reject === 'retry' ? 2 * retries + 1 : retries + 1;
  if (!target && on_reject !== 'halt' && leg.failures <= most) {
    const until = leg.failedAt + (leg.failures > 1 || on_reject === 'retry' ? options.retry_after : 0);
    if (at >= until) return true;
    hands.wait(until);
    return false;
  }
  const what = target ? 'the target is given up; the stop stays' : 'trading halts';
  hands.log('error', 'LINKED_EXIT_FAILED', { ...details, what });
  hands.end(leg, leg.failure);
  if (!target) hands.halt('LINKED_EXIT_FAILED', `exit ${leg.key} could not be placed: ${leg.failure}`);
  return false;
}

/** An exit that fills at once, when nothing else of the group is left, or the wait for that is over. */
function leave(leg: EmulatedOrder, want: Decimal, group: Group, scene: Scene): void {
  const { options, at, hands } = scene;
  const closes = closing(leg, options);
  const since = closes ? leg.failedAt : (leg.watch?.triggeredAt ?? at);
  const others = group.legs.filter((one) => one !== leg);
  const waits = cancelAll(others, scene, `${leg.key} goes first`);
  const entry = cancelEntry(leg, scene);
  const stale = openChildren(leg, 'work').filter((child) => closes || child.refused);
  for (const child of stale) if (child.cancelledAt === 0) cancelChild(leg, child, scene);
  if ((waits || entry || stale.length > 0) && at < since + options.cancel_wait) {
    hands.wait(since + options.cancel_wait);
    return;
  }
  if (closes || leg.intent.type !== 'stop_limit') {
    const out = openChildren(leg, closes ? 'close' : 'work');
    const left = want.minus(out.reduce((sum, child) => sum.plus(childLeaves(child)), ZERO));
    if (out.length > 0 || left.lte(0)) {
      if (out.length > 0) hands.wait(at + LOOK_AGAIN);
      else gone(leg, group, scene);
      return;
    }
    if (closes)
      hands.log('warn', 'LINKED_EXIT_FAILED', {
        order: leg.key,
        reason: leg.failure,
        what: `closing ${left.toString()}`,
      });
    const reduceOnly = closes || leg.intent.reduceOnly;
    const terms = { ...marketTerms(group.instrument), side: leg.intent.side, quantity: left, reduceOnly };
    submit(leg, closes ? 'close' : 'work', terms, closes ? leg.failure : setOff(leg), scene, true);
    return;
  }
  rest(leg, want, group, scene);
}

/** An order that rests at the venue: sized and priced as it should be. */
function rest(leg: EmulatedOrder, want: Decimal, group: Group, scene: Scene): void {
  const { hands, at, options, state } = scene;
  const open = openChildren(leg, 'work');
  const [child, ...more] = open;
  if (want.isZero()) {
    for (const one of open) if (one.cancelledAt === 0) cancelChild(leg, one, scene);
    if (open.length > 0) hands.wait(at + LOOK_AGAIN);
    else gone(leg, group, scene);
    return;
  }
  const { limitPrice, stopPrice, trailingOffset, timeInForce, expireAt, postOnly } = leg.intent;
  const triggered = leg.watch?.triggered === true;
  const type = triggered ? 'limit' : leg.intent.type;
  const stop = triggered ? undefined : stopPrice;
  if (child === undefined) {
    const reduceOnly = leg.intent.reduceOnly && options.reduce_only === 'keep';
    const trailing = triggered ? undefined : trailingOffset;
    const terms = { type, side: leg.intent.side, quantity: want, limitPrice, stopPrice: stop } as const;
    const more = { trailingOffset: trailing, timeInForce, expireAt, postOnly, reduceOnly };
    const reason = triggered ? setOff(leg) : leg.parent === undefined ? '' : `protects ${leg.parent.key}`;
    submit(leg, 'work', { ...terms, ...more }, reason, scene, false);
    return;
  }
  if (more.length > 0 || busy(child)) {
    hands.wait(at + LOOK_AGAIN);
    return;
  }
  const quantity = child.filled.plus(want);
  const same =
    quantity.eq(child.quantity) && equal(limitPrice, child.limitPrice) && equal(stop, child.stopPrice);
  if (same) return;
  if (child.refused) {
    cancelChild(leg, child, scene);
    return;
  }
  const changes: Partial<Intent> = { quantity, limitPrice, stopPrice: stop };
  hands.send(againIntent(leg, child, 'replace', type, changes, 'sized by what filled', state.seq));
}

/** Nothing is left to work for although the group is not filled: others closed what it protects, or it is dust. */
function gone(leg: EmulatedOrder, group: Group, { hands, shares, emulated, at }: Scene): void {
  if (!group.final || group.allowed.isZero()) return;
  const { ix, account, reduceOnly } = leg.intent;
  const left = group.allowed.minus(group.filled);
  const share = reduceOnly ? Decimal.min(left, shares.of(leg)) : left;
  if (share.lte(0)) {
    // What another linked order is still doing here may bring the position back.
    const unsettled = [...emulated.open()].some(
      (one) => one.intent.ix === ix && one.intent.account === account && openChildren(one).length > 0,
    );
    if (unsettled) hands.wait(at + LOOK_AGAIN);
    else hands.end(leg, END.closed);
  } else if (wholeLots(share, group.instrument).isZero()) {
    hands.log('warn', 'LINKED_EXIT_FAILED', { order: leg.key, left: share, reason: END.dust });
    hands.end(leg, END.dust);
  }
}

function submit(
  leg: EmulatedOrder,
  purpose: 'work' | 'close',
  terms: Parameters<typeof childIntent>[2],
  reason: string,
  scene: Scene,
  urgent: boolean,
): void {
  const { state, hands, at, options } = scene;
  if (state.control.recovering) return;
  const cleared = urgent && leg.failedAt < at && leg.failure.startsWith('SELF_TRADE');
  if (cleared && inTheWay(leg, scene)) {
    hands.wait(at + LOOK_AGAIN);
    return;
  }
  const pause = Math.min(SLOWEST, options.retry_after * 2 ** Math.max(0, leg.transient - 1));
  const until = leg.transient > 0 && !cleared ? leg.failedAt + pause : at;
  if (at < until || (state.readiness?.withheld(leg.intent.route, protects(leg)) ?? '') !== '') {
    hands.wait(Math.max(until, at + LOOK_AGAIN));
    return;
  }
  hands.send(childIntent(leg, purpose, terms, reason, state.seq));
}

function cancelChild(leg: EmulatedOrder, child: ChildOrder, { hands, state }: Scene): void {
  if (child.state === 'asked') return;
  hands.send(againIntent(leg, child, 'cancel', leg.intent.type, {}, 'its terms change', state.seq));
}

function setOff({ watch }: EmulatedOrder): string {
  return watch === undefined ? '' : `stop ${watch.stop} set off at ${watch.price}`;
}

const SETTLED: ReadonlySet<string> = new Set(['accepted', 'partially_filled', 'inactive']);

function busy(child: ChildOrder): boolean {
  return !SETTLED.has(child.state) || child.replacing !== 'no' || child.cancelledAt > 0;
}

function equal(a: Decimal | undefined, b: Decimal | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.eq(b);
}
