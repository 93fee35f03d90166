import { OK, defineCheck, deny, type RiskCheck } from './check.js';
import { positionQuantity } from './exposure.js';

/** A reduce-only order closes at most the position that is there; one that fills at once, not what another closes. */
export const reduceOnly: RiskCheck = defineCheck(
  { id: 'reduce_only', codes: ['REDUCE_ONLY'], options: [], exits: 'checked' },
  (intent, ctx) => {
    if (!intent.reduceOnly || ctx.exit) return OK;
    const position = positionQuantity(intent, ctx.state);
    const opposite = !position.isZero() && position.gt(0) === (intent.side === 'sell');
    const resting = intent.type !== 'market' && intent.timeInForce !== 'ioc' && intent.timeInForce !== 'fok';
    // Stop and target of one position rest side by side; whichever fills first, the venue cuts the other.
    if (opposite && resting && ctx.quantity.lte(position.abs())) return OK;
    return deny('REDUCE_ONLY', { side: intent.side, quantity: ctx.quantity, position });
  },
);
