import { checkTree } from './check.js';
import type { CheckedTopology } from './checked.js';
import { formatText } from './diagnostic.js';
import { MillraceError } from '../model/reason.js';
import { builtins } from './builtins.js';
import type { Place } from './place.js';
import type { Registry } from './registry.js';
import type { ComponentSpec, Section } from './spec.js';
import { isStrategy, type StrategyDefinition } from '../operators/strategy/definition.js';
import { givenStrategy } from '../strategies/load.js';
import { bindStrategies } from './load-strategies.js';
import { fromPlain, type Entry, type MapTree } from './tree.js';

/**
 * What travels on a wire, as far as the type checker must know: the three kinds of the order path, and everything
 * else. A plugin adds its own order-path words by declaration merging; other words carry `data`.
 */
export type Wire = 'data' | 'intent' | 'approved' | 'command';

/** Operators of the order path: what they read and emit. */
export interface OrderPath {
  readonly strategy: { readonly accepts: 'data'; readonly emits: 'intent' };
  readonly risk: { readonly accepts: 'intent' | 'data'; readonly emits: 'approved' };
  readonly throttle: { readonly accepts: 'approved'; readonly emits: 'command' };
}

type Accepts<T extends string> = T extends keyof OrderPath ? OrderPath[T]['accepts'] : 'data';
type Emits<T extends string> = T extends keyof OrderPath ? OrderPath[T]['emits'] : 'data';
type SinkAccepts<T extends string> = T extends 'orders' ? 'command' : Wire;
type Nodes = Readonly<Record<string, Wire>>;

/** Names of nodes whose wire fits `W`; a named output (`risk.denied`) carries data. */
type Readable<N extends Nodes, W extends Wire> =
  | { [Name in keyof N & string]: N[Name] extends W ? Name : never }[keyof N & string]
  | ('data' extends W ? `${keyof N & string}.${string}` : never);

/** Options as in YAML: snake_case, with units as text. `use` of a strategy may be the definition itself. */
export type Options = Readonly<Record<string, unknown>>;

export interface BuildOptions {
  readonly registry?: Registry;
  /** Where relative paths start; default: the current folder. */
  readonly baseDir?: string;
}

/**
 * Builds in code what YAML describes, through the same checks, to the same {@link CheckedTopology}.
 * A strategy or risk node wired to an `orders` sink does not type-check.
 *
 * Immutable: every call returns a larger topology.
 */
export class TopologyBuilder<N extends Nodes> {
  readonly #head: Options;
  readonly #components: Readonly<Record<Section, Options>>;
  readonly #plugins: readonly ComponentSpec[];
  readonly #strategies: ReadonlyMap<string, StrategyDefinition>;

  constructor(
    head: Options,
    components: Readonly<Record<Section, Options>>,
    plugins: readonly ComponentSpec[],
    strategies: ReadonlyMap<string, StrategyDefinition>,
  ) {
    this.#head = head;
    this.#components = components;
    this.#plugins = plugins;
    this.#strategies = strategies;
  }

