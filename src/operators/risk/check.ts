import type { Decimal } from '../../model/decimal.js';
import type { Instrument } from '../../model/instrument.js';
import type { Intent } from '../../model/intent.js';
import type { Order } from '../../model/order.js';
import { reasonText, type DenialCode } from '../../model/reason.js';
import type { Micros } from '../../model/time.js';
import type { StateView } from '../../state/view.js';
import type { RegimeOverlay, RiskLimits } from './limits.js';
import type { ReferencePrice } from './price.js';

/** The order may go on to the next check. */
export interface Ok {
  readonly ok: true;
}

export type DetailValue = string | number | boolean | Decimal;

/** The order stops here: a stable code and what was compared. */
export interface Denial {
  readonly ok: false;
  readonly code: string;
  readonly details: Readonly<Record<string, DetailValue>>;
}

export const OK: Ok = Object.freeze({ ok: true });

/** A denial. Built-in checks use the codes of the model; a check of your own may bring its own code. */
export function deny(code: DenialCode, details?: Readonly<Record<string, DetailValue>>): Denial;
export function deny(code: string, details?: Readonly<Record<string, DetailValue>>): Denial;
export function deny(code: string, details: Readonly<Record<string, DetailValue>> = {}): Denial {
  return { ok: false, code, details };
}

/** `CODE: key=value key=value`. */
export function denialText(denial: Denial): string {
  return reasonText(denial.code, denial.details);
}

/** Everything one check may look at. Built once for each intent by `checkContext`; checks only read. */
export interface CheckContext {
  readonly state: StateView;
  /** Engine time of the decision. */
  readonly at: Micros;
  readonly instrument: Instrument;
  /** Limits in force for the instrument: the general ones with those of `limits.instruments` over them. */
  readonly limits: RiskLimits;
  readonly regimes: Readonly<Record<string, RegimeOverlay>>;
  readonly dryRun: boolean;
  /** What the order is valued at, or undefined when nothing is known. */
  readonly price: ReferencePrice | undefined;
  /** Own order of this key as State knows it: the target of a replace, or the reservation of a recheck. */
  readonly order: Order | undefined;
  /** What could still fill: the intent's quantity less what its order has filled already. */
  readonly quantity: Decimal;
  /** True when the intent only brings a position closer to flat: such exits pass limits and gates. */
  readonly exit: boolean;
  /** True when an approved intent is asked again as it leaves the queue. */
  readonly recheck: boolean;
}

/** A pure question about an intent. */
export type Check = (intent: Intent, ctx: CheckContext) => Ok | Denial;

export interface CheckInfo {
  /** Name in denials of `CHECK_FAILED` and in the reference. */
  readonly id: string;
  /** Codes it can deny with, `CHECK_FAILED` and `NOT_A_NUMBER` aside. */
  readonly codes: readonly string[];
  /** Options of the `risk` operator it reads. */
  readonly options: readonly string[];
  /** `pass`: a risk-reducing exit is not held back by it. */
  readonly exits: 'checked' | 'pass';
}

/** A check with its row of the reference. Calling it never throws: what cannot be checked is denied. */
export interface RiskCheck extends Check {
  readonly info: CheckInfo;
}

/** Thrown by {@link finite}; becomes a denial `NOT_A_NUMBER`. */
class NotANumberError extends Error {
  override readonly name = 'NotANumberError';
}

/** The value, if it can be compared at all. Comparisons with NaN are false, which would let an order pass. */
export function finite(value: Decimal, what: string): Decimal {
  if (!value.isFinite()) throw new NotANumberError(what);
  return value;
}

/**
 * Makes a check that fails closed: a throw denies `CHECK_FAILED`, NaN denies `NOT_A_NUMBER`, an answer that is
 * neither ok nor a denial is no answer and denies too.
 */
export function defineCheck(info: CheckInfo, run: Check): RiskCheck {
  const check = (intent: Intent, ctx: CheckContext): Ok | Denial => {
    try {
      if (info.exits === 'pass' && ctx.exit) return OK;
      const answer = run(intent, ctx);
      return answer === OK ? OK : verdict(answer, info.id);
    } catch (error) {
      if (error instanceof NotANumberError) {
        return deny('NOT_A_NUMBER', { check: info.id, value: error.message });
      }
      return deny('CHECK_FAILED', { check: info.id, error: messageOf(error) });
    }
  };
  return Object.assign(check, { info });
}

function verdict(answer: unknown, id: string): Ok | Denial {
  if (typeof answer === 'object' && answer !== null && 'ok' in answer) {
    if (answer.ok === true) return OK;
    if (answer.ok === false && 'code' in answer && typeof answer.code === 'string') return answer as Denial;
  }
  if (Number.isNaN(answer)) return deny('NOT_A_NUMBER', { check: id, value: 'answer' });
  return deny('CHECK_FAILED', { check: id, error: 'the check gave neither ok nor a denial' });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Shorter text of a computed figure for a denial; inputs are shown exactly as given. */
export function show(value: Decimal): string {
  return value.toSignificantDigits(10).toString();
}
