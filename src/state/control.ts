import { dec, type Decimal } from '../model/decimal.js';
import type { ConnectionEvent, ConnectionState, ControlEvent, HaltEvent } from '../model/event.js';
import { reasonText } from '../model/reason.js';
import { parseDecimal, parseFraction, parseMoney } from '../model/units.js';
import type { Changes } from './changes.js';
import type { StateConfig } from './config.js';
import type { Hasher } from './hash.js';
import { Latches, type Latch } from './latches.js';
import { Parameters, parseParameters, type StrategyParameters } from './parameters.js';
import { TakenOver, type SavedTakenOver } from './reloaded.js';
import type { ControlView, TradingState } from './view.js';

export interface SavedControl {
  readonly trading: TradingState;
  readonly tradingReason: string;
  readonly tradingActor: string;
  readonly recovering: boolean;
  readonly latches: readonly Latch[];
  readonly armed: readonly string[];
  readonly loosened: ReadonlyMap<string, Decimal>;
  readonly disabled: readonly string[];
  readonly connections: ReadonlyMap<string, ConnectionState>;
  readonly limits: ReadonlyMap<string, Decimal>;
  readonly parameters?: ReadonlyMap<string, StrategyParameters>;
  readonly takenOver?: SavedTakenOver;
}

const KILLED = 'the kill switch is latched; release it first';

/**
 * Trading state, arming, latches, recovery, strategies and limits, from control, connection and halt records.
 *
 * | action | what it does |
 * |---|---|
 * | `kill` of everything | halted, and latched until `release` |
 * | `kill` of an account or strategy | that scope is latched until `release`; trading goes on for the others |
 * | `pause`, `halt`, a halt record | halted |
 * | `stop` | halted if trading was active, until the next session: else it stays as it is |
 * | `reduce` | reducing, unless killed |
 * | `flatten` | reducing unless halted: nothing new is opened, and what a protection stopped waits for `resume` |
 * | `resume` | active, unless killed |
 * | `release` | clears a latch; trading stays halted until `resume` |
 * | `start`, `recovering` | live accounts are disarmed |
 * | `arm`, `disarm` of an account | its new orders may go out, or not; the trading state is another matter |
 */
export class Control implements ControlView {
  trading: TradingState;
  tradingReason = '';
  /** Who set the trading state. */
  tradingActor = '';
  recovering = false;
  readonly #latches: Latches;
  /** Accounts that need arming, and those that are armed. */
  readonly #arming: readonly string[];
  readonly #armed = new Set<string>();
  readonly #disabled = new Set<string>();
  readonly #connections = new Map<string, ConnectionState>();
  readonly #limits = new Map<string, Decimal>();
  readonly loosened: Map<string, Decimal> = new Map();
  readonly parameters: Parameters = new Parameters();
  readonly #takenOver = new TakenOver();
  readonly #configured: NonNullable<StateConfig['limits']>;
  readonly #changes: Changes;

  constructor(config: StateConfig, changes: Changes) {
    this.trading = config.trading ?? 'active';
    if (this.trading !== 'active') this.tradingReason = reasonText('CONFIGURED', { trading: this.trading });
    this.#configured = config.limits ?? {};
    this.#arming = config.arming ?? [];
    this.#latches = new Latches(config.reconciled ?? []);
    this.#changes = changes;
  }

  get killed(): boolean {
    return this.#latches.all.has('global');
  }