  /** Top-level options: `mode`, `seed`, `instruments`, `portfolio`, `accounts`, `shutdown`, `description`. */
  with(options: Options): TopologyBuilder<N> {
    return new TopologyBuilder(
      { ...this.#head, ...options },
      this.#components,
      this.#plugins,
      this.#strategies,
    );
  }

  /** Adds component words, as `plugins:` does in YAML. */
  use(...specs: readonly ComponentSpec[]): TopologyBuilder<N> {
    return new TopologyBuilder(this.#head, this.#components, [...this.#plugins, ...specs], this.#strategies);
  }

  broker(name: string, type: string, options: Options = {}): TopologyBuilder<N> {
    return this.#add('brokers', name, { type, ...options });
  }

  source<Name extends string>(
    name: Name,
    type: string,
    options: Options = {},
  ): TopologyBuilder<N & Readonly<Record<Name, 'data'>>> {
    return this.#add('sources', name, { type, ...options });
  }

  operator<Name extends string, T extends string>(
    name: Name,
    type: T,
    inputs: readonly Readable<N, Accepts<T>>[],
    options: Options = {},
  ): TopologyBuilder<N & Readonly<Record<Name, Emits<T>>>> {
    const { use } = options;
    if (!isStrategy(use)) return this.#add('operators', name, { type, inputs, ...options });
    if ((this.#strategies.get(use.name) ?? use) !== use)
      throw new MillraceError(
        'INVALID_CONFIGURATION',
        `two different strategies are called "${use.name}"`,
        'give one of them another name.',
      );
    const strategies = new Map(this.#strategies).set(use.name, use);
    return this.#add('operators', name, { type, inputs, ...options, use: use.name }, strategies);
  }

  /** `inputs` is `['*']` for everything, and `[]` for a sink that reads the engine. */
  sink<T extends string>(
    name: string,
    type: T,
    inputs: readonly (Readable<N, SinkAccepts<T>> | (T extends 'orders' ? never : '*'))[],
    options: Options = {},
  ): TopologyBuilder<N> {
    return this.#add('sinks', name, { type, ...(inputs.length === 0 ? {} : { inputs }), ...options });
  }

  /** Checks everything. Throws INVALID_CONFIGURATION with all mistakes at once. */
  check(options: BuildOptions = {}): CheckedTopology {
    const registry = (options.registry ?? builtins()).with(this.#plugins, 'the program');
    const { diagnostics, topology } = checkTree(
      this.#tree(),
      registry,
      options.baseDir ?? process.cwd(),
      [],
      [...this.#strategies.keys()],
    );
    if (topology !== undefined) return this.#bound(topology);
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `the topology has mistakes:\n${formatText(errors, new Map())}`,
      '`millrace describe CODE` explains each.',
    );
  }

  /** Definitions given in code run as they are; those named by file are loaded by `run`. */
  #bound(topology: CheckedTopology): CheckedTopology {
    if (this.#strategies.size === 0) return topology;
    return bindStrategies(
      topology,
      new Map([...this.#strategies].map(([name, definition]) => [name, givenStrategy(definition)])),
    );
  }

  #add<M extends Nodes>(
    section: Section,
    name: string,
    body: Options,
    strategies: ReadonlyMap<string, StrategyDefinition> = this.#strategies,
  ): TopologyBuilder<M> {
    if (Object.hasOwn(this.#components[section], name)) {
      throw new MillraceError(
        'INVALID_CONFIGURATION',
        `the name "${name}" is already used under ${section}`,
        'give it another name.',
      );
    }
    const members = { ...this.#components[section], [name]: body };
    return new TopologyBuilder<M>(
      this.#head,
      { ...this.#components, [section]: members },
      this.#plugins,
      strategies,
    );
  }

  /** The tree a YAML file would give; the place of everything is its dotted path in `code`. */
  #tree(): MapTree {
    let line = 0;
    const place = (length: number): Place => ({ file: 'code', line: (line += 1), col: 1, length });
    const root = place(1);
    const named = (section: Section): Entry => {
      const entries = Object.entries(this.#components[section]).map(([name, body]): Entry => {
        const at = place(name.length);
        return { key: name, keyPlace: at, value: fromPlain(body, at) };
      });
      return { key: section, keyPlace: root, value: { type: 'map', place: root, entries } };
    };
    const head = fromPlain(this.#head, root);
    const sections = (['brokers', 'sources', 'operators', 'sinks'] as const).filter(
      (section) => Object.keys(this.#components[section]).length > 0,
    );
    return {
      type: 'map',
      place: root,
      entries: [...(head.type === 'map' ? head.entries : []), ...sections.map(named)],
    };
  }
}

/** Starts a topology in code. */
export function topology(
  name: string,
  options: Options = {},
): TopologyBuilder<Readonly<Record<never, Wire>>> {
  return new TopologyBuilder(
    { version: 1, name, ...options },
    { brokers: {}, sources: {}, operators: {}, sinks: {} },
    [],
    new Map(),
  );
}
