import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { controlServer } from './control-server.js';
import type { ConnectionInfo, ControlTarget, EmulatorState } from './control/target.js';
import { SpotExchange } from './exchange.js';
import { FaultBoard, type Channel } from './faults/fault-board.js';
import { RequestFaults } from './faults/request-faults.js';
import { WholeVenue } from './faults/venue-faults.js';
import { DEFAULT_SYMBOLS, emulatedSymbol } from './known-symbols.js';
import { makeMarket } from './market/make-market.js';
import type { MarketPlayer } from './market/player.js';
import { selfSigned } from './net/certificate.js';
import { Connections, DEFAULT_CONNECTION_RULES, refuseUpgrade } from './net/connections.js';
import type { BinanceEmulatorOptions } from './options.js';
import { restHandler } from './rest-server.js';
import { SnapshotAlignment } from './streams/snapshot-alignment.js';
import { isStreamPath, StreamsServer } from './streams-server.js';
import type { Exchange } from './types.js';
import { isWsApiPath, WsApiServer } from './ws-api-server.js';

/** Id of the test account. */
export const TEST_ACCOUNT = 'test';

const DEFAULT_BALANCES: Readonly<Record<string, string>> = { USDT: '100000', BTC: '2', ETH: '20', BNB: '50' };

/** A running emulator. */
export interface BinanceEmulator extends ControlTarget {
  /** `http://127.0.0.1:PORT`: base of `/api/v3`. */
  readonly rest: string;
  /** `ws://127.0.0.1:PORT`: base of `/ws` and `/stream`. */
  readonly stream: string;
  /** `ws://127.0.0.1:PORT/ws-api/v3`. */
  readonly wsApi: string;
  /** Base of the control endpoint. */
  readonly control: string;
  readonly account: { readonly id: string; readonly apiKey: string; readonly apiSecret: string };
  /** PEM, with `tls`. */
  readonly certificate: string | undefined;
  readonly wsApiServer: WsApiServer;
  /** Resolves when the emulator was closed, also by the control endpoint. */
  readonly closed: Promise<void>;
}

class Emulator implements BinanceEmulator {
  readonly exchange: Exchange;
  readonly faults: FaultBoard;
  readonly market: MarketPlayer | undefined;
  readonly account: BinanceEmulator['account'];
  readonly certificate: string | undefined;
  readonly wsApiServer: WsApiServer;
  readonly closed: Promise<void>;
  rest = '';
  stream = '';
  wsApi = '';
  control = '';
  readonly #host: string;
  readonly #scheme: string;
  readonly #tls: { readonly key: string; readonly cert: string } | undefined;
  readonly #streams: StreamsServer;
  readonly #connections: Connections;
  readonly #listener: RequestListener;
  readonly #control: Server;
  #server: Server | undefined;
  #port = 0;
  #closing: Promise<void> | undefined;
  #closedNow: () => void = () => undefined;

