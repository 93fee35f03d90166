import { Decimal, type DecimalInput } from '../model/decimal.js';
import type { RiskLimits } from '../operators/risk/limits.js';
import type { AccountConfig, StateConfig } from '../state/config.js';
import type { CheckedTopology } from '../topology/checked.js';

/** Reads what State needs out of a topology: accounts, marks, day roll, and what its risk nodes look back at. */
export function stateConfig(topology: CheckedTopology): StateConfig {
  const { portfolio } = topology;
  const risks = topology.operators
    .filter((op) => op.spec.type === 'risk')
    .map((op) => (op.config as RiskConfig).limits ?? {});
  const longest = (pick: (limits: RiskLimits) => number | undefined): number =>
    Math.max(0, ...risks.map((limits) => pick(limits) ?? 0));
  const rolling = longest((limits) => limits.rolling_loss?.window);
  const duplicate = longest((limits) => limits.duplicate_window);
  const samples = longest((limits) => limits.correlation?.window);
  return {
    baseCurrency: portfolio.baseCurrency,
    marks: portfolio.marks,
    dayRoll: portfolio.dayRoll,
    rates: portfolio.rates,
    accounts: accounts(topology),
    limits: Object.assign({}, ...risks.map(amounts)) as Readonly<Record<string, DecimalInput>>,
    ...(rolling > 0 ? { rollingWindow: rolling } : {}),
    ...(duplicate > 0 ? { duplicateWindow: duplicate } : {}),
    ...(samples > 0 ? { returnSamples: samples + 1 } : {}),
  };
}

/** Limits that are one figure: those a control event may tighten, so State must know where they stand. */
function amounts(limits: RiskLimits): Record<string, DecimalInput> {
  const found: Record<string, DecimalInput> = {};
  for (const [name, value] of Object.entries(limits) as [string, unknown][]) {
    if (typeof value === 'number' || value instanceof Decimal) found[name] = value;
    else if (
      typeof value === 'object' &&
      value !== null &&
      'amount' in value &&
      value.amount instanceof Decimal
    )
      found[name] = value.amount;
  }
  return found;
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
  readonly limits?: RiskLimits;
}
