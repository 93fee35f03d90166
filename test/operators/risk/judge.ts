import type { Intent } from '../../../src/model/intent.js';
import { denialText, type RiskCheck } from '../../../src/operators/risk/check.js';
import { checkContext, evaluate, type RiskOptions } from '../../../src/operators/risk/evaluate.js';
import type { TestState } from '../../support/state-view.js';

/** `ok`, or the text of the denial, of one check alone. */
export function ask(
  check: RiskCheck,
  state: TestState,
  intent: Intent,
  options: RiskOptions = {},
  recheck = false,
): string {
  const built = checkContext(intent, { state, options, at: state.at, recheck });
  if ('ok' in built) return denialText(built);
  const answer = check(built.intent, built.ctx);
  return answer.ok ? 'ok' : denialText(answer);
}

/** `ok`, or the text of the denial, of all checks together. */
export function judge(state: TestState, intent: Intent, options: RiskOptions = {}, recheck = false): string {
  const verdict = evaluate(intent, { state, options, at: state.at, recheck });
  return verdict.ok ? 'ok' : denialText(verdict);
}
