import type { Decimal } from './decimal.js';
import type { DeniedEvent, Head } from './event.js';
import type { Intent, IntentAction } from './intent.js';
import { makeDenied } from './make.js';
import { reasonText } from './reason.js';

/**
 * The two edge kinds that only their owner can make: {@link Approved} by risk, {@link Command} by the throttle.
 * The classes stay in this file; a look-alike neither type-checks nor passes `isApproved` / `isCommand`, which the
 * next stage asks at run time.
 */
class ApprovedRecord implements Head<'approved'> {
  readonly #brand = true;
  readonly kind = 'approved' as const;
  readonly seq: number;
  readonly sub: number;
  readonly at: number;
  readonly ts: number;
  readonly source: string;
  /** The intent as it may be sent: normalized by risk. */
  readonly intent: Intent;
  /** Price risk valued it at, in quote currency; zero for a cancel. */
  readonly riskPrice: Decimal;

  readonly #recheck: Recheck;

  constructor(intent: Intent, riskPrice: Decimal, recheck: Recheck) {
    this.#recheck = recheck;
    this.seq = 0;
    this.sub = 0;
    this.at = 0;
    this.ts = 0;
    this.source = '';
    this.intent = intent;
    this.riskPrice = riskPrice;
  }

  /** Asks the same risk again, now: for an intent that was folded or waited in the queue. */
  recheck(intent: Intent): ApprovedRecord | DeniedEvent {
    return this.#recheck(intent);
  }

  static is(this: void, value: unknown): value is ApprovedRecord {
    return typeof value === 'object' && value !== null && #brand in value;
  }
}

class CommandRecord implements Head<'command'> {
  readonly #brand = true;
  readonly kind = 'command' as const;
  readonly seq: number;
  readonly sub: number;
  readonly at: number;
  readonly ts: number;
  readonly source: string;
  readonly action: IntentAction;
  readonly intent: Intent;

  constructor(intent: Intent) {
    this.seq = 0;
    this.sub = 0;
    this.at = 0;
    this.ts = 0;
    this.source = '';
    this.action = intent.action;
    this.intent = intent;
  }

  static is(this: void, value: unknown): value is CommandRecord {
    return typeof value === 'object' && value !== null && #brand in value;
  }
}

/** Risk's verdict on an intent at this moment; the queue calls it through {@link Approved.recheck}. */
export type Recheck = (intent: Intent) => ApprovedRecord | DeniedEvent;

/** An intent that passed risk. */
export type Approved = ApprovedRecord;
/** An approved intent that left the queue and has its rate token: the only thing an outbox takes. */
export type Command = CommandRecord;

export const isApproved: (value: unknown) => value is Approved = ApprovedRecord.is;
export const isCommand: (value: unknown) => value is Command = CommandRecord.is;

/** For `operators/risk` only (lint keeps it so). */
export function mintApproved(intent: Intent, riskPrice: Decimal, recheck: Recheck): Approved {
  return new ApprovedRecord(intent, riskPrice, recheck);
}

/**
 * An approval of an earlier process, which the risk that gave it did not outlive. It waits in the queue as it did, and
 * when it is asked again, as the queue does before it lets one go, only a cancel passes.
 */
export function lapsedApproval(intent: Intent, riskPrice: Decimal): Approved {
  return new ApprovedRecord(intent, riskPrice, (asked) =>
    asked.action === 'cancel'
      ? lapsedApproval(asked, riskPrice)
      : makeDenied(asked, 'RECOVERING', reasonText('RECOVERING', { reason: LAPSED }), 'queue'),
  );
}
const LAPSED = 'risk approved it before the restart';

/** For `operators/throttle` only (lint keeps it so). */
export function mintCommand(approved: Approved): Command {
  if (!ApprovedRecord.is(approved))
    throw new TypeError('COMMAND_FORGED: only an approved intent becomes a command');
  return new CommandRecord(approved.intent);
}
