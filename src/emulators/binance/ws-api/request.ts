import type { Params } from '../types.js';

export type WsRequestId = number | string | null;

export interface WsRequest {
  readonly id: WsRequestId;
  readonly method: string;
  readonly params: Params;
  /** As the request wants it; undefined: as the connection has it. */
  readonly returnRateLimits: boolean | undefined;
}

export interface BadWsRequest {
  readonly id: WsRequestId;
  readonly code: number;
  readonly msg: string;
}

/** Reads a request of the WebSocket API; parameters become text as they were written. */
export function parseWsRequest(text: string): WsRequest | BadWsRequest {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { id: null, code: -1135, msg: 'Invalid JSON Request.' };
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return { id: null, code: -1135, msg: 'Invalid JSON Request.' };
  const { id = null, method, params = {} } = body as Readonly<Record<string, unknown>>;
  if (!isId(id))
    return {
      id: null,
      code: -1100,
      msg: "Illegal characters found in parameter 'id'; legal range is '^[a-zA-Z0-9-_]{1,36}$'.",
    };
  if (typeof method !== 'string' || method === '')
    return {
      id,
      code: -1102,
      msg: "Mandatory parameter 'method' was not sent, was empty/null, or malformed.",
    };
  if (typeof params !== 'object' || params === null || Array.isArray(params))
    return { id, code: -1135, msg: "Invalid JSON Request: JSON sent for parameter 'params' is not valid" };
  const texts: Record<string, string> = {};
  let returnRateLimits: boolean | undefined;
  for (const [name, value] of Object.entries(params)) {
    if (value === null || value === undefined) continue;
    if (name === 'returnRateLimits') returnRateLimits = value === true || value === 'true';
    texts[name] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  return { id, method, params: texts, returnRateLimits };
}

function isId(id: unknown): id is WsRequestId {
  if (id === null) return true;
  return typeof id === 'number' ? Number.isInteger(id) : typeof id === 'string' && id.length <= 36;
}
