import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { MillraceError } from '../../model/reason.js';
import { ApiError } from './api-error.js';
import { ROUTES, type Route } from './control/routes.js';
import type { ControlTarget } from './control/target.js';

const MOST_BYTES = 4 * 1024 * 1024;

/**
 * The HTTP endpoint by which tests and people steer an emulator: JSON in and out, errors as `{error}`. It has a port of
 * its own, so no fault of the venue reaches it. Requests from web pages (with an Origin) are refused.
 */
export function controlServer(emulator: () => ControlTarget): Server {
  return createServer((request, response) => {
    void answer(request, emulator()).then(({ status, body }) => write(response, status, body));
  });
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function answer(request: IncomingMessage, emulator: ControlTarget): Promise<Answer> {
  if (request.headers.origin !== undefined) return failure(403, 'not for web pages');
  const url = new URL(request.url ?? '/', 'http://control');
  const route = ROUTES.find((r) => r.method === request.method && match(r, url.pathname) !== undefined);
  const names = route && match(route, url.pathname);
  if (route === undefined || names === undefined)
    return failure(404, `${request.method ?? ''} ${url.pathname} is not known; GET / lists what is`);
  try {
    const body = await readJson(request);
    return { status: 200, body: await route.run({ emulator, names, query: url.searchParams, body }) };
  } catch (error) {
    if (error instanceof z.ZodError) return failure(400, z.prettifyError(error));
    if (error instanceof SyntaxError) return failure(400, `not JSON: ${error.message}`);
    if (error instanceof MillraceError) return failure(400, `${error.message}; ${error.help}`);
    if (error instanceof RangeError || error instanceof ApiError || error instanceof TypeError)
      return failure(400, error.message);
    return failure(500, error instanceof Error ? error.message : String(error));
  }
}

const failure = (status: number, error: string): Answer => ({ status, body: { error } });

/** Values of the `:name` parts when the path fits; plain paths go before. */
function match(route: Route, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = route.path.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  if (route.path !== path && ROUTES.some((r) => r.method === route.method && r.path === path))
    return undefined;
  const names: Record<string, string> = {};
  for (let i = 0; i < wanted.length; i++) {
    const [part = '', value = ''] = [wanted[i], given[i]];
    if (part.startsWith(':')) names[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return undefined;
  }
  return names;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MOST_BYTES) throw new RangeError('the body is too large');
    chunks.push(chunk as Buffer);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}

function write(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body ?? null)}\n`);
}
