import { z } from 'zod';
import { diagnostic, type Diagnostic } from './diagnostic.js';
import { parseTree, type Subject } from './issues.js';
import { FAILED } from './interpolate.js';
import type { Place } from './place.js';
import { RESERVED, SECTIONS, singular, type Registry } from './registry.js';
import type { WhenFull } from './checked.js';
import { COMPONENT_NAME, reservedSchemas } from './schema.js';
import type { ComponentSpec, Delivery, Section } from './spec.js';
import { meant } from './suggest.js';
import { entryOf, type MapTree, type ScalarTree } from './tree.js';

/** One component while it is checked: what is missing or wrong has been reported and is `undefined`. */
export interface Draft {
  readonly section: Section;
  readonly name: string;
  readonly place: Place;
  readonly tree: MapTree;
  readonly type: string;
  readonly spec: ComponentSpec | undefined;
  readonly config: Readonly<Record<string, unknown>> | undefined;
  /** Undefined: `inputs` was wrong, so nothing follows from it. */
  readonly inputs: readonly DraftInput[] | undefined;
  readonly delivery: Delivery | undefined;
  readonly buffer:
    { readonly max_events?: number | undefined; readonly when_full?: WhenFull | undefined } | undefined;
  readonly description: string;
}

export interface DraftInput {
  readonly text: string;
  readonly node: string;
  readonly port: string;
  readonly place: Place;
}

/** `operator "bars"`. */
export const titleOf = (draft: Pick<Draft, 'section' | 'name'>): string =>
  `${singular(draft.section)} "${draft.name}"`;

/** Reads every component of every section against the registry. */
export function readComponents(
  tree: MapTree,
  registry: Registry,
  diagnostics: Diagnostic[],
): readonly Draft[] {
  return SECTIONS.flatMap((section) => {
    const value = entryOf(tree, section)?.value;
    if (value?.type !== 'map') return [];
    return value.entries.map(({ key, keyPlace, value: body }) => {
      const title = `${singular(section)} "${key}"`;
      if (!COMPONENT_NAME.test(key)) {
        diagnostics.push(
          diagnostic(
            'E111',
            keyPlace,
            `${title} is not a valid name.`,
            'start with a lower-case letter; then letters, digits and _.',
          ),
        );
      }
      if (body.type === 'map') return readComponent(section, key, keyPlace, body, registry, diagnostics);
      diagnostics.push(
        diagnostic(
          'E105',
          body.place.line === 0 ? keyPlace : body.place,
          `${title} must be a map with a "type".`,
          `write ${key}: { type: ... }.`,
        ),
      );
      const empty: MapTree = { type: 'map', place: keyPlace, entries: [] };
      return {
        section,
        name: key,
        place: keyPlace,
        tree: empty,
        type: '',
        spec: undefined,
        config: undefined,
        inputs: undefined,
        delivery: undefined,
        buffer: undefined,
        description: '',
      };
    });
  });
}

function readComponent(
  section: Section,
  name: string,
  place: Place,
  tree: MapTree,
  registry: Registry,
  diagnostics: Diagnostic[],
): Draft {
  const type = readType(section, name, place, tree, registry, diagnostics);
  const spec = type === '' ? undefined : registry.get(section, type);
  const noun = type === '' ? name : type;
  const subject: Subject = {
    who: `${singular(section)} "${name}" (${noun})`,
    noun,
    place,
    describe: `millrace describe ${type}`,
  };
  const reserved = RESERVED[section];
  const own: MapTree = { ...tree, entries: tree.entries.filter(({ key }) => !reserved.includes(key)) };
  let config: Readonly<Record<string, unknown>> | undefined;
  if (spec !== undefined) {
    const parsed = parseTree(spec.config, own, subject);
    diagnostics.push(...parsed.diagnostics.map((item) => addReserved(item, section, spec, own)));
    config = parsed.value;
  }
  const head = readReserved(section, tree, subject, diagnostics);
  const inputs = readInputs(spec, section, tree, subject, head.inputs, diagnostics);
  return {
    section,
    name,
    place,
    tree,
    type,
    spec,
    config,
    inputs,
    delivery: head.delivery,
    buffer: head.buffer,
    description: head.description ?? '',
  };
}

