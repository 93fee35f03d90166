import type { ControlEvent, IntentEvent } from '../model/event.js';
import type { Instrument } from '../model/instrument.js';
import { GLOBAL, parseScope, type Scope } from '../model/scope.js';
import { cancelsForOpenOrders } from './cancel-open.js';
import type { Engine } from './engine.js';
import { changeHeld } from './held-orders.js';
import { makeIntent, makeLog } from '../model/make.js';
import { reasonText } from '../model/reason.js';
import { exitsForPositions } from './kill/exits.js';
import { intentOf } from './order-control.js';
import { reconfigure, reconfigureAgain, reconfigureAll } from './reload/apply.js';
import { disableAgain, lapsed } from './recover/lapsed.js';
import { accountOf } from './state-config.js';

/** Scope a control event names; one that cannot be read is everything. */
export const scopeOf = (event: ControlEvent): Scope => parseScope(event.target) ?? GLOBAL;

/** What a control event does before it is folded: a gate that closes, closes first. */
export function beforeControl(engine: Engine, event: ControlEvent): void {
  const { outbox } = engine;
  engine.controls.begin(event);
  if (event.action === 'kill') outbox.closeScope(scopeOf(event), event.reason);
  if (event.action === 'halt') outbox.closeGate('TRADING_HALTED', event.reason);
}

/** What it does to gate, strategies and orders, inside its turn and after State knows it. */
export function afterControl(engine: Engine, event: ControlEvent): void {
  const { graph, state } = engine;
  if (event.action === 'halt' || event.action === 'kill') engine.halts.taken(event);
  gates(engine, event);
  const strategy = graph.strategies.get(event.target);
  switch (event.action) {
    case 'strategy_disable':
      strategy?.disable(event.reason);
      return;
    case 'set_parameter':
      reconfigure(engine, event.target, event.value);
      return;
    case 'reload':
      reconfigureAll(engine, event);
      return;
    case 'strategy_enable':
      strategy?.enable();
      return;
    case 'start':
      graph.connect();
      reconfigureAgain(engine);
      disableAgain(engine);
      return;
    case 'recovering':
      engine.outbox.life = Number(event.value);
      for (const record of lapsed(state)) engine.driver.record(record, 'recovery');
      return;
    case 'stop':
      graph.completeMarket();
      if (event.value === 'cancel') cancel(engine, GLOBAL, event, 'engine stop: open_orders is cancel');
      return;
    case 'kill':
      cancel(engine, scopeOf(event), event, `killed by ${event.actor}: ${event.reason}`);
      return;
    case 'order': {
      const intent = intentOf(event);
      if (typeof intent === 'string')
        engine.driver.record(
          makeLog('warn', 'CONTROL_REFUSED', reasonText('CONTROL_REFUSED', { action: 'order', why: intent })),
          'engine',
        );
      else if (!changeHeld(engine, intent)) send(engine, makeIntent(intent));
      return;
    }
    case 'flatten': {
      const scope = scopeOf(event);
      const why = `flattened by ${event.actor}: ${event.reason}`;
      cancel(engine, scope, event, why, 'flatten');
      const { intents, left } = exitsForPositions(state, scope, event.seq, why, router(engine));
      for (const record of left) engine.driver.record(record, 'engine');
      for (const intent of intents) send(engine, intent);
      return;
    }
    default:
  }
}

/** A halt or kill that is still on its way came after an opening was asked for: it wins. */
function gates(engine: Engine, event: ControlEvent): void {
  const { outbox, state } = engine;
  const { control } = state;
  if (event.action === 'resume' && control.trading === 'active' && engine.halts.underway === 0) {
    outbox.openGate();
  }
  if (event.action === 'release' && !engine.halts.killUnderway(scopeOf(event))) {
    const held = control.latches().some(({ scope }) => scope === event.target);
    if (!held) outbox.openScope(scopeOf(event));
  }
}

/** `but`: orders of this strategy stay, as exits that are at work. */
function cancel(engine: Engine, scope: Scope, event: ControlEvent, reason: string, but = ''): void {
  for (const intent of cancelsForOpenOrders(engine.state, scope, event.seq, reason)) {
    if (but === '' || intent.intent.strategy !== but) send(engine, intent);
  }
}

function send(engine: Engine, intent: IntentEvent): void {
  engine.driver.record(intent, 'engine');
  engine.graph.system(intent, intent.intent.route);
}

/** The broker of an account: its only one, or where several share it the one the instrument's venue names. */
function router(engine: Engine): (account: string, instrument: Instrument) => string {
  const { brokers, sinks } = engine.topology;
  const sending = brokers.filter(({ name }) => sinks.some((sink) => sink.broker === name));
  return (account, instrument) => {
    const own = sending.filter((broker) => accountOf(broker) === account);
    const venue = own.find(({ name }) => name === instrument.venue);
    return (venue ?? own[0])?.name ?? '';
  };
}
