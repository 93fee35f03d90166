import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { Document, isMap, parseDocument } from 'yaml';
import { MillraceError } from '../../model/reason.js';
import type { StrategyDefinition } from '../../operators/strategy/definition.js';
import type { TopologyBuilder } from '../../topology/build.js';
import type { CheckedTopology } from '../../topology/checked.js';
import { formatText } from '../../topology/diagnostic.js';
import type { Environment } from '../../topology/env-file.js';
import { loadTopology } from '../../topology/load.js';
import type { Registry } from '../../topology/registry.js';

export interface ConfigurationOptions {
  /** Where relative paths start; default: the current folder. */
  readonly baseDir?: string;
  /** Values of `${NAME}`; default: the environment of the process. */
  readonly environment?: Environment;
  /** `a.b=c`, as for `--set`. */
  readonly set?: readonly string[];
  readonly registry?: Registry;
}

/** A topology: checked, in the making, or as YAML or JSON text. */
export type TopologyInput = CheckedTopology | Pick<TopologyBuilder<never>, 'check'> | string;

type Plain = Readonly<Record<string, unknown>>;
type Section = 'brokers' | 'sources' | 'operators' | 'sinks';
const FILE = 'configuration';
const WASM = [0x00, 0x61, 0x73, 0x6d];

const wrong = (message: string, help: string): MillraceError =>
  new MillraceError('INVALID_CONFIGURATION', message, help);

/**
 * A topology that is put together step by step. What is set later is written into the text before it is checked, so that
 * hash, journal and replay know all of it.
 */
export class Configuration {
  readonly #options: ConfigurationOptions;
  readonly #given: CheckedTopology | undefined;
  readonly #document: Document | undefined;
  readonly #text: string;
  #changed = false;
  readonly #strategies: StrategyDefinition[] = [];

  constructor(input: TopologyInput, options: ConfigurationOptions = {}) {
    this.#options = options;
    this.#text = typeof input === 'string' ? input : '';
    this.#document = typeof input === 'string' ? parseDocument(input) : undefined;
    if (typeof input === 'string') return;
    this.#given =
      'check' in input
        ? input.check(options.baseDir === undefined ? {} : { baseDir: options.baseDir })
        : input;
  }

  /** Every strategy node runs this from now on: a built-in name, a path, or the definition itself. */
  useStrategy(use: string | StrategyDefinition): void {
    const document = this.#editable('a strategy');
    const name = typeof use === 'string' ? use : use.name;
    if (typeof use !== 'string') this.#strategies.push(use);
    for (const node of this.#strategyNodes()) document.setIn(['operators', node, 'use'], name);
  }

  /** A strategy's source, JavaScript or TypeScript. It is kept in the state folder, so that a replay finds it. */
  useStrategyBytes(bytes: Uint8Array): void {
    if (WASM.every((byte, i) => bytes[i] === byte))
      throw new MillraceError(
        'STRATEGY_INIT_FAILED',
        'these bytes are a WebAssembly module, which this version cannot run',
        'give the source of a TypeScript or JavaScript strategy',
      );
    const text = new TextDecoder().decode(bytes);
    if (text.trim() === '')
      throw new MillraceError('STRATEGY_INIT_FAILED', 'there are no bytes', 'give the source of a strategy');
    const document = this.#editable('a strategy');
    const written = document.getIn(['state_dir']);
    const stateDir = typeof written === 'string' ? written : './data/state';
    const folder = join(isAbsolute(stateDir) ? stateDir : resolve(this.#baseDir, stateDir), 'strategies');
    const file = join(folder, `${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.ts`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
    this.useStrategy(file);
  }

  /** Parameters of every strategy node, as JSON or YAML text or an object. */
  strategyParameters(parameters: string | Plain): void {
    const document = this.#editable('parameters');
    const parsed: unknown =
      typeof parameters === 'string' ? (parseDocument(parameters).toJS() as unknown) : parameters;
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
      throw wrong('the configuration of a strategy is not an object', 'write for example {"fast": 8}');
    for (const node of this.#strategyNodes())
      for (const [key, value] of Object.entries(parsed))
        document.setIn(['operators', node, 'params', key], value);
  }

  /** The source of market data becomes one of this type. */
  marketDataProvider(type: string, config: Plain): void {
    this.#replace(
      'sources',
      (body) => body['type'] !== 'executions',
      { type, ...config },
      'source of market data',
    );
  }

  /** The broker that orders go to becomes one of this type. */
  tradingProvider(type: string, config: Plain): void {
    const sinks = this.#section('sinks');
    const used = new Set(
      Object.values(sinks)
        .filter((body) => body['type'] === 'orders')
        .map((body) => body['broker']),
    );
    this.#replace('brokers', (_, name) => used.has(name), { type, ...config }, 'broker that orders go to');
  }

  /** Journals and records go below this folder. */
  dataFolder(path: string): void {
    const document = this.#editable('a data folder');
    for (const [name, body] of Object.entries(this.#section('sinks')))
      if (body['type'] === 'journal' || body['type'] === 'records')
        document.setIn(['sinks', name, 'path'], join(resolve(path), String(body['type'])));
  }

  /** Throws INVALID_CONFIGURATION with every mistake. */
  async checked(): Promise<CheckedTopology> {
    if (this.#given !== undefined) return this.#given;
    const { environment, set, registry } = this.#options;
    const text = this.#changed ? String(this.#document) : this.#text;
    const result = await loadTopology([FILE], {
      given: { [FILE]: text },
      strategies: this.#strategies,
      baseDir: this.#baseDir,
      ...(environment === undefined ? {} : { environment }),
      ...(set === undefined ? {} : { set }),
      ...(registry === undefined ? {} : { registry }),
    });
    if (result.topology !== undefined) return result.topology;
    const errors = result.diagnostics.filter(({ severity }) => severity === 'error');
    throw wrong(
      `the topology has mistakes:\n${formatText(errors, result.texts)}`,
      '`millrace describe CODE` explains each.',
    );
  }

  get #baseDir(): string {
    return resolve(this.#options.baseDir ?? process.cwd());
  }

  #editable(what: string): Document {
    if (this.#document === undefined || !isMap(this.#document.contents))
      throw wrong(
        `${what} cannot be set in a topology that is checked already`,
        'give the topology as YAML or JSON text, or set it where the topology is made',
      );
    this.#changed = true;
    return this.#document;
  }

  #section(section: Section): Readonly<Record<string, Plain>> {
    const all = this.#document?.toJS() as Readonly<Record<string, Readonly<Record<string, Plain>>>> | null;
    return all?.[section] ?? {};
  }

  #strategyNodes(): readonly string[] {
    const nodes = Object.entries(this.#section('operators')).flatMap(([name, body]) =>
      body['type'] === 'strategy' ? [name] : [],
    );
    if (nodes.length > 0) return nodes;
    throw wrong(
      'the topology has no strategy node',
      'add one: { type: strategy, use: ema-cross, inputs: [bars] }',
    );
  }

  #replace(
    section: Section,
    wanted: (body: Plain, name: string) => boolean,
    body: Plain,
    what: string,
  ): void {
    const document = this.#editable(what);
    const names = Object.entries(this.#section(section)).flatMap(([name, one]) =>
      wanted(one, name) ? [name] : [],
    );
    const [only] = names;
    if (only === undefined || names.length > 1)
      throw wrong(
        `the topology has ${names.length} nodes that could be the ${what}`,
        'it must have exactly one; else write it in the topology',
      );
    document.setIn([section, only], document.createNode(body));
  }
}
