import type { EventKind } from '../model/record.js';
import { EVENT_KINDS } from '../model/record.js';
import type { Draft, DraftInput } from './draft.js';
import { at, scalars } from './tree.js';
import type { Place } from './place.js';

/** A node's output: kinds by port. `undefined` kinds: unknown, because of an error already reported. */
export type Kinds = readonly EventKind[] | undefined;

/** The drafts as a graph, with the kinds on every edge as far as they are known. */
export class GraphModel {
  readonly drafts: readonly Draft[];
  readonly brokers: ReadonlyMap<string, Draft>;
  /** Sources, operators and sinks by name: one namespace. The first of a name wins. */
  readonly nodes: ReadonlyMap<string, Draft>;
  /** Nodes of each circle found, in reading order. */
  readonly cycles: readonly (readonly string[])[];
  /** Operators in topological order (file order where free); those in circles are missing. */
  readonly order: readonly Draft[];
  readonly #kinds = new Map<string, Kinds>();

  constructor(drafts: readonly Draft[]) {
    this.drafts = drafts;
    this.brokers = new Map(
      drafts.filter(({ section }) => section === 'brokers').map((draft) => [draft.name, draft]),
    );
    const nodes = new Map<string, Draft>();
    for (const draft of drafts)
      if (draft.section !== 'brokers' && !nodes.has(draft.name)) nodes.set(draft.name, draft);
    this.nodes = nodes;
    const operators = [...nodes.values()].filter(({ section }) => section === 'operators');
    this.order = sortTopologically(operators, nodes);
    this.cycles = findCycles(operators, nodes, new Set(this.order.map(({ name }) => name)));
    for (const draft of nodes.values())
      if (draft.section === 'sources') this.#kinds.set(draft.name, sourceKinds(draft));
    for (const draft of this.order) this.#kinds.set(draft.name, this.#operatorKinds(draft));
  }

  section(section: Draft['section']): readonly Draft[] {
    return this.drafts.filter((draft) => draft.section === section);
  }

  /** Outputs a node has, as `name` and `name.port`. */
  outputs(draft: Draft): readonly string[] {
    return [draft.name, ...portsOf(draft).map((port) => `${draft.name}.${port}`)];
  }

  /** Kinds on an input's edge; undefined when they are not known. */
  kindsOf(input: Pick<DraftInput, 'node' | 'port'>): Kinds {
    const draft = this.nodes.get(input.node);
    if (draft === undefined) return undefined;
    if (input.port === '') return this.#kinds.get(input.node);
    return draft.spec?.section === 'operators' ? draft.spec.ports?.[input.port] : undefined;
  }

  emitsOf(name: string): Kinds {
    return this.#kinds.get(name);
  }

  /** What brokers fill against: names of nodes, with the place of the word. */
  reads(draft: Draft): readonly DraftInput[] {
    if (draft.spec?.section !== 'brokers' || draft.spec.reads === undefined || draft.config === undefined)
      return [];
    return draft.spec.reads(draft.config).map((text) => {
      const dot = text.indexOf('.');
      return {
        text,
        node: dot < 0 ? text : text.slice(0, dot),
        port: dot < 0 ? '' : text.slice(dot + 1),
        place: placeOfText(draft, text),
      };
    });
  }

  /** The broker a source or sink names, with the place of the word. */
  brokerOf(draft: Draft): { readonly name: string; readonly place: Place } | undefined {
    if (draft.config === undefined || draft.spec === undefined) return undefined;
    const written =
      draft.section === 'sources' && draft.spec.section === 'sources'
        ? draft.spec.broker?.(draft.config)
        : undefined;
    const name =
      written ??
      (draft.section === 'sinks' && typeof draft.config.broker === 'string'
        ? draft.config.broker
        : undefined);
    return name === undefined
      ? undefined
      : { name, place: at(draft.tree, ['broker'])?.place ?? placeOfText(draft, name) };
  }

  #operatorKinds(draft: Draft): Kinds {
    const { spec } = draft;
    if (spec?.section !== 'operators') return undefined;
    if (spec.emits !== 'same') return spec.emits;
    if (draft.inputs === undefined) return undefined;
    const kinds = new Set<EventKind>();
    for (const input of draft.inputs) {
      const found = this.kindsOf(input);
      if (found === undefined) return undefined;
      for (const kind of found) if (spec.accepts.includes(kind)) kinds.add(kind);
    }
    return EVENT_KINDS.filter((kind) => kinds.has(kind));
  }
}

/** Brings execution reports: they reach State even when no operator reads them. */
export function isExecutions(draft: Draft): boolean {
  return draft.spec?.section === 'sources' && draft.spec.emits.includes('execution');
}

export function portsOf(draft: Draft): readonly string[] {
  return draft.spec?.section === 'operators' ? Object.keys(draft.spec.ports ?? {}) : [];
}

function sourceKinds(draft: Draft): Kinds {
  if (draft.spec?.section !== 'sources') return undefined;
  if (draft.spec.emitsOf === undefined) return draft.spec.emits;
  return draft.config === undefined ? undefined : draft.spec.emitsOf(draft.config);
}

function placeOfText(draft: Draft, text: string): Place {
  for (const { scalar } of scalars(draft.tree)) if (scalar.value === text) return scalar.place;
  return draft.place;
}

/** Operators a draft reads, each once. */
function upstream(draft: Draft, nodes: ReadonlyMap<string, Draft>): readonly string[] {
  const names = (draft.inputs ?? [])
    .map(({ node }) => node)
    .filter((node) => nodes.get(node)?.section === 'operators');
  return [...new Set(names)];
}

/** Always the first operator in file order whose inputs are all placed. */
function sortTopologically(operators: readonly Draft[], nodes: ReadonlyMap<string, Draft>): readonly Draft[] {
  const order: Draft[] = [];
  const placed = new Set<string>();
  for (;;) {
    const next = operators.find(
      (draft) => !placed.has(draft.name) && upstream(draft, nodes).every((name) => placed.has(name)),
    );
    if (next === undefined) return order;
    placed.add(next.name);
    order.push(next);
  }
}

function findCycles(
  operators: readonly Draft[],
  nodes: ReadonlyMap<string, Draft>,
  placed: ReadonlySet<string>,
): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = [];
  const done = new Set<string>(placed);
  const visit = (name: string, way: readonly string[]): void => {
    const from = way.indexOf(name);
    if (from >= 0) {
      cycles.push(way.slice(from).reverse());
      return;
    }
    if (done.has(name)) return;
    const draft = nodes.get(name);
    if (draft === undefined) return;
    for (const next of upstream(draft, nodes)) visit(next, [...way, name]);
    done.add(name);
  };
  for (const { name } of operators) if (!done.has(name)) visit(name, []);
  return cycles;
}