  /** True when what may be sent changed, so that queues look at their intents again. */
  apply(event: ControlEvent): boolean {
    switch (event.action) {
      case 'kill':
        this.#latches.add(event);
        return this.killed ? this.#set('halted', event) : true;
      case 'release':
        return this.#taken(event, this.#latches.release(event));
      case 'stop':
        // Trading that was stopped for a reason of its own keeps it, over a restart too.
        return this.trading === 'active' ? this.#set('halted', event) : true;
      case 'pause':
      case 'halt':
        return this.#set('halted', event);
      case 'reduce':
        return this.killed ? this.#refuse(event, KILLED) : this.#set('reducing', event);
      case 'flatten':
        if (this.trading === 'halted' && !this.tradingActor.startsWith('protection:')) return true;
        return this.#set(this.trading === 'halted' ? 'halted' : 'reducing', event);
      case 'resume':
        return this.killed ? this.#refuse(event, KILLED) : this.#set('active', event);
      case 'arm':
      case 'disarm':
        return this.#arm(event);
      case 'recovering':
      case 'recovered':
        if (event.action === 'recovering') this.#armed.clear();
        this.recovering = event.action === 'recovering';
        return true;
      case 'strategy_disable':
        this.#disabled.add(event.target);
        return true;
      case 'strategy_enable':
        this.#disabled.delete(event.target);
        return true;
      case 'set_limit':
      case 'loosen_limit':
        return this.#limit(event);
      case 'set_parameter':
        return this.#taken(event, this.parameters.set(event.target, parseParameters(event.value)));
      case 'reload':
        return this.#taken(
          event,
          this.#takenOver.take(event.value, this.parameters, this.#limits, this.loosened),
        );
      case 'start':
        this.#armed.clear();
        this.#takenOver.clear(this.parameters, this.loosened);
        return false;
      case 'reconciled':
      case 'reconcile_failed':
      case 'acknowledge':
      case 'warn':
      case 'order':
        return false;
    }
  }

  halt(event: HaltEvent): void {
    this.trading = 'halted';
    this.tradingActor = 'engine';
    this.tradingReason = `${event.code}: ${event.reason}`;
  }

  connected(event: ConnectionEvent): void {
    this.#connections.set(event.name, event.state);
  }

  /** The books of a broker were compared with the venue's. */
  compared(broker: string, agree: boolean): void {
    this.#latches.reconciled(broker, agree);
  }

  /** Of the configuration a reload took over last; empty: that of the start. */
  get configurationHash(): string {
    return this.#takenOver.hash;
  }
  latches(): readonly Latch[] {
    return [...this.#latches.all.values()];
  }
  latchOver(account: string, strategy: string): Latch | undefined {
    return this.#latches.over(account, strategy);
  }
  needsArming(account: string): boolean {
    return this.#arming.includes(account);
  }
  armed(account: string): boolean {
    return !this.needsArming(account) || this.#armed.has(account);
  }
  accountsToArm(): readonly string[] {
    return this.#arming;
  }
  disabledStrategies(): readonly string[] {
    return [...this.#disabled].sort();
  }
  changedLimits(): ReadonlyMap<string, Decimal> {
    return this.#limits;
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

  save(): SavedControl {
    const { trading, tradingReason, tradingActor, recovering } = this;
    return {
      trading,
      tradingReason,
      tradingActor,
      recovering,
      latches: this.latches().map((latch) => ({ ...latch, reconciled: new Set(latch.reconciled) })),
      armed: [...this.#armed],
      loosened: new Map(this.loosened),
      disabled: [...this.#disabled],
      connections: new Map(this.#connections),
      limits: new Map(this.#limits),
      parameters: new Map(this.parameters.all),
      takenOver: this.#takenOver.save(),
    };
  }

  load(saved: SavedControl): void {
    this.trading = saved.trading;
    this.tradingReason = saved.tradingReason;
    this.tradingActor = saved.tradingActor;
    this.recovering = saved.recovering;
    for (const latch of saved.latches) this.#latches.all.set(latch.scope, { ...latch });
    for (const account of saved.armed) this.#armed.add(account);
    for (const [name, value] of saved.loosened) this.loosened.set(name, value);
    for (const strategy of saved.disabled) this.#disabled.add(strategy);
    for (const [name, state] of saved.connections) this.#connections.set(name, state);
    for (const [name, value] of saved.limits) this.#limits.set(name, value);
    for (const [name, value] of saved.parameters ?? []) this.parameters.all.set(name, value);
    if (saved.takenOver !== undefined) this.#takenOver.load(saved.takenOver);
  }

  hash(hasher: Hasher): void {
    hasher.str(this.trading).str(this.tradingReason).str(this.tradingActor).bool(this.recovering);
    this.#latches.hash(hasher);
    for (const account of [...this.#armed].sort()) hasher.str(account);
    for (const strategy of [...this.#disabled].sort()) hasher.str(strategy);
    for (const name of [...this.#connections.keys()].sort()) {
      hasher.str(name).str(this.#connections.get(name) ?? '');
    }
    for (const name of [...this.#limits.keys()].sort())
      hasher.str(name).dec(this.#limits.get(name)).bool(this.loosened.has(name));
    for (const [name, value] of this.loosened) if (!this.#limits.has(name)) hasher.str(name).dec(value);
    this.parameters.hash(hasher);
    if (this.configurationHash !== '') hasher.str(this.configurationHash);
  }

  #set(trading: TradingState, event: ControlEvent): boolean {
    this.trading = trading;
    this.tradingActor = event.actor;
    this.tradingReason =
      trading === 'active'
        ? ''
        : reasonText(event.action.toUpperCase(), { actor: event.actor, reason: event.reason });
    return true;
  }

  /** `disarm` without an account is all of them. */
  #arm(event: ControlEvent): boolean {
    const { action, target } = event;
    if (this.#arming.length === 0) {
      return this.#refuse(event, 'nothing here needs arming: only live accounts do; use pause and resume');
    }
    if (action === 'disarm' && target === '') {
      this.#armed.clear();
      return true;
    }
    if (!this.#arming.includes(target)) {
      return this.#refuse(event, `name the account to ${action}: ${this.#arming.join(' or ')}`);
    }
    if (action === 'arm') this.#armed.add(target);
    else this.#armed.delete(target);
    return true;
  }

  /** `set_limit` only takes a smaller value; `loosen_limit` any, with a reason. */
  #limit(event: ControlEvent): boolean {
    const value = parseDecimal(event.value) ?? parseMoney(event.value)?.amount ?? parseFraction(event.value);
    if (value === undefined || value.isNegative()) {
      return this.#refuse(event, 'the value is not an amount such as 500, 500 USDT or 5%');
    }
    const configured = this.#configured[event.target];
    const current =
      this.#limits.get(event.target) ??
      this.loosened.get(event.target) ??
      (configured === undefined ? undefined : dec(configured));
    if (event.action === 'loosen_limit') {
      if (event.reason.trim() === '') return this.#refuse(event, 'a limit is loosened only with a reason');
      if (current === undefined) return this.#refuse(event, 'there is no such limit to loosen');
      this.loosened.set(event.target, value);
    } else if (current !== undefined && value.gt(current)) {
      return this.#refuse(event, `set_limit only tightens; it is ${current.toString()}: use loosen_limit`);
    }
    if (event.action === 'set_limit') this.loosened.delete(event.target);
    this.#limits.set(event.target, value);
    return true;
  }

  #taken(event: ControlEvent, refused: string | undefined): boolean {
    return refused === undefined ? true : this.#refuse(event, refused);
  }

  #refuse(event: ControlEvent, reason: string): false {
    const { action, target, value, actor } = event;
    this.#changes.log('warn', 'CONTROL_REFUSED', { action, target, value, actor, reason });
    return false;
  }
}
