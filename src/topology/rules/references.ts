import { diagnostic } from '../diagnostic.js';
import { titleOf } from '../draft.js';
import { meant } from '../suggest.js';
import type { Finding, Rule } from './rule.js';

/** E109: a broker that is named exists. */
export const brokersExist: Rule = ({ graph }) =>
  graph.drafts.flatMap((draft): readonly Finding[] => {
    const broker = graph.brokerOf(draft);
    if (broker === undefined || graph.brokers.has(broker.name)) return [];
    const names = [...graph.brokers.keys()];
    const help =
      meant(broker.name, names, 'there are') ?? `add it, for example ${broker.name}: { type: paper }.`;
    const message = `${titleOf(draft)} uses broker "${broker.name}", which is not defined under brokers:.`;
    return [{ name: draft.name, diagnostic: diagnostic('E109', broker.place, message, help) }];
  });
