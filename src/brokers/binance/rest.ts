import { setTimeout as sleep } from 'node:timers/promises';
import { retryAfterMs } from '../../streams/socket/socket-error.js';
import { backOff } from '../../streams/socket/back-off.js';
import type { BrokerFigure } from '../broker.js';
import type { SyncedClock } from './clock.js';
import { CODES } from './error-codes.js';
import { banLeft } from './error-text.js';
import { BinanceError, orderFailure, readError, venueError, type VenueError } from './errors.js';
import { Http, NoAnswer, type HttpAnswer } from './http.js';
import type { RequestLimits } from './limits.js';
import type { BinanceOptions } from './options.js';
import { queryString, signedQuery, type Signer } from './sign.js';
import { countsAsOrder } from './weights.js';
import type { BinanceRest, OrderAnswer, RestRequest } from './wire.js';

export interface RestDeps {
  readonly options: BinanceOptions;
  readonly signer: Signer | undefined;
  readonly limits: RequestLimits;
  readonly clock: SyncedClock;
  readonly random: () => number;
  readonly wall: () => number;
}

/** Waits between tries of a read: short, because the caller is waiting. */
const BACK_OFF = { initial: 250, factor: 2, max: 5_000, stable: 0 };

/** REST client. Reads are paced and, when safe, tried again a few times; orders are neither. */
export class RestClient implements BinanceRest {
  readonly #deps: RestDeps;
  readonly #http: Http;
  #requests = 0;
  #retries = 0;
  readonly #errors = new Map<string, number>();

  constructor(deps: RestDeps) {
    this.#deps = deps;
    const { endpoints, timeouts, maxPayload } = deps.options;
    this.#http = new Http(endpoints.rest, { connect: timeouts.handshake, maxBytes: maxPayload });
  }

  async call(request: RestRequest): Promise<unknown> {
    const tries = request.method === 'GET' ? this.#deps.options.readTries : 1;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#deps.limits.schedule(request.weight, request.lane, () => this.#read(request));
      } catch (error) {
        if (!(error instanceof BinanceError)) throw error;
        this.#errors.set(error.category, (this.#errors.get(error.category) ?? 0) + 1);
        if (attempt >= tries || !error.retrySafe || !this.#deps.limits.worthWaiting) throw error;
        this.#retries++;
        if (error.code === CODES.TIMESTAMP) await this.#deps.clock.sync().catch(() => undefined);
        else if (error.category !== 'rate_limit') await sleep(backOff(BACK_OFF, attempt, this.#deps.random));
      }
    }
  }

  async order(request: RestRequest): Promise<OrderAnswer> {
    const { limits, clock, options } = this.#deps;
    const counts = countsAsOrder(`${request.method} ${request.path}`);
    const refusal = limits.refusal(counts);
    if (refusal !== undefined) return { kind: 'not_sent', category: 'rate_limit', reason: refusal };
    try {
      const answer = await this.#send(request, options.timeouts.order, counts);
      if (answer.status >= 200 && answer.status < 300) return accepted(answer.text);
      const error = venueError(parsed(answer.text));
      if (error?.code === CODES.TIMESTAMP) clock.sync().catch(() => undefined); // counted by the clock
      return orderFailure(answer.status, error);
    } catch (error) {
      if (!(error instanceof BinanceError)) throw error;
      return notAnswered(error);
    }
  }

  figures(): readonly BrokerFigure[] {
    const counter = (
      name: string,
      help: string,
      value: number,
      labels: Record<string, string> = {},
    ): BrokerFigure => ({
      name,
      type: 'counter',
      help,
      labels,
      value,
    });
    return [
      counter('rest_requests_total', 'REST requests sent.', this.#requests),
      counter('rest_retries_total', 'REST reads tried again.', this.#retries),
      ...[...this.#errors].map(([category, count]) =>
        counter('rest_errors_total', 'REST reads that failed.', count, { category }),
      ),
    ];
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  async #read(request: RestRequest): Promise<unknown> {
    const sentAt = this.#deps.clock.now();
    const answer = await this.#send(request, this.#deps.options.timeouts.request);
    const body = parsed(answer.text);
    if (answer.status < 200 || answer.status > 299) {
      const error = venueError(body);
      throw readError(answer.status, error, this.#told(answer, error));
    }
    if (body === undefined)
      throw new BinanceError('schema', 'the answer is not JSON', true, { httpStatus: answer.status });
    if (
      request.path.endsWith('/exchangeInfo') &&
      typeof body === 'object' &&
      body !== null &&
      'rateLimits' in body
    )
      this.#deps.limits.fromRateLimits(body.rateLimits, sentAt, request.weight);
    return body;
  }

  /** Sends once; limits learn from whatever comes back. */
  async #send(request: RestRequest, timeout: number, counts = false): Promise<HttpAnswer> {
    const { limits, clock } = this.#deps;
    const sentAt = clock.now();
    this.#requests++;
    let answer: HttpAnswer;
    try {
      answer = await this.#http.send({
        method: request.method,
        path: request.path,
        query: this.#query(request),
        headers: request.security === 'none' ? {} : { 'X-MBX-APIKEY': this.#signer().apiKey },
        timeout,
      });
    } finally {
      // before the venue's count is read: from now on the order is in it
      if (counts) limits.orders.settled();
    }
    limits.fromHeaders(answer.headers, sentAt, request.weight);
    if (answer.status > 399) {
      const error = venueError(parsed(answer.text));
      limits.refused(answer.status, error?.code ?? 0, this.#told(answer, error));
    }
    return answer;
  }

  #query(request: RestRequest): string {
    if (request.security !== 'signed') return queryString(request.params ?? {});
    const { clock, options } = this.#deps;
    const params = { ...request.params, recvWindow: options.recvWindow, timestamp: clock.now() };
    return signedQuery(queryString(params), this.#signer());
  }

  #signer(): Signer {
    const { signer } = this.#deps;
    if (signer === undefined)
      throw new BinanceError('auth', 'this request needs an API key: give the broker credentials', false);
    return signer;
  }

  /** Milliseconds the venue asks to wait: by header, or in words. */
  #told(answer: HttpAnswer, error: VenueError | undefined): number {
    const told = retryAfterMs(answer.headers['retry-after'], this.#deps.wall());
    return Math.max(told, banLeft(error?.message ?? '', this.#deps.clock.now()));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function accepted(text: string): OrderAnswer {
  const result = parsed(text);
  if (result === undefined)
    return { kind: 'unknown', category: 'schema', reason: 'the answer to the order is not JSON' };
  return { kind: 'answer', result };
}

function notAnswered(error: BinanceError): OrderAnswer {
  if (error.category === 'auth') return { kind: 'not_sent', category: 'auth', reason: error.message };
  if (error instanceof NoAnswer && !error.left)
    return { kind: 'not_sent', category: 'network', reason: error.message };
  const category = error.category === 'timeout' || error.category === 'schema' ? error.category : 'network';
  return { kind: 'unknown', category, reason: error.message };
}
