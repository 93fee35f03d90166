import { diagnostic } from '../diagnostic.js';
import { titleOf, type Draft } from '../draft.js';
import { MARKET_KINDS, type EventKind } from '../../model/record.js';
import { oneOf } from '../suggest.js';
import type { Finding, Rule } from './rule.js';

/** E201: a reader takes at least one kind of what its input emits. */
export const kindsFit: Rule = ({ graph }) =>
  graph.drafts.flatMap((draft) => {
    const { spec } = draft;
    const accepts = spec?.section === 'operators' || spec?.section === 'sinks' ? spec.accepts : undefined;
    const inputs = accepts === undefined ? [] : (draft.inputs ?? []);
    const readers: readonly Finding[] = inputs.flatMap((input) =>
      mismatch(draft, accepts ?? [], input.text, input.place, graph.kindsOf(input)),
    );
    const fed: readonly Finding[] = graph
      .reads(draft)
      .flatMap((input) => mismatch(draft, MARKET_KINDS, input.text, input.place, graph.kindsOf(input)));
    return [...readers, ...fed];
  });

function mismatch(
  draft: Draft,
  accepts: readonly EventKind[],
  text: string,
  place: Draft['place'],
  kinds: readonly EventKind[] | undefined,
): readonly Finding[] {
  if (kinds === undefined || text === '*' || kinds.some((kind) => accepts.includes(kind))) return [];
  const emits = kinds.length === 0 ? 'emits nothing' : `emits ${oneOf(kinds, 'and')}`;
  const message = `${titleOf(draft)} cannot read "${text}": it takes ${oneOf(accepts)}, and "${text}" ${emits}.`;
  return [{ name: draft.name, diagnostic: diagnostic('E201', place, message, bridge(accepts, kinds)) }];
}

/** What would turn one into the other. */
function bridge(accepts: readonly EventKind[], kinds: readonly EventKind[]): string | undefined {
  const takes = (kind: EventKind): boolean => accepts.includes(kind);
  const emits = (kind: EventKind): boolean => kinds.includes(kind);
  if (takes('command') && emits('intent'))
    return 'put a risk operator and then a throttle between them: an intent must be approved and paced before it is an order.';
  if (takes('command') && emits('approved'))
    return 'put a throttle between them: it turns approved intents into commands.';
  if (takes('approved') && emits('intent'))
    return 'put a risk operator between them: it turns intents into approved ones.';
  if (takes('intent')) return 'read a strategy: only strategies emit intents.';
  if (takes('approved') || takes('command'))
    return 'the way of an order is strategy -> risk -> throttle -> orders.';
  if (takes('bar') && !takes('trade'))
    return 'put a bars operator between them: it turns trades or quotes into bars.';
  return undefined;
}
