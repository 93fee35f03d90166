import { diagnostic } from '../diagnostic.js';
import type { DraftInput } from '../draft.js';
import { isExecutions } from '../graph-model.js';
import type { Finding, Rule, RuleContext } from './rule.js';

type Stage = 'throttle' | 'risk';

/** E301: whatever reaches an orders sink has passed risk, then throttle; by reachability, whatever the kinds say. */
export const ordersPassRiskAndThrottle: Rule = ({ graph, reported }) =>
  graph.section('sinks').flatMap((draft): readonly Finding[] => {
    if (draft.type !== 'orders' || draft.inputs === undefined || reported(draft.name, 'E101', 'E201', 'E203'))
      return [];
    return draft.inputs.flatMap((input): readonly Finding[] => {
      const way = unsafeWay({ graph, reported }, input, 'throttle', [draft.name]);
      if (way === undefined) return [];
      const path = [...way.names].reverse().join(' -> ');
      const message = `orders can reach "${draft.name}" without passing ${way.missing === 'risk' ? 'a risk operator' : 'a throttle'}: ${path}.`;
      return [
        {
          name: draft.name,
          diagnostic: diagnostic(
            'E301',
            input.place,
            message,
            'the way of an order is strategy -> risk -> throttle -> orders, without exception.',
          ),
        },
      ];
    });
  });

/** Walks upstream until both stages were met, throttle first; returns the way that reaches a beginning without. */
function unsafeWay(
  context: Pick<RuleContext, 'graph' | 'reported'>,
  input: Pick<DraftInput, 'node' | 'port'>,
  next: Stage,
  names: readonly string[],
): { readonly names: readonly string[]; readonly missing: Stage } | undefined {
  const { graph, reported } = context;
  const node = graph.nodes.get(input.node);
  if (node === undefined || names.includes(input.node) || reported(node.name, 'E101', 'E201'))
    return undefined;
  const way = [...names, input.node];
  if (node.section !== 'operators') return { names: way, missing: next };
  if (node.type === next && next === 'risk') return undefined;
  if (node.spec === undefined || node.inputs === undefined) return undefined;
  const following: Stage = node.type === 'throttle' ? 'risk' : next;
  const emits = graph.emitsOf(node.name) ?? [];
  // What makes orders out of other kinds begins the way: a strategy, or a component that is neither risk nor throttle.
  const maker =
    node.type !== 'throttle' && !(node.spec.section === 'operators' && node.spec.emits === 'same');
  if (maker && emits.some((kind) => kind === 'command' || kind === 'approved' || kind === 'intent'))
    return { names: way, missing: following };
  if (maker) return undefined;
  for (const upstream of node.inputs) {
    const found = unsafeWay(context, upstream, following, way);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** E304: a broker that gets orders also tells what became of them. */
export const fillsComeBack: Rule = ({ graph, reported }) => {
  if (
    graph
      .section('sources')
      .some(
        (draft) =>
          draft.spec === undefined ||
          (isExecutions(draft) && (draft.config === undefined || reported(draft.name, 'E109'))),
      )
  )
    return [];
  const heard = new Set(
    graph
      .section('sources')
      .filter(isExecutions)
      .map((draft) => graph.brokerOf(draft)?.name),
  );
  return graph.section('sinks').flatMap((draft): readonly Finding[] => {
    const named = draft.type === 'orders' ? graph.brokerOf(draft) : undefined;
    if (
      named === undefined ||
      !graph.brokers.has(named.name) ||
      heard.has(named.name) ||
      reported(draft.name, 'E401')
    )
      return [];
    const message = `"${draft.name}" sends orders to "${named.name}", but no executions source brings back what became of them.`;
    return [
      {
        name: draft.name,
        diagnostic: diagnostic(
          'E304',
          named.place,
          message,
          `add fills: { type: executions, broker: ${named.name} } under sources:.`,
        ),
      },
    ];
  });
};
