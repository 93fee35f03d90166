import Bottleneck from 'bottleneck';
import type { BrokerFigure } from '../broker.js';
import type { BinanceMarket } from './environments.js';
import { BinanceError } from './errors.js';
import { CODES } from './error-codes.js';
import type { BinanceLimitOptions } from './options.js';
import { OrderCount } from './order-count.js';
import { headerCounts, rateLimitRows } from './rate-windows.js';
import { WEIGHT_PER_MINUTE } from './weights.js';
import type { Lane } from './wire.js';

export interface LimitDeps {
  readonly market: BinanceMarket;
  readonly options: BinanceLimitOptions;
  /** The venue's time in milliseconds: its windows are aligned to its clock. */
  readonly now: () => number;
  readonly monotonic: () => number;
}

const MINUTE = 60_000;
/** The window's end is waited for a little longer, as both clocks may differ. Milliseconds. */
const MARGIN = 50;
/** Requests waiting in one lane at most; more are refused. */
const LONGEST_QUEUE = 1_000;
/** Requests of one lane under way at once; those about orders are never held back by others. */
const CONCURRENT: Readonly<Record<Lane, number | null>> = { risk: null, routine: 6, market: 6 };
const LANES = ['risk', 'routine', 'market'] as const;
/** What the venue is asked to be left alone for when it does not say how long. Milliseconds. */
const BLOCK_UNTOLD = 10_000;
/** Requests wait for the end of a block up to so long; a longer one is an error at once. Milliseconds. */
const PATIENCE = 65_000;

/**
 * Request weight of this IP, one reservoir a lane over the same minute: `risk` may use all of it, `routine` all but the
 * reserve, `market` its share. The venue's own figure, told with every answer, corrects the reservoirs. After 429 or 418
 * nothing at all leaves until the time it told is over, over REST and WebSocket API alike. Orders never wait here: they
 * ask {@link refusal}.
 */
