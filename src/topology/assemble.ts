import { recoverySettings } from './recovery-schema.js';
import type { EventKind } from '../model/record.js';
import { Decimal } from '../model/decimal.js';
import { configurationHash, configurationText, resolvedConfiguration } from './canonical.js';
import type {
  CheckedBroker,
  CheckedOperator,
  CheckedSink,
  CheckedSource,
  CheckedTopology,
  Edge,
  PortfolioSettings,
} from './checked.js';
import type { Draft } from './draft.js';
import type { GraphModel } from './graph-model.js';
import { toInstrumentInput } from './instrument-schema.js';
import { reconcileSettings } from './reconcile-schema.js';
import type { TopologyHead } from './schema.js';
import type { MapTree } from './tree.js';

const BUFFER_EVENTS = 10_000;

/** Turns drafts without a mistake into what the engine runs. */
export function assemble(
  head: TopologyHead,
  tree: MapTree,
  graph: GraphModel,
  baseDir: string,
): CheckedTopology {
  const configuration = resolvedConfiguration(tree, graph.drafts);
  return {
    name: head.name,
    mode: head.mode,
    seed: head.seed,
    description: head.description ?? '',
    instruments: Object.entries(head.instruments).map(([symbol, written]) =>
      toInstrumentInput(symbol, written),
    ),
    portfolio: portfolioOf(head),
    brokers: graph.section('brokers').flatMap((draft) => brokerOf(draft, graph)),
    sources: graph.section('sources').flatMap((draft) => sourceOf(draft, graph)),
    operators: operatorsOf(graph),
    sinks: graph.section('sinks').flatMap((draft) => sinkOf(draft, graph)),
    shutdown: { drain: head.shutdown.drain, openOrders: head.shutdown.open_orders },
    reconcile: reconcileSettings(head.reconcile),
    recovery: recoverySettings(head.recovery),
    ...(head.safety === undefined ? {} : { safety: head.safety }),
    ...(head.control === undefined ? {} : { control: head.control }),
    stateDir: head.state_dir,
    plugins: head.plugins,
    baseDir,
    configurationText: configurationText(configuration),
    configurationHash: configurationHash(configuration),
  };
}

function portfolioOf(head: TopologyHead): PortfolioSettings {
  const { base_currency, marks, day_roll, leverage, rates } = head.portfolio;
  const accounts = Object.entries(head.accounts).map(([name, account]) => ({
    name,
    startCash: account.start_cash,
    leverage: account.leverage ?? new Decimal(leverage),
    balances: account.balances,
  }));
  return { baseCurrency: base_currency, marks, dayRoll: day_roll, rates, accounts };
}

const base = (draft: Draft): Pick<CheckedBroker, 'name' | 'config' | 'description' | 'place'> => ({
  name: draft.name,
  config: draft.config ?? {},
  description: draft.description,
  place: draft.place,
});

function edges(draft: Draft, graph: GraphModel, accepts: readonly EventKind[]): readonly Edge[] {
  return (draft.inputs ?? [])
    .filter(({ text }) => text !== '*')
    .map(({ node, port }) => ({
      node,
      port,
      kinds: (graph.kindsOf({ node, port }) ?? []).filter((kind) => accepts.includes(kind)),
    }));
}

function brokerOf(draft: Draft, graph: GraphModel): readonly CheckedBroker[] {
  if (draft.spec?.section !== 'brokers') return [];
  return [
    {
      ...base(draft),
      spec: draft.spec,
      reads: graph
        .reads(draft)
        .map(({ node, port }) => ({ node, port, kinds: graph.kindsOf({ node, port }) ?? [] })),
    },
  ];
}

function sourceOf(draft: Draft, graph: GraphModel): readonly CheckedSource[] {
  if (draft.spec?.section !== 'sources') return [];
  return [
    {
      ...base(draft),
      spec: draft.spec,
      emits: graph.emitsOf(draft.name) ?? draft.spec.emits,
      broker: graph.brokerOf(draft)?.name ?? '',
    },
  ];
}

function operatorsOf(graph: GraphModel): readonly CheckedOperator[] {
  const ranks = new Map<string, number>();
  return graph.order.flatMap((draft): readonly CheckedOperator[] => {
    if (draft.spec?.section !== 'operators') return [];
    const inputs = edges(draft, graph, draft.spec.accepts);
    const rank = 1 + Math.max(0, ...inputs.map(({ node }) => ranks.get(node) ?? 0));
    ranks.set(draft.name, rank);
    return [{ ...base(draft), spec: draft.spec, inputs, emits: graph.emitsOf(draft.name) ?? [], rank }];
  });
}

function sinkOf(draft: Draft, graph: GraphModel): readonly CheckedSink[] {
  if (draft.spec?.section !== 'sinks') return [];
  const delivery = draft.delivery ?? draft.spec.delivery;
  return [
    {
      ...base(draft),
      spec: draft.spec,
      inputs: edges(draft, graph, draft.spec.accepts),
      everything: draft.inputs?.some(({ text }) => text === '*') === true,
      delivery,
      buffer: {
        maxEvents: draft.buffer?.max_events ?? BUFFER_EVENTS,
        whenFull: draft.buffer?.when_full ?? (delivery === 'required' ? 'halt' : 'drop_oldest'),
      },
      broker: graph.brokerOf(draft)?.name ?? '',
    },
  ];
}
