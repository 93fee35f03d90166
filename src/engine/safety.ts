import { isAbsolute, join, resolve } from 'node:path';
import type { InputEvent } from '../model/event.js';
import { makeControl } from '../model/make.js';
import type { Event } from '../model/record.js';
import { GLOBAL } from '../model/scope.js';
import type { Micros } from '../model/time.js';
import { nodeFiles, type FilePort } from '../sinks/file-port.js';
import type { CheckedTopology } from '../topology/checked.js';
import { SAFETY_DEFAULTS, type SafetySettings } from '../topology/safety-schema.js';
import type { Engine } from './engine.js';
import { monotonicMs, wallMs } from './guard.js';
import type { Guardian } from './guardian.js';
import { ArmingFile, type ArmedAccount } from './kill/arming-file.js';
import { Killer, type KillState, type Reconcile } from './kill/killer.js';
import { LatchFile, latchedText } from './kill/latch-file.js';
import { KeptLatches, messageOf } from './kill/latches.js';
import {
  readSentinel,
  removeSentinel,
  watchSentinel,
  type SentinelOrder,
  type SentinelWatch,
} from './kill/sentinel.js';
import { Operations } from './operations.js';
import { Protections } from './protections/protections.js';
import type { ProtectionStatus } from './protections/status.js';
import { windUp } from './protections/wall.js';
import { Watchdog } from './watchdog/watchdog.js';

export interface SafetyOptions {
  readonly engine: Engine;
  /** Wall time in microseconds; undefined for recorded input, which neither latches on disk nor watches a wall clock. */
  readonly wall: (() => Micros) | undefined;
  readonly files?: FilePort;
  /** Compares the books with venues. */
  readonly reconcile?: Reconcile | undefined;
}

/** What `status` and metrics tell of it. */
export interface SafetyStatus {
  readonly kills: readonly KillState[];
  readonly protections: readonly ProtectionStatus[];
  readonly watchdog: 'off' | 'watching' | 'acted';
}

const TICK_MS = 250;

/** Files of one topology in its state folder. */
export function safetyFiles(topology: CheckedTopology): {
  readonly folder: string;
  readonly latch: string;
  readonly arming: string;
  readonly watchdog: string;
} {
  const folder = isAbsolute(topology.stateDir)
    ? topology.stateDir
    : resolve(topology.baseDir, topology.stateDir);
  const file = (what: string): string => join(folder, `${topology.name}.${what}`);
  return { folder, latch: file('latch'), arming: file('arming.json'), watchdog: file('watchdog.json') };
}

/**
 * Latches, arming, sentinel, watchdog and protections of a running engine, in the order of a run: made before anything
 * opens, {@link begin} before the start turn, {@link opened} when brokers are there, {@link close} at the end.
 */
export class Safety implements Guardian {
  readonly operations: Operations;
  readonly killer: Killer;
  readonly #engine: Engine;
  readonly #wall: (() => Micros) | undefined;
  readonly #files: FilePort;
  readonly #paths: ReturnType<typeof safetyFiles>;
  readonly #settings: SafetySettings;
  readonly #live: boolean;
  readonly #latches: KeptLatches;
  readonly #latchFile: LatchFile | undefined;
  readonly #arming: ArmingFile;
  readonly #armedBy = new Map<string, ArmedAccount>();
  #armingDirty = false;
  #seenAt = 0;
  #heard: Micros = 0;
  #ticked = 0;
  #protections: Protections | undefined;
  #watchdog: Watchdog | undefined;
  #sentinel: SentinelWatch | undefined;
  /** Everything was killed, at the last control event. */
  #killed = false;
  readonly #closers: (() => void)[] = [];

