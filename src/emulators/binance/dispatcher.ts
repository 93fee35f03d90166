import { ApiError } from './api-error.js';
import { authenticate } from './auth.js';
import type { Core } from './core.js';
import type { RequestJournal } from './request-journal.js';
import type {
  ApiRequest,
  ApiResponse,
  Caller,
  FaultAction,
  FaultPoint,
  LimitState,
  Outcome,
} from './types.js';

interface Run {
  readonly response: ApiResponse;
  readonly caller: Caller | undefined;
  readonly executed: boolean;
}

/** Takes a request through limits, authentication, faults, its operation and the journal to its answer. */
export class Dispatcher {
  readonly #core: Core;
  readonly #journal: RequestJournal;
  readonly #faults: () => FaultPoint;
  readonly #settle: () => void;

  constructor(core: Core, journal: RequestJournal, faults: () => FaultPoint, settle: () => void) {
    this.#core = core;
    this.#journal = journal;
    this.#faults = faults;
    this.#settle = settle;
  }

  handle(request: ApiRequest, done: (outcome: Outcome) => void): void {
    const before = this.#faults().before?.(request);
    later(before?.delayMs, () => {
      const instead = this.#instead(before, request.ip);
      if (instead === undefined) {
        this.#execute(request, before, done);
        return;
      }
      const now = this.#core.clock.micros();
      const response = instead.kind === 'answer' ? instead.response : this.#unanswered(request.ip);
      this.#journal.add(request, undefined, response, now, false, `before: ${describe(before)}`);
      done(instead);
    });
  }

  #execute(request: ApiRequest, before: FaultAction | undefined, done: (outcome: Outcome) => void): void {
    const now = this.#core.clock.micros();
    const { response, caller, executed } = this.#run(request);
    const after = this.#faults().after?.(request, response);
    const fault = [
      before === undefined ? '' : `before: ${describe(before)}`,
      after === undefined ? '' : `after: ${describe(after)}`,
    ]
      .filter((text) => text !== '')
      .join(', ');
    this.#journal.add(request, caller, response, now, executed, fault);
    later(after?.delayMs, () => {
      done(this.#instead(after, request.ip) ?? { kind: 'answer', response });
    });
  }

  #run(request: ApiRequest): Run {
    const { operation, params, ip } = request;
    const { limits, clock } = this.#core;
    let caller: Caller | undefined;
    let orders: string | undefined;
    try {
      const weight = weightOf(request);
      limits.charge(ip, weight, clock.micros());
      caller = authenticate(
        { ...request, permission: operation.permission },
        operation.security,
        this.#core.keys,
        clock.micros(),
      );
      if (operation.permission === 'trade') orders = caller.accountId;
      const count = operation.orderCount(params);
      if (count > 0 && caller.accountId !== undefined) limits.order(caller.accountId, count, clock.micros());
      const body = operation.run(params, caller);
      this.#settle();
      if (operation.freeOnSuccess === true) limits.refund(ip, weight, clock.micros());
      return { response: this.#response(200, body, ip, orders), caller, executed: true };
    } catch (error) {
      this.#settle();
      return { response: this.#refusal(error, ip, orders), caller, executed: false };
    }
  }

  #refusal(error: unknown, ip: string, account: string | undefined): ApiResponse {
    if (error instanceof ApiError)
      return { ...this.#response(error.status, error.body(), ip, account), retryAfter: error.retryAfter };
    const text = error instanceof Error ? error.message : String(error);
    return this.#response(
      500,
      { code: -1000, msg: `An unknown error occurred while processing the request. (${text})` },
      ip,
      account,
    );
  }

  #response(status: number, body: unknown, ip: string, account: string | undefined): ApiResponse {
    return { status, body, limits: this.#states(ip, account), retryAfter: undefined };
  }

  #states(ip: string, account: string | undefined): readonly LimitState[] {
    const { limits, clock } = this.#core;
    const now = clock.micros();
    const weight = limits.weightState(ip, now);
    return account === undefined ? [weight] : [weight, ...limits.orderStates(account, now)];
  }

  /** What a fault says instead of the operation's answer. */
  #instead(action: FaultAction | undefined, ip: string): Outcome | undefined {
    if (action?.silence !== undefined) return { kind: 'silence', close: action.silence === 'close' };
    if (action?.answer === undefined) return undefined;
    const { status, body, retryAfter } = action.answer;
    return { kind: 'answer', response: { ...this.#response(status, body, ip, undefined), retryAfter } };
  }

  #unanswered(ip: string): ApiResponse {
    return this.#response(0, undefined, ip, undefined);
  }
}

/** Weight as far as it can be told: parameters that cannot be read weigh one. */
function weightOf({ operation, params }: ApiRequest): number {
  try {
    return operation.weight(params);
  } catch {
    return 1;
  }
}

function later(ms: number | undefined, action: () => void): void {
  if (ms === undefined || ms <= 0) action();
  else setTimeout(action, ms);
}

function describe(action: FaultAction | undefined): string {
  if (action === undefined) return '';
  return [
    action.delayMs === undefined ? '' : `delay ${action.delayMs} ms`,
    action.answer === undefined ? '' : `answer ${action.answer.status}`,
    action.silence === undefined ? '' : `silence (${action.silence})`,
  ]
    .filter((text) => text !== '')
    .join(' ');
}
