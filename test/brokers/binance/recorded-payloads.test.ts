import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  parseAccount,
  parseAmend,
  parseOrder,
  parseOrders,
  parseReplace,
  parseTrades,
} from '../../../src/brokers/binance/schemas.js';
import { parseUserEvent } from '../../../src/brokers/binance/user-data/parse.js';
import { sharedData } from '../../support/shared-data.js';

const root = sharedData('venue-payloads', 'binance');

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every object in a value, itself included. */
function* objects(value: unknown): Generator<Json> {
  if (Array.isArray(value)) for (const item of value) yield* objects(item);
  else if (isObject(value)) {
    yield value;
    for (const item of Object.values(value)) yield* objects(item);
  }
}

/** The JSON texts of a recorded test file: lines with a mark first (`=`, `<`), or a body after a header. */
function documents(text: string): unknown[] {
  const found: unknown[] = [];
  const starts = [...text.matchAll(/^\s*(?:[=<>]\s*)?([{[])/gm)];
  for (const start of starts) {
    const from = (start.index ?? 0) + start[0].length - 1;
    for (let to = text.length; to > from; to = text.lastIndexOf(start[1] === '{' ? '}' : ']', to - 1)) {
      try {
        found.push(JSON.parse(text.slice(from, to + 1).replaceAll('|1|', '1')));
        break;
      } catch {
        if (to <= from + 1) break;
      }
    }
  }
  return found;
}

function everyDocument(folder: string): unknown[] {
  const found: unknown[] = [];
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (/margin|algo|convert|liability/i.test(name)) continue; // other products of the venue
    if (name.endsWith('.txt')) found.push(...documents(readFileSync(path, 'utf8')));
    else if (/\.jsonl$/.test(name))
      found.push(
        ...readFileSync(path, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line): unknown => JSON.parse(line)),
      );
    else if (/\.json$/.test(name)) found.push(JSON.parse(readFileSync(path, 'utf8')));
  }
  return found;
}

const plain = (value: unknown): boolean => typeof value === 'string' && /^\d+(\.\d+)?$/.test(value);

describe.skipIf(root === undefined)('recorded payloads', () => {
  const all = root === undefined ? [] : [...objects(everyDocument(root))];

  it('user data events', () => {
    const counts: Record<string, number> = {};
    for (const message of all) {
      if (typeof message['e'] !== 'string' || typeof message['E'] !== 'number') continue;
      const event = parseUserEvent(message);
      expect(event.kind, JSON.stringify(event)).not.toBe('malformed');
      counts[event.kind] = (counts[event.kind] ?? 0) + 1;
    }
    expect(counts['order']).toBeGreaterThanOrEqual(3);
    expect(counts['balances']).toBeGreaterThanOrEqual(3);
    expect(counts['moved']).toBeGreaterThanOrEqual(4);
    expect(counts['list']).toBeGreaterThanOrEqual(3);
    expect(counts['terminated']).toBeGreaterThanOrEqual(1);
  });

  it('orders, answers and cancels', () => {
    let orders = 0;
    for (const o of all) {
      const spot =
        typeof o['orderId'] === 'number' && 'executedQty' in o && 'clientOrderId' in o && 'origQty' in o;
      if (
        !spot ||
        o['isIsolated'] !== undefined ||
        'positionSide' in o ||
        'avgPrice' in o ||
        !plain(o['price'])
      )
        continue;
      orders++;
      const { view, fills, cancelId } = parseOrder(o);
      expect(view.venueOrderId).toBe(String(o['orderId']));
      const original = o['origClientOrderId'];
      const cancelled = typeof original === 'string' && original !== '';
      expect(view.clientOrderId).toBe(cancelled ? original : o['clientOrderId']);
      expect(cancelId).toBe(cancelled ? o['clientOrderId'] : '');
      expect(view.executed.toNumber()).toBe(Number(o['executedQty']));
      if (Array.isArray(o['fills'])) expect(fills.length).toBe(o['fills'].length);
      expect(parseOrders([o])).toHaveLength(1);
    }
    expect(orders).toBeGreaterThan(30);
  });

  it('cancel-replaces, amendments, trades and accounts', () => {
    const counts = { replaces: 0, amends: 0, trades: 0, accounts: 0 };
    for (const o of all) {
      if ('cancelResult' in o && 'newOrderResult' in o) {
        counts.replaces++;
        expect(['SUCCESS', 'FAILURE']).toContain(parseReplace(o).cancelResult);
      } else if (isObject(o['amendedOrder']) && 'transactTime' in o) {
        counts.amends++;
        expect(parseAmend(o).view.venueOrderId).toBe(String(o['amendedOrder']['orderId']));
      } else if ('isBuyer' in o && 'isBestMatch' in o && o['isIsolated'] === undefined) {
        counts.trades++;
        expect(parseTrades([o])[0]).toMatchObject({
          tradeId: String(o['id']),
          venueOrderId: String(o['orderId']),
        });
      } else if (Array.isArray(o['balances']) && 'canTrade' in o) {
        counts.accounts++;
        expect(parseAccount(o).balances.length).toBe(o['balances'].length);
      }
    }
    expect(counts.replaces).toBeGreaterThanOrEqual(6);
    expect(counts.amends).toBeGreaterThanOrEqual(2);
    expect(counts.trades).toBeGreaterThanOrEqual(4);
    expect(counts.accounts).toBeGreaterThanOrEqual(2);
  });
});
