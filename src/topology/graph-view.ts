import type { CheckedTopology } from './checked.js';
import type { Section } from './spec.js';

/** A topology as boxes and arrows: what every drawing starts from. */
export interface GraphNode {
  readonly name: string;
  readonly section: Section | 'everything';
  readonly type: string;
  /** Column: sources 0, then operators by rank, then sinks. */
  readonly column: number;
}

export interface GraphEdge {
  readonly from: string;
  readonly port: string;
  readonly to: string;
  readonly kinds: readonly string[];
  /** `session`: a source or sink uses a broker; `prices`: a paper broker fills against the node. */
  readonly role: 'data' | 'session' | 'prices';
}

export interface GraphView {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export function graphView(topology: CheckedTopology): GraphView {
  const last = 1 + Math.max(0, ...topology.operators.map(({ rank }) => rank));
  const nodes: GraphNode[] = [
    ...topology.sources.map(({ name, spec }) => ({
      name,
      section: 'sources' as const,
      type: spec.type,
      column: 0,
    })),
    ...topology.operators.map(({ name, spec, rank }) => ({
      name,
      section: 'operators' as const,
      type: spec.type,
      column: rank,
    })),
    ...topology.sinks.map(({ name, spec }) => ({
      name,
      section: 'sinks' as const,
      type: spec.type,
      column: last,
    })),
    ...topology.brokers.map(({ name, spec }) => ({
      name,
      section: 'brokers' as const,
      type: spec.type,
      column: last + 1,
    })),
  ];
  const edges: GraphEdge[] = [];
  for (const reader of [...topology.operators, ...topology.sinks]) {
    for (const { node, port, kinds } of reader.inputs)
      edges.push({ from: node, port, to: reader.name, kinds, role: 'data' });
  }
  for (const { name, broker } of topology.sources)
    if (broker !== '') edges.push({ from: brokerId(broker), port: '', to: name, kinds: [], role: 'session' });
  for (const { name, broker } of topology.sinks)
    if (broker !== '')
      edges.push({ from: name, port: '', to: brokerId(broker), kinds: ['command'], role: 'session' });
  for (const { name, reads } of topology.brokers) {
    for (const { node, port, kinds } of reads)
      edges.push({ from: node, port, to: brokerId(name), kinds, role: 'prices' });
  }
  const everything = topology.sinks.filter((sink) => sink.everything);
  if (everything.length > 0) {
    nodes.push({
      name: '*',
      section: 'everything',
      type: 'every event and record',
      column: Math.max(0, last - 1),
    });
    for (const { name } of everything) edges.push({ from: '*', port: '', to: name, kinds: [], role: 'data' });
  }
  return { name: topology.name, nodes, edges };
}

/** Brokers have a namespace of their own; in a drawing they share it with the nodes. */
const brokerId = (name: string): string => `broker:${name}`;
export const nodeId = (node: GraphNode): string =>
  node.section === 'brokers' ? brokerId(node.name) : node.name;
