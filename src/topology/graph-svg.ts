import { nodeId, type GraphEdge, type GraphNode, type GraphView } from './graph-view.js';

const BOX = { width: 150, height: 44, gapX: 110, gapY: 26, margin: 24, title: 34 } as const;
const FILL: Readonly<Record<GraphNode['section'], string>> = {
  sources: '#dbeafe',
  operators: '#f1f5f9',
  sinks: '#dcfce7',
  brokers: '#fef3c7',
  everything: '#f3e8ff',
};

interface Placed {
  readonly node: GraphNode;
  readonly x: number;
  readonly y: number;
}

/** A self-contained picture: columns by rank, rows ordered so that arrows stay short. */
export function svg(view: GraphView): string {
  const columns = layout(view);
  const rows = Math.max(1, ...columns.map(({ length }) => length));
  const width = 2 * BOX.margin + columns.length * BOX.width + Math.max(0, columns.length - 1) * BOX.gapX;
  const height = BOX.title + 2 * BOX.margin + rows * BOX.height + (rows - 1) * BOX.gapY;
  const placed = new Map<string, Placed>();
  columns.forEach((column, x) => {
    const spare = ((rows - column.length) * (BOX.height + BOX.gapY)) / 2;
    column.forEach((node, y) => {
      placed.set(nodeId(node), {
        node,
        x: BOX.margin + x * (BOX.width + BOX.gapX),
        y: BOX.title + BOX.margin + spare + y * (BOX.height + BOX.gapY),
      });
    });
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + BOX.margin}" width="${width}" height="${height + BOX.margin}" font-family="system-ui, sans-serif" role="img">`,
    `  <title>${escape(view.name)}</title>`,
    '  <defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#475569"/></marker></defs>',
    `  <rect width="100%" height="100%" fill="#ffffff"/>`,
    `  <text x="${BOX.margin}" y="${BOX.margin + 6}" font-size="16" font-weight="600" fill="#0f172a">${escape(view.name)}</text>`,
    ...view.edges.flatMap((edge) => drawEdge(edge, placed, height)),
    ...[...placed.values()].map(drawNode),
    '</svg>',
  ].join('\n');
}

/** Nodes by column; within one, by the mean row of what feeds them (two passes settle small graphs). */
function layout(view: GraphView): readonly (readonly GraphNode[])[] {
  const count = 1 + Math.max(0, ...view.nodes.map(({ column }) => column));
  const columns = Array.from({ length: count }, (_, x) =>
    view.nodes.filter(({ column }) => column === x),
  ).filter(({ length }) => length > 0);
  const row = new Map<string, number>();
  const remember = (column: readonly GraphNode[]): void =>
    column.forEach((node, y) => row.set(nodeId(node), y - column.length / 2));
  columns.forEach(remember);
  for (let pass = 0; pass < 2; pass += 1) {
    columns.forEach((column, x) => {
      const weight = new Map(
        column.map((node, y) => [
          node,
          mean(
            view.edges.filter((edge) => edge.to === nodeId(node)).map((edge) => row.get(edge.from) ?? 0),
          ) ?? y - column.length / 2,
        ]),
      );
      const sorted = [...column].sort((a, b) => (weight.get(a) ?? 0) - (weight.get(b) ?? 0));
      columns[x] = sorted;
      remember(sorted);
    });
  }
  return columns;
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function drawNode({ node, x, y }: Placed): string {
  const radius = node.section === 'brokers' || node.section === 'everything' ? 20 : 6;
  return [
    `  <g><rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="${radius}" fill="${FILL[node.section]}" stroke="#475569"/>`,
    `<text x="${x + BOX.width / 2}" y="${y + 19}" text-anchor="middle" font-size="13" fill="#0f172a">${escape(node.section === 'everything' ? 'everything' : node.name)}</text>`,
    `<text x="${x + BOX.width / 2}" y="${y + 35}" text-anchor="middle" font-size="10" fill="#475569">${escape(node.type)}</text></g>`,
  ].join('');
}

function drawEdge(edge: GraphEdge, placed: ReadonlyMap<string, Placed>, height: number): readonly string[] {
  const from = placed.get(edge.from);
  const to = placed.get(edge.to);
  if (from === undefined || to === undefined) return [];
  const dash = edge.role === 'data' ? '' : ' stroke-dasharray="4 3"';
  const [x1, y1] = [from.x + BOX.width, from.y + BOX.height / 2];
  const [x2, y2] = [to.x, to.y + BOX.height / 2];
  const label =
    edge.role === 'prices' ? 'prices' : edge.port !== '' ? `.${edge.port}` : edge.kinds.join(', ');
  // What runs backwards (a broker feeding a source) goes below everything.
  const back = x2 <= x1;
  const path = back
    ? `M${from.x + BOX.width / 2} ${from.y + BOX.height} C${from.x + BOX.width / 2} ${height + 8} ${to.x + BOX.width / 2} ${height + 8} ${to.x + BOX.width / 2} ${to.y + BOX.height}`
    : `M${x1} ${y1} C${x1 + BOX.gapX / 2} ${y1} ${x2 - BOX.gapX / 2} ${y2} ${x2} ${y2}`;
  const lines = [`  <path d="${path}" fill="none" stroke="#475569"${dash} marker-end="url(#tip)"/>`];
  if (label !== '' && !back) {
    lines.push(
      `  <text x="${x2 - 10}" y="${y2 - 6}" text-anchor="end" font-size="10" fill="#475569" stroke="#ffffff" stroke-width="3" paint-order="stroke">${escape(label)}</text>`,
    );
  }
  return lines;
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
