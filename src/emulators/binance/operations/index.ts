import type { Core } from '../core.js';
import type { Operation } from '../types.js';
import { accountOperations } from './account.js';
import { generalOperations } from './general.js';
import { listOperations } from './lists.js';
import { marketOperations } from './market.js';
import { orderOperations } from './orders.js';
import { replaceOperations } from './replace.js';
import { tickerOperations } from './tickers.js';

/** Everything the exchange answers. */
export function allOperations(core: Core): readonly Operation[] {
  return [
    ...generalOperations(core),
    ...marketOperations(core),
    ...tickerOperations(core),
    ...orderOperations(core),
    ...replaceOperations(core),
    ...listOperations(core),
    ...accountOperations(core),
  ];
}
