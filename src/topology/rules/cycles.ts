import { diagnostic } from '../diagnostic.js';
import type { Finding, Rule } from './rule.js';

/** E202: the graph has no circles. */
export const noCycles: Rule = ({ graph }) =>
  graph.cycles.flatMap((cycle): readonly Finding[] => {
    // Report at the input that closes the circle: of the member that stands first in the file.
    const members = cycle.flatMap((name) => graph.nodes.get(name) ?? []);
    const first = members.reduce<(typeof members)[number] | undefined>(
      (best, draft) =>
        best === undefined || graph.drafts.indexOf(draft) < graph.drafts.indexOf(best) ? draft : best,
      undefined,
    );
    if (first === undefined) return [];
    const start = cycle.indexOf(first.name);
    const turned = [...cycle.slice(start), ...cycle.slice(0, start)];
    const feeder = turned[turned.length - 1];
    const input = first.inputs?.find(({ node }) => node === feeder);
    const message =
      cycle.length === 1
        ? `"${first.name}" reads itself.`
        : `these components read each other in a circle: ${[...turned, first.name].join(' -> ')}.`;
    return [
      {
        name: first.name,
        diagnostic: diagnostic(
          'E202',
          input?.place ?? first.place,
          message,
          'a loop may only close through a broker: read its executions source instead.',
        ),
      },
    ];
  });
