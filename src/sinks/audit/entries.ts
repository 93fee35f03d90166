import type { Decimal } from '../../model/decimal.js';
import type {
  DeniedEvent,
  ExecutionEvent,
  OrderEvent,
  OutcomeEvent,
  PositionEvent,
} from '../../model/event.js';
import type { Event, EventKind } from '../../model/record.js';
import type { StateView } from '../../state/view.js';
import { SeenFills } from '../seen-fills.js';
import type { AuditEntry } from './format.js';

/** Kinds that can give audit lines. */
export const AUDIT_KINDS: readonly EventKind[] = [
  'order',
  'denied',
  'control',
  'connection',
  'halt',
  'log',
  'execution',
  'outcome',
  'position',
  'regime',
  'reconciliation',
];

type Metadata = Record<string, string>;

function entry(
  event: Event,
  type: string,
  actor: string,
  reason: string,
  details: string,
  metadata: Metadata,
): AuditEntry {
  return { seq: event.seq, sub: event.sub, at: event.at, type, actor, reason, details, metadata };
}

/** Keys in the given order, those without a value left out. */
function meta(fields: Readonly<Record<string, Decimal | string | number | undefined>>): Metadata {
  const out: Metadata = {};
  for (const [key, value] of Object.entries(fields))
    if (value !== undefined && value !== '') out[key] = String(value);
  return out;
}

/**
 * Turns records into audit lines. It remembers the sign of each position, to tell opened from closed, and the ids of
 * fills, to tell a fill from a repeated report of it. Memory: one entry per account and instrument with a position, and
 * the last 65,536 fills.
 */
export class AuditEntries {
  readonly #mode: string;
  readonly #signs = new Map<string, number>();
  readonly #fills: SeenFills;

  constructor(mode: string, orders: StateView['orders']) {
    this.#mode = mode;
    this.#fills = new SeenFills(orders);
  }

  /** A position that was there before the first record. */
  held(account: string, instrument: string, quantity: Decimal): void {
    const sign = signOf(quantity);
    if (sign !== 0) this.#signs.set(`${account}|${instrument}`, sign);
  }

