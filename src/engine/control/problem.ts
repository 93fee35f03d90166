import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../../model/component.js';
import { redact } from '../../model/secrets.js';
import { ControlError } from './route.js';

export interface Problem {
  readonly error: { readonly code: string; readonly message: string; readonly help: string };
}

export const problem = (code: string, message: string, help: string): Problem => ({
  error: { code, message: redact(message), help },
});

export const problemOf = ({ code, message, help }: ControlError): Problem => problem(code, message, help);

export const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '';

/** Whatever went wrong, as an answer; what is our own fault goes to the log and is not told. */
export function sendError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
): FastifyReply {
  if (error instanceof ControlError) return reply.code(error.status).send(problemOf(error));
  const { statusCode, message } = error as { readonly statusCode?: number; readonly message?: string };
  if (statusCode !== undefined && statusCode < 500)
    return reply
      .code(statusCode)
      .send(problem('BAD_REQUEST', message ?? 'bad request', 'see GET /v1/openapi.json'));
  log.error(`control: ${request.method} ${pathOf(request)} failed: ${message ?? String(error)}`);
  return reply.code(500).send(problem('INTERNAL', 'the engine could not answer', 'its log says why'));
}
