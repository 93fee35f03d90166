import type { BrokerPermissions } from '../broker.js';
import type { BinanceEnvironment } from './environments.js';
import type { Queries } from './queries.js';

/** As the port says it. */
export type BinancePermissions = BrokerPermissions;

/**
 * Reads account and key. Only the live venue tells what a key may do: elsewhere those facts are undefined. Throws a
 * `BrokerError` when the account cannot be read: a wrong key, a blocked address, a venue that does not answer.
 */
export async function readPermissions(
  queries: Pick<Queries, 'account' | 'restrictions'>,
  environment: BinanceEnvironment,
): Promise<BinancePermissions> {
  const { canTrade, accountType, commissionRates } = await queries.account();
  const key = environment === 'live' ? await queries.restrictions() : undefined;
  return {
    canTrade,
    accountType,
    keyCanTrade: key?.enableSpotAndMarginTrading,
    keyCanWithdraw: key?.enableWithdrawals,
    ipRestricted: key?.ipRestrict,
    fees: commissionRates && {
      maker: commissionRates.maker.toString(),
      taker: commissionRates.taker.toString(),
    },
  };
}
