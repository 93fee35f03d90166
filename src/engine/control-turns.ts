import type { ControlEvent } from '../model/event.js';
import type { Event } from '../model/record.js';
import type { Control } from '../state/control.js';
import type { TradingState } from '../state/view.js';

/** What control events change, as plain values. */
export interface ControlSnapshot {
  readonly trading: TradingState;
  readonly reason: string;
  readonly recovering: boolean;
  /** Accounts that need arming, and whether they are armed. */
  readonly armed: Readonly<Record<string, boolean>>;
  readonly latches: readonly { readonly scope: string; readonly actor: string; readonly reason: string }[];
  readonly disabled: readonly string[];
  /** Limits changed at run time. */
  readonly limits: Readonly<Record<string, string>>;
  /** Of strategies, changed at run time. */
  readonly parameters: Readonly<Record<string, { readonly version: number; readonly parameters: string }>>;
  /** Of the configuration that was taken over last while running; empty: that of the start. */
  readonly configurationHash: string;
}

export function snapshotOf(control: Control): ControlSnapshot {
  return {
    trading: control.trading,
    reason: control.tradingReason,
    recovering: control.recovering,
    armed: Object.fromEntries(control.accountsToArm().map((account) => [account, control.armed(account)])),
    latches: control.latches().map(({ scope, actor, reason }) => ({ scope, actor, reason })),
    disabled: control.disabledStrategies(),
    limits: Object.fromEntries(
      [...control.loosened, ...control.changedLimits()].map(([name, value]) => [name, value.toString()]),
    ),
    parameters: Object.fromEntries(
      [...control.parameters.all].map(([name, { version, parameters }]) => [name, { version, parameters }]),
    ),
    configurationHash: control.configurationHash,
  };
}

/** What became of a control event: its position and what it changed, or why it was refused. */
export interface ControlAnswer {
  /** Position of its turn; 0: it never had one. */
  readonly seq: number;
  readonly before: ControlSnapshot;
  readonly after: ControlSnapshot;
  readonly refused?: string;
}

interface Waiter {
  before: ControlSnapshot | undefined;
  readonly resolve: (answer: ControlAnswer) => void;
}

/** Tells who posted a control event what it did, once it was reduced. */
export class ControlTurns {
  readonly #control: Control;
  readonly #waiting = new Map<ControlEvent, Waiter>();

  constructor(control: Control) {
    this.#control = control;
  }

  /** Resolves when the turn of the event is complete. Call it before posting. */
  expect(event: ControlEvent): Promise<ControlAnswer> {
    return new Promise((resolve) => this.#waiting.set(event, { before: undefined, resolve }));
  }

  /** Its turn begins. */
  begin(event: ControlEvent): void {
    const waiter = this.#waiting.get(event);
    if (waiter !== undefined) waiter.before = snapshotOf(this.#control);
  }

  /** Its turn is complete. */
  end(event: ControlEvent, children: readonly Event[]): void {
    const waiter = this.#waiting.get(event);
    if (waiter === undefined) return;
    this.#waiting.delete(event);
    const after = snapshotOf(this.#control);
    const refused = children.find((child) => child.kind === 'log' && child.code === 'CONTROL_REFUSED');
    waiter.resolve({
      seq: event.seq,
      before: waiter.before ?? after,
      after,
      ...(refused?.kind === 'log' ? { refused: refused.message } : {}),
    });
  }

  /** Their turns never come. */
  abandon(reason: string): void {
    const now = snapshotOf(this.#control);
    for (const { resolve } of this.#waiting.values()) {
      resolve({ seq: 0, before: now, after: now, refused: reason });
    }
    this.#waiting.clear();
  }
}