  constructor(options: BinanceEmulatorOptions) {
    const seed = options.seed ?? 1;
    const symbols = (options.symbols ?? DEFAULT_SYMBOLS).map((s) =>
      typeof s === 'string' ? emulatedSymbol(s) : s,
    );
    const { apiKey, apiSecret, balances, ...commission } = options.account ?? {};
    this.account = {
      id: TEST_ACCOUNT,
      apiKey: apiKey ?? randomText(),
      apiSecret: apiSecret ?? randomText(),
    };
    this.exchange = new SpotExchange({
      symbols,
      seed,
      accounts: [
        {
          id: TEST_ACCOUNT,
          keys: [{ apiKey: this.account.apiKey, secret: this.account.apiSecret }],
          balances: balances ?? DEFAULT_BALANCES,
          ...commission,
        },
        ...(options.accounts ?? []),
      ],
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    });
    this.faults = new FaultBoard(seed);
    const rules = { ...DEFAULT_CONNECTION_RULES, ...options.connections };
    this.#connections = new Connections(rules, this.faults);
    this.#streams = new StreamsServer(this.exchange, rules);
    this.wsApiServer = new WsApiServer(this.exchange, options.answerOrder ?? 'answer_first', seed);
    this.exchange.faults = new SnapshotAlignment(
      new RequestFaults(this.faults, this.exchange),
      this.#streams.hub,
      options.snapshots ?? 'mixed',
      seed,
    );
    this.faults.venue = new WholeVenue(this.exchange, this.#connections, this.#streams, this.wsApiServer);
    this.market = makeMarket(this.exchange, symbols, options.market ?? { type: 'flow' }, seed);
    this.#host = options.host ?? '127.0.0.1';
    const made = options.tls === true ? selfSigned() : undefined;
    this.certificate = made?.certificate;
    this.#tls = made && { key: made.key, cert: made.certificate };
    this.#scheme = made === undefined ? '' : 's';
    this.#listener = restHandler(this.exchange);
    this.#control = controlServer(() => this);
    this.closed = new Promise((done) => {
      this.#closedNow = done;
    });
  }

  async start(options: BinanceEmulatorOptions): Promise<void> {
    for (const fault of options.faults ?? []) this.faults.set(fault);
    await this.market?.prepare();
    this.#port = await this.#listen(options.port ?? 0);
    const at = `${this.#host}:${this.#port}`;
    this.rest = `http${this.#scheme}://${at}`;
    this.stream = `ws${this.#scheme}://${at}`;
    this.wsApi = `${this.stream}/ws-api/v3`;
    this.control = `http://${this.#host}:${await listen(this.#control, options.controlPort ?? 0, this.#host)}`;
    if (options.paused !== true) this.market?.resume();
  }

  state(): EmulatorState {
    return {
      symbols: this.exchange.symbols,
      accounts: this.exchange.accountIds,
      market: this.market?.state(),
      clockSkewMs: this.exchange.clock.skewMs,
      connections: this.#connections.all.size,
      connectionsAttempted: this.#connections.attempted,
      faults: this.faults.list().length,
      injected: this.faults.injected,
    };
  }

  connectionList(): readonly ConnectionInfo[] {
    return [...this.#connections.all].map((c) => ({
      id: c.id,
      channel: c.channel,
      ip: c.ip,
      openedAt: new Date(c.openedAt).toISOString(),
      frozen: c.frozen,
      sent: c.sent,
      received: c.received,
      subscriptions: (c.channel === 'stream' ? this.#streams : this.wsApiServer).subscriptions(c),
    }));
  }

  cut(channel?: Channel): number {
    return this.#connections.cutAll(channel);
  }

  async restart(downMs: number = 0): Promise<void> {
    await this.#unlisten();
    if (downMs > 0) await new Promise((done) => setTimeout(done, downMs));
    await this.#listen(this.#port);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.faults.clear();
    await this.market?.stop();
    this.#streams.stop();
    this.wsApiServer.stop();
    this.#connections.stop();
    await this.#unlisten();
    await stop(this.#control);
    this.#closedNow();
  }

  async #listen(port: number): Promise<number> {
    const server =
      this.#tls === undefined ? createServer(this.#listener) : createTlsServer(this.#tls, this.#listener);
    server.keepAliveTimeout = 60_000;
    server.on('upgrade', (request, socket, head) => {
      const url = new URL(request.url ?? '/', 'http://venue');
      if (isWsApiPath(url.pathname))
        this.#connections.accept(request, socket, head, url, 'ws_api', this.wsApiServer);
      else if (isStreamPath(url.pathname))
        this.#connections.accept(request, socket, head, url, 'stream', this.#streams);
      else refuseUpgrade(socket, 404);
    });
    this.#server = server;
    return listen(server, port, this.#host);
  }

  async #unlisten(): Promise<void> {
    this.#connections.cutAll();
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await stop(server);
  }
}

/**
 * Starts a local exchange that speaks Binance's spot protocol: REST, market streams and the WebSocket API on one port,
 * and a control endpoint on another. It is ready when the promise resolves. Rejects when a port is taken, a symbol or
 * fault is not one, or a capture cannot be read.
 */
export async function startBinanceEmulator(options: BinanceEmulatorOptions = {}): Promise<BinanceEmulator> {
  const emulator = new Emulator(options);
  try {
    await emulator.start(options);
  } catch (error) {
    await emulator.close();
    throw error;
  }
  return emulator;
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      done((server.address() as AddressInfo).port);
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}

function randomText(): string {
  return randomBytes(32).toString('hex');
}
