import type { Params, RestRequest } from '../wire.js';

export type OrderMethod = 'order.place' | 'order.cancel' | 'order.cancelReplace' | 'order.amend.keepPriority';

/** One order request as the venue takes it, over whichever transport. */
export interface VenueRequest {
  readonly method: OrderMethod;
  readonly params: Params;
}

/** A request, or why the venue cannot be asked exactly that. */
export type Mapped =
  { readonly ok: true; readonly request: VenueRequest } | { readonly ok: false; readonly reason: string };

export function refuse(reason: string): Mapped {
  return { ok: false, reason };
}

const REST: Readonly<Record<OrderMethod, Pick<RestRequest, 'method' | 'path' | 'weight'>>> = {
  'order.place': { method: 'POST', path: '/api/v3/order', weight: 1 },
  'order.cancel': { method: 'DELETE', path: '/api/v3/order', weight: 1 },
  'order.cancelReplace': { method: 'POST', path: '/api/v3/order/cancelReplace', weight: 1 },
  'order.amend.keepPriority': { method: 'PUT', path: '/api/v3/order/amend/keepPriority', weight: 4 },
};

/** The same request for REST. */
export function restRequest({ method, params }: VenueRequest): RestRequest {
  return { ...REST[method], params, security: 'signed', lane: 'risk' };
}
