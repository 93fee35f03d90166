/** A control message of a client of the streams, or what the venue answers to a wrong one. */
export type ControlMessage =
  | {
      readonly method: 'SUBSCRIBE' | 'UNSUBSCRIBE';
      readonly names: readonly string[];
      readonly id: RequestId;
    }
  | { readonly method: 'LIST_SUBSCRIPTIONS'; readonly id: RequestId }
  | { readonly method: 'SET_PROPERTY'; readonly combined: boolean; readonly id: RequestId }
  | { readonly method: 'GET_PROPERTY'; readonly id: RequestId }
  | {
      readonly method: 'error';
      readonly code: number;
      readonly msg: string;
      readonly id: RequestId | undefined;
    };

export type RequestId = number | string | null;

const METHODS = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY'];

/** Reads a control message; every mistake has the code (0 to 3) and message the venue answers with. */
export function parseControl(text: string): ControlMessage {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return fail(3, 'Invalid JSON: expected value at line 1 column 1');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return fail(2, 'Invalid request: expected a JSON object');
  const { method, params, id } = body as Readonly<Record<string, unknown>>;
  if (!isId(id))
    return fail(
      2,
      'Invalid request: request ID must be an integer, a string of at most 36 letters and digits, or null',
    );
  if (typeof method !== 'string')
    return fail(2, 'Invalid request: missing field `method` at line 1 column 1', id);
  switch (method) {
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE': {
      if (params === undefined) return fail(2, 'Invalid request: missing field `params`', id);
      if (!isNames(params)) return fail(2, 'Invalid request: params must be an array of strings', id);
      return { method, names: params, id };
    }
    case 'LIST_SUBSCRIPTIONS':
      return Array.isArray(params) && params.length > 0
        ? fail(2, 'Invalid request: too many parameters', id)
        : { method, id };
    case 'SET_PROPERTY':
    case 'GET_PROPERTY':
      return property(method, params, id);
    default:
      return fail(
        2,
        `Invalid request: unknown variant \`${method.slice(0, 64)}\`, expected one of ${METHODS.map((m) => `\`${m}\``).join(', ')}`,
        id,
      );
  }
}

function property(method: 'SET_PROPERTY' | 'GET_PROPERTY', params: unknown, id: RequestId): ControlMessage {
  const [name, value, ...rest]: readonly unknown[] = Array.isArray(params) ? (params as unknown[]) : [];
  if (typeof name !== 'string') return fail(2, 'Invalid request: property name must be a string', id);
  if (rest.length > 0) return fail(2, 'Invalid request: too many parameters', id);
  if (name !== 'combined') return fail(0, 'Unknown property', id);
  if (method === 'GET_PROPERTY') return { method, id };
  return typeof value === 'boolean'
    ? { method, combined: value, id }
    : fail(1, 'Invalid value type: expected Boolean', id);
}

function fail(code: number, msg: string, id?: RequestId): ControlMessage {
  return { method: 'error', code, msg, id };
}

function isId(id: unknown): id is RequestId {
  if (id === null || id === undefined) return true;
  return typeof id === 'number' ? Number.isInteger(id) : typeof id === 'string' && /^[\w-]{0,36}$/.test(id);
}

function isNames(params: unknown): params is string[] {
  return Array.isArray(params) && params.every((name) => typeof name === 'string');
}
