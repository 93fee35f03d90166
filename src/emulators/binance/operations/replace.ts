import { accountOf, symbolOf, type Core } from '../core.js';
import { ApiError } from '../api-error.js';
import { define } from '../define.js';
import { invalidData, missing, unknownOrder } from '../errors.js';
import { readOrder, readRespType } from '../order-form.js';
import { cancelledJson, placedJson } from '../order-json.js';
import type { ParamReader } from '../params.js';
import type { Caller, Operation, Params } from '../types.js';
import { cancel, openOf, ORDER_PARAMS } from './orders.js';

type Result = 'SUCCESS' | 'FAILURE' | 'NOT_ATTEMPTED';

interface Half {
  readonly result: Result;
  readonly response: unknown;
}

const NOT_ATTEMPTED: Half = { result: 'NOT_ATTEMPTED', response: null };

/** Calls that cancel more than one order, or cancel and place at once. */
export function replaceOperations(core: Core): readonly Operation[] {
  return [
    define({
      name: 'order.cancelReplace',
      rest: 'POST /api/v3/order/cancelReplace',
      security: 'signed',
      permission: 'trade',
      params: [
        ...ORDER_PARAMS,
        'cancelReplaceMode',
        'cancelNewClientOrderId',
        'cancelOrigClientOrderId',
        'cancelOrderId',
        'cancelRestrictions',
        'orderRateLimitExceededMode',
      ],
      weight: 1,
      freeOnSuccess: true,
      run: (read, caller, params) => cancelReplace(core, read, caller, params),
    }),
    define({
      name: 'openOrders.cancelAll',
      rest: 'DELETE /api/v3/openOrders',
      security: 'signed',
      permission: 'trade',
      params: ['symbol'],
      weight: 1,
      freeOnSuccess: true,
      run: (read, caller) => cancelAll(core, read, caller),
    }),
  ];
}

function cancelReplace(core: Core, read: ParamReader, caller: Caller, params: Params): unknown {
  const account = accountOf(core, caller);
  const terms = readOrder(params, symbolOf(core, read.symbol()), core.newId);
  const kind = readRespType(params, terms.type);
  read.need('cancelReplaceMode');
  const mode = read.oneOf('cancelReplaceMode', ['STOP_ON_FAILURE', 'ALLOW_FAILURE'], () =>
    invalidData('cancelReplaceMode'),
  );
  if (!read.has('cancelOrderId') && !read.has('cancelOrigClientOrderId')) throw missing('cancelOrderId');
  const over = read.oneOf('orderRateLimitExceededMode', ['DO_NOTHING', 'CANCEL_ONLY'], () =>
    invalidData('orderRateLimitExceededMode'),
  );
  const limited = attempt(() => {
    core.limits.order(account.id, 1, core.clock.micros());
    return null;
  });
  if (limited.result === 'FAILURE' && over !== 'CANCEL_ONLY') throw limited.error;
  const cancelled = attempt(() =>
    cancel(core, account, read, caller, {
      id: 'cancelOrderId',
      clientId: 'cancelOrigClientOrderId',
      own: 'cancelNewClientOrderId',
    }),
  );
  const stop = cancelled.result === 'FAILURE' && mode === 'STOP_ON_FAILURE';
  const placed: Half & { readonly error?: ApiError } = stop
    ? NOT_ATTEMPTED
    : limited.result === 'FAILURE'
      ? limited
      : attempt(() => placedJson(core.desk.place(account, terms), kind, caller.timeUnit));
  return conclude(cancelled, placed, limited.result === 'FAILURE');
}

/** 200 when both succeeded, 409 (-2021) when one did, 400 (-2022) when none did; 429 when orders were at their limit. */
function conclude(cancelled: Half, placed: Half, limited: boolean): unknown {
  const data = {
    cancelResult: cancelled.result,
    newOrderResult: placed.result,
    cancelResponse: cancelled.response,
    newOrderResponse: placed.response,
  };
  const done = [cancelled, placed].filter((half) => half.result === 'SUCCESS').length;
  if (done === 2) return data;
  if (done === 1)
    throw new ApiError(limited ? 429 : 409, -2021, 'Order cancel-replace partially failed.', data);
  throw new ApiError(limited ? 429 : 400, -2022, 'Order cancel-replace failed.', data);
}

type Attempt = { readonly result: 'SUCCESS'; readonly response: unknown } | Failure;
interface Failure {
  readonly result: 'FAILURE';
  readonly response: { readonly code: number; readonly msg: string };
  readonly error: ApiError;
}

function attempt(action: () => unknown): Attempt {
  try {
    return { result: 'SUCCESS', response: action() };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { result: 'FAILURE', response: { code: error.code, msg: error.message }, error };
  }
}

function cancelAll(core: Core, read: ParamReader, caller: Caller): unknown {
  const account = accountOf(core, caller);
  const { name } = symbolOf(core, read.symbol());
  const open = openOf(account, name);
  if (open.length === 0) throw unknownOrder();
  const id = core.newId();
  const reports: unknown[] = [];
  for (const o of open) {
    if (!o.isOpen) continue;
    if (o.list !== undefined) {
      reports.push(core.lists.cancel(o.list, id, caller.timeUnit));
    } else {
      core.desk.end(o, id);
      reports.push(cancelledJson(o, id, caller.timeUnit));
    }
  }
  return reports;
}
