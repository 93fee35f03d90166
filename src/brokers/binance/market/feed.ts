import { Observable, type Subscriber } from 'rxjs';
import type { BarEvent, GapEvent, MarketEvent } from '../../../model/event.js';
import type { Instrument } from '../../../model/instrument.js';
import { MillraceError } from '../../../model/reason.js';
import { MICROS_PER_MINUTE } from '../../../model/time.js';
import { isObject, type Json } from '../../../streams/binance-wire/fields.js';
import { WireScanner } from '../../../streams/binance-wire/scanner.js';
import type { BrokerFigure, HistoryRequest, MarketSubscription } from '../../broker.js';
import { FeedCounters } from './counters.js';
import type { MarketFeedDeps } from './deps.js';
import { history } from './history.js';
import { makeStream, streamName, type StreamKind, type StreamMaker } from './make-stream.js';
import { RestMarket } from './rest-market.js';
import { SilenceWatch } from './silence.js';
import { Snapshots } from './snapshots.js';
import { SocketPool } from './socket-pool.js';
import { StatusPoll } from './status-poll.js';
import { StreamIndex } from './stream-index.js';
import type { StreamLine } from './stream-line.js';
import type { Listener, MarketStream, StreamHost } from './stream.js';

/** Taken at load time: the engine guards the global one inside a turn. */
const monotonic: () => number = performance.now.bind(performance);

/**
 * Market data of one Binance session. Streams are shared: whoever asks for the same one gets it from the same
 * subscription, and the last one who leaves ends it. What could not be delivered is declared as `gap`.
 */
export class MarketFeed {
  readonly #deps: MarketFeedDeps;
  readonly #counters = new FeedCounters();
  readonly #streams = new StreamIndex();
  readonly #scanner = new WireScanner();
  readonly #sockets: SocketPool;
  readonly #statusPoll: StatusPoll;
  readonly #maker: StreamMaker;
  readonly #silence = new SilenceWatch();
  #watch: NodeJS.Timeout | undefined;

