import { createHmac } from 'node:crypto';
import WebSocket from 'ws';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a venue says is looked at field by field
export type Any = any;
export type Json = Readonly<Record<string, Any>>;

/** A WebSocket client that keeps what it gets, for tests. */
export class TestSocket {
  readonly ws: WebSocket;
  readonly messages: Json[] = [];
  readonly texts: string[] = [];
  readonly binary: boolean[] = [];
  closeCode: number | undefined;
  readonly closed: Promise<number>;
  readonly #waiting: (() => void)[] = [];
  #ids = 0;

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data: Buffer, isBinary: boolean) => {
      const text = data.toString();
      this.texts.push(text);
      this.binary.push(isBinary);
      try {
        this.messages.push(JSON.parse(text) as Json);
      } catch {
        this.messages.push({ malformed: text });
      }
      for (const wake of this.#waiting.splice(0)) wake();
    });
    ws.on('error', () => undefined);
    this.closed = new Promise((done) => {
      ws.on('close', (code: number) => {
        this.closeCode = code;
        done(code);
        for (const wake of this.#waiting.splice(0)) wake();
      });
    });
  }

  static open(url: string, options: WebSocket.ClientOptions = {}): Promise<TestSocket> {
    const ws = new WebSocket(url, { perMessageDeflate: false, ...options });
    const socket = new TestSocket(ws);
    return new Promise((done, fail) => {
      ws.once('open', () => done(socket));
      ws.once('error', fail);
      ws.once('unexpected-response', (_, response) =>
        fail(
          Object.assign(new Error(`status ${response.statusCode}`), {
            status: response.statusCode,
            headers: response.headers,
          }),
        ),
      );
    });
  }

  send(body: unknown): void {
    this.ws.send(typeof body === 'string' ? body : JSON.stringify(body));
  }

  /** First message (from a position on) that fits; waits for it. */
  async next(fits: (message: Json) => boolean, from = 0, ms = 3_000): Promise<Json> {
    const until = Date.now() + ms;
    for (let i = from; ;) {
      for (; i < this.messages.length; i++) {
        const message = this.messages[i];
        if (message !== undefined && fits(message)) return message;
      }
      const left = until - Date.now();
      if (left <= 0) throw new Error(`no such message in ${ms} ms; got ${this.texts.slice(-5).join(' | ')}`);
      if (this.closeCode !== undefined) throw new Error(`closed with ${this.closeCode}`);
      await new Promise<void>((done) => {
        const timer = setTimeout(done, left);
        this.#waiting.push(() => {
          clearTimeout(timer);
          done();
        });
      });
    }
  }

  /** A request of the WebSocket API, and its answer. */
  async call(method: string, params: Json = {}, ms = 3_000): Promise<Json> {
    const id = `t${++this.#ids}`;
    const from = this.messages.length;
    this.send({ id, method, params });
    return this.next((m) => m['id'] === id, from, ms);
  }

  /** A control message of the streams, and its answer. */
  async control(method: string, params?: unknown, id: unknown = ++this.#ids): Promise<Json> {
    const from = this.messages.length;
    this.send({ method, ...(params === undefined ? {} : { params }), id });
    return this.next((m) => 'id' in m && m['id'] === id, from);
  }

  close(): void {
    this.ws.terminate();
  }
}

export interface Account {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** Parameters with key, time stamp and HMAC signature as the WebSocket API wants them. */
export function signedWs({ apiKey, apiSecret }: Account, params: Json = {}, skewMs = 0): Json {
  const all: Record<string, unknown> = { ...params, apiKey, timestamp: Date.now() + skewMs };
  const payload = Object.keys(all)
    .sort()
    .map((k) => `${k}=${String(all[k])}`)
    .join('&');
  return { ...all, signature: createHmac('sha256', apiSecret).update(payload).digest('hex') };
}

/** A REST call; signed when an account is given. */
export async function rest(
  base: string,
  method: string,
  path: string,
  params: Record<string, string | number> = {},
  account?: Account,
): Promise<{ readonly status: number; readonly body: Any; readonly headers: Headers }> {
  const query = new URLSearchParams(
    Object.fromEntries(Object.entries(params).map(([k, v]) => [k, String(v)])),
  );
  if (account !== undefined) {
    query.set('timestamp', String(Date.now()));
    query.set('signature', createHmac('sha256', account.apiSecret).update(query.toString()).digest('hex'));
  }
  const response = await fetch(`${base}${path}?${query.toString()}`, {
    method,
    headers: account === undefined ? {} : { 'X-MBX-APIKEY': account.apiKey },
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text === '' ? undefined : JSON.parse(text),
    headers: response.headers,
  };
}

/** A call of the control endpoint. */
export async function control(base: string, method: string, path: string, body?: unknown): Promise<Any> {
  const response = await fetch(`${base}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Json;
  if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

export const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
