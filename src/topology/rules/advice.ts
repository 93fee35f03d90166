import { diagnostic } from '../diagnostic.js';
import { titleOf, type Draft } from '../draft.js';
import { isExecutions } from '../graph-model.js';
import { entryOf } from '../tree.js';
import type { Finding, Rule } from './rule.js';

/** W501: what nobody reads does nothing. W503: a broker nobody uses. */
export const everythingIsUsed: Rule = ({ graph, broken }) => {
  if (broken) return [];
  const read = new Set<string>();
  const usedBrokers = new Set<string>();
  for (const draft of graph.drafts) {
    for (const input of [...(draft.inputs ?? []), ...graph.reads(draft)]) read.add(input.node);
    const broker = graph.brokerOf(draft)?.name;
    if (broker !== undefined) usedBrokers.add(broker);
  }
  const unread = [...graph.nodes.values()].filter(
    (draft) => draft.section !== 'sinks' && !read.has(draft.name) && !isExecutions(draft),
  );
  const findings = unread.map((draft): Finding => {
    const help =
      draft.section === 'sources'
        ? 'remove it, or add it to the inputs of an operator or sink.'
        : 'remove it, or add it to a sink’s inputs.';
    return {
      name: draft.name,
      diagnostic: diagnostic('W501', draft.place, `nothing reads "${draft.name}".`, help),
    };
  });
  const idle = [...graph.brokers.values()].filter(({ name }) => !usedBrokers.has(name));
  return [
    ...findings,
    ...idle.map((draft): Finding => ({
      name: draft.name,
      diagnostic: diagnostic(
        'W503',
        draft.place,
        `no source or sink uses ${titleOf(draft)}.`,
        'remove it; every broker listed is opened at start.',
      ),
    })),
  ];
};

/** W502: strategies that can send nothing. */
export const strategiesCanTrade: Rule = ({ graph, broken }) => {
  if (broken || graph.section('sinks').some(({ type }) => type === 'orders')) return [];
  const strategies = graph
    .section('operators')
    .filter((draft) => graph.emitsOf(draft.name)?.includes('intent') === true && draft.type === 'strategy');
  const first = strategies[0];
  if (first === undefined) return [];
  return [
    {
      name: first.name,
      diagnostic: diagnostic(
        'W502',
        first.place,
        `there is no orders sink, so nothing "${first.name}" wants is ever sent.`,
        'add orders: { type: orders, broker: NAME, inputs: [...] } under sinks:.',
      ),
    },
  ];
};

/** W505: a risk operator without a single limit. */
export const tradingIsLimited: Rule = ({ graph, broken }) => {
  if (broken) return [];
  const limitless = graph.section('operators').filter((draft) => draft.type === 'risk' && isEmpty(draft));
  return limitless.map((draft): Finding => ({
    name: draft.name,
    diagnostic: diagnostic(
      'W505',
      draft.place,
      `risk "${draft.name}" has no limits.`,
      'add for example limits: { max_order_value: 5000 USD, max_daily_loss: 500 USD }.',
    ),
  }));
};

function isEmpty(draft: Draft): boolean {
  if (!Object.hasOwn(draft.spec?.config.shape ?? {}, 'limits')) return false;
  const limits = entryOf(draft.tree, 'limits')?.value;
  return limits === undefined || (limits.type === 'map' && limits.entries.length === 0);
}
