export type FindingStatus = 'ok' | 'warn' | 'fail';

/** One thing that was looked at before a run. */
export interface Finding {
  /** What it is about: the name of a broker, `files`, `strategies`, `arming`. */
  readonly about: string;
  /** What was looked at, one word. */
  readonly check: string;
  readonly status: FindingStatus;
  /** One sentence without secrets. */
  readonly message: string;
  /** What to do; empty when there is nothing. */
  readonly next: string;
  /** A venue could not be reached, so little can be said about it. */
  readonly unreachable?: boolean;
}

/** Makes the findings about one thing. */
export class Findings {
  readonly #about: string;
  readonly #add: (finding: Finding) => void;

  constructor(about: string, add: (finding: Finding) => void) {
    this.#about = about;
    this.#add = add;
  }

  ok(check: string, message: string, next = ''): void {
    this.add('ok', check, message, next);
  }
  warn(check: string, message: string, next: string): void {
    this.add('warn', check, message, next);
  }
  fail(check: string, message: string, next: string): void {
    this.add('fail', check, message, next);
  }
  add(status: FindingStatus, check: string, message: string, next: string, unreachable = false): void {
    const finding = { about: this.#about, check, status, message, next };
    this.#add(unreachable ? { ...finding, unreachable } : finding);
  }
}
