import type { ControlEvent } from '../model/event.js';
import { inScope, parseScope, scopeText, type Scope } from '../model/scope.js';
import type { Micros } from '../model/time.js';
import type { Hasher } from './hash.js';

/** One kill that holds until it is released. */
export interface Latch {
  readonly scope: string;
  readonly actor: string;
  readonly reason: string;
  readonly since: Micros;
  /** Brokers whose books were found to agree with the venue since then. */
  readonly reconciled: Set<string>;
}

/**
 * Kill latches by scope. A latch is released with a reason and a clean reconciliation of every real broker, made after
 * the latch closed: what was true before a kill says nothing about the books after it.
 */
export class Latches {
  readonly all: Map<string, Latch> = new Map();
  readonly #brokers: readonly string[];

  /** `brokers`: those that are reconciled with a venue. */
  constructor(brokers: readonly string[]) {
    this.#brokers = brokers;
  }

  /** A scope that cannot be read is everything: a kill is never lost to a typing mistake. */
  add(event: ControlEvent): void {
    const scope = scopeText(parseScope(event.target) ?? { kind: 'global' });
    const old = this.all.get(scope);
    this.all.set(scope, {
      scope,
      actor: old?.actor ?? event.actor,
      reason: old?.reason ?? event.reason,
      since: old?.since ?? event.at,
      reconciled: new Set(),
    });
  }

  /** Why the latch cannot be released; undefined: it is released now. */
  release(event: ControlEvent): string | undefined {
    const scope = parseScope(event.target);
    const latch = scope === undefined ? undefined : this.all.get(scopeText(scope));
    if (latch === undefined) {
      const held = [...this.all.keys()].join(', ');
      return held === '' ? 'no kill switch is latched' : `that scope is not latched; these are: ${held}`;
    }
    if (event.reason.trim() === '') return 'a release needs a reason';
    const missing = this.#brokers.filter((broker) => !latch.reconciled.has(broker));
    if (missing.length > 0) {
      return `not reconciled since the kill: ${missing.join(', ')}; reconcile, or acknowledge what was found`;
    }
    this.all.delete(latch.scope);
    return undefined;
  }

  /** The books of a broker were compared. */
  reconciled(broker: string, clean: boolean): void {
    for (const { reconciled } of this.all.values()) {
      if (clean) reconciled.add(broker);
      else reconciled.delete(broker);
    }
  }

  /** The latch that holds back what this account and strategy want; the widest first. */
  over(account: string, strategy: string): Latch | undefined {
    if (this.all.size === 0) return undefined;
    const global = this.all.get('global');
    if (global !== undefined) return global;
    for (const latch of this.all.values()) {
      if (inScope(parseScope(latch.scope) as Scope, account, strategy)) return latch;
    }
    return undefined;
  }

  hash(hasher: Hasher): void {
    for (const scope of [...this.all.keys()].sort()) {
      const latch = this.all.get(scope) as Latch;
      hasher.str(scope).str(latch.actor).str(latch.reason).num(latch.since);
      for (const broker of [...latch.reconciled].sort()) hasher.str(broker);
    }
  }
}
