import { endpointsOf } from '../../brokers/binance/environments.js';
import type { CheckedBroker } from '../../topology/checked.js';
import { isLoopback } from '../../topology/control-schema.js';

/** Where orders may be sent to try them: nowhere real money could be behind an address. Undefined: not there. */
export function exercisable({ spec, config }: CheckedBroker): 'emulator' | 'testnet' | 'demo' | undefined {
  if (spec.type !== 'binance' || config['market'] !== 'spot') return undefined;
  const environment = config['environment'];
  const urls = Object.values(config['urls'] ?? {}).filter((url) => typeof url === 'string');
  const local =
    urls.length === 3 && urls.every((url) => isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, '')));
  if (local) return 'emulator';
  // The venue's own test addresses, none of them replaced.
  if ((environment !== 'testnet' && environment !== 'demo') || urls.length > 0) return undefined;
  return endpointsOf(environment, 'spot').rest === endpointsOf('live', 'spot').rest ? undefined : environment;
}
