import type { ControlEvent } from '../../model/event.js';
import type { Micros } from '../../model/time.js';
import type { ProtectionSettings } from '../../topology/safety-schema.js';
import type { Protection } from './protection.js';

/** Orders and replacements the venue rejected inside a window of engine time. */
export function rejections(
  settings: ProtectionSettings & { readonly limit: number; readonly window: Micros },
): Protection {
  const { limit, window, action, confirm } = settings;
  /** Times of the newest `limit` rejections. */
  const times: Micros[] = [];
  let last = '';
  return {
    name: 'rejections',
    limit: `${limit} in ${window / 1e6} s`,
    action,
    confirm,
    reset: 'find out why the venue rejects; it clears when the window has passed; then `resume`',
    byEvents: true,
    saw(input) {
      if (input.kind !== 'execution') return;
      if (input.report !== 'rejected' && input.report !== 'replace_rejected') return;
      last = input.reason;
      times.push(input.at);
      if (times.length > limit) times.shift();
    },
    read(at) {
      while (times.length > 0 && (times[0] as Micros) <= at - window) times.shift();
      return {
        used: times.length / limit,
        text: `${times.length} rejections${last === '' ? '' : `, the last: ${last}`}`,
      };
    },
  };
}

/** Failed reconciliations of one broker in a row. */
export function reconcileFailures(
  settings: ProtectionSettings & { readonly limit: number },
  brokers: readonly string[],
): readonly Protection[] {
  const { limit, action, confirm } = settings;
  return brokers.map((broker): Protection => {
    let failed = 0;
    let why = '';
    const note = (event: ControlEvent): void => {
      if (event.target !== broker) return;
      if (event.action === 'reconciled' || event.action === 'acknowledge') failed = 0;
      if (event.action !== 'reconcile_failed') return;
      failed++;
      why = event.reason;
    };
    return {
      name: `reconcile_failures/${broker}`,
      limit: `${limit} in a row`,
      action,
      confirm,
      reset: 'reconcile until it is clean, or acknowledge what was found; then `resume`',
      byEvents: true,
      saw(input) {
        if (input.kind === 'control') note(input);
      },
      read: () => ({ used: failed / limit, text: `${failed} failed${why === '' ? '' : `: ${why}`}` }),
    };
  });
}