  of(event: Event): readonly AuditEntry[] {
    switch (event.kind) {
      case 'order':
        return [this.#order(event)];
      case 'denied':
        return [this.#denied(event)];
      case 'execution':
        return event.report === 'fill' ? [this.#fill(event)] : [];
      case 'outcome':
        return event.outcome === 'sent' ? [] : [this.#outcome(event)];
      case 'position':
        return this.#position(event);
      case 'control': {
        const { action, actor, reason, target, value } = event;
        const details = `${action}${target === '' ? '' : ` ${target}`}${value === '' ? '' : ` = ${value}`}`;
        return [
          entry(
            event,
            `control_${action}`,
            actor,
            reason,
            details,
            meta({ target, value, mode: this.#mode }),
          ),
        ];
      }
      case 'connection': {
        const { name, state, attempt, reason } = event;
        const fields = meta({ connection: name, state, attempt });
        return [entry(event, `connection_${state}`, name, reason, `${name} is ${state}`, fields)];
      }
      case 'halt':
        return [
          entry(
            event,
            'halt',
            event.source === '' ? 'engine' : event.source,
            event.reason,
            `trading halted: ${event.code}`,
            meta({ code: event.code, mode: this.#mode }),
          ),
        ];
      case 'log':
        return event.level === 'error' || event.level === 'anomaly'
          ? [entry(event, event.level, event.source, event.code, event.message, meta({ code: event.code }))]
          : [];
      case 'reconciliation': {
        const { broker, account, subject, code, key, ours, theirs, difference, resolution, evidence } = event;
        const fields = {
          ...meta({ mode: this.#mode, broker, account, subject, code, key, ours, theirs, difference }),
          ...meta({ resolution, instrument: event.instrument, client_order_id: event.clientOrderId }),
          ...meta({ venue_order_id: event.venueOrderId }),
        };
        const details = `${code} ${key}: ours ${ours}, theirs ${theirs}`;
        return [entry(event, `reconciliation_${resolution}`, broker, evidence, details, fields)];
      }
      case 'regime': {
        const { instrument, previous, regime, confidence, detector } = event;
        const fields = meta({ instrument, from: previous, to: regime, confidence, detector });
        const subject = instrument === '' ? 'market' : instrument;
        const details = `${subject}: ${previous === '' ? 'none' : previous} to ${regime}`;
        return [
          entry(event, 'regime_change', detector === '' ? event.source : detector, '', details, fields),
        ];
      }
      default:
        return [];
    }
  }

  #order(event: OrderEvent): AuditEntry {
    const o = event.order;
    const actor = o.strategy === '' ? event.source : o.strategy;
    const details = `${o.side} ${o.quantity.toString()} ${o.instrument} ${o.type}, filled ${o.filled.toString()}`;
    return entry(event, `order_${o.state}`, actor, o.reason, details, {
      ...meta({ mode: this.#mode, broker: o.broker, account: o.account, order_key: o.orderKey }),
      ...meta({ client_order_id: o.clientOrderId, venue_order_id: o.venueOrderId, strategy: o.strategy }),
      ...meta({ tag: o.tag, instrument: o.instrument, side: o.side, order_type: o.type }),
      ...meta({ time_in_force: o.timeInForce, quantity: o.quantity, limit_price: o.limitPrice }),
      ...meta({ stop_price: o.stopPrice, filled: o.filled }),
      ...meta({ average_price: o.filled.isZero() ? undefined : o.averagePrice, previous: o.previous }),
    });
  }

  #denied(event: DeniedEvent): AuditEntry {
    const i = event.intent;
    const details = `${i.action} ${i.side} ${i.quantity.toString()} ${i.instrument} ${i.type} denied by ${event.stage}`;
    return entry(event, 'order_denied', i.strategy, event.text, details, {
      ...meta({ mode: this.#mode, code: event.code, stage: event.stage, account: i.account }),
      ...meta({ broker: i.route, order_key: i.orderKey, strategy: i.strategy, tag: i.tag }),
      ...meta({ instrument: i.instrument, action: i.action, side: i.side, order_type: i.type }),
      ...meta({ quantity: i.quantity, limit_price: i.limitPrice, stop_price: i.stopPrice, wish: i.reason }),
    });
  }

  #fill(event: ExecutionEvent): AuditEntry {
    const fill = event.fill;
    const repeated = this.#fills.repeated(event);
    const told = `${event.side} ${fill?.quantity.toString() ?? '?'} ${event.instrument} at ${fill?.price.toString() ?? '?'}`;
    const details = repeated ? `told again, counted once: ${told}` : told;
    return entry(event, repeated ? 'fill_duplicate' : 'fill', event.broker, event.reason, details, {
      ...meta({ mode: this.#mode, broker: event.broker, account: event.account, exec_id: event.execId }),
      ...meta({ client_order_id: event.clientOrderId, venue_order_id: event.venueOrderId }),
      ...meta({
        instrument: event.instrument,
        side: event.side,
        quantity: fill?.quantity,
        price: fill?.price,
      }),
      ...meta({ fee: fill?.fee, fee_currency: fill?.feeCurrency, liquidity: fill?.liquidity }),
    });
  }

  #outcome(event: OutcomeEvent): AuditEntry {
    const { broker, orderKey, clientOrderId, action, outcome, category, reason } = event;
    const fields = {
      mode: this.#mode,
      broker,
      order_key: orderKey,
      client_order_id: clientOrderId,
      category,
    };
    return entry(event, `outcome_${outcome}`, broker, reason, `${action} ${outcome}`, meta(fields));
  }

  #position(event: PositionEvent): readonly AuditEntry[] {
    const key = `${event.account}|${event.instrument}`;
    const before = this.#signs.get(key) ?? 0;
    const now = signOf(event.quantity);
    if (before === now) return [];
    if (now === 0) this.#signs.delete(key);
    else this.#signs.set(key, now);
    const { account, instrument, quantity, averagePrice, realizedPnl, fees } = event;
    const fields = {
      ...meta({ mode: this.#mode, account, instrument, quantity, average_price: averagePrice }),
      ...meta({ realized_pnl: realizedPnl, fees }),
    };
    const side = (sign: number): string => (sign > 0 ? 'long' : 'short');
    const out: AuditEntry[] = [];
    if (before !== 0)
      out.push(
        entry(event, 'position_closed', event.source, '', `${side(before)} ${instrument} closed`, fields),
      );
    if (now !== 0) {
      const details = `${side(now)} ${quantity.abs().toString()} ${instrument} at ${averagePrice.toString()}`;
      out.push(entry(event, 'position_opened', event.source, '', details, fields));
    }
    return out;
  }
}

function signOf(quantity: Decimal): number {
  return quantity.isZero() ? 0 : quantity.isNegative() ? -1 : 1;
}
