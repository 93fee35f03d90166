import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { registerSecret } from '../model/secrets.js';
import type { StrategyDefinition } from '../operators/strategy/definition.js';
import { givenStrategy } from '../strategies/load.js';
import type { CheckedTopology } from './checked.js';
import { checkTree } from './check.js';
import { diagnostic, sortDiagnostics, type Diagnostic, type SourceTexts } from './diagnostic.js';
import { parseEnvFile, type Environment } from './env-file.js';
import { interpolate } from './interpolate.js';
import { withoutLiveOnly } from './live-only.js';
import { dropDuplicateKeys, mergeTrees } from './merge.js';
import { parseYaml } from './parse.js';
import { bindStrategies } from './load-strategies.js';
import { loadPlugins } from './plugins.js';
import type { Registry } from './registry.js';
import { TOP_LEVEL_KEYS } from './schema.js';
import { applySets, SET_FILE } from './set.js';
import { entryOf, plain, type MapTree, type Tree } from './tree.js';

export interface LoadOptions {
  /** Component words; default: the built-in ones. */
  readonly registry?: Registry;
  /** `a.b=c`, as given to `--set`. */
  readonly set?: readonly string[];
  /** Files of KEY=VALUE lines; the process environment wins over them. */
  readonly envFiles?: readonly string[];
  /** Default: `process.env`. */
  readonly environment?: Environment;
  /** Where relative FILEs and paths of `--set` start; default: the current folder. */
  readonly cwd?: string;
  /** Where relative paths inside the topology start; default: the folder of the first file. */
  readonly baseDir?: string;
  /** Texts of files that are not on disk, by the name in `files`. */
  readonly given?: Readonly<Record<string, string>>;
  /** Strategies given in code, that `use:` may name. */
  readonly strategies?: readonly StrategyDefinition[];
  /** Told every secret that was read; `redact` hides them already. */
  readonly onSecret?: (value: string) => void;
}

export interface LoadResult {
  /** Sorted by place. Never contain a secret. */
  readonly diagnostics: readonly Diagnostic[];
  /** Present when no diagnostic is an error. */
  readonly topology?: CheckedTopology;
  /** Texts that the places point into. */
  readonly texts: SourceTexts;
  /** Built-in components and those of plugins. */
  readonly registry: Registry;
}

/** Reads, resolves and checks a topology of one or more files. Mistakes of the user are diagnostics, never throws. */
export async function loadTopology(files: readonly string[], options: LoadOptions = {}): Promise<LoadResult> {
  const cwd = options.cwd ?? process.cwd();
  const texts = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  const secrets = new Set<string>();
  const onSecret = (value: string): void => {
    secrets.add(value);
    registerSecret(value);
    options.onSecret?.(value);
  };
  const builtins = options.registry ?? (await import('./builtins.js')).builtins();
  const finish = (registry: Registry, topology?: CheckedTopology): LoadResult => {
    const sorted = sortDiagnostics(
      diagnostics.map((item) => withoutSecrets(item, secrets)),
      files,
    );
    return topology === undefined
      ? { diagnostics: sorted, texts, registry }
      : { diagnostics: sorted, topology, texts, registry };
  };
  const trees = files.flatMap((file) => readTree(file, cwd, texts, diagnostics, options.given?.[file]));
  const environment = {
    ...readEnvFiles(options.envFiles ?? [], cwd, diagnostics),
    ...(options.environment ?? process.env),
  };
  const merged = mergeTrees(trees, diagnostics);
  if (merged === undefined || trees.length < files.length) return finish(builtins);
  const sets = options.set ?? [];
  if (sets.length > 0) texts.set(SET_FILE, sets.join('\n'));
  const changed = applySets(merged, sets, TOP_LEVEL_KEYS, cwd, diagnostics);
  const lookUp = (part: MapTree, told: Diagnostic[]): MapTree =>
    interpolate(part, { environment, texts, onSecret }, told);
  const mode = { ...changed, entries: changed.entries.filter(({ key }) => key === 'mode') };
  const wanted = withoutLiveOnly(changed, (plain(lookUp(mode, [])) as { mode?: unknown }).mode, builtins);
  const tree = lookUp(wanted, diagnostics);
  const baseDir = options.baseDir ?? dirname(resolve(cwd, files[0] ?? '.'));
  const registry = await loadPlugins(entryOf(tree, 'plugins')?.value, builtins, baseDir, diagnostics);
  const strategies = new Map(
    (options.strategies ?? []).map((one) => [one.name, givenStrategy(one)] as const),
  );
  const checked = checkTree(tree, registry, baseDir, diagnostics.splice(0), [...strategies.keys()]);
  diagnostics.push(...checked.diagnostics);
  if (checked.topology === undefined || strategies.size === 0) return finish(registry, checked.topology);
  return finish(registry, bindStrategies(checked.topology, strategies));
}

function readTree(
  file: string,
  cwd: string,
  texts: Map<string, string>,
  diagnostics: Diagnostic[],
  given: string | undefined,
): readonly MapTree[] {
  const start = { file, line: 1, col: 1, length: 1 };
  let text: string;
  try {
    text = (given ?? readFileSync(file === '-' ? 0 : resolve(cwd, file), 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    diagnostics.push(
      diagnostic(
        'E002',
        start,
        `the file cannot be read: ${reason(error)}.`,
        'check the path; `millrace new topology NAME` makes a file.',
      ),
    );
    return [];
  }
  if (/[\0\uFFFD]/.test(text)) {
    diagnostics.push(
      diagnostic('E002', start, 'the file is not UTF-8 text.', 'name the YAML file; save it as UTF-8.'),
    );
    return [];
  }
  texts.set(file, text);
  const parsed = parseYaml(text, file);
  diagnostics.push(...parsed.diagnostics);
  const tree: Tree | undefined =
    parsed.tree === undefined ? undefined : dropDuplicateKeys(parsed.tree, diagnostics);
  if (tree?.type === 'map') return [tree];
  if (tree !== undefined)
    diagnostics.push(
      diagnostic(
        'E001',
        tree.place,
        'a topology is a map of version, name, sources and so on.',
        'start with `millrace new topology NAME`.',
      ),
    );
  return [];
}

function readEnvFiles(files: readonly string[], cwd: string, diagnostics: Diagnostic[]): Environment {
  let result: Environment = {};
  for (const file of files) {
    try {
      result = { ...result, ...parseEnvFile(readFileSync(resolve(cwd, file), 'utf8'), file, diagnostics) };
    } catch (error) {
      diagnostics.push(
        diagnostic(
          'E002',
          { file, line: 1, col: 1, length: 1 },
          `the --env-file cannot be read: ${reason(error)}.`,
          'check the path.',
        ),
      );
    }
  }
  return result;
}

/** The system's words without the path, which the message has already. */
function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'permission denied';
  return error instanceof Error ? error.message : String(error);
}

function withoutSecrets(item: Diagnostic, secrets: ReadonlySet<string>): Diagnostic {
  let { message, help } = item;
  for (const secret of secrets) {
    if (secret.length < 3) continue;
    message = message.replaceAll(secret, '***');
    help = help?.replaceAll(secret, '***');
  }
  return help === undefined ? { ...item, message } : { ...item, message, help };
}
