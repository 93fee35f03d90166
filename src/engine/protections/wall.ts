import type { Broker } from '../../brokers/broker.js';
import type { Log } from '../../model/component.js';
import type { Micros } from '../../model/time.js';
import type { ProtectionSettings, SafetySettings } from '../../topology/safety-schema.js';
import { messageOf } from '../kill/latches.js';
import type { Protection } from './protection.js';

/** Failed questions in a row after which nobody knows how the clocks stand. */
const UNKNOWN_AFTER = 3;

/** Difference between our clock and a venue's, asked every so often; half the round trip is taken off as unsure. */
export function clockSkew(
  settings: ProtectionSettings & { readonly limit: Micros; readonly every: Micros },
  broker: Broker,
  wall: () => Micros,
): Protection {
  const { limit, every, action, confirm } = settings;
  let skew = 0;
  let failed = 0;
  let text = 'not asked yet';
  let asking = false;
  const ask = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    const before = wall();
    try {
      const theirs = await broker.serverTime();
      const after = wall();
      const off = theirs - (before + after) / 2;
      skew = Math.max(0, Math.abs(off) - (after - before) / 2);
      failed = 0;
      text = `${(off / 1_000).toFixed(0)} ms, +-${((after - before) / 2_000).toFixed(0)} ms`;
    } catch (error) {
      failed++;
      text = `could not be asked: ${messageOf(error)}`;
    } finally {
      asking = false;
    }
  };
  const timer = setInterval(() => void ask(), every / 1_000);
  timer.unref();
  void ask();
  return {
    name: `clock_skew/${broker.name}`,
    limit: `${limit / 1_000} ms`,
    action,
    confirm,
    reset: 'set the clock of this machine (ntp); it clears by itself',
    byEvents: false,
    read: () => ({ used: failed >= UNKNOWN_AFTER ? NaN : skew / limit, text }),
    close: () => clearInterval(timer),
  };
}

/** The operator was not heard from for too long. `heard()` gives the wall time of the last sign. */
export function operatorSilence(
  settings: ProtectionSettings & { readonly limit: Micros },
  heard: () => Micros,
): Protection {
  const { limit, action, confirm } = settings;
  return {
    name: 'operator',
    limit: `${limit / 1e6} s`,
    action,
    confirm,
    reset: 'send a heartbeat or any control action; then `resume`',
    byEvents: false,
    read(at) {
      const silent = Math.max(0, at - heard());
      return { used: silent / limit, text: `no sign of the operator for ${(silent / 1e6).toFixed(0)} s` };
    },
  };
}

/** The journal cannot write. */
export function journalFailure(
  settings: NonNullable<SafetySettings['journal_failure']>,
  pending: () => { readonly share: number; readonly failed: string },
): Protection {
  return {
    name: 'journal_failure',
    limit: 'a full buffer or a failed write',
    action: settings.action,
    confirm: 0,
    reset: 'free the disk, then `resume`; after a failed write, restart',
    byEvents: false,
    read() {
      const { share, failed } = pending();
      if (failed !== '') return { used: 1, text: failed };
      return {
        used: Math.min(share, 0.99),
        text: `${(share * 100).toFixed(0)} % of its buffer waits for the disk`,
      };
    },
  };
}

/** Longest stall of the event loop lately, against what the watchdog allows. The watchdog itself acts. */
export function eventLoopStall(limit: Micros, worst: () => Micros): Protection {
  return {
    name: 'event_loop',
    limit: `${limit / 1e6} s`,
    action: 'warn',
    confirm: 0,
    reset: 'find what keeps the thread busy: `top` shows time by strategy',
    byEvents: false,
    read() {
      const stall = worst();
      return { used: stall / limit, text: `longest stall ${(stall / 1_000).toFixed(0)} ms` };
    },
  };
}

/** Keeps the venue's own cancel-all timer wound up, where it has one: when we are gone, it cancels. */
export function windUp(brokers: Iterable<Broker>, after: Micros, log: Log): () => void {
  const timers = [...brokers].flatMap((broker) => {
    if (broker.cancelAfter === undefined) {
      if (!broker.simulated)
        log.warn(`${broker.name} has no cancel-on-disconnect: orders stay open when we are gone`);
      return [];
    }
    const wind = (): void => {
      broker.cancelAfter?.(after).catch((error: unknown) => {
        log.error(`${broker.name}: cancel-on-disconnect could not be renewed: ${messageOf(error)}`);
      });
    };
    wind();
    const timer = setInterval(wind, after / 3_000);
    timer.unref();
    return [timer];
  });
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
