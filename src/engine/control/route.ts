import type { z } from 'zod';
import type { Engine } from '../engine.js';
import type { ControlAnswer } from '../control-turns.js';
import type { By, Operations } from '../operations.js';
import type { Reload } from '../reload/reload.js';
import type { SafetyStatus } from '../safety.js';
import type { StreamHub } from './stream.js';
import type { Role } from './tokens.js';

export type Phase = 'starting' | 'running' | 'stopping' | 'stopped';

/** What the control surface acts on. */
export interface ControlHost {
  readonly engine: Engine;
  readonly operations: Operations;
  /** Kills, protections (what fired, why, and how to reset it) and the watchdog. */
  readonly safety: () => SafetyStatus;
  readonly phase: () => Phase;
  /** Ends the run: sources stop, then the drain. Resolves when the stop turn was reduced. */
  readonly shutdown: (by: By) => Promise<ControlAnswer>;
  readonly stream: StreamHub;
  /** Absent: the topology was made in code. */
  readonly reload: Reload | undefined;
}

export interface Call<Body = unknown, Query = unknown> {
  readonly body: Body;
  readonly query: Query;
  /** Parts of the path written `:name`. */
  readonly path: Readonly<Record<string, string>>;
  /** Owner of the token. */
  readonly actor: string;
  readonly role: Role;
}

/** One endpoint. The table of these drives the server, its checks and its OpenAPI document. */
export interface Route<Body extends z.ZodType = z.ZodType, Query extends z.ZodObject = z.ZodObject> {
  readonly method: 'GET' | 'POST';
  /** `/v1/strategies/:name/enable`. */
  readonly path: string;
  /** Least role that may call it. */
  readonly role: Role;
  /** One sentence. */
  readonly summary: string;
  /** Of a command; a command without one takes an empty object. */
  readonly body?: Body;
  readonly query?: Query;
  /** A command that is also taken while the engine starts. */
  readonly early?: true;
  /** Speaks WebSocket instead of answering; `run` is not called. */
  readonly socket?: true;
  /** Throws a {@link ControlError} where it cannot answer. */
  run(host: ControlHost, call: Call<z.output<Body>, z.output<Query>>): unknown;
}

/** Keeps the types of one route while it is written; the table forgets them. */
export function defineRoute<Body extends z.ZodType, Query extends z.ZodObject>(
  route: Route<Body, Query>,
): Route {
  return route;
}

/** An answer that is an error: HTTP status, a stable code, a sentence, and what to do next. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly status: number;
  readonly code: string;
  readonly help: string;
  /** The control event it is about, as far as it came. */
  readonly answer: ControlAnswer | undefined;

  constructor(status: number, code: string, message: string, help = '', answer?: ControlAnswer) {
    super(message);
    this.status = status;
    this.code = code;
    this.help = help;
    this.answer = answer;
  }
}
