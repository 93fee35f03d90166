import type { StateConfig } from '../state/config.js';
import type { CheckedTopology } from '../topology/checked.js';

/** Reads what State needs out of a topology: accounts, marks, day roll, and the windows its risk nodes look back over. */
export function stateConfig(topology: CheckedTopology): StateConfig {
  const { portfolio } = topology;
  const risks = topology.operators
    .filter((op) => op.spec.type === 'risk')
    .map((op) => op.config as RiskConfig);
  const rolling = Math.max(0, ...risks.map((risk) => risk.limits?.rolling_loss?.window ?? 0));
  const duplicate = Math.max(0, ...risks.map((risk) => risk.limits?.duplicate_window ?? 0));
  return {
    baseCurrency: portfolio.baseCurrency,
    marks: portfolio.marks,
    dayRoll: portfolio.dayRoll,
    rates: portfolio.rates,
    accounts: portfolio.accounts.map((account) => ({
      name: account.name,
      cash: account.startCash,
      leverage: account.leverage,
    })),
    ...(rolling > 0 ? { rollingWindow: rolling } : {}),
    ...(duplicate > 0 ? { duplicateWindow: duplicate } : {}),
  };
}

interface RiskConfig {
  readonly limits?: {
    readonly rolling_loss?: { readonly window: number };
    readonly duplicate_window?: number;
  };
}
