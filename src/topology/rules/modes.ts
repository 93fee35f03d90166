import { diagnostic } from '../diagnostic.js';
import { titleOf, type Draft } from '../draft.js';
import type { GraphModel } from '../graph-model.js';
import { at } from '../tree.js';
import type { Finding, Rule } from './rule.js';

/** A broker with a venue behind it; undefined when unknown. */
function realBroker(graph: GraphModel, name: string | undefined): Draft | undefined {
  const broker = name === undefined ? undefined : graph.brokers.get(name);
  return broker?.spec?.section === 'brokers' && !broker.spec.simulated ? broker : undefined;
}

/** E401: paper and replay never send to a real broker. E404: replay reads nothing live. */
export const simulatedModesStaySimulated: Rule = ({ graph, mode }) =>
  mode === 'live'
    ? []
    : graph.drafts.flatMap((draft): readonly Finding[] => {
        const named = graph.brokerOf(draft);
        const broker = realBroker(graph, named?.name);
        if (named === undefined || broker === undefined) return [];
        if (draft.section === 'sinks') {
          const message = `mode is ${mode}, but ${titleOf(draft)} sends orders to "${named.name}", a real ${broker.type} session.`;
          return [
            {
              name: draft.name,
              diagnostic: diagnostic(
                'E401',
                named.place,
                message,
                'point it at a paper broker, or set mode: live and start with `millrace run --live`.',
              ),
            },
          ];
        }
        if (mode !== 'replay') return [];
        const message = `mode is replay, but ${titleOf(draft)} reads "${named.name}", a real ${broker.type} session.`;
        return [
          {
            name: draft.name,
            diagnostic: diagnostic(
              'E404',
              named.place,
              message,
              'read recorded data with a replay source, or set mode: paper.',
            ),
          },
        ];
      });

/** E402, E403: live trading keeps a journal that survives a crash. W504: live without a real broker. */
export const liveKeepsAJournal: Rule = ({ graph, mode, broken }) => {
  if (mode !== 'live') return [];
  const sinks = graph.section('sinks');
  const orders = sinks.filter(({ type }) => type === 'orders');
  const journals = sinks.filter(({ type }) => type === 'journal');
  const findings: Finding[] = [];
  for (const draft of journals) {
    if (draft.config?.durability === 'none') {
      const place = at(draft.tree, ['durability'])?.place ?? draft.place;
      findings.push({
        name: draft.name,
        diagnostic: diagnostic(
          'E402',
          place,
          `mode is live, so the journal "${draft.name}" may not have durability: none.`,
          'use os (survives a killed process) or fsync (survives a power cut).',
        ),
      });
    }
    if (draft.spec?.section === 'sinks' && (draft.delivery ?? draft.spec.delivery) !== 'required') {
      findings.push({
        name: draft.name,
        diagnostic: diagnostic(
          'E403',
          at(draft.tree, ['delivery'])?.place ?? draft.place,
          `mode is live, so the journal "${draft.name}" must be delivery: required.`,
          'set delivery: required; orders are written down before they leave.',
        ),
      });
    }
  }
  const first = orders[0];
  if (first !== undefined && journals.length === 0 && !broken) {
    findings.push({
      name: first.name,
      diagnostic: diagnostic(
        'E403',
        first.place,
        `mode is live, but nothing writes a journal, so what "${first.name}" sends could not be recovered after a crash.`,
        'add journal: { type: journal, inputs: ["*"], path: ./data/journal, delivery: required } under sinks:.',
      ),
    });
  }
  for (const draft of orders) {
    const named = graph.brokerOf(draft);
    const broker = named === undefined ? undefined : graph.brokers.get(named.name);
    if (named !== undefined && broker?.spec?.section === 'brokers' && broker.spec.simulated) {
      findings.push({
        name: draft.name,
        diagnostic: diagnostic(
          'W504',
          named.place,
          `mode is live, but "${draft.name}" sends to "${named.name}", which only simulates a venue.`,
          'set mode: paper, or name a real broker.',
        ),
      });
    }
  }
  return findings;
};
