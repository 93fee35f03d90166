import type { Diagnostic } from '../diagnostic.js';
import type { GraphModel } from '../graph-model.js';
import type { Mode } from '../spec.js';

export interface RuleContext {
  readonly graph: GraphModel;
  readonly mode: Mode;
  readonly baseDir: string;
  /** Names of strategies given in code. */
  readonly strategies: readonly string[];
  /** Codes already reported for a component, so that consequences can be left out. */
  readonly reported: (name: string, ...codes: readonly string[]) => boolean;
  /** True when some error stands anywhere: advice that may be a consequence is left out. */
  readonly broken: boolean;
}

/** One rule: reads the graph, returns what it found. `name` attributes a finding to a component. */
export type Rule = (context: RuleContext) => readonly Finding[];

export interface Finding {
  readonly name: string;
  readonly diagnostic: Diagnostic;
}