/** A misspelt reserved key (`input`) is a misspelt field too: suggest it unless an option is nearer. */
function addReserved(item: Diagnostic, section: Section, spec: ComponentSpec, own: MapTree): Diagnostic {
  if (item.code !== 'E103' || item.help?.startsWith('did you mean') === true) return item;
  const key = own.entries.find(({ keyPlace }) => keyPlace === item.place)?.key;
  if (key === undefined) return item;
  const words = [...Object.keys(spec.config.shape), ...RESERVED[section]];
  const help = meant(key, words, 'its fields');
  return help === undefined ? item : { ...item, help };
}

function readType(
  section: Section,
  name: string,
  place: Place,
  tree: MapTree,
  registry: Registry,
  diagnostics: Diagnostic[],
): string {
  const word = singular(section);
  const entry = entryOf(tree, 'type');
  const value = entry?.value;
  if (entry === undefined) {
    diagnostics.push(
      diagnostic(
        'E104',
        place,
        `${word} "${name}" needs "type": ${article(word)} ${word} type, by name.`,
        `\`millrace list ${section}\` shows all.`,
      ),
    );
    return '';
  }
  if (value?.type !== 'scalar' || typeof value.value !== 'string') {
    if (value?.type !== 'scalar' || value.value !== FAILED)
      diagnostics.push(
        diagnostic(
          'E105',
          value?.place ?? place,
          `"type" must be ${article(word)} ${word} type, by name.`,
          `\`millrace list ${section}\` shows all.`,
        ),
      );
    return '';
  }
  const type = value.value;
  if (registry.get(section, type) !== undefined) return type;
  const elsewhere = registry.sectionsOf(type)[0];
  const near = meant(type, registry.types(section), '');
  let help = `\`millrace list ${section}\` shows all.`;
  if (elsewhere !== undefined)
    help = `"${type}" is a ${singular(elsewhere)} type; move "${name}" under ${elsewhere}:.`;
  else if (near?.startsWith('did you mean') === true) help = `${near} ${help}`;
  diagnostics.push(diagnostic('E102', value.place, `there is no ${word} type "${type}".`, help));
  return '';
}

const article = (word: string): string => (word === 'operator' ? 'an' : 'a');

interface Reserved {
  readonly inputs?: readonly string[] | undefined;
  readonly delivery?: Delivery | undefined;
  readonly buffer?: Draft['buffer'];
  readonly description?: string | undefined;
}

function readReserved(
  section: Section,
  tree: MapTree,
  subject: Subject,
  diagnostics: Diagnostic[],
): Reserved {
  const words = RESERVED[section].filter((word) => word !== 'type');
  let result: Reserved = {};
  for (const word of words) {
    const entry = entryOf(tree, word);
    if (entry === undefined) continue;
    const schema = z.object({ [word]: reservedSchemas[word as keyof typeof reservedSchemas].optional() });
    const parsed = parseTree(schema, { ...tree, entries: [entry] }, subject);
    diagnostics.push(...parsed.diagnostics);
    if (parsed.value !== undefined) result = { ...result, ...parsed.value };
  }
  return result;
}

function readInputs(
  spec: ComponentSpec | undefined,
  section: Section,
  tree: MapTree,
  subject: Subject,
  texts: readonly string[] | undefined,
  diagnostics: Diagnostic[],
): readonly DraftInput[] | undefined {
  if (section === 'brokers' || section === 'sources') return [];
  const value = entryOf(tree, 'inputs')?.value;
  if (value === undefined) {
    if (spec === undefined) return undefined;
    if (spec.section === 'sinks' && spec.inputsOptional === true) return [];
    const star = section === 'sinks' ? ', or ["*"] for everything' : '';
    diagnostics.push(
      diagnostic(
        'E104',
        subject.place,
        `${subject.who} needs "inputs": the names of what it reads, for example [ticks]${star}.`,
      ),
    );
    return undefined;
  }
  if (texts === undefined || value.type !== 'list') return undefined;
  const scalars = value.items.filter(
    (item): item is ScalarTree => item.type === 'scalar' && typeof item.value === 'string',
  );
  return scalars.map(({ value: raw, place }) => {
    const text = String(raw);
    const dot = text.indexOf('.');
    return {
      text,
      node: dot < 0 ? text : text.slice(0, dot),
      port: dot < 0 ? '' : text.slice(dot + 1),
      place,
    };
  });
}
