import type { ApiRequest, ApiResponse, DepthSnapshot, Exchange, FaultAction, FaultPoint } from '../types.js';
import type { ActiveFault } from './active-fault.js';
import type { FaultBoard } from './fault-board.js';
import { fits, type FaultSpec } from './spec.js';

type Phase = 'before' | 'after';

/** When a fault of a request strikes: before the operation (which then does not run) or after it. */
function phaseOf({ kind, execute }: FaultSpec): Phase {
  switch (kind) {
    case 'delay_request':
    case 'rate_limit':
    case 'maintenance':
      return 'before';
    case 'delay_answer':
    case 'stale_snapshot':
      return 'after';
    default:
      return execute ? 'after' : 'before';
  }
}

/** The faults of requests at the place the exchange has for them. */
export class RequestFaults implements FaultPoint {
  readonly #board: FaultBoard;
  readonly #exchange: Exchange;
  /** Books as they were when a `stale_snapshot` was set: by its id, then symbol. */
  readonly #old = new Map<string, ReadonlyMap<string, DepthSnapshot>>();

  constructor(board: FaultBoard, exchange: Exchange) {
    this.#board = board;
    this.#exchange = exchange;
    board.onSet = (fault) => this.#remember(fault);
  }

  before(request: ApiRequest): FaultAction | undefined {
    return this.#board.requests.length === 0 ? undefined : this.#act('before', request);
  }

  after(request: ApiRequest, response: ApiResponse): FaultAction | undefined {
    return this.#board.requests.length === 0 ? undefined : this.#act('after', request, response);
  }

  #act(phase: Phase, request: ApiRequest, response?: ApiResponse): FaultAction | undefined {
    const now = Date.now();
    for (const fault of this.#board.requests) {
      const { spec } = fault;
      if (phaseOf(spec) !== phase || !concerns(spec, request)) continue;
      if (spec.kind === 'stale_snapshot' && (request.operation.name !== 'depth' || response?.status !== 200))
        continue;
      if (!fault.hit(now)) continue;
      const { clientOrderId } = named(request);
      this.#board.note(fault, `${request.transport} ${request.operation.name}${clientOrderId}`);
      return this.#action(fault, request);
    }
    return undefined;
  }

  #action(fault: ActiveFault, request: ApiRequest): FaultAction {
    const { spec } = fault;
    switch (spec.kind) {
      case 'delay_request':
      case 'delay_answer':
        return { delayMs: spec.delay_ms };
      case 'timeout':
        return {
          delayMs: spec.delay_ms,
          answer: {
            status: spec.status ?? 504,
            body: {
              code: -1007,
              msg: 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
            },
          },
        };
      case 'lost_answer':
        return { silence: 'keep' };
      case 'drop_connection':
        return { silence: 'close' };
      case 'rate_limit':
        return tooMany(spec);
      case 'maintenance':
        return {
          answer: { status: 503, body: { code: -1016, msg: 'This service is no longer available.' } },
        };
      case 'stale_snapshot':
        return this.#stale(fault, request);
      default:
        return {
          answer: {
            status: spec.status ?? 503,
            body: {
              code: spec.code ?? -1000,
              msg: spec.msg ?? 'An unknown error occurred while processing the request.',
            },
          },
        };
    }
  }

  #stale(fault: ActiveFault, request: ApiRequest): FaultAction {
    const old = this.#old.get(fault.id)?.get((request.params['symbol'] ?? '').toUpperCase());
    if (old === undefined) return {};
    const limit = Number(request.params['limit'] ?? 100);
    const body = { ...old, bids: old.bids.slice(0, limit), asks: old.asks.slice(0, limit) };
    return { answer: { status: 200, body } };
  }

  #remember(fault: ActiveFault): void {
    if (fault.spec.kind !== 'stale_snapshot') return;
    this.#old.set(
      fault.id,
      new Map(this.#exchange.symbols.map((symbol) => [symbol, this.#exchange.depth(symbol, 5_000)])),
    );
    for (const id of this.#old.keys()) if (this.#old.size > 16) this.#old.delete(id);
  }
}

function concerns(spec: FaultSpec, request: ApiRequest): boolean {
  if (spec.transport !== undefined && spec.transport !== request.transport) return false;
  if (spec.symbol !== undefined && spec.symbol !== request.params['symbol']) return false;
  return fits(spec.operation, request.operation.name);
}

function named({ params }: ApiRequest): { readonly clientOrderId: string } {
  const id = params['newClientOrderId'] ?? params['origClientOrderId'];
  return { clientOrderId: id === undefined ? '' : ` ${id}` };
}

function tooMany({ status, retry_after: retryAfter, msg }: FaultSpec): FaultAction {
  const banned = status === 418;
  return {
    answer: {
      status: status ?? 429,
      body: {
        code: -1003,
        msg:
          msg ??
          (banned
            ? `Way too much request weight used; IP banned until ${Date.now() + retryAfter * 1_000}. Please use WebSocket Streams for live updates to avoid bans.`
            : 'Too much request weight used; current limit is 6000 request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.'),
      },
      retryAfter,
    },
  };
}
