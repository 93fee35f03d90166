import type { Decimal } from '../model/decimal.js';
import type { AccountConfig, StateConfig } from '../state/config.js';
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

/** Accounts of the topology, and those simulated brokers bring with their own cash. */
function accounts(topology: CheckedTopology): AccountConfig[] {
  const all = new Map<string, AccountConfig>();
  for (const { name, config } of topology.brokers) {
    const { cash, account, leverage } = config as PaperConfig;
    if (cash !== undefined)
      all.set(account ?? name, {
        name: account ?? name,
        cash,
        ...(leverage === undefined ? {} : { leverage }),
      });
  }
  for (const account of topology.portfolio.accounts) {
    all.set(account.name, {
      name: account.name,
      cash: account.startCash,
      leverage: account.leverage,
      balances: account.balances,
    });
  }
  return [...all.values()];
}

interface PaperConfig {
  readonly cash?: Readonly<Record<string, Decimal>>;
  readonly account?: string;
  readonly leverage?: Decimal;
}

interface RiskConfig {
  readonly limits?: {
    readonly rolling_loss?: { readonly window: number };
    readonly duplicate_window?: number;
  };
}
