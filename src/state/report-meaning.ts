import type { ExecutionEvent } from '../model/event.js';
import type { Order } from '../model/order.js';
import type { OrderTrigger } from '../model/order-state.js';
import type { OrderRecord, Request } from './order-record.js';

/**
 * What a report says about the order; undefined: nothing new. An answer to a request names the request, not the leg,
 * so a refusal that names a request other than the newest of its kind is out of date, and never refuses the order.
 */
export function meaning(record: OrderRecord, e: ExecutionEvent): OrderTrigger | undefined {
  const report = e.report as Exclude<ExecutionEvent['report'], 'fill' | 'bust' | 'correct'>;
  const id = e.clientOrderId;
  const { work, cancel, order } = record;
  const asked = id === order.clientOrderId ? undefined : record.ids.get(id);
  const refused = report === 'rejected' || report === 'cancel_rejected' || report === 'replace_rejected';
  switch (asked) {
    case undefined: {
      // A venue that renames legs confirms a replace under its new name: this one was confirmed before.
      if (report === 'replaced' && id !== '' && work?.action === 'replace' && record.oldLegs.size > 0)
        return undefined;
      const restated =
        report === 'accepted' && work?.action === 'replace' && work.unsure && e.quantity !== undefined;
      return restated && work.quantity?.eq(e.quantity) === true ? 'replaced' : report;
    }
    case 'cancel':
      if (refused) return id === cancel?.clientOrderId ? 'cancel_rejected' : undefined;
      return report === 'accepted' ? undefined : report;
    case 'replace':
      if (record.oldLegs.has(id)) return undefined;
      if (refused) return id === work?.clientOrderId ? 'replace_rejected' : undefined;
      return report === 'accepted' ? 'replaced' : report;
    default:
      return undefined;
  }
}

/** Takes away the requests a report answers, and tells what it changes in the order's fields. */
export function answer(record: OrderRecord, trigger: OrderTrigger, e: ExecutionEvent): Partial<Order> {
  const { work, cancel, order } = record;
  const venueOrderId = e.venueOrderId === '' ? order.venueOrderId : e.venueOrderId;
  switch (trigger) {
    case 'accepted':
    case 'triggered':
    case 'inactive':
      if (work?.action === 'new') record.work = undefined;
      else if (order.acceptedAt !== undefined && trigger === 'accepted') {
        // an order acknowledged before is reported as working: what is in doubt did not happen
        if (cancel?.unsure === true) record.cancel = undefined;
        if (work?.unsure === true) {
          record.work = undefined;
          return { venueOrderId, ...priceBefore(work) };
        }
      }
      return { venueOrderId };
    case 'replaced': {
      // A late confirmation of an earlier replace leaves a newer one in flight.
      const earlier =
        work !== undefined && work.clientOrderId !== e.clientOrderId && record.ids.has(e.clientOrderId);
      const asked = earlier && e.clientOrderId !== order.clientOrderId ? undefined : work;
      if (asked !== undefined) record.work = undefined;
      const leg =
        e.clientOrderId === '' || e.clientOrderId === cancel?.clientOrderId
          ? order.clientOrderId
          : e.clientOrderId;
      if (leg !== order.clientOrderId) record.oldLegs.add(order.clientOrderId);
      return {
        venueOrderId,
        clientOrderId: leg,
        quantity: e.quantity ?? asked?.quantity ?? order.quantity,
        limitPrice: e.limitPrice ?? asked?.limitPrice ?? order.limitPrice,
        stopPrice: e.stopPrice ?? asked?.stopPrice ?? order.stopPrice,
        ...(asked?.riskPrice === undefined ? {} : { riskPrice: asked.riskPrice }),
      };
    }
    case 'replace_rejected':
      if (work?.action !== 'replace') return {};
      record.work = undefined;
      return priceBefore(work);
    case 'cancel_rejected':
      record.cancel = undefined;
      return {};
    default:
      return {};
  }
}

/** The value the order had before a replace that did not happen. */
function priceBefore(work: Request): Partial<Order> {
  return work.priceBefore === undefined ? {} : { riskPrice: work.priceBefore };
}
