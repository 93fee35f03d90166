import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { openApi } from '../../src/engine/control/openapi.js';
import { ROUTES } from '../../src/engine/control/routes.js';
import { ERRORS } from '../../src/model/reason.js';
import { builtins } from '../../src/topology/builtins.js';
import { describeJson, type Described } from '../../src/topology/describe.js';
import { EXPLANATIONS, type Explanation } from '../../src/topology/explain.js';
import { topologyJsonSchema } from '../../src/topology/json-schema.js';
import type { Registry } from '../../src/topology/registry.js';

interface Script {
  readonly COMPONENTS_PAGE: string;
  readonly ERRORS_PAGE: string;
  readonly SCHEMA_FILE: string;
  readonly CONTROL_PAGE: string;
  controlPage(document: object): Promise<string>;
  componentsPage(registry: Registry, describe: (item: Described) => object): Promise<string>;
  errorsPage(
    errors: Readonly<Record<string, string>>,
    explanations: Readonly<Record<string, Explanation>>,
  ): Promise<string>;
  schemaFile(schema: object): string;
}

const root = resolve(import.meta.dirname, '../..');
const script = (await import(new URL('../../scripts/docs-tables.mjs', import.meta.url).href)) as Script;
const read = (file: string): string => readFileSync(file, 'utf8');

test('docs/reference/components.md is what the specs say (else: node scripts/docs-tables.mjs)', async () => {
  expect(read(script.COMPONENTS_PAGE)).toBe(await script.componentsPage(builtins(), describeJson));
});

test('docs/reference/errors.md is what the code says (else: node scripts/docs-tables.mjs)', async () => {
  expect(read(script.ERRORS_PAGE)).toBe(await script.errorsPage(ERRORS, EXPLANATIONS));
});

test('docs/reference/control.md is what the endpoints are (else: node scripts/docs-tables.mjs)', async () => {
  expect(read(script.CONTROL_PAGE)).toBe(await script.controlPage(openApi(ROUTES)));
});

test('config/millrace.schema.json is the schema of the language (else: node scripts/docs-tables.mjs)', () => {
  expect(read(script.SCHEMA_FILE)).toBe(script.schemaFile(topologyJsonSchema(builtins())));
});

test('every configuration points editors to the schema', () => {
  for (const file of readdirSync(resolve(root, 'config')).filter((name) => name.endsWith('.yaml')))
    expect(read(resolve(root, 'config', file)).split('\n')[0]).toBe(
      '# yaml-language-server: $schema=./millrace.schema.json',
    );
});
