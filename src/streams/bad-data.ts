import { MillraceError } from '../model/reason.js';
import type { BadDataPolicy, ReportBadData } from './source.js';

const SAMPLE_LENGTH = 200;

/** Where a source puts what it cannot use: reports it, then goes on or stops the source, as declared. */
export class BadData {
  readonly #policy: BadDataPolicy;
  readonly #report: ReportBadData;

  constructor(policy: BadDataPolicy, report: ReportBadData) {
    this.#policy = policy;
    this.#report = report;
  }

  /** Throws MillraceError `BAD_INPUT` when the policy is `halt`. */
  reject(kind: string, place: string, sample: string): void {
    const short = sample.length > SAMPLE_LENGTH ? `${sample.slice(0, SAMPLE_LENGTH)}...` : sample;
    this.#report(kind, place, short);
    if (this.#policy === 'halt') {
      throw new MillraceError(
        'BAD_INPUT',
        `${place}: ${kind}: ${short}`,
        'correct the data, or set on_bad: skip to count and leave out such records',
      );
    }
  }
}
