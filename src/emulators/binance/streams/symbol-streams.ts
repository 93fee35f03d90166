import type { Exchange, PublicDepth, PublicEvent, PublicTrade } from '../types.js';
import { wireTime } from '../text.js';
import { DepthDiff } from './depth-diff.js';
import { KlineStream } from './kline-stream.js';
import { aggregateMessage, depthMessage, partialDepthMessage, topMessage, tradeMessage } from './messages.js';
import type { StreamName } from './stream-name.js';
import { Topic } from './topic.js';

interface DiffStream {
  readonly topic: Topic;
  readonly diff: DepthDiff;
  readonly every: number;
}

interface PartialStream {
  readonly topic: Topic;
  readonly levels: number;
  readonly every: number;
  /** The book changed since the last message. */
  changed: boolean;
}

/** The streams of one symbol. What nobody listens to costs nearly nothing. */
export class SymbolStreams {
  readonly symbol: string;
  readonly #exchange: Exchange;
  #trade: Topic | undefined;
  #aggregate: Topic | undefined;
  #ticker: Topic | undefined;
  readonly #diffs: DiffStream[] = [];
  readonly #partials: PartialStream[] = [];
  readonly #klines: KlineStream[] = [];

  constructor(symbol: string, exchange: Exchange) {
    this.symbol = symbol;
    this.#exchange = exchange;
  }

  /** The topic of a stream of this symbol, made when it is first wanted; undefined for kinds kept elsewhere. */
  open(name: string, { kind }: StreamName): Topic | undefined {
    const topic = new Topic(name);
    switch (kind.type) {
      case 'trade':
        return (this.#trade = topic);
      case 'aggTrade':
        return (this.#aggregate = topic);
      case 'bookTicker':
        return (this.#ticker = topic);
      case 'depth':
        this.#diffs.push({ topic, diff: new DepthDiff(), every: kind.every });
        return topic;
      case 'partialDepth':
        this.#partials.push({ topic, levels: kind.levels, every: kind.every, changed: true });
        return topic;
      case 'kline':
        this.#klines.push(new KlineStream(topic, this.symbol, kind.interval, this.#exchange));
        return topic;
      default:
        return undefined;
    }
  }

  on(event: PublicEvent): void {
    switch (event.kind) {
      case 'top':
        if (this.#ticker?.wanted === true) this.#publishTop(event);
        return;
      case 'trade':
        this.#traded(event);
        return;
      case 'aggTrade':
        this.#aggregate?.publish((unit) => aggregateMessage(event, unit));
        return;
      case 'depth':
        this.#changed(event);
    }
  }

  /** Called every 100 ms; `tick` counts the calls. */
  tick(tick: number): void {
    const { clock } = this.#exchange;
    for (const stream of this.#diffs) if ((tick * 100) % stream.every === 0) this.#flush(stream);
    for (const stream of this.#partials) {
      if (!stream.changed || (tick * 100) % stream.every !== 0 || !stream.topic.wanted) continue;
      stream.changed = false;
      const text = partialDepthMessage(this.#exchange.depth(this.symbol, stream.levels));
      stream.topic.publish(() => text);
    }
    if (this.#klines.length === 0) return;
    const now = clock.micros();
    for (const stream of this.#klines) stream.tick(tick, now);
  }

  /** Says now what changed in the book: a snapshot taken after this ends exactly where a diff ends. */
  flushDepth(): void {
    for (const stream of this.#diffs) this.#flush(stream);
  }

  #publishTop(event: Parameters<typeof topMessage>[0]): void {
    const text = topMessage(event);
    this.#ticker?.publish(() => text);
  }

  #traded(event: PublicTrade): void {
    if (this.#trade?.wanted === true) this.#trade.publish((unit) => tradeMessage(event, unit));
    for (const stream of this.#klines) stream.traded();
  }

  #changed(event: PublicDepth): void {
    for (const { topic, diff } of this.#diffs) if (topic.wanted) diff.add(event);
    for (const stream of this.#partials) stream.changed = true;
  }

  #flush({ topic, diff }: DiffStream): void {
    if (diff.empty) return;
    if (topic.wanted) {
      const at = this.#exchange.clock.micros();
      const { first, last, bids, asks } = diff;
      topic.publish((unit) => depthMessage(this.symbol, wireTime(at, unit), first, last, bids, asks));
    }
    diff.clear();
  }
}
