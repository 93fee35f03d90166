import type { ControlEvent } from '../../model/event.js';
import type { LatchEntry, LatchFile } from './latch-file.js';

/** Where a latch is kept: on disk, or only as long as this process lives, and why. */
export type Kept = { readonly on: 'disk' } | { readonly on: 'memory only'; readonly why: string };

/** What is latched, in memory and on disk. Nothing here throws: a disk that fails leaves a latch `memory only`. */
export class KeptLatches {
  readonly #file: LatchFile | undefined;
  readonly #entries = new Map<string, LatchEntry>();
  readonly #now: () => Date;

  /** Without a file (replay and backtest) latches live in memory. */
  constructor(file: LatchFile | undefined, now: () => Date) {
    this.#file = file;
    this.#now = now;
  }

  /** Reads what is latched already. Before any feed starts. */
  load(): readonly LatchEntry[] {
    for (const entry of this.#read()) this.#entries.set(entry.scope, entry);
    return [...this.#entries.values()];
  }

  get entries(): readonly LatchEntry[] {
    return [...this.#entries.values()];
  }

  /** Returns when it is on disk, or when that failed. */
  add(event: ControlEvent): Kept {
    const { target: scope, actor, reason } = event;
    const known = this.#entries.get(scope);
    // An entry of its own for every kill: a release of the one before does not take this one away.
    this.#entries.set(
      scope,
      known === undefined ? { scope, actor, reason, since: this.#now().toISOString() } : { ...known },
    );
    return this.#write();
  }

  /** Takes over what the journal says is latched, and the file does not: it may have been latched in memory only. */
  adopt(
    latches: readonly { readonly scope: string; readonly actor: string; readonly reason: string }[],
  ): void {
    const missing = latches.filter(({ scope }) => !this.#entries.has(scope));
    if (missing.length === 0) return;
    const since = this.#now().toISOString();
    for (const { scope, actor, reason } of missing) this.#entries.set(scope, { scope, actor, reason, since });
    this.#write();
  }

  entry(scope: string): LatchEntry | undefined {
    return this.#entries.get(scope);
  }

  /** Forgets one that was released, if it is still the one that was meant. */
  remove(entry: LatchEntry): Kept {
    if (this.#entries.get(entry.scope) === entry) this.#entries.delete(entry.scope);
    return this.#write();
  }

  close(): void {
    this.#file?.close();
  }

  #read(): readonly LatchEntry[] {
    if (this.#file === undefined) return [];
    try {
      return this.#file.read();
    } catch (error) {
      const reason = `the latch file cannot be read: ${messageOf(error)}`;
      return [{ scope: 'global', actor: 'engine', reason, since: this.#now().toISOString() }];
    }
  }

  #write(): Kept {
    if (this.#file === undefined) return { on: 'memory only', why: 'this session keeps no files of its own' };
    try {
      this.#file.write(this.entries);
      return { on: 'disk' };
    } catch (error) {
      return { on: 'memory only', why: messageOf(error) };
    }
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
