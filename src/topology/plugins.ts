import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { diagnostic, type Diagnostic } from './diagnostic.js';
import { FAILED } from './interpolate.js';
import { importModule } from './import-module.js';
import type { Registry } from './registry.js';
import type { ComponentSpec } from './spec.js';
import type { Tree } from './tree.js';

/** What a plugin module exports by default: components under the same contract as the built-in ones. */
export interface Plugin {
  readonly api: 1;
  readonly components: readonly ComponentSpec[];
}

/** Keeps the types of a plugin while it is written. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

/** Loads the modules named under `plugins:`, relative to the topology, and adds their components. */
export async function loadPlugins(
  list: Tree | undefined,
  registry: Registry,
  baseDir: string,
  diagnostics: Diagnostic[],
): Promise<Registry> {
  if (list?.type !== 'list') return registry;
  let result = registry;
  for (const item of list.items) {
    if (item.type !== 'scalar' || typeof item.value !== 'string' || item.value === '') continue;
    const fail = (why: string, help: string): void => {
      if (item.value !== FAILED)
        diagnostics.push(
          diagnostic('E108', item.place, `plugin ${String(item.value)} cannot be used: ${why}.`, help),
        );
    };
    const isPath = /^\.{0,2}\//.test(item.value) || /\.[cm]?[jt]s$/.test(item.value);
    const file = resolve(baseDir, item.value);
    if (isPath && !existsSync(file)) {
      fail(`there is no file ${file}`, 'paths start at the folder of the topology file.');
      continue;
    }
    try {
      const module = await importModule(isPath ? pathToFileURL(file).href : item.value, baseDir);
      result = result.with(componentsOf(module), item.value);
    } catch (error) {
      fail(
        error instanceof Error ? firstLine(error.message) : String(error),
        error instanceof Error && 'help' in error
          ? String(error.help)
          : 'correct the module; it runs when a topology is read.',
      );
    }
  }
  return result;
}

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').replace(/\.$/, '');

function componentsOf(module: unknown): readonly ComponentSpec[] {
  let value: unknown = module;
  if (typeof value === 'object' && value !== null && 'default' in value) value = value.default;
  if (Array.isArray(value)) return value as readonly ComponentSpec[];
  const plugin = value as Partial<Plugin> | undefined;
  if (typeof plugin !== 'object' || plugin === null || !Array.isArray(plugin.components)) {
    throw new Error('it must export default definePlugin({ api: 1, components: [...] })');
  }
  if (plugin.api !== 1) throw new Error(`it asks for plugin API ${String(plugin.api)}, and this is 1`);
  return plugin.components as readonly ComponentSpec[];
}
