import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createJiti } from 'jiti';
import * as rxjs from 'rxjs';
import * as rxjsOperators from 'rxjs/operators';
import * as zod from 'zod';

/**
 * Our own entry points: a user's `import ... from 'millrace'` is this very copy, wherever the file lies. The test kit is
 * not among them: what an engine loads is no test, and the kit needs rxjs-marbles, which only those who test install.
 */
const ENTRIES: Readonly<Record<string, string>> = {
  millrace: '../index',
  'millrace/operators': '../operators/index',
  'millrace/brokers/binance': '../brokers/binance/index',
  'millrace/brokers/paper': '../brokers/paper/index',
  'millrace/sinks': '../sinks/index',
  'millrace/compat': '../compat/index',
};

let shared: Promise<Record<string, unknown>> | undefined;

/** Modules that must exist once: two copies of rxjs or of our classes would not know each other. */
async function sharedModules(): Promise<Record<string, unknown>> {
  const modules: Record<string, unknown> = { rxjs, 'rxjs/operators': rxjsOperators, zod };
  for (const [name, path] of Object.entries(ENTRIES)) {
    const base = fileURLToPath(new URL(path, import.meta.url));
    const file = [`${base}.js`, `${base}.ts`].find((candidate) => existsSync(candidate));
    if (file !== undefined) modules[name] = (await import(pathToFileURL(file).href)) as unknown;
  }
  return modules;
}

/** Imports a user's module, JavaScript or TypeScript. `specifier` is a file URL, or a package seen from `baseDir`. */
export async function importModule(specifier: string, baseDir: string): Promise<unknown> {
  shared ??= sharedModules();
  const from = pathToFileURL(join(baseDir, 'topology.yaml')).href;
  const jiti = createJiti(from, { virtualModules: await shared, interopDefault: false, fsCache: false });
  return jiti.import(specifier);
}
