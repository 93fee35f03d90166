import { diagnostic } from '../diagnostic.js';
import { at } from '../tree.js';
import type { Finding, Rule } from './rule.js';

/** E302: what carries orders never drops. E303: neither does what promised to keep every record. */
export const buffersKeepOrders: Rule = ({ graph }) =>
  graph.section('sinks').flatMap((draft): readonly Finding[] => {
    const policy = draft.buffer?.when_full;
    if (policy === undefined || policy === 'halt' || draft.spec?.section !== 'sinks') return [];
    const place = at(draft.tree, ['buffer', 'when_full'])?.place ?? draft.place;
    const found = (code: string, message: string, help: string): readonly Finding[] => [
      { name: draft.name, diagnostic: diagnostic(code, place, message, help) },
    ];
    if (draft.spec.accepts.includes('command') && draft.spec.accepts.length === 1) {
      return found(
        'E302',
        `"${draft.name}" carries orders, so its buffer may not use ${policy}.`,
        'use halt. A lost order or cancel leaves position and broker out of step.',
      );
    }
    const delivery = draft.delivery ?? draft.spec.delivery;
    if (delivery !== 'required') return [];
    return found(
      'E303',
      `"${draft.name}" is delivery: required, so its buffer may not use ${policy}.`,
      'use halt, or make it delivery: best_effort.',
    );
  });
