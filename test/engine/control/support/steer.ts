import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { TokenStore, type Role } from '../../../../src/engine/control/tokens.js';
import { Desk, type DeskOptions } from '../../kill/support/desk.js';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, never> & {
    readonly error?: { readonly code: string; readonly message: string };
  };
}

/** A running desk that is steered over real HTTP. */
export class Steered {
  readonly desk: Desk;
  url = '';

  constructor(options: DeskOptions = {}) {
    this.desk = new Desk({
      control: { listen: '127.0.0.1:0' },
      ...options,
      run: { ...options.run, onControl: (url) => (this.url = url) },
    });
  }

  async start(): Promise<this> {
    await this.desk.start();
    return this;
  }

  get operator(): string {
    return readFileSync(join(this.desk.folder, 'state', 'operator.token'), 'utf8').trim();
  }

  token(name: string, role: Role): string {
    return new TokenStore(join(this.desk.folder, 'state', 'tokens.json')).create(name, role, new Date());
  }

  /** GET, or POST when there is a body. */
  async call(
    path: string,
    body?: unknown,
    {
      token = this.operator,
      key,
      headers = {},
    }: { token?: string | null; key?: string; headers?: object } = {},
  ): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  }

  socket(path: string, token: string | null = this.operator): WebSocket {
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}${path}`, {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    });
    onTestFinished(() => socket.terminate());
    return socket;
  }

  /** Lines of the list of calls. */
  get calls(): readonly Record<string, unknown>[] {
    return readFileSync(join(this.desk.folder, 'state', 'control.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

/** Messages of a socket, in order. */
export function inbox(socket: WebSocket): Record<string, unknown>[] {
  const messages: Record<string, unknown>[] = [];
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(String(data)) as Record<string, unknown>));
  socket.on('error', () => undefined);
  return messages;
}
