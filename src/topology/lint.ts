import type { Diagnostic } from './diagnostic.js';
import type { Draft } from './draft.js';
import { GraphModel } from './graph-model.js';
import { everythingIsUsed, strategiesCanTrade, tradingIsLimited } from './rules/advice.js';
import { buffersKeepOrders } from './rules/buffers.js';
import { noCycles } from './rules/cycles.js';
import { inputsExist } from './rules/inputs.js';
import { kindsFit } from './rules/kinds.js';
import { liveKeepsAJournal, simulatedModesStaySimulated } from './rules/modes.js';
import { namesAreUnique } from './rules/names.js';
import { fillsComeBack, ordersPassRiskAndThrottle } from './rules/order-path.js';
import { brokersExist } from './rules/references.js';
import type { Rule } from './rules/rule.js';
import { strategyFilesExist } from './rules/strategy-files.js';
import type { Mode } from './spec.js';

/** In this order: a rule may leave out what follows from a finding of a rule before it. */
const RULES: readonly Rule[] = [
  namesAreUnique,
  inputsExist,
  brokersExist,
  strategyFilesExist,
  noCycles,
  kindsFit,
  ordersPassRiskAndThrottle,
  buffersKeepOrders,
  simulatedModesStaySimulated,
  fillsComeBack,
  liveKeepsAJournal,
  everythingIsUsed,
  strategiesCanTrade,
  tradingIsLimited,
];

export interface LintOptions {
  readonly mode: Mode;
  readonly baseDir: string;
  /** Names of strategies given in code. */
  readonly strategies: readonly string[];
  /** Errors of reading exist already. */
  readonly broken: boolean;
}

/** Runs every rule over the components. Finds; never throws for a mistake of the user. */
export function lint(
  drafts: readonly Draft[],
  options: LintOptions,
): { readonly graph: GraphModel; readonly diagnostics: readonly Diagnostic[] } {
  const graph = new GraphModel(drafts);
  const diagnostics: Diagnostic[] = [];
  const byName = new Map<string, Set<string>>();
  let { broken } = options;
  for (const rule of RULES) {
    const reported = (name: string, ...codes: readonly string[]): boolean =>
      codes.some((code) => byName.get(name)?.has(code) === true);
    for (const { name, diagnostic } of rule({
      graph,
      mode: options.mode,
      baseDir: options.baseDir,
      strategies: options.strategies,
      reported,
      broken,
    })) {
      diagnostics.push(diagnostic);
      byName.set(name, (byName.get(name) ?? new Set()).add(diagnostic.code));
    }
    broken = broken || diagnostics.some(({ severity }) => severity === 'error');
  }
  return { graph, diagnostics };
}
