import { MillraceError } from '../model/reason.js';
import { fieldsOf } from './field-text.js';
import type { ComponentSpec, Section } from './spec.js';

export const SECTIONS: readonly Section[] = ['brokers', 'sources', 'operators', 'sinks'];

/** Keys that every component of a section may have beside its own options. */
export const RESERVED: Readonly<Record<Section, readonly string[]>> = {
  brokers: ['type', 'description'],
  sources: ['type', 'description'],
  operators: ['type', 'inputs', 'description'],
  sinks: ['type', 'inputs', 'delivery', 'buffer', 'description'],
};
const TYPE = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$/;
const PORT = /^[a-z][a-z0-9_]*$/;

/** `broker`, `source`, `operator`, `sink`. */
export const singular = (section: Section): string => section.slice(0, -1);

interface Registered {
  readonly spec: ComponentSpec;
  readonly origin: string;
}

/** The component words of the language. Immutable: {@link with} gives a larger one. */
export class Registry {
  readonly #bySection: ReadonlyMap<Section, ReadonlyMap<string, Registered>>;

  constructor(bySection: ReadonlyMap<Section, ReadonlyMap<string, Registered>> = new Map()) {
    this.#bySection = bySection;
  }

  /**
   * A registry with these components as well. `origin` names who brings them, for messages.
   * Throws INVALID_CONFIGURATION when a component is malformed or its name is taken.
   */
  with(specs: Iterable<ComponentSpec>, origin: string): Registry {
    const next = new Map(SECTIONS.map((section) => [section, new Map(this.#bySection.get(section) ?? [])]));
    for (const spec of specs) {
      const problem = specProblem(spec);
      if (problem !== undefined)
        throw new MillraceError(
          'INVALID_CONFIGURATION',
          `a component of ${origin} is not usable: ${problem}`,
          'make components with defineSource, defineOperator, defineSink or defineBroker.',
        );
      const words = next.get(spec.section);
      const old = words?.get(spec.type);
      if (old !== undefined) {
        throw new MillraceError(
          'INVALID_CONFIGURATION',
          `two ${singular(spec.section)} components are called "${spec.type}": one from ${old.origin}, one from ${origin}`,
          'rename one of them.',
        );
      }
      words?.set(spec.type, { spec, origin });
    }
    return new Registry(next);
  }

  get<S extends Section>(section: S, type: string): Extract<ComponentSpec, { section: S }> | undefined {
    const spec = this.#bySection.get(section)?.get(type)?.spec;
    return spec?.section === section ? (spec as Extract<ComponentSpec, { section: S }>) : undefined;
  }

  types(section: Section): readonly string[] {
    return [...(this.#bySection.get(section)?.keys() ?? [])].sort();
  }

  list(section: Section): readonly ComponentSpec[] {
    return this.types(section).flatMap((type) => this.get(section, type) ?? []);
  }

  origin(section: Section, type: string): string {
    return this.#bySection.get(section)?.get(type)?.origin ?? '';
  }

  /** Sections in which a type of this name exists. */
  sectionsOf(type: string): readonly Section[] {
    return SECTIONS.filter((section) => this.get(section, type) !== undefined);
  }
}

/** Checks what types cannot, since plugins may be plain JavaScript. */
function specProblem(spec: ComponentSpec): string | undefined {
  const value: unknown = spec;
  if (typeof value !== 'object' || value === null)
    return `it is ${value === null ? 'null' : `a ${typeof value}`}, not a component spec.`;
  if (!SECTIONS.includes(spec.section))
    return `its section "${String(spec.section)}" is not one of ${SECTIONS.join(', ')}.`;
  if (typeof spec.type !== 'string' || !TYPE.test(spec.type))
    return `its type "${String(spec.type)}" is not lower-case letters, digits and _.`;
  const name = `${singular(spec.section)} "${spec.type}"`;
  if (typeof spec.make !== 'function') return `${name} has no make function.`;
  if (typeof spec.summary !== 'string' || spec.summary === '') return `${name} has no summary.`;
  const fields = fieldsOf(spec.config);
  if (fields === undefined) return `${name} has no config schema (a zod object).`;
  const taken = Object.keys(fields).find((field) => RESERVED[spec.section].includes(field));
  if (taken !== undefined) return `${name} has an option "${taken}", which is a reserved word.`;
  if ((spec.section === 'operators' || spec.section === 'sinks') && !Array.isArray(spec.accepts))
    return `${name} does not say what it accepts.`;
  if (spec.section === 'sources' && !Array.isArray(spec.emits)) return `${name} does not say what it emits.`;
  if (spec.section === 'operators') {
    if (spec.emits !== 'same' && !Array.isArray(spec.emits)) return `${name} does not say what it emits.`;
    const port = Object.keys(spec.ports ?? {}).find((word) => !PORT.test(word));
    if (port !== undefined) return `${name} has an output "${port}"; use lower-case letters, digits and _.`;
  }
  return undefined;
}
