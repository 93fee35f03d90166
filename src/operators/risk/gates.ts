import { EMULATED } from '../../state/emulated-order.js';
import { OK, defineCheck, deny, type RiskCheck } from './check.js';

/**
 * The account is one whose money is known. Fills of an order in no account would be positions that nobody limits.
 */
export const accountKnown: RiskCheck = defineCheck(
  { id: 'account_known', codes: ['ACCOUNT_UNKNOWN'], options: [], exits: 'checked' },
  (intent, { state }) =>
    state.portfolio.accounts().includes(intent.account)
      ? OK
      : deny('ACCOUNT_UNKNOWN', {
          account: JSON.stringify(intent.account),
          known: state.portfolio.accounts().join(','),
        }),
);

/** Trading is active; while reducing or halted only risk-reducing exits pass. */
export const tradingState: RiskCheck = defineCheck(
  { id: 'trading_state', codes: ['TRADING_HALTED', 'TRADING_REDUCING'], options: [], exits: 'pass' },
  (_intent, { state }) => {
    const { trading, tradingReason } = state.control;
    if (trading === 'active') return OK;
    const details = tradingReason === '' ? {} : { reason: tradingReason };
    return trading === 'reducing' ? deny('TRADING_REDUCING', details) : deny('TRADING_HALTED', details);
  },
);

/** No kill latch over the account or strategy; only risk-reducing exits pass one. */
export const notLatched: RiskCheck = defineCheck(
  { id: 'kill_switch', codes: ['LATCHED'], options: [], exits: 'pass' },
  (intent, { state }) => {
    const latch = state.control.latchOver(intent.account, intent.strategy);
    if (latch === undefined) return OK;
    return deny('LATCHED', { scope: latch.scope, actor: latch.actor, reason: latch.reason });
  },
);

/** A live account is armed before anything new leaves. */
export const accountArmed: RiskCheck = defineCheck(
  { id: 'armed', codes: ['DISARMED'], options: [], exits: 'pass' },
  (intent, { state }) =>
    state.control.armed(intent.account) ? OK : deny('DISARMED', { account: intent.account }),
);

/**
 * The broker it goes to is ready, and our books agree with its own. Exits wait too: one of a position nobody is sure of
 * is no exit.
 */
export const brokerReady: RiskCheck = defineCheck(
  { id: 'broker_ready', codes: ['BROKER_NOT_READY'], options: [], exits: 'checked' },
  (intent, { state, exit }) => {
    const reason = state.readiness?.withheld(intent.route, exit) ?? '';
    if (reason === '') return OK;
    return deny('BROKER_NOT_READY', intent.route === '' ? { reason } : { broker: intent.route, reason });
  },
);

/** The strategy has not been disabled; stops and targets it placed before go on protecting its position. */
export const strategyEnabled: RiskCheck = defineCheck(
  { id: 'strategy_enabled', codes: ['STRATEGY_DISABLED'], options: [], exits: 'checked' },
  (intent, { state, exit }) =>
    state.control.strategyEnabled(intent.strategy) || (exit && intent.metadata?.[EMULATED] !== undefined)
      ? OK
      : deny('STRATEGY_DISABLED', { strategy: intent.strategy }),
);

/**
 * Linked orders went through a `manage` node, which takes the links off; or their venue links orders itself. Without
 * either, an entry would go out and its exits would not.
 */
export const linksManaged: RiskCheck = defineCheck(
  { id: 'links_managed', codes: ['LINKED_UNSUPPORTED'], options: [], exits: 'checked' },
  ({ links, orderKey }) =>
    links === undefined || links.native === true
      ? OK
      : deny('LINKED_UNSUPPORTED', {
          order_key: orderKey,
          help: 'put a manage operator between strategy and risk',
        }),
);

/** Orders and positions are known: while they are being reconciled nothing new or changed goes out. */
export const notRecovering: RiskCheck = defineCheck(
  { id: 'not_recovering', codes: ['RECOVERING'], options: [], exits: 'checked' },
  (intent, { state }) => (state.control.recovering ? deny('RECOVERING', { action: intent.action }) : OK),
);

/** Last of all: in a dry run an order that passed everything stops here. */
export const notDryRun: RiskCheck = defineCheck(
  { id: 'dry_run', codes: ['DRY_RUN'], options: ['dry_run'], exits: 'checked' },
  (intent, { dryRun }) => (dryRun ? deny('DRY_RUN', { order_key: intent.orderKey }) : OK),
);
