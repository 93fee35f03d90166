import type { CheckedTopology } from './checked.js';
import { graphView, nodeId, type GraphEdge, type GraphNode, type GraphView } from './graph-view.js';
import { svg } from './graph-svg.js';

export const GRAPH_FORMATS = ['mermaid', 'dot', 'svg', 'json'] as const;
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

/** Draws a topology. The same topology always gives the same text. */
export function renderGraph(topology: CheckedTopology, format: GraphFormat): string {
  const view = graphView(topology);
  if (format === 'mermaid') return mermaid(view);
  if (format === 'dot') return dot(view);
  if (format === 'svg') return svg(view);
  return JSON.stringify(view, null, 2);
}

const safeId = (id: string): string => (id === '*' ? 'everything' : id.replace(':', '__'));

function mermaid(view: GraphView): string {
  const shape = (node: GraphNode): string => {
    const label = `"${node.section === 'everything' ? 'everything' : node.name}<br/><small>${node.type}</small>"`;
    if (node.section === 'sources') return `[/${label}/]`;
    if (node.section === 'sinks') return `[\\${label}\\]`;
    if (node.section === 'brokers') return `[(${label})]`;
    return node.section === 'everything' ? `((${label}))` : `[${label}]`;
  };
  const arrow = (edge: GraphEdge): string => {
    const line = edge.role === 'data' ? '-->' : '-.->';
    const text =
      edge.role === 'prices' ? 'prices' : edge.port !== '' ? `.${edge.port}` : edge.kinds.join(', ');
    return `  ${safeId(edge.from)} ${line}${text === '' ? '' : `|${text}|`} ${safeId(edge.to)}`;
  };
  return [
    'flowchart LR',
    ...view.nodes.map((node) => `  ${safeId(nodeId(node))}${shape(node)}`),
    ...view.edges.map(arrow),
  ].join('\n');
}

function dot(view: GraphView): string {
  const shapes: Readonly<Record<GraphNode['section'], string>> = {
    sources: 'invhouse',
    operators: 'box',
    sinks: 'house',
    brokers: 'cylinder',
    everything: 'circle',
  };
  const nodes = view.nodes.map(
    (node) =>
      `  ${JSON.stringify(nodeId(node))} [shape=${shapes[node.section]}, label=${JSON.stringify(`${node.name}\n${node.type}`)}];`,
  );
  const edges = view.edges.map((edge) => {
    const label =
      edge.role === 'prices' ? 'prices' : edge.port !== '' ? `.${edge.port}` : edge.kinds.join(', ');
    const style = edge.role === 'data' ? '' : ', style=dashed';
    return `  ${JSON.stringify(edge.from)} -> ${JSON.stringify(edge.to)} [label=${JSON.stringify(label)}${style}];`;
  });
  return [
    `digraph ${JSON.stringify(view.name)} {`,
    '  rankdir=LR;',
    '  node [fontname="sans-serif"];',
    '  edge [fontname="sans-serif", fontsize=10];',
    ...nodes,
    ...edges,
    '}',
  ].join('\n');
}
