import type { Intent } from '../model/intent.js';
import { makeDenied, makeQueued } from '../model/make.js';
import { changeRefusal } from '../operators/manage/accept.js';
import { HELD } from '../state/emulated.js';
import type { Engine } from './engine.js';

/**
 * A change or cancel that a program or an operator asks for of an order that lives in a node: a leg that is held, a
 * stop that waits, an order split over venues. Recorded as its node would record it; the node acts on it at the end of
 * this turn. False: there is no such order, and the request goes the way to the venue.
 */
export function changeHeld(engine: Engine, intent: Intent): boolean {
  const { state, driver } = engine;
  const held = intent.action === 'new' ? undefined : state.emulated.get(intent.orderKey);
  const instrument = held === undefined ? undefined : state.instruments.at(held.intent.ix);
  if (held === undefined || instrument === undefined) return false;
  const wrong = changeRefusal(intent, held, instrument);
  if (wrong === '') driver.record(makeQueued(intent, HELD[held.kind]), 'engine');
  else driver.record(makeDenied(intent, wrong.slice(0, wrong.indexOf(':')), wrong, 'risk'), 'engine');
  return true;
}
