import { describe, expect, it } from 'vitest';
import { isClosed, type OrderState } from '../../src/model/order.js';
import {
  nextOrderState,
  ORDER_TRANSITIONS,
  ORDER_TRIGGERS,
  settledState,
} from '../../src/model/order-state.js';

/** The whole table once more, written for reading: state, then `trigger>target`; everything else is illegal. */
const EXPECTED: Record<OrderState, string> = {
  initialized: 'queue>queued submit>submitted deny>denied withdraw>cancelled',
  queued: 'queue>queued submit>submitted deny>denied withdraw>cancelled',
  submitted:
    'request_cancel>pending_cancel not_sent>rejected unsure>unknown accepted>accepted rejected>rejected ' +
    'partial_fill>partially_filled fill>filled cancelled>cancelled expired>expired replaced>accepted ' +
    'triggered>accepted inactive>inactive',
  accepted:
    'request_replace>pending_replace request_cancel>pending_cancel accepted>accepted rejected>rejected ' +
    'partial_fill>partially_filled fill>filled cancelled>cancelled expired>expired replaced>accepted ' +
    'triggered>accepted inactive>inactive',
  partially_filled:
    'request_replace>pending_replace request_cancel>pending_cancel accepted>partially_filled rejected>rejected ' +
    'partial_fill>partially_filled fill>filled cancelled>cancelled expired>expired replaced>partially_filled ' +
    'triggered>partially_filled inactive>inactive',
  inactive:
    'request_replace>pending_replace request_cancel>pending_cancel accepted>accepted rejected>rejected ' +
    'partial_fill>partially_filled fill>filled cancelled>cancelled expired>expired replaced>inactive ' +
    'triggered>accepted inactive>inactive',
  pending_replace:
    'request_cancel>pending_cancel not_sent>settle unsure>unknown accepted>pending_replace rejected>rejected ' +
    'partial_fill>pending_replace fill>filled cancelled>cancelled expired>expired replaced>settle ' +
    'replace_rejected>settle triggered>pending_replace inactive>pending_replace',
  pending_cancel:
    'request_cancel>pending_cancel not_sent>settle unsure>unknown accepted>pending_cancel rejected>rejected ' +
    'partial_fill>pending_cancel fill>filled cancelled>cancelled expired>expired replaced>pending_cancel ' +
    'cancel_rejected>settle replace_rejected>pending_cancel triggered>pending_cancel inactive>pending_cancel',
  unknown:
    'request_cancel>pending_cancel not_sent>settle unsure>unknown accepted>settle rejected>rejected ' +
    'partial_fill>settle fill>filled cancelled>cancelled expired>expired replaced>settle cancel_rejected>settle ' +
    'replace_rejected>settle triggered>settle inactive>settle',
  filled: 'accepted>filled cancel_rejected>filled replace_rejected>filled triggered>filled',
  cancelled:
    'accepted>cancelled partial_fill>cancelled fill>filled cancelled>cancelled expired>cancelled ' +
    'cancel_rejected>cancelled replace_rejected>cancelled triggered>cancelled inactive>cancelled',
  expired:
    'accepted>expired partial_fill>expired fill>filled cancelled>expired expired>expired ' +
    'cancel_rejected>expired replace_rejected>expired triggered>expired inactive>expired',
  rejected: 'rejected>rejected cancel_rejected>rejected replace_rejected>rejected',
  denied: '',
};

describe('order transitions', () => {
  it.each(Object.keys(EXPECTED) as OrderState[])('from %s are exactly these', (state) => {
    const legal = ORDER_TRIGGERS.flatMap((trigger) => {
      const target = nextOrderState(state, trigger);
      return target === undefined ? [] : [`${trigger}>${target}`];
    });
    expect(legal.join(' ')).toBe(EXPECTED[state]);
  });

  it('never leave a closed state except by the fill that completes a cancelled or expired order', () => {
    for (const [state, row] of Object.entries(ORDER_TRANSITIONS) as [
      OrderState,
      Record<string, OrderState>,
    ][]) {
      if (!isClosed(state)) continue;
      for (const [trigger, target] of Object.entries(row)) {
        if (target === state) continue;
        expect([state, trigger, target]).toEqual([state, 'fill', 'filled']);
        expect(['cancelled', 'expired']).toContain(state);
      }
    }
  });

  it('remember how the order stands apart from open requests', () => {
    expect(settledState('initialized', 'submit')).toBe('submitted');
    expect(settledState('submitted', 'accepted')).toBe('accepted');
    expect(settledState('partially_filled', 'accepted')).toBe('partially_filled');
    expect(settledState('accepted', 'request_cancel')).toBe('accepted');
    expect(settledState('accepted', 'partial_fill')).toBe('partially_filled');
    expect(settledState('partially_filled', 'replaced')).toBe('partially_filled');
    expect(settledState('submitted', 'replaced')).toBe('accepted');
    expect(settledState('accepted', 'inactive')).toBe('inactive');
  });
});
