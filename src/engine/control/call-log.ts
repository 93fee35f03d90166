import { appendFileSync, chmodSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Log } from '../../model/component.js';
import { redact } from '../../model/secrets.js';
import { wallMs } from '../guard.js';

/** One call of the control surface, as it is kept. */
export interface CallRecord {
  /** Name of the token; empty: nobody's. */
  readonly actor: string;
  readonly role: string;
  readonly method: string;
  readonly path: string;
  readonly ip: string;
  readonly status: number;
  readonly reason?: string;
  /** Position of the control event it became. */
  readonly seq?: number;
  readonly code?: string;
  readonly message?: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

const MOST_BYTES = 16 * 1024 * 1024;
const QUIET_MS = 60_000;
const MOST_QUIET = 1_000;

/**
 * Every call, as a line of `control.jsonl` in the state folder (mode 0600; at 16 MB the one before is replaced).
 * Commands always, with what they changed. Of calls that only look, and of those refused at the door, the first of a
 * kind in a minute, with how many came since the last line: a flood fills no disk. A full disk stops no command; the
 * control event is in the journal too.
 */
export class CallLog {
  readonly #path: string;
  readonly #log: Log;
  readonly #quiet = new Map<string, { since: number; more: number }>();
  #failed = false;

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  command(record: CallRecord): void {
    this.#write({ ...record });
  }

  /** Looks and refusals. True: it was written, false: it was only counted. */
  often(record: CallRecord): boolean {
    const key = `${record.actor} ${record.status} ${record.actor === '' ? record.ip : record.path}`;
    const now = wallMs();
    const known = this.#quiet.get(key);
    if (known !== undefined && now - known.since < QUIET_MS) {
      known.more++;
      return false;
    }
    this.#quiet.delete(key);
    this.#quiet.set(key, { since: now, more: 0 });
    if (this.#quiet.size > MOST_QUIET) this.#quiet.delete(this.#quiet.keys().next().value ?? '');
    this.#write({ ...record, ...(known === undefined || known.more === 0 ? {} : { more: known.more }) });
    return true;
  }

  #write(record: object): void {
    const line = redact(JSON.stringify({ time: new Date(wallMs()).toISOString(), ...record }));
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o750 });
      if ((statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0) > MOST_BYTES)
        renameSync(this.#path, `${this.#path}.1`);
      appendFileSync(this.#path, `${line}\n`, { mode: 0o600 });
      if (this.#failed) chmodSync(this.#path, 0o600);
      this.#failed = false;
    } catch (error) {
      if (!this.#failed)
        this.#log.error(`control: calls cannot be written to ${this.#path}: ${(error as Error).message}`);
      this.#failed = true;
    }
  }
}
