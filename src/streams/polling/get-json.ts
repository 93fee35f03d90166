import { request, type Dispatcher } from 'undici';
import type { BrokerErrorCategory } from '../../model/event.js';

/** A poll that gave no usable answer. Its message names neither headers nor query: they may carry secrets. */
export class PollError extends Error {
  override readonly name = 'PollError';
  readonly category: BrokerErrorCategory;
  /** Milliseconds the server asked to wait; 0 when it did not. */
  readonly retryAfter: number;

  constructor(category: BrokerErrorCategory, message: string, retryAfter = 0) {
    super(message);
    this.category = category;
    this.retryAfter = retryAfter;
  }
}

export interface GetJsonOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
}

/** GETs a JSON document. Throws {@link PollError} for everything else that can come back. */
export async function getJson(url: URL, options: GetJsonOptions): Promise<unknown> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = AbortSignal.any([options.signal, timeout]);
  let text: string;
  try {
    const { dispatcher, headers } = options;
    const answer = await request(url, {
      method: 'GET',
      headers: { accept: 'application/json', ...headers },
      dispatcher,
      signal,
    });
    if (answer.statusCode < 200 || answer.statusCode > 299) {
      await answer.body.dump();
      throw refused(answer.statusCode, answer.headers['retry-after']);
    }
    text = await readText(answer.body, options.maxBytes);
  } catch (error) {
    if (error instanceof PollError) throw error;
    if (timeout.aborted) throw new PollError('timeout', `no answer within ${options.timeoutMs} ms`);
    const code = (error as { code?: unknown }).code;
    throw new PollError('network', typeof code === 'string' ? `network error ${code}` : 'network error');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new PollError('schema', 'the answer is not JSON');
  }
}

async function readText(body: AsyncIterable<unknown>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    const part = chunk as Buffer;
    bytes += part.length;
    if (bytes > maxBytes) throw new PollError('schema', `the answer is longer than ${maxBytes} bytes`);
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function refused(status: number, retryAfter: string | string[] | undefined): PollError {
  const wait = retryAfterMs(typeof retryAfter === 'string' ? retryAfter : retryAfter?.[0]);
  const message = `status ${status}`;
  if (status === 401 || status === 403) return new PollError('auth', message);
  if (status === 429 || status === 418) return new PollError('rate_limit', message, wait);
  if (status === 408) return new PollError('timeout', message, wait);
  if (status >= 400 && status < 500) return new PollError('rejection', message);
  return new PollError('unavailable', message, wait);
}

/** `Retry-After` in seconds or as a date. */
function retryAfterMs(value: string | undefined): number {
  if (value === undefined) return 0;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now());
}