  constructor(deps: MarketFeedDeps) {
    this.#deps = deps;
    const { options, wall, random } = deps;
    this.#sockets = new SocketPool(deps, {
      message: (line, data) => this.#message(line, data),
      refused: (stream, reason) => this.#refused(stream, reason),
    });
    const host: StreamHost = {
      counts: this.#counters.counts,
      wall,
      overlapping: (stream) => this.#sockets.carriers(stream) > 1,
      status: (stream, state, attempt, reason) =>
        deps.status(`market/${stream.name}`, { state, attempt, reason }),
    };
    const rest = new RestMarket(deps.rest, options.market);
    const snapshots = new Snapshots({
      atOnce: options.feed.snapshotsAtOnce,
      jitter: options.feed.snapshotJitter,
      backOff: options.reconnect,
      random,
    });
    this.#maker = { options, rest, snapshots, host };
    this.#statusPoll = new StatusPoll({
      every: options.feed.statusEvery,
      exchangeInfo: (symbols) => rest.exchangeInfo(symbols),
      wall,
      status: (status) => deps.status('market/status', status),
    });
  }

  /**
   * What `subscription` asks for, from the first message after the venue confirmed it. Bars have the length
   * `subscription.every` (default one minute). Never completes. Errors with MillraceError for an instrument or a bar
   * length that is not there.
   */
  market(subscription: MarketSubscription): Observable<MarketEvent | GapEvent> {
    return new Observable((out) => {
      let wanted: readonly Wanted[];
      try {
        wanted = this.#wanted(subscription);
      } catch (error) {
        out.error(error);
        return undefined;
      }
      return this.#join(wanted, subscription, out);
    });
  }

  /** Stored bars; see {@link history}. */
  history(request: HistoryRequest): Observable<BarEvent> {
    const { options, instruments, clock } = this.#deps;
    return history(request, { options, rest: this.#maker.rest, instruments, now: () => clock.now() });
  }

  figures(): BrokerFigure[] {
    const gauge = (name: string, help: string, value: number): BrokerFigure => ({
      name,
      type: 'gauge',
      help,
      labels: {},
      value,
    });
    return [
      ...this.#counters.figures(),
      gauge('feed_streams', 'Streams subscribed.', this.#streams.size),
      gauge('feed_connections', 'Connections that carry market data.', this.#sockets.connections),
    ];
  }

  close(): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
    this.#statusPoll.close();
    for (const stream of [...this.#streams.all]) {
      this.#streams.remove(stream);
      stream.close();
    }
    this.#sockets.close();
  }

  #wanted({ instruments, emit, every = MICROS_PER_MINUTE }: MarketSubscription): Wanted[] {
    return instruments.flatMap((symbol) => {
      const instrument = this.#deps.instruments.get(symbol);
      if (instrument === undefined)
        throw new MillraceError(
          'INVALID_CONFIGURATION',
          `the instrument "${symbol}" is not known`,
          'check its name, or whether the venue lists it',
        );
      return [...new Set(emit)].map((kind) => ({
        kind,
        instrument,
        name: kind === 'status' ? '' : streamName(kind, instrument, every, this.#deps.options),
      }));
    });
  }

  #join(
    wanted: readonly Wanted[],
    { source, every = MICROS_PER_MINUTE }: MarketSubscription,
    out: Subscriber<MarketEvent | GapEvent>,
  ): () => void {
    const listener: Listener = { source, out };
    const joined: MarketStream[] = [];
    for (const { kind, instrument, name } of wanted) {
      if (kind === 'status') this.#statusPoll.add(instrument, listener);
      else joined.push(this.#listen(kind, name, instrument, every, listener));
    }
    return () => {
      for (const { kind, instrument } of wanted)
        if (kind === 'status') this.#statusPoll.remove(instrument, listener);
      for (const stream of joined) this.#leave(stream, listener);
    };
  }

  #listen(
    kind: StreamKind,
    name: string,
    instrument: Instrument,
    every: number,
    listener: Listener,
  ): MarketStream {
    const known = this.#streams.get(name);
    const stream = known ?? makeStream(kind, instrument, every, this.#maker);
    stream.add(listener);
    if (known === undefined) {
      this.#streams.add(stream);
      this.#sockets.add(stream);
      this.#watch ??= this.#startWatch();
    }
    return stream;
  }

  #leave(stream: MarketStream, listener: Listener): void {
    stream.remove(listener);
    if (!stream.idle || this.#streams.get(stream.name) !== stream) return;
    this.#streams.remove(stream);
    stream.close();
    this.#sockets.drop(stream);
  }

  #refused(stream: MarketStream, reason: string): void {
    this.#deps.status(`market/${stream.name}`, {
      state: 'down',
      attempt: 0,
      reason: `the venue refused the subscription: ${reason}`,
    });
    this.#bad('subscription_refused', `${stream.name}: ${reason}`);
  }

  #message(line: StreamLine, data: Buffer): void {
    const counts = this.#counters.counts;
    counts.feed_messages++;
    const scanner = this.#scanner;
    if (scanner.envelope(data)) {
      const stream = this.#streams.find(data, scanner);
      if (stream?.scan(scanner) === true) return;
    }
    counts.feed_slow_messages++;
    const badness = this.#read(line, data);
    if (badness !== '') this.#bad(badness, data.toString('utf8', 0, 400));
  }

  /** The whole check of one message. The kind of badness, or '' when it was used or is known to be of no use. */
  #read(line: StreamLine, data: Buffer): string {
    const message = parsed(data);
    if (message === undefined) return 'malformed';
    const { stream: name, data: body } = message;
    if (name === undefined) return line.answer(message) ? '' : 'unknown_message';
    if (name === '!serverShutdown') {
      line.rotate('the venue is about to shut this server down');
      return '';
    }
    if (typeof name !== 'string' || !isObject(body)) return 'malformed';
    const stream = this.#streams.get(name);
    // Of a stream that was left: its last messages are still on the way.
    if (stream === undefined) return '';
    const symbol =
      body['s'] ?? (body['lastUpdateId'] === undefined ? undefined : stream.instrument.venueSymbol);
    if (symbol !== stream.instrument.venueSymbol)
      return symbol === undefined ? 'missing_field' : 'wrong_symbol';
    return stream.read(body, this.#deps.wall());
  }

  #bad(kind: string, sample: string): void {
    this.#counters.counts.feed_bad_messages++;
    this.#deps.bad(kind, this.#deps.options.name, sample);
  }

  #startWatch(): NodeJS.Timeout {
    const { feedSilence } = this.#deps.options.timeouts;
    const every = feedSilence === 0 ? 1_000 : Math.min(1_000, Math.max(10, feedSilence / 4));
    return setInterval(() => this.#checkSilence(), every);
  }

  #checkSilence(): void {
    const now = monotonic();
    for (const stream of [...this.#streams.all]) {
      const times = this.#silence.check(stream, this.#sockets.carriers(stream) > 0, now);
      if (times < 0) this.#maker.host.status(stream, 'ready', 0, 'it speaks again');
      if (times <= 0) continue;
      const reason = `silent for ${stream.silence} ms and more while its connection lives`;
      this.#counters.counts.feed_resubscriptions++;
      stream.lost(reason);
      this.#maker.host.status(stream, 'degraded', times, `${reason}: subscribing again`);
      this.#sockets.renew(stream);
    }
  }
}

interface Wanted {
  readonly kind: StreamKind | 'status';
  readonly instrument: Instrument;
  readonly name: string;
}

function parsed(data: Buffer): Json | undefined {
  try {
    const value: unknown = JSON.parse(data.toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
