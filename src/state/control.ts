import { dec, type Decimal } from '../model/decimal.js';
import type { ConnectionEvent, ConnectionState, ControlEvent, HaltEvent } from '../model/event.js';
import { reasonText } from '../model/reason.js';
import { parseDecimal, parseFraction, parseMoney } from '../model/units.js';
import type { Changes } from './changes.js';
import type { StateConfig } from './config.js';
import type { Hasher } from './hash.js';
import type { ControlView, TradingState } from './view.js';

/**
 * Trading state, latch, recovery, strategies and limits, from control, connection and halt records.
 *
 * | action | trading becomes |
 * |---|---|
 * | `kill` | halted, and killed until `arm` |
 * | `pause`, `stop`, `disarm`, `halt`, a halt record | halted |
 * | `reduce`, `flatten` | reducing, unless killed |
 * | `resume` | active, unless killed |
 * | `arm` | active; the latch is cleared |
 */
export class Control implements ControlView {
  trading: TradingState;
  tradingReason = '';
  recovering = false;
  killed = false;
  readonly #disabled = new Set<string>();
  readonly #connections = new Map<string, ConnectionState>();
  readonly #limits = new Map<string, Decimal>();
  readonly #configured: NonNullable<StateConfig['limits']>;
  readonly #changes: Changes;

  constructor(config: StateConfig, changes: Changes) {
    this.trading = config.trading ?? 'active';
    if (this.trading !== 'active') this.tradingReason = reasonText('CONFIGURED', { trading: this.trading });
    this.#configured = config.limits ?? {};
    this.#changes = changes;
  }

  /** True when what may be sent changed, so that queues look at their intents again. */
  apply(event: ControlEvent): boolean {
    switch (event.action) {
      case 'kill':
        this.killed = true;
        return this.#set('halted', event);
      case 'pause':
      case 'stop':
      case 'disarm':
      case 'halt':
        return this.#set('halted', event);
      case 'reduce':
      case 'flatten':
        return this.killed ? false : this.#set('reducing', event);
      case 'arm':
        this.killed = false;
        return this.#set('active', event);
      case 'resume':
        return this.killed
          ? this.#refuse(event, 'the kill switch is latched; arm first')
          : this.#set('active', event);
      case 'recovering':
      case 'recovered':
        this.recovering = event.action === 'recovering';
        return true;
      case 'strategy_disable':
        this.#disabled.add(event.target);
        return true;
      case 'strategy_enable':
        this.#disabled.delete(event.target);
        return true;
      case 'set_limit':
        return this.#limit(event);
      case 'start':
      case 'release':
      case 'reconciled':
      case 'reconcile_failed':
      case 'acknowledge':
      case 'loosen_limit':
      case 'reload':
      case 'warn':
      case 'set_parameter':
        return false;
    }
  }

  halt(event: HaltEvent): void {
    this.trading = 'halted';
    this.tradingReason = `${event.code}: ${event.reason}`;
  }

  connected(event: ConnectionEvent): void {
    this.#connections.set(event.name, event.state);
  }

  strategyEnabled(strategy: string): boolean {
    return !this.#disabled.has(strategy);
  }
  connection(name: string): ConnectionState | undefined {
    return this.#connections.get(name);
  }
  limit(name: string): Decimal | undefined {
    return this.#limits.get(name);
  }

  hash(hasher: Hasher): void {
    hasher.str(this.trading).str(this.tradingReason).bool(this.recovering).bool(this.killed);
    for (const strategy of [...this.#disabled].sort()) hasher.str(strategy);
    for (const name of [...this.#connections.keys()].sort()) {
      hasher.str(name).str(this.#connections.get(name) ?? '');
    }
    for (const name of [...this.#limits.keys()].sort()) hasher.str(name).dec(this.#limits.get(name));
  }

  #set(trading: TradingState, event: ControlEvent): boolean {
    this.trading = trading;
    this.tradingReason =
      trading === 'active'
        ? ''
        : reasonText(event.action.toUpperCase(), { actor: event.actor, reason: event.reason });
    return true;
  }

  /** Only a smaller value is taken: a limit is loosened in the configuration, not at run time. */
  #limit(event: ControlEvent): boolean {
    const value = parseDecimal(event.value) ?? parseMoney(event.value)?.amount ?? parseFraction(event.value);
    if (value === undefined || value.isNegative()) {
      return this.#refuse(event, 'the value is not an amount such as 500, 500 USDT or 5%');
    }
    const configured = this.#configured[event.target];
    const current =
      this.#limits.get(event.target) ?? (configured === undefined ? undefined : dec(configured));
    if (current !== undefined && value.gt(current)) {
      return this.#refuse(event, `a limit is only tightened at run time; it is ${current.toString()}`);
    }
    this.#limits.set(event.target, value);
    return true;
  }

  #refuse(event: ControlEvent, reason: string): false {
    const { action, target, value, actor } = event;
    this.#changes.log('warn', 'CONTROL_REFUSED', { action, target, value, actor, reason });
    return false;
  }
}
