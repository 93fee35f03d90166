import type { Broker, BrokerPermissions } from '../../brokers/broker.js';
import { dec } from '../../model/decimal.js';
import type { Balance } from '../../model/event.js';
import type { InstrumentInput } from '../../model/instruments.js';
import type { CheckedTopology } from '../../topology/checked.js';
import { failure } from './failure.js';
import type { Findings } from './finding.js';

/** Currencies that are shown; the rest is counted. */
const MOST_SHOWN = 8;

/** Key, fees, balances and open orders of an account that orders go to. */
export async function checkAccount(
  found: Findings,
  broker: Broker,
  topology: CheckedTopology,
  subscribed: readonly InstrumentInput[],
): Promise<void> {
  if (broker.permissions !== undefined) {
    try {
      permissions(found, await broker.permissions());
    } catch (error) {
      return failure(found, error);
    }
  }
  try {
    balances(found, (await broker.accountState()).balances, topology, subscribed);
    const open = await broker.openOrders();
    if (open.length === 0) found.ok('open orders', 'none');
    else
      found.ok(
        'open orders',
        `${open.length} open already; ${topology.reconcile.unknownOrders === 'halt' ? 'those nobody here sent halt trading' : `reconcile.unknown_orders: ${topology.reconcile.unknownOrders}`}`,
      );
  } catch (error) {
    failure(found, error);
  }
}

function permissions(found: Findings, key: BrokerPermissions): void {
  const untold = key.keyCanTrade === undefined;
  if (!key.canTrade)
    found.fail('credentials', 'the account may not trade', 'look at its status at the venue');
  else if (key.keyCanTrade === false)
    found.fail(
      'credentials',
      'the key is good, but it may not trade',
      'enable trading for it in the API management of the account',
    );
  else
    found.ok(
      'credentials',
      `the key is good, the account (${key.accountType.toLowerCase()}) may trade${untold ? '; this venue does not tell what the key may do' : ''}`,
    );
  if (key.keyCanWithdraw === true)
    found.warn(
      'withdrawals',
      'THIS KEY CAN WITHDRAW MONEY: whoever gets it can empty the account',
      'make a key without withdrawals for trading, and delete this one',
    );
  else if (key.keyCanWithdraw === false) found.ok('withdrawals', 'the key cannot withdraw');
  if (key.ipRestricted === false)
    found.warn('addresses', 'the key works from every address', 'restrict it to the address of this machine');
  else if (key.ipRestricted === true) found.ok('addresses', 'the key works from listed addresses only');
  if (key.fees !== undefined) found.ok('fees', `maker ${bps(key.fees.maker)}, taker ${bps(key.fees.taker)}`);
}

const bps = (fraction: string): string => `${dec(fraction).times(10_000).toString()} bps`;

function balances(
  found: Findings,
  list: readonly Balance[],
  { portfolio }: CheckedTopology,
  subscribed: readonly InstrumentInput[],
): void {
  const { baseCurrency, rates } = portfolio;
  const held = list.filter(({ total }) => !total.isZero());
  const shown = held.slice(0, MOST_SHOWN).map(({ currency, total }) => `${total.toString()} ${currency}`);
  const more = held.length > MOST_SHOWN ? ` and ${held.length - MOST_SHOWN} more` : '';
  if (held.length === 0)
    found.warn('balances', 'the account is empty', 'move funds to it, or use another account');
  else found.ok('balances', shown.join(', ') + more);
  const priced = (currency: string): boolean =>
    currency === baseCurrency ||
    rates[currency] !== undefined ||
    subscribed.some(({ base, quote }) => base === currency && quote === baseCurrency);
  const unpriced = held.map(({ currency }) => currency).filter((currency) => !priced(currency));
  if (unpriced.length === 0) return;
  const names = unpriced.slice(0, MOST_SHOWN).join(', ');
  found.warn(
    'equity',
    `${names}: no price in ${baseCurrency}, so equity is unknown and limits relative to it deny`,
    `subscribe to ${unpriced[0] ?? ''}${baseCurrency}, or write portfolio: { rates: { ${unpriced[0] ?? ''}: PRICE } }`,
  );
}