export class RequestLimits {
  readonly orders: OrderCount;
  readonly #deps: LimitDeps;
  readonly #lanes: Readonly<Record<Lane, Bottleneck>>;
  /** Apart from the lanes, because bottleneck would count weights here. */
  readonly #slots: Readonly<Record<Lane, Bottleneck>>;
  #limit: number;
  #minute: number;
  #used = 0;
  #inFlight = 0;
  #waiting = 0;
  #marketUsed = 0;
  #blockedUntil = Number.NEGATIVE_INFINITY;
  #blocks = 0;
  #wake: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(deps: LimitDeps) {
    this.#deps = deps;
    this.orders = new OrderCount(deps.now);
    this.#limit = WEIGHT_PER_MINUTE[deps.market];
    this.#minute = Math.floor(deps.now() / MINUTE);
    const lane = (name: Lane): Bottleneck =>
      new Bottleneck({
        reservoir: this.#room(name),
        highWater: LONGEST_QUEUE,
        strategy: Bottleneck.strategy.OVERFLOW,
      });
    this.#lanes = { risk: lane('risk'), routine: lane('routine'), market: lane('market') };
    const slots = (name: Lane): Bottleneck => new Bottleneck({ maxConcurrent: CONCURRENT[name] });
    this.#slots = { risk: slots('risk'), routine: slots('routine'), market: slots('market') };
  }

  /**
   * Runs a request once its weight is free. Throws {@link BinanceError} `rate_limit` when the queue is full or the
   * venue blocks us for longer than a request is worth waiting.
   */
  async schedule<T>(weight: number, lane: Lane, job: () => Promise<T>): Promise<T> {
    if (!this.worthWaiting) {
      const blocked = this.blockedFor();
      throw new BinanceError('rate_limit', `Binance blocks this IP for ${blocked} ms more`, true, {
        retryAfter: blocked,
      });
    }
    this.#refresh();
    this.#armWake();
    this.#waiting++;
    let waits = true;
    const run = (): Promise<T> => {
      waits = false;
      this.#waiting--;
      return this.#run(weight, lane, job);
    };
    try {
      return await this.#lanes[lane].schedule({ weight }, run);
    } catch (error) {
      if (waits) this.#waiting--;
      if (!(error instanceof Bottleneck.BottleneckError)) throw error;
      if (this.#closed) throw new BinanceError('network', 'the session was closed', true);
      throw new BinanceError('rate_limit', `lane ${lane} takes no more requests: ${error.message}`, true);
    }
  }

  /** Why an order must not be sent now; undefined: it may, and it is counted when `counts`. */
  refusal(counts: boolean): string | undefined {
    const blocked = this.blockedFor();
    if (blocked > 0) return `the venue blocks requests from this IP for ${blocked} ms more`;
    const reason = counts ? this.orders.take() : undefined;
    if (reason === undefined) this.#used++;
    return reason;
  }

  /** Counts weight that did not pass a lane. */
  spend(weight: number): void {
    this.#used += weight;
  }

  /** Milliseconds during which the venue wants nothing from this IP. */
  blockedFor(): number {
    return Math.max(0, Math.ceil(this.#blockedUntil - this.#deps.monotonic()));
  }

  /** True while waiting for the end of a block is worth a request's while. */
  get worthWaiting(): boolean {
    return this.blockedFor() <= PATIENCE;
  }

  /** The answer had a status or code that asks us to slow down. `wait`: as told, 0 when not told. */
  refused(status: number, code: number, wait: number): void {
    if (code === CODES.TOO_MANY_ORDERS) this.orders.block(wait > 0 ? wait : BLOCK_UNTOLD);
    else if (status === 429 || status === 418 || code === CODES.TOO_MANY_REQUESTS)
      this.block(wait > 0 ? wait : BLOCK_UNTOLD);
  }

  /** Nothing leaves for so many milliseconds. */
  block(wait: number): void {
    this.#blocks++;
    this.#blockedUntil = Math.max(this.#blockedUntil, this.#deps.monotonic() + wait);
    this.#refresh();
    clearTimeout(this.#wake);
    this.#wake = undefined;
    this.#armWake();
  }

  /** Headers of a REST answer to a request of this weight, sent at venue time `sentAt`. */
  fromHeaders(
    headers: Readonly<Record<string, string | string[] | undefined>>,
    sentAt: number,
    weight: number,
  ): void {
    for (const [type, length, count] of headerCounts(headers))
      this.#counted(type, length, count, sentAt, weight);
    this.#letGo();
  }

  /** `rateLimits` of a WebSocket API answer or of `exchangeInfo`. */
  fromRateLimits(rateLimits: unknown, sentAt: number, weight: number): void {
    for (const row of rateLimitRows(rateLimits)) {
      if (row.type === 'ORDERS') this.orders.learn(row);
      if (row.type === 'REQUEST_WEIGHT' && row.length === MINUTE) this.#limit = row.limit;
      if (row.count !== undefined) this.#counted(row.type, row.length, row.count, sentAt, weight);
    }
    this.#letGo();
  }

  figures(): readonly BrokerFigure[] {
    const labels = {};
    const gauge = (
      name: string,
      help: string,
      value: number,
      of: Record<string, string> = labels,
    ): BrokerFigure => ({
      name,
      type: 'gauge',
      help,
      labels: of,
      value,
    });
    this.#roll();
    return [
      gauge('request_weight_used', 'Request weight used in the present minute.', this.#used),
      gauge('request_weight_limit', 'Request weight allowed a minute.', this.#limit),
      gauge('requests_waiting', 'Requests waiting for weight.', this.#waiting),
      gauge('blocked_ms', 'Milliseconds until the venue takes requests again.', this.blockedFor()),
      {
        name: 'rate_limit_blocks_total',
        type: 'counter',
        help: 'Times the venue told us to stop.',
        labels,
        value: this.#blocks,
      },
      {
        name: 'orders_refused_locally_total',
        type: 'counter',
        help: 'Orders not sent because the order count was used up.',
        labels,
        value: this.orders.refused,
      },
      ...this.orders
        .usage()
        .flatMap(({ window, count, limit }) => [
          gauge('order_count', 'Orders counted by the venue in the window.', count, { window }),
          gauge('order_count_limit', 'Orders allowed in the window.', limit, { window }),
        ]),
    ];
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#wake);
    for (const limiter of [...Object.values(this.#lanes), ...Object.values(this.#slots)])
      void limiter.stop({ dropWaitingJobs: true }).catch(() => undefined);
  }

  async #run<T>(weight: number, lane: Lane, job: () => Promise<T>): Promise<T> {
    this.#roll();
    this.#used += weight;
    this.#inFlight += weight;
    if (lane === 'market') this.#marketUsed += weight;
    this.#refresh();
    try {
      return CONCURRENT[lane] === null ? await job() : await this.#slots[lane].schedule(job);
    } finally {
      this.#inFlight -= weight;
    }
  }

  /** The venue's figure does not hold what is still under way; one of a past window says nothing about this one. */
  #counted(type: string, length: number, count: number, sentAt: number, weight: number): void {
    if (type === 'ORDERS') this.orders.counted(length, count);
    if (type !== 'REQUEST_WEIGHT' || length !== MINUTE) return;
    this.#roll();
    if (Math.floor(sentAt / MINUTE) === this.#minute)
      this.#used = count + Math.max(0, this.#inFlight - weight);
  }

  #roll(): void {
    const minute = Math.floor(this.#deps.now() / MINUTE);
    if (minute === this.#minute) return;
    this.#minute = minute;
    this.#used = this.#inFlight;
    this.#marketUsed = 0;
  }

  #refresh(): void {
    this.#roll();
    if (this.#closed) return;
    for (const lane of LANES) void this.#lanes[lane].updateSettings({ reservoir: this.#room(lane) });
  }

  /** Weight that a lane may still use in this minute. */
  #room(lane: Lane): number {
    if (this.blockedFor() > 0) return 0;
    const { riskReserve, marketShare } = this.#deps.options;
    const free = this.#limit - this.#used;
    if (lane === 'risk') return Math.max(0, free);
    const shared = Math.floor(free - this.#limit * riskReserve);
    if (lane === 'routine') return Math.max(0, shared);
    return Math.max(0, Math.min(shared, Math.floor(this.#limit * marketShare) - this.#marketUsed));
  }

  /** New figures matter at once only to requests that wait; a reservoir is set anew before each request anyway. */
  #letGo(): void {
    if (this.#waiting > 0) this.#refresh();
  }

  /** While requests wait: looks again when the minute or the block ends. */
  #armWake(): void {
    if (this.#wake !== undefined || this.#closed) return;
    const blocked = this.blockedFor();
    const minuteLeft = MINUTE - (this.#deps.now() % MINUTE);
    const wait = (blocked > 0 ? Math.min(blocked, minuteLeft) : minuteLeft) + MARGIN;
    this.#wake = setTimeout(() => {
      this.#wake = undefined;
      this.#refresh();
      if (this.#waiting > 0) this.#armWake();
    }, wait);
  }
}
