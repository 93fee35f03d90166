import { diagnostic } from '../diagnostic.js';
import { titleOf, type Draft, type DraftInput } from '../draft.js';
import { portsOf, type GraphModel } from '../graph-model.js';
import { meant } from '../suggest.js';
import type { Finding, Rule } from './rule.js';

/** E101: every input names an output that exists. E203: `"*"` only on sinks, alone. E204: an input once. */
export const inputsExist: Rule = ({ graph }) =>
  graph.drafts.flatMap((draft) => [
    ...(draft.inputs ?? []).flatMap((input, n, all) =>
      checkInput(graph, draft, input, all.slice(0, n), all.length),
    ),
    ...graph.reads(draft).flatMap((input) => checkInput(graph, draft, input, [], 1)),
  ]);

function checkInput(
  graph: GraphModel,
  draft: Draft,
  input: DraftInput,
  before: readonly DraftInput[],
  count: number,
): readonly Finding[] {
  const found = (code: string, message: string, help?: string): readonly Finding[] => [
    { name: draft.name, diagnostic: diagnostic(code, input.place, message, help) },
  ];
  if (input.text.includes('*')) {
    if (input.text === '*' && draft.section === 'sinks') {
      return count === 1
        ? []
        : found(
            'E203',
            `"*" already is everything, so ${titleOf(draft)} needs no other input.`,
            'keep "*" alone, or name what it reads.',
          );
    }
    const only =
      input.text === '*'
        ? 'only sinks may read "*".'
        : 'patterns are not part of the language; only sinks may read "*".';
    return found('E203', `${titleOf(draft)} cannot read "${input.text}": ${only}`, 'name every input.');
  }
  if (before.some(({ text }) => text === input.text))
    return found('E204', `${titleOf(draft)} reads "${input.text}" twice.`, 'remove one of them.');
  const node = graph.nodes.get(input.node);
  if (node === undefined) {
    const names = [...graph.nodes.values()]
      .filter(({ section, name }) => section !== 'sinks' && name !== draft.name)
      .flatMap((other) => graph.outputs(other));
    const broker = graph.brokers.has(input.node)
      ? `"${input.node}" is a broker; read it through a source (market_data or executions).`
      : undefined;
    return found(
      'E101',
      `${titleOf(draft)} reads "${input.text}", which does not exist.`,
      broker ?? meant(input.text, names, 'there are'),
    );
  }
  if (node.section === 'sinks')
    return found(
      'E101',
      `${titleOf(draft)} reads "${input.text}", which is a sink; sinks have no output.`,
      'read what the sink reads.',
    );
  if (input.port === '' || node.spec === undefined) return [];
  if (portsOf(node).includes(input.port)) return [];
  const outputs = graph.outputs(node);
  const help =
    outputs.length === 1 ? `its only output is ${node.name}.` : `its outputs: ${outputs.join(', ')}.`;
  return found('E101', `"${input.node}" has no output "${input.port}".`, help);
}
