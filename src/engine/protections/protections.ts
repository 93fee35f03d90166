import type { InputEvent } from '../../model/event.js';
import { makeControl } from '../../model/make.js';
import type { Event } from '../../model/record.js';
import { GLOBAL } from '../../model/scope.js';
import type { Micros } from '../../model/time.js';
import type { SafetySettings } from '../../topology/safety-schema.js';
import type { Engine } from '../engine.js';
import type { Killer } from '../kill/killer.js';
import { reconcileFailures, rejections } from './counts.js';
import { Guard } from './guard.js';
import { dailyLoss, drawdown, rollingLoss } from './losses.js';
import type { Protection } from './protection.js';
import { StaleFeeds } from './stale-feed.js';
import type { ProtectionStatus } from './status.js';
import { clockSkew, eventLoopStall, journalFailure, operatorSilence } from './wall.js';

export interface ProtectionsOptions {
  readonly engine: Engine;
  readonly killer: Killer;
  readonly settings: SafetySettings;
  /** Wall time in microseconds; undefined: recorded input, where only what goes by events is watched. */
  readonly wall: (() => Micros) | undefined;
  /** Wall time of the operator's last sign of life. */
  readonly heard: () => Micros;
  /** Longest stall of the event loop lately; undefined: nobody measures it. */
  readonly worstStall: (() => Micros) | undefined;
}

/** Money is looked at this often in engine time, and at once after whatever moves it. */
const EVERY: Micros = 100_000;

/** What stops trading by itself, as configured under `safety:`. */
export class Protections {
  readonly #engine: Engine;
  readonly #guard: Guard;
  readonly #wall: (() => Micros) | undefined;
  readonly #feeds: StaleFeeds | undefined;
  readonly #any: boolean;
  /** Actors that resume what they stopped. */
  readonly #passing = new Set<string>();
  #next: Micros = 0;
  #due = false;
  #journalFailed = '';

  constructor(options: ProtectionsOptions) {
    const { engine, settings, wall, killer } = options;
    this.#engine = engine;
    this.#wall = wall;
    this.#feeds = this.#makeFeeds(settings);
    const all = [
      ...byEvents(engine, settings),
      ...(this.#feeds?.protections ?? []),
      ...(wall === undefined ? [] : this.#byWall(options, wall)),
    ];
    this.#any = all.length > 0;
    for (const { name, resumeAfter } of all)
      if (resumeAfter !== undefined) this.#passing.add(`protection:${name}`);
    this.#guard = new Guard(all, {
      warn: (name, reason) => this.#post('warn', name, reason),
      resume: (name, reason) => this.#resume(name, reason),
      fire: (name, action, reason) => {
        const { control } = engine.state;
        engine.options.log.error(`protection ${name} fired (${action}): ${reason}`);
        // What resumes by itself must not carry this one along.
        const passing = this.#passing.has(control.tradingActor) && !this.#passing.has(`protection:${name}`);
        if (action === 'kill') killer.killNow(GLOBAL, `protection:${name}`, reason);
        else if (
          (action === 'halt' || control.trading === 'halted') &&
          (passing || control.trading !== 'halted')
        ) {
          engine.halts.asked(`protection:${name}`, reason);
        } else if (action === 'reduce' && (passing || control.trading === 'active'))
          this.#post('reduce', name, reason);
        else this.#post('warn', name, `limit passed while trading is ${control.trading}: ${reason}`);
      },
    });
  }

  /** One complete turn, still inside it. */
  saw(input: InputEvent, children: readonly Event[]): void {
    if (!this.#any) return;
    this.#feeds?.saw(input);
    const market =
      input.kind === 'trade' || input.kind === 'quote' || input.kind === 'book' || input.kind === 'bar';
    if (market && input.at < this.#next) return;
    if (!market) this.#guard.saw(input, children);
    this.#next = input.at + EVERY;
    this.#due = true;
  }

  /** The turn is over. */
  turn(): void {
    if (!this.#due) return;
    this.#due = false;
    this.#guard.look(true, this.#engine.sequencer.at);
  }

  /** Now and then, by the wall clock. */
  tick(): void {
    if (this.#wall === undefined || !this.#any) return;
    this.#guard.look(false, this.#wall());
    // The last event of a burst is looked at too, when nothing follows it.
    this.#guard.look(true, this.#engine.sequencer.at);
  }

  journalFailed(reason: string): void {
    this.#journalFailed = reason;
    this.tick();
  }

  status(): readonly ProtectionStatus[] {
    return this.#guard.status();
  }

  close(): void {
    this.#guard.close();
  }

  #post(action: 'warn' | 'reduce' | 'resume', name: string, reason: string): void {
    const at = this.#engine.sequencer.at;
    this.#engine.command(makeControl(at, action, `protection:${name}`, reason, name));
  }

  /** Only what a protection of its kind stopped is resumed by one. */
  #resume(name: string, reason: string): void {
    const { trading, tradingActor, killed } = this.#engine.state.control;
    const kind = name.split('/')[0] ?? name;
    if (trading === 'active' || killed || !tradingActor.startsWith(`protection:${kind}`)) return;
    this.#post('resume', name, reason);
  }

  #makeFeeds(settings: SafetySettings): StaleFeeds | undefined {
    const { topology, state } = this.#engine;
    if (settings.stale_feed === undefined || this.#wall === undefined) return undefined;
    const live = topology.sources.filter(({ spec }) => spec.pushed === true);
    return new StaleFeeds(settings.stale_feed, live, state, this.#wall());
  }

  #byWall(options: ProtectionsOptions, wall: () => Micros): readonly Protection[] {
    const { settings, engine, heard, worstStall } = options;
    const all: Protection[] = [];
    const skew = settings.clock_skew;
    if (skew !== undefined) {
      const real = [...engine.brokers.values()].filter(({ simulated }) => !simulated);
      all.push(...real.map((broker) => clockSkew(skew, broker, wall)));
    }
    if (settings.operator !== undefined) all.push(operatorSilence(settings.operator, heard));
    if (settings.journal_failure !== undefined) {
      all.push(
        journalFailure(settings.journal_failure, () => ({
          share: (engine.sinks.journal?.figures.pendingBytes ?? 0) / JOURNAL_BUFFER,
          failed: this.#journalFailed,
        })),
      );
    }
    if (worstStall !== undefined) all.push(eventLoopStall(settings.watchdog.stall, worstStall));
    return all;
  }
}

/** What a journal holds in memory while the disk does not take it, unless it is configured otherwise. */
const JOURNAL_BUFFER = 16 * 1024 * 1024;

function byEvents(engine: Engine, settings: SafetySettings): readonly Protection[] {
  const { portfolio } = engine.state;
  const all: Protection[] = [];
  if (settings.daily_loss !== undefined) all.push(dailyLoss(settings.daily_loss, portfolio));
  if (settings.drawdown !== undefined) all.push(drawdown(settings.drawdown, portfolio));
  if (settings.rolling_loss !== undefined) all.push(rollingLoss(settings.rolling_loss, portfolio));
  if (settings.rejections !== undefined) all.push(rejections(settings.rejections));
  if (settings.reconcile_failures !== undefined) {
    all.push(...reconcileFailures(settings.reconcile_failures, engine.state.readiness.names()));
  }
  return all;
}
