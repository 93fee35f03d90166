import type { ApiRequest, ApiResponse, Caller, JournalEntry } from './types.js';

/** The newest requests with what became of them. */
export class RequestJournal {
  readonly #keep: number;
  #entries: JournalEntry[] = [];
  #count = 0;

  constructor(keep: number) {
    this.#keep = keep;
  }

  add(
    r: ApiRequest,
    caller: Caller | undefined,
    response: ApiResponse,
    at: number,
    executed: boolean,
    fault: string,
  ): void {
    const { operation, params } = r;
    this.#entries.push({
      index: this.#count++,
      at,
      transport: r.transport,
      ip: r.ip,
      accountId: caller?.accountId,
      call:
        r.transport === 'rest' && operation.rest !== undefined
          ? `${operation.rest.method} ${operation.rest.path}`
          : `ws ${operation.name}`,
      operation: operation.name,
      symbol: params['symbol'],
      clientOrderId: params['origClientOrderId'] ?? params['newClientOrderId'] ?? params['listClientOrderId'],
      executed,
      status: response.status,
      code: codeOf(response.body),
      fault,
    });
    if (this.#entries.length > this.#keep * 1.25) this.#entries = this.#entries.slice(-this.#keep);
  }

  entries(): readonly JournalEntry[] {
    return this.#entries.slice(-this.#keep);
  }
}

function codeOf(body: unknown): number | undefined {
  if (typeof body !== 'object' || body === null || !('code' in body)) return undefined;
  return typeof body.code === 'number' ? body.code : undefined;
}
