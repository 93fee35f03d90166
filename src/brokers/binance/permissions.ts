import type { BinanceEnvironment } from './environments.js';
import type { Queries } from './queries.js';

/** What a key may do, as far as the venue tells; undefined: it does not. */
export interface BinancePermissions {
  /** The account may trade at all. */
  readonly canTrade: boolean;
  readonly accountType: string;
  /** The key may place orders. */
  readonly keyCanTrade: boolean | undefined;
  /** The key may move money out. A trading key should not. */
  readonly keyCanWithdraw: boolean | undefined;
  /** The key works from listed addresses only. A trading key should. */
  readonly ipRestricted: boolean | undefined;
}

/**
 * Reads account and key. Only the live venue tells what a key may do: elsewhere those facts are undefined. Throws a
 * `BrokerError` when the account cannot be read: a wrong key, a blocked address, a venue that does not answer.
 */
export async function readPermissions(
  queries: Pick<Queries, 'account' | 'restrictions'>,
  environment: BinanceEnvironment,
): Promise<BinancePermissions> {
  const { canTrade, accountType } = await queries.account();
  const key = environment === 'live' ? await queries.restrictions() : undefined;
  return {
    canTrade,
    accountType,
    keyCanTrade: key?.enableSpotAndMarginTrading,
    keyCanWithdraw: key?.enableWithdrawals,
    ipRestricted: key?.ipRestrict,
  };
}
