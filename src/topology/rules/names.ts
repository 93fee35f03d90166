import { titleOf } from '../draft.js';
import { diagnostic } from '../diagnostic.js';
import { singular } from '../registry.js';
import type { Finding, Rule } from './rule.js';

/** E107: sources, operators and sinks share one namespace. */
export const namesAreUnique: Rule = ({ graph }) =>
  graph.drafts.flatMap((draft): readonly Finding[] => {
    const first = graph.nodes.get(draft.name);
    if (draft.section === 'brokers' || first === undefined || first === draft) return [];
    const where =
      first.place.file === draft.place.file
        ? `on line ${first.place.line}`
        : `at ${first.place.file}:${first.place.line}`;
    const message = `the name "${draft.name}" is already used by the ${singular(first.section)} ${where}; names are shared by sources, operators and sinks.`;
    return [
      {
        name: draft.name,
        diagnostic: diagnostic(
          'E107',
          draft.place,
          message,
          `rename this ${titleOf(draft).split(' ')[0] ?? ''}.`,
        ),
      },
    ];
  });
