import { z } from 'zod';
import type { Route } from './route.js';

type Json = Readonly<Record<string, unknown>>;

const schemaOf = (schema: z.ZodType): Json => {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return $schema === undefined ? {} : rest;
};

const error = (description: string): Json => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
});

/** Names in the path and its form in OpenAPI: `/v1/orders/:id` is `/v1/orders/{id}`. */
const namesOf = (path: string): readonly string[] =>
  [...path.matchAll(/:([a-z]+)/gi)].map((match) => match[1] ?? '');
const templateOf = (path: string): string => path.replaceAll(/:([a-z]+)/gi, '{$1}');

function parameters(route: Route): readonly Json[] {
  const query =
    route.query === undefined ? {} : ((schemaOf(route.query)['properties'] ?? {}) as Record<string, Json>);
  return [
    ...namesOf(route.path).map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...Object.entries(query).map(([name, schema]) => ({ name, in: 'query', required: false, schema })),
    ...(route.method === 'POST'
      ? [
          {
            name: 'Idempotency-Key',
            in: 'header',
            required: false,
            description: 'The same key and body get the same answer, once carried out.',
            schema: { type: 'string', maxLength: 128 },
          },
        ]
      : []),
  ];
}

function operation(route: Route): Json {
  return {
    summary: route.summary,
    operationId: `${route.method.toLowerCase()}${route.path.replaceAll(/[/:]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    description: `Needs the role \`${route.role}\`.`,
    parameters: parameters(route),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body) } } },
        }),
    responses: {
      ...(route.socket === true
        ? {
            '101': { description: 'It speaks WebSocket from here on.' },
            '426': error('It speaks WebSocket only.'),
          }
        : {}),
      '200': { description: 'Done.', content: { 'application/json': { schema: { type: 'object' } } } },
      '400': error('The request is not usable.'),
      '401': error('No valid token.'),
      '403': error('The role is not enough.'),
      '429': error('Too many calls.'),
      ...(route.method === 'POST'
        ? {
            '409': error('Refused: the message says why.'),
            '503': error('The engine is starting, stopping or stuck: the message says what is known.'),
          }
        : {}),
    },
  };
}

/** The OpenAPI 3.1 document of the table. */
export function openApi(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes)
    (paths[templateOf(route.path)] ??= {})[route.method.toLowerCase()] = operation(route);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Millrace control',
      version: '1',
      description:
        'Watches and steers one running engine. A command is answered after its event was reduced.',
    },
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Error: {
          type: 'object',
          required: ['error'],
          properties: {
            error: {
              type: 'object',
              required: ['code', 'message', 'help'],
              properties: { code: { type: 'string' }, message: { type: 'string' }, help: { type: 'string' } },
            },
          },
        },
      },
    },
  };
}
