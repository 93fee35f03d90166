import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { openApi } from '../../../src/engine/control/openapi.js';
import { ROUTES } from '../../../src/engine/control/routes.js';
import { Steered } from './support/steer.js';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: object } } };
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly security: readonly object[];
  readonly components: {
    readonly securitySchemes: object;
    readonly schemas: Readonly<Record<string, object>>;
  };
}

/** The parts of the OpenAPI 3.1 meta schema that this document uses, closed: a field it does not know is an error. */
const text = { type: 'string', minLength: 1 };
const schemaObject = { type: 'object' };
const response = {
  type: 'object',
  required: ['description'],
  additionalProperties: false,
  properties: {
    description: text,
    content: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        required: ['schema'],
        properties: { schema: schemaObject },
        additionalProperties: false,
      },
    },
  },
};
const operationSchema = {
  type: 'object',
  required: ['operationId', 'summary', 'responses'],
  additionalProperties: false,
  properties: {
    operationId: text,
    summary: text,
    description: text,
    parameters: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'in', 'schema'],
        additionalProperties: false,
        properties: {
          name: text,
          in: { enum: ['path', 'query', 'header'] },
          required: { type: 'boolean' },
          description: text,
          schema: schemaObject,
        },
      },
    },
    requestBody: {
      type: 'object',
      required: ['content'],
      additionalProperties: false,
      properties: { required: { type: 'boolean' }, content: { type: 'object' } },
    },
    responses: {
      type: 'object',
      propertyNames: { pattern: '^[1-5]\\d\\d$' },
      additionalProperties: response,
    },
  },
};
const meta = {
  type: 'object',
  required: ['openapi', 'info', 'paths', 'components', 'security'],
  additionalProperties: false,
  properties: {
    openapi: { pattern: '^3\\.1\\.\\d+$' },
    info: {
      type: 'object',
      required: ['title', 'version'],
      additionalProperties: false,
      properties: { title: text, version: text, description: text },
    },
    security: { type: 'array', items: { type: 'object' } },
    paths: {
      type: 'object',
      propertyNames: { pattern: '^/' },
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        properties: { get: operationSchema, post: operationSchema },
      },
    },
    components: { type: 'object' },
  },
};

const document = openApi(ROUTES) as unknown as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

describe('the OpenAPI document', () => {
  test('has the shape of OpenAPI 3.1', () => {
    const ajv = new Ajv({ allErrors: true, strict: false });
    const valid = ajv.validate(meta, document);
    expect(ajv.errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('has every route, and each name in a path is a parameter', () => {
    expect(operations.map(({ path, method }) => `${method} ${path}`).sort()).toEqual(
      ROUTES.map(
        ({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
      ).sort(),
    );
    for (const { path, operation } of operations) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect(operation.parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(names);
    }
  });

  test('its body schemas compile, and each command wants a reason but for the heartbeat', () => {
    const ajv = new Ajv({ strict: false });
    for (const { path, method, operation } of operations.filter((one) => one.method === 'post')) {
      const schema = operation.requestBody?.content['application/json'].schema;
      expect(schema, `${method} ${path}`).toBeDefined();
      const validate = ajv.compile(schema ?? {});
      expect(validate({ surplus: 1 })).toBe(false);
      if (path !== '/v1/heartbeat') expect((schema as { required?: string[] }).required).toContain('reason');
    }
  });

  test('is what the server serves, and every path in it answers', async () => {
    const steered = await new Steered().start();
    expect((await steered.call('/v1/openapi.json')).body).toEqual(JSON.parse(JSON.stringify(document)));
    for (const { path, method } of operations) {
      const at = path.replaceAll(/\{\w+\}/g, 'market');
      const { status, body } = await steered.call(at, method === 'post' ? { surplus: 1 } : undefined);
      expect(body.error?.code, `${method} ${path} ${status}`).not.toBe('NOT_FOUND');
      if (method === 'post') expect(status, path).toBe(400);
    }
  });
});
