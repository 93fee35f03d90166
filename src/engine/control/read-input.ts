import { ControlError, type Route } from './route.js';

/** What a call brings, as the schema of its route reads it. Throws a {@link ControlError} that names every mistake. */
export function readInput(schema: Route['body'], value: unknown, where: string): unknown {
  if (schema === undefined) return {};
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `${[where, ...issue.path].join('.')}: ${issue.message}`,
  );
  throw new ControlError(400, 'BAD_REQUEST', problems.join('; '), 'see GET /v1/openapi.json');
}
