import type { ControlEvent, InputEvent } from '../../model/event.js';
import { DENIALS, ERRORS } from '../../model/reason.js';
import type { Event } from '../../model/record.js';
import type { OrderError } from '../order-manager.js';
import type { EngineProblem } from './callbacks.js';

/** What of one turn a program should know. `errors`: what the order manager found in it. Pure. */
export function problemsOf(input: InputEvent, errors: readonly OrderError[]): readonly EngineProblem[] {
  const found = errors.map(({ code, text, orderKey, event }) => problem(event, codeOf(code), text, orderKey));
  if (input.kind === 'connection' && input.state === 'down')
    found.push(problem(input, 'STREAM_DISCONNECTED', `${input.name}: ${input.reason}`));
  if (input.kind === 'control') {
    const code = controlCode(input);
    if (code !== undefined) found.push(problem(input, code, `${input.actor}: ${input.reason}`));
  }
  return found;
}

function problem(event: Event, code: string, message: string, orderKey = ''): EngineProblem {
  const { source, seq, at } = event;
  return { code, message, source, orderKey, seq, at };
}

/** Outcomes are no codes of their own: nobody knows what became of it, or it surely did not leave. */
function codeOf(code: string): string {
  return code === 'UNKNOWN' || code === 'NOT_SENT' ? 'TRADING_PROVIDER_ERROR' : code;
}

function controlCode({ action, actor, reason }: ControlEvent): string | undefined {
  const protection = actor.startsWith('protection:');
  switch (action) {
    case 'warn':
      return protection ? 'PROTECTION_WARNED' : undefined;
    case 'reduce':
      return protection ? 'PROTECTION_FIRED' : 'TRADING_REDUCING';
    case 'halt':
    case 'kill': {
      if (protection) return 'PROTECTION_FIRED';
      const [code = ''] = reason.split(':');
      if (code in ERRORS || code in DENIALS) return code;
      return action === 'kill' ? 'LATCHED' : 'TRADING_HALTED';
    }
    case 'reconcile_failed':
      return 'RECONCILIATION_BREAK';
    case 'strategy_disable':
      return 'STRATEGY_DISABLED';
    default:
      return undefined;
  }
}
