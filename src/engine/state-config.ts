import { Decimal, type DecimalInput } from '../model/decimal.js';
import type { RiskLimits } from '../operators/risk/limits.js';
import type { AccountConfig, StateConfig } from '../state/config.js';
import type { CheckedBroker, CheckedTopology } from '../topology/checked.js';

/** Reads what State needs out of a topology: accounts, marks, day roll, and what its risk nodes look back at. */
export function stateConfig(topology: CheckedTopology): StateConfig {
  const { portfolio } = topology;
  const risks = topology.operators
    .filter((op) => op.spec.type === 'risk')
    .map((op) => (op.config as RiskConfig).limits ?? {});
  const longest = (pick: (limits: RiskLimits) => number | undefined): number =>
    Math.max(0, ...risks.map((limits) => pick(limits) ?? 0));
  const rolling = Math.max(
    longest((limits) => limits.rolling_loss?.window),
    topology.safety?.rolling_loss?.window ?? 0,
  );
  const duplicate = longest((limits) => limits.duplicate_window);
  const samples = longest((limits) => limits.correlation?.window);
  return {
    baseCurrency: portfolio.baseCurrency,
    marks: portfolio.marks,
    dayRoll: portfolio.dayRoll,
    rates: portfolio.rates,
    accounts: accounts(topology),
    limits: Object.assign({}, ...risks.map(amounts)) as Readonly<Record<string, DecimalInput>>,
    arming: topology.mode === 'live' ? realBrokers(topology).map(accountOf) : [],
    reconciled: realBrokers(topology).map(({ name }) => name),
    route: onlyRoute(topology),
    ...(rolling > 0 ? { rollingWindow: rolling } : {}),
    ...(duplicate > 0 ? { duplicateWindow: duplicate } : {}),
    ...(samples > 0 ? { returnSamples: samples + 1 } : {}),
  };
}

/** Brokers with a venue behind them that orders are sent to. */
export function realBrokers(topology: CheckedTopology): readonly CheckedBroker[] {
  return topology.brokers.filter(
    ({ name, spec }) => !spec.simulated && topology.sinks.some((sink) => sink.broker === name),
  );
}

/** Where orders without a route go; empty when there are several orders sinks. */
function onlyRoute(topology: CheckedTopology): string {
  const routes = new Set(
    topology.sinks.filter(({ spec }) => spec.type === 'orders').map(({ broker }) => broker),
  );
  return routes.size === 1 ? ([...routes][0] ?? '') : '';
}

/** The account of a broker: as configured, else its own name. */
export function accountOf({ name, config }: CheckedBroker): string {
  return typeof config['account'] === 'string' ? config['account'] : name;
}

/** Limits that are one figure: those a control event may tighten, so State must know where they stand. */
export function amounts(limits: RiskLimits): Record<string, DecimalInput> {
  const found: Record<string, DecimalInput> = {};
  const see = (of: object, suffix: string): void => {
    for (const [name, value] of Object.entries(of) as [string, unknown][]) {
      const figure = figureOf(value);
      if (figure !== undefined) found[`${name}${suffix}`] = figure;
    }
  };
  see(limits, '');
  for (const [symbol, own] of Object.entries(limits.instruments ?? {})) see(own, `.${symbol}`);
  return found;
}

function figureOf(value: unknown): DecimalInput | undefined {
  if (typeof value === 'number' || value instanceof Decimal) return value;
  if (typeof value === 'object' && value !== null && 'amount' in value) return figureOf(value.amount);
  return undefined;
}

/**
 * Accounts of the topology, those simulated brokers bring with their own cash, and those of real brokers: unknown until
 * the venue says what is in them, so that equity does not begin as nothing.
 */
function accounts(topology: CheckedTopology): AccountConfig[] {
  const all = new Map<string, AccountConfig>();
  for (const broker of realBrokers(topology))
    all.set(accountOf(broker), { name: accountOf(broker), cash: {} });
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