  constructor(options: SafetyOptions) {
    const { engine, wall, files = nodeFiles, reconcile } = options;
    const { topology } = engine;
    this.#engine = engine;
    this.#wall = wall;
    this.#files = files;
    this.#settings = topology.safety ?? SAFETY_DEFAULTS;
    this.#live = topology.mode === 'live';
    this.#paths = safetyFiles(topology);
    const now = (): Date => new Date(wallMs());
    const keeps = wall !== undefined && topology.mode !== 'replay';
    this.#latchFile = keeps ? new LatchFile(files, this.#paths.latch) : undefined;
    this.#latches = new KeptLatches(this.#latchFile, now);
    this.#arming = new ArmingFile(
      files,
      this.#paths.arming,
      topology.configurationHash,
      this.#settings.arming.remember,
      now,
    );
    this.killer = new Killer({ engine, latches: this.#latches, reconcile });
    this.operations = new Operations({
      engine,
      killer: this.killer,
      latches: this.#latches,
      reconcile,
      removeSentinel: (scope) => {
        this.#sentinel?.look(); // one that nobody saw yet kills first
        if (keeps) removeSentinel(this.#paths.folder, scope);
      },
      heard: () => this.#hear(),
    });
    this.#hear();
    engine.guardian = this;
  }

  /**
   * Before brokers open: what was latched stays latched, and the gate is closed before any feed starts. A live session
   * makes its latch file now, so that a full disk cannot keep a later kill from being remembered.
   */
  begin(): void {
    const { log } = this.#engine.options;
    if (this.#latchFile === undefined) return;
    const latched = this.#latches.load();
    if (latched.length > 0) {
      log.error(
        `trading is killed from before: ${latchedText(latched)}; release it with a reason when it is safe`,
      );
      this.killer.restore();
    }
    if (this.#live) {
      try {
        this.#latchFile.prepare();
      } catch (error) {
        log.error(`a kill could be latched in memory only: ${messageOf(error)}`);
      }
      for (const armed of this.#arming.read()) this.#rearm(armed);
    }
    const sentinel = readSentinel(this.#paths.folder);
    if (sentinel !== undefined) this.killer.killNow(sentinel.scope, sentinel.actor, sentinel.reason);
    const kill = ({ scope, actor, reason }: SentinelOrder): void => this.killer.killNow(scope, actor, reason);
    this.#sentinel = watchSentinel(this.#paths.folder, kill, sentinel);
    this.#closers.push(this.#sentinel.close);
  }

  /** Brokers are open, and nothing flows yet. */
  async opened(): Promise<void> {
    const wall = this.#wall;
    const engine = this.#engine;
    this.#latches.adopt(engine.state.control.latches());
    const watches = this.#settings.watchdog.enabled ?? this.#live;
    if (watches && wall !== undefined) await this.#startWatchdog();
    const watchdog = this.#watchdog;
    this.#protections = new Protections({
      engine,
      killer: this.killer,
      settings: this.#settings,
      wall,
      heard: () => this.#heard,
      worstStall: watchdog === undefined ? undefined : () => watchdog.worstStall(),
    });
    const wind = this.#settings.cancel_on_disconnect;
    if (wind !== undefined && wall !== undefined) {
      this.#closers.push(windUp(engine.brokers.values(), wind.after, engine.options.log));
    }
  }

  /** Between turns, as often as one likes. */
  tick(): void {
    this.#watchdog?.heartbeat.beat();
    if (this.#wall === undefined) return;
    const now = monotonicMs();
    if (now - this.#ticked < TICK_MS) return;
    this.#ticked = now;
    if (this.#engine.running) {
      this.killer.verifyRestored();
      this.#protections?.tick();
    }
    const remember = this.#settings.arming.remember / 1_000;
    if (this.#armingDirty || (this.#armedBy.size > 0 && now - this.#seenAt > remember / 6))
      this.#saveArming();
  }

  tripped(): string | undefined {
    return this.#watchdog?.tripped();
  }

  saw(input: InputEvent, children: readonly Event[]): void {
    this.#protections?.saw(input, children);
    if (input.kind !== 'control') return;
    const { control } = this.#engine.state;
    if (input.action === 'arm' || input.action === 'disarm') {
      for (const account of control.accountsToArm()) {
        if (!control.armed(account)) this.#armedBy.delete(account);
        else if (input.target === account && input.actor !== 'engine') {
          const armed = new Date(wallMs()).toISOString();
          this.#armedBy.set(account, { account, actor: input.actor, armed });
        }
      }
      this.#armingDirty = true;
    }
    // Only the release of a kill of everything: what the watchdog did may not be known here yet.
    if (this.#killed && !control.killed) this.#watchdog?.reset();
    this.#killed = control.killed;
  }

  turn(): void {
    this.#watchdog?.heartbeat.beat();
    this.#protections?.turn();
    // Disarmed is remembered at once; armed can wait for the next breath.
    if (this.#armingDirty && this.#live) this.#saveArming();
  }

  journalFailed(reason: string): void {
    this.#protections?.journalFailed(reason);
  }

  protections(): readonly ProtectionStatus[] {
    return this.#protections?.status() ?? [];
  }

  status(): SafetyStatus {
    const watchdog =
      this.#watchdog === undefined ? 'off' : this.#watchdog.heartbeat.tripped ? 'acted' : 'watching';
    return {
      kills: [...this.killer.kills.values()],
      protections: this.protections(),
      watchdog,
    };
  }

  async close(): Promise<void> {
    this.#engine.guardian = undefined;
    for (const close of this.#closers.splice(0)) close();
    this.#protections?.close();
    this.killer.close();
    if (this.#armedBy.size > 0) this.#saveArming();
    this.#latches.close();
    await this.#watchdog?.stop();
  }

  async #startWatchdog(): Promise<void> {
    const engine = this.#engine;
    const { log } = engine.options;
    const tasks = [...engine.brokers.values()].flatMap((broker) => {
      const task = broker.panic?.();
      return task === undefined ? [] : [{ broker: broker.name, task }];
    });
    const watchdog = new Watchdog({
      settings: this.#settings.watchdog,
      latch: this.#latchFile === undefined ? undefined : this.#paths.latch,
      report: this.#latchFile === undefined ? undefined : this.#paths.watchdog,
      tasks,
      log,
      acted: (outcome) => {
        const done = outcome.brokers
          .map(({ broker, cancelled, verified, reason }) =>
            verified ? `${broker}: ${cancelled} cancelled, verified` : `${broker}: NOT VERIFIED: ${reason}`,
          )
          .join('; ');
        log.error(
          `the watchdog acted: ${outcome.reason}; latch: ${outcome.latch}; ${done || 'no venue to ask'}`,
        );
        if (!engine.state.control.killed && !engine.halts.killUnderway(GLOBAL)) {
          this.killer.killNow(GLOBAL, 'watchdog', outcome.reason);
        }
      },
      lost: (reason) => engine.halts.asked('watchdog', `the watchdog is gone: ${reason}`),
    });
    await watchdog.start();
    this.#watchdog = watchdog;
  }

  #rearm(armed: ArmedAccount): void {
    const { account, actor } = armed;
    if (!this.#engine.state.control.needsArming(account)) return;
    this.#armedBy.set(account, armed);
    const reason = `remembered: armed by ${actor} at ${armed.armed}`;
    this.#engine.command(makeControl(0, 'arm', 'engine', reason, account));
  }

  #saveArming(): void {
    this.#armingDirty = false;
    this.#seenAt = monotonicMs();
    if (!this.#live) return;
    try {
      this.#arming.write([...this.#armedBy.values()]);
    } catch (error) {
      this.#engine.options.log.warn(`arming is not remembered: ${messageOf(error)}`);
      this.#forget();
    }
  }

  /** What could not be written must not be believed later: an old file could still say armed. */
  #forget(): void {
    try {
      this.#files.remove(this.#paths.arming);
    } catch {
      // The disk takes nothing; the file is too old in a moment.
    }
  }

  #hear(): void {
    this.#heard = this.#wall?.() ?? 0;
  }
}
