import { dec, type Decimal, type DecimalInput } from '../model/decimal.js';
import type { OrderType, Side, TimeInForce } from '../model/instrument.js';
import { reasonText } from '../model/reason.js';

/** Strategy name of orders a program places through the order manager. */
export const MANUAL_STRATEGY = 'manual';

/** An order as a program asks for it. */
export interface NewOrder {
  readonly instrument: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly quantity: DecimalInput;
  readonly limitPrice?: DecimalInput;
  readonly stopPrice?: DecimalInput;
  /** Default `gtc`. */
  readonly timeInForce?: TimeInForce;
  /** Default: the only account. */
  readonly account?: string;
  /** Broker; default: the only one. */
  readonly route?: string;
  readonly postOnly?: boolean;
  readonly reduceOnly?: boolean;
  readonly tag?: string;
  /** The same key never makes a second order, also after a restart. */
  readonly idempotencyKey?: string;
}

export interface Modification {
  readonly quantity?: DecimalInput;
  readonly limitPrice?: DecimalInput;
  readonly stopPrice?: DecimalInput;
}

/** Who asks, and why; both are recorded. */
export interface Asked {
  readonly actor?: string;
  readonly reason?: string;
}

/** What became of one request in the turn that took it. Whether the venue takes it is told by `orders$`. */
export interface OrderAnswer {
  readonly orderKey: string;
  /** Position of its turn; 0: it never had one. */
  readonly seq: number;
  readonly accepted: boolean;
  /** `CODE: …` when it was refused; empty otherwise. */
  readonly reason: string;
}

export function figure(value: DecimalInput | undefined): Decimal | undefined {
  return value === undefined ? undefined : dec(value);
}

/** What is not a number cannot even be recorded; all else risk decides. */
export function badFigure(figures: Readonly<Record<string, DecimalInput | undefined>>): string {
  for (const [name, value] of Object.entries(figures)) {
    if (value === undefined) continue;
    let finite: boolean;
    try {
      finite = dec(value).isFinite();
    } catch {
      finite = false;
    }
    if (finite) continue;
    const code = name === 'quantity' ? 'QUANTITY_INVALID' : 'PRICE_INVALID';
    return reasonText(code, { [name]: String(value) });
  }
  return '';
}

export function refused(orderKey: string, reason: string): OrderAnswer {
  return { orderKey, seq: 0, accepted: false, reason };
}
