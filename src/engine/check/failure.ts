import { BrokerError } from '../../brokers/broker.js';
import { MillraceError } from '../../model/reason.js';
import type { Findings } from './finding.js';

const NEXT: Readonly<Record<BrokerError['category'], string>> = {
  auth: 'check the key, its permissions and its list of addresses in the API management of the account',
  rate_limit: 'wait, and stop whatever else asks the venue from this address',
  timeout: 'check the network, a firewall or proxy in between, and try again',
  network: 'check the address under `urls:`, the network, and a firewall or proxy in between',
  rejection: 'correct what the venue objects to',
  schema: 'check that the address is that of this venue; else report the answer as a bug',
  unavailable: 'look at the status page of the venue and try again later',
};

const CHECKS: Readonly<Record<BrokerError['category'], string>> = {
  auth: 'credentials',
  rate_limit: 'rate limits',
  timeout: 'reach',
  network: 'reach',
  rejection: 'answer',
  schema: 'answer',
  unavailable: 'reach',
};

/** Why a session could not be opened or asked, as one sentence and one step to take. `check` overrides what it is about. */
export function failure(found: Findings, error: unknown, check?: string): void {
  if (error instanceof BrokerError) {
    const [message, advice] = split(error.message);
    const far = CHECKS[error.category] === 'reach';
    found.add(
      'fail',
      check ?? CHECKS[error.category],
      message,
      advice === '' ? NEXT[error.category] : advice,
      far,
    );
    return;
  }
  if (error instanceof MillraceError) found.fail(check ?? 'configuration', error.message, error.help);
  else
    found.fail(
      check ?? 'answer',
      error instanceof Error ? error.message : String(error),
      'report it as a bug',
    );
}

/** Adapters word their advice behind the last semicolon. */
function split(message: string): readonly [string, string] {
  const at = message.lastIndexOf('; ');
  return at < 0 ? [message, ''] : [message.slice(0, at), message.slice(at + 2)];
}
