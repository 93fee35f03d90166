import type { Connections } from '../net/connections.js';
import type { StreamsServer } from '../streams-server.js';
import type { Exchange } from '../types.js';
import type { WsApiServer } from '../ws-api-server.js';
import type { VenueFaults } from './fault-board.js';
import type { FaultSpec } from './spec.js';

const DRIFT_EVERY_MS = 100;

/** Faults that concern the venue as a whole: its clock, its door, all of its connections. */
export class WholeVenue implements VenueFaults {
  readonly #exchange: Exchange;
  readonly #connections: Connections;
  readonly #streams: StreamsServer;
  readonly #wsApi: WsApiServer;

  constructor(exchange: Exchange, connections: Connections, streams: StreamsServer, wsApi: WsApiServer) {
    this.#exchange = exchange;
    this.#connections = connections;
    this.#streams = streams;
    this.#wsApi = wsApi;
  }

  begin(spec: FaultSpec, note: (target: string) => void): (() => void) | undefined {
    switch (spec.kind) {
      case 'clock_skew':
        note(`clock ${spec.skew_ms} ms ahead`);
        return this.#skew(spec.skew_ms);
      case 'clock_drift':
        note(`clock gains ${spec.drift_ppm} us/s`);
        return this.#drift(spec.drift_ppm);
      case 'disconnect_storm':
        return this.#storm(spec, note);
      case 'server_shutdown':
        this.#shutdown(spec, note);
        return undefined;
      case 'end_user_streams':
        note(`${this.#wsApi.endUserStreams()} user data streams`);
        return undefined;
      case 'refuse_connections':
        note(`with ${spec.status ?? 503}`);
        this.#connections.refuse = { status: spec.status ?? 503, retryAfter: spec.retry_after };
        return () => {
          this.#connections.refuse = undefined;
        };
      default:
        return this.#hide(spec.delay_ms, note);
    }
  }

  #skew(ms: number): () => void {
    const { clock } = this.#exchange;
    clock.skewMs += ms;
    return () => {
      clock.skewMs -= ms;
    };
  }

  #drift(ppm: number): () => void {
    const { clock } = this.#exchange;
    let gained = 0;
    const timer = setInterval(() => {
      const more = (ppm * DRIFT_EVERY_MS) / 1e6;
      gained += more;
      clock.skewMs += more;
    }, DRIFT_EVERY_MS);
    timer.unref();
    return () => {
      clearInterval(timer);
      clock.skewMs -= gained;
    };
  }

  #storm(spec: FaultSpec, note: (target: string) => void): () => void {
    const cut = (): void => {
      const count = this.#connections.cutAll(spec.channel);
      if (count > 0) note(`${count} connections`);
    };
    cut();
    const timer = setInterval(cut, spec.every_ms);
    timer.unref();
    return () => clearInterval(timer);
  }

  #shutdown(spec: FaultSpec, note: (target: string) => void): void {
    note(`announced, cut after ${spec.delay_ms} ms`);
    if (spec.channel !== 'ws_api') this.#streams.announceShutdown();
    if (spec.channel !== 'stream') this.#wsApi.announceShutdown();
    setTimeout(() => this.#connections.cutAll(spec.channel), spec.delay_ms).unref();
  }

  #hide(ms: number, note: (target: string) => void): () => void {
    const before = this.#exchange.orderVisibilityMs;
    note(`new orders not found for ${ms} ms`);
    this.#exchange.orderVisibilityMs = ms;
    return () => {
      this.#exchange.orderVisibilityMs = before;
    };
  }
}
