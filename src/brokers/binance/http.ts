import { Pool } from 'undici';
import { BinanceError } from './errors.js';

/** An HTTP answer, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** Signed or not; goes into the query of GET and DELETE, into the body of POST and PUT. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly timeout: number;
}

/** No answer came. */
export class NoAnswer extends BinanceError {
  /** False only when no connection could be made: the request surely did not leave. */
  readonly left: boolean;

  constructor(category: 'timeout' | 'network' | 'schema', message: string, left: boolean) {
    super(category, message, true);
    this.left = left;
  }
}

/** HTTP to one host over kept-alive connections. Repeats nothing. */
export class Http {
  readonly #pool: Pool;
  readonly #maxBytes: number;

  constructor(origin: string, options: { readonly connect: number; readonly maxBytes: number }) {
    this.#pool = new Pool(origin, {
      connections: 16,
      pipelining: 1,
      // the venue closes idle connections; a request on one that is just being closed would have an unknown outcome
      keepAliveTimeout: 4_000,
      connect: { timeout: options.connect, noDelay: true },
    });
    this.#maxBytes = options.maxBytes;
  }

  /** Throws {@link NoAnswer}. Its message holds neither address nor parameters, which may carry a signature. */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const timeout = AbortSignal.timeout(request.timeout);
    const inBody = request.method === 'POST' || request.method === 'PUT';
    const query = inBody || request.query === '' ? '' : `?${request.query}`;
    try {
      const answer = await this.#pool.request({
        method: request.method,
        path: request.path + query,
        headers: {
          accept: 'application/json',
          ...(inBody ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
          ...request.headers,
        },
        body: inBody ? request.query : null,
        signal: timeout,
      });
      const text = await readText(answer.body, this.#maxBytes);
      return { status: answer.statusCode, headers: answer.headers, text };
    } catch (error) {
      if (error instanceof NoAnswer) throw error;
      if (timeout.aborted)
        throw new NoAnswer('timeout', `no answer from Binance within ${request.timeout} ms`, true);
      const { code } = error as NodeJS.ErrnoException;
      throw new NoAnswer(
        'network',
        `Binance could not be reached${code === undefined ? '' : ` (${code})`}`,
        !neverLeft(error),
      );
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

async function readText(body: AsyncIterable<unknown>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    const part = chunk as Buffer;
    bytes += part.length;
    if (bytes > maxBytes) throw new NoAnswer('schema', `the answer is longer than ${maxBytes} bytes`, true);
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** True when the connection itself failed, before a byte of the request was written. */
function neverLeft(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(neverLeft);
  const { code, syscall } = error as NodeJS.ErrnoException;
  return code === 'UND_ERR_CONNECT_TIMEOUT' || syscall === 'connect' || syscall === 'getaddrinfo';
}
