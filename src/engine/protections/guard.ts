import type { InputEvent } from '../../model/event.js';
import type { Event } from '../../model/record.js';
import { isoMicros, type Micros } from '../../model/time.js';
import type { SafetyAction } from '../../topology/safety-schema.js';
import type { Protection, Reading } from './protection.js';
import type { ProtectionState, ProtectionStatus } from './status.js';

/** A warning comes at this part of a limit, and ends a little below it, so that it does not flicker. */
const WARN = 0.8;
const CALM = 0.72;

export interface Decisions {
  /** A protection came near its limit, or passed it and only warns. */
  warn(name: string, reason: string): void;
  /** It passed its limit. */
  fire(name: string, action: Exclude<SafetyAction, 'warn'>, reason: string): void;
  /** It was good for long enough. */
  resume(name: string, reason: string): void;
}

interface Guarded {
  readonly protection: Protection;
  state: ProtectionState;
  reading: Reading;
  /** Since when the limit is passed; Infinity: it is not. */
  overSince: Micros;
  /** Since when it is good again after it fired; Infinity: it is not. */
  goodSince: Micros;
  fired: number;
  firedAt: string;
  why: string;
}

const NOTHING: Reading = { used: 0, text: '' };

/**
 * Watches protections: `ok -> warned` at 80 % of the limit, `-> fired` at the limit once it held for `confirm`. One that
 * fired is quiet until it cleared; after a `resume` it fires again if its limit is still passed, unless an operator
 * acknowledged it. What cannot be read counts as passed.
 *
 * It only decides. Decisions become control events, so a journal replays them without asking again.
 */
export class Guard {
  readonly #guarded: Guarded[];
  readonly #decisions: Decisions;

  constructor(protections: readonly Protection[], decisions: Decisions) {
    this.#guarded = protections.map((protection) => ({
      protection,
      state: 'ok',
      reading: NOTHING,
      overSince: Infinity,
      goodSince: Infinity,
      fired: 0,
      firedAt: '',
      why: '',
    }));
    this.#decisions = decisions;
  }

  /** One complete turn. */
  saw(input: InputEvent, children: readonly Event[]): void {
    for (const { protection } of this.#guarded) protection.saw?.(input, children);
    if (input.kind !== 'control') return;
    if (input.action === 'resume') this.#resumed();
    if (input.action === 'acknowledge') this.#acknowledged(input.target);
  }

  /** Looks at those that go by events, or by the wall clock. */
  look(byEvents: boolean, at: Micros): void {
    for (const guarded of this.#guarded) {
      if (guarded.protection.byEvents === byEvents) this.#judge(guarded, at);
    }
  }

  status(): readonly ProtectionStatus[] {
    return this.#guarded.map(({ protection, state, reading, fired, firedAt, why }) => ({
      name: protection.name,
      state,
      action: protection.action,
      limit: protection.limit,
      used: reading.used,
      text: reading.text,
      fired,
      firedAt,
      why,
      reset: protection.reset,
    }));
  }

  close(): void {
    for (const { protection } of this.#guarded) protection.close?.();
  }

  #judge(guarded: Guarded, at: Micros): void {
    const { protection } = guarded;
    guarded.reading = read(protection, at);
    const { used, text } = guarded.reading;
    // Written so that NaN, which compares as false, counts as passed.
    if (!(used < 1)) {
      guarded.goodSince = Infinity;
      if (guarded.overSince === Infinity) guarded.overSince = at;
      if (at - guarded.overSince >= protection.confirm) this.#fire(guarded, at);
      else this.#warn(guarded);
      return;
    }
    guarded.overSince = Infinity;
    if (guarded.state === 'fired' || guarded.state === 'acknowledged') {
      if (guarded.goodSince === Infinity) guarded.goodSince = at;
      const after = protection.resumeAfter;
      if (guarded.state === 'fired' && after !== undefined) {
        if (at - guarded.goodSince < after) return;
        guarded.state = 'ok';
        if (!this.#anyFired()) this.#decisions.resume(protection.name, `good for ${after / 1e6} s: ${text}`);
      } else if (used < WARN) guarded.state = 'ok';
      return;
    }
    if (used >= WARN) this.#warn(guarded);
    else if (used < CALM) guarded.state = 'ok';
  }

  #warn(guarded: Guarded): void {
    if (guarded.state !== 'ok') return;
    guarded.state = 'warned';
    const { protection, reading } = guarded;
    this.#decisions.warn(
      protection.name,
      `${reading.text} (limit ${protection.limit}, ${protection.action})`,
    );
  }

  #fire(guarded: Guarded, at: Micros): void {
    if (guarded.state === 'fired' || guarded.state === 'acknowledged') return;
    guarded.state = 'fired';
    guarded.fired++;
    guarded.firedAt = isoMicros(at);
    guarded.why = guarded.reading.text;
    const { name, action, limit } = guarded.protection;
    const reason = `${guarded.why} (limit ${limit})`;
    if (action === 'warn') this.#decisions.warn(name, `limit passed: ${reason}`);
    else this.#decisions.fire(name, action, reason);
  }

  /** An operator resumed: what is still over its limit says so again. */
  #resumed(): void {
    for (const guarded of this.#guarded) {
      if (guarded.state !== 'fired') continue;
      guarded.state = 'ok';
      guarded.overSince = Infinity;
    }
  }

  #acknowledged(target: string): void {
    for (const guarded of this.#guarded) {
      if (guarded.state === 'fired' && target === `protection:${guarded.protection.name}`)
        guarded.state = 'acknowledged';
    }
  }

  #anyFired(): boolean {
    return this.#guarded.some(({ state, protection }) => state === 'fired' && protection.action !== 'warn');
  }
}

/** A protection that throws is one that cannot be read. */
function read(protection: Protection, at: Micros): Reading {
  try {
    return protection.read(at) ?? NOTHING;
  } catch (error) {
    return { used: NaN, text: `it threw: ${error instanceof Error ? error.message : String(error)}` };
  }
}
