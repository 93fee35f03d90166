import fastify, { type FastifyInstance } from 'fastify';
import { Registry } from 'prom-client';
import { MillraceError } from '../../model/reason.js';
import type { StateView } from '../../state/view.js';
import type { EngineProbe } from '../sink.js';
import { brokerMetrics } from './collect-brokers.js';
import { engineMetrics } from './collect-engine.js';
import { ProcessMetrics } from './collect-process.js';
import { stateMetrics } from './collect-state.js';
import { readiness } from './health.js';

export interface MetricsOptions {
  readonly host: string;
  /** 0: a free port is chosen. */
  readonly port: number;
  /** True: without its port the engine does not start. False: it warns and runs without the endpoint. */
  readonly required: boolean;
  readonly engine: EngineProbe;
  readonly state: StateView;
  readonly log: { info(message: string): void; warn(message: string): void };
}

/**
 * `/metrics` for Prometheus, `/healthz` (the process answers) and `/readyz` (200 when it may trade, else 503).
 * Nothing is counted here: each scrape reads the engine's plain fields between two turns.
 */
export class MetricsSink {
  readonly #options: MetricsOptions;
  readonly #registry = new Registry();
  readonly #process: ProcessMetrics;
  readonly #engine: ReturnType<typeof engineMetrics>;
  readonly #brokers: ReturnType<typeof brokerMetrics>;
  readonly #state: ReturnType<typeof stateMetrics>;
  #server: FastifyInstance | undefined;
  #address: string | undefined;

  constructor(options: MetricsOptions) {
    this.#options = options;
    this.#engine = engineMetrics(this.#registry);
    this.#brokers = brokerMetrics(this.#registry);
    this.#state = stateMetrics(this.#registry);
    this.#process = new ProcessMetrics(this.#registry);
  }

  /** Where it listens, `http://127.0.0.1:9464`; undefined when it does not. */
  get address(): string | undefined {
    return this.#address;
  }

  /** The text of one scrape. */
  async scrape(): Promise<string> {
    const stats = this.#options.engine.stats();
    this.#engine(stats);
    this.#brokers(stats);
    this.#state(this.#options.state);
    this.#process.update();
    return this.#registry.metrics();
  }

  /** Listens. Rejects only when `required` and the port cannot be had. */
  async open(): Promise<void> {
    const { host, port, required, log } = this.#options;
    const server = fastify({ logger: false, forceCloseConnections: true });
    server.get('/metrics', async (_request, reply) => {
      const text = await this.scrape();
      return reply.header('content-type', this.#registry.contentType).send(text);
    });
    server.get('/healthz', (_request, reply) => reply.send({ status: 'alive' }));
    server.get('/readyz', (_request, reply) => {
      const answer = readiness(this.#options.engine.stats(), this.#options.state);
      return reply.code(answer.ready ? 200 : 503).send(answer);
    });
    try {
      this.#address = await server.listen({ host, port });
    } catch (error) {
      await server.close();
      const { message, help } = listenProblem(error, host, port);
      if (required) throw new MillraceError('INVALID_CONFIGURATION', message, help, { cause: error });
      log.warn(
        `${message}: ${help}. The engine runs on without metrics; "required: true" would refuse to start.`,
      );
      return;
    }
    this.#server = server;
    this.#process.start();
    log.info(`metrics are served at ${this.#address}/metrics, readiness at ${this.#address}/readyz`);
  }

  /** Takes no events: everything is read on scrape. */
  write(): void {}

  async close(): Promise<void> {
    this.#process.close();
    await this.#server?.close();
    this.#server = undefined;
    this.#address = undefined;
  }
}

interface ListenProblem {
  readonly message: string;
  readonly help: string;
}

function listenProblem(error: unknown, host: string, port: number): ListenProblem {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const at = `${host}:${port}`;
  if (code === 'EADDRINUSE')
    return {
      message: `${at} is in use by another process`,
      help: `choose another port with "listen: ${host}:PORT", or 0 for a free one`,
    };
  if (code === 'EACCES') return { message: `${at} may not be used`, help: 'choose a port from 1024' };
  return {
    message: `cannot listen on ${at}: ${error instanceof Error ? error.message : String(error)}`,
    help: 'give an address of this host with "listen: ADDRESS:PORT"',
  };
}
