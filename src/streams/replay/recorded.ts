import type { InputEvent } from '../../model/event.js';
import type { Instrument } from '../../model/instrument.js';
import {
  makeBar,
  makeBook,
  makeGap,
  makeQuote,
  makeStatus,
  makeTrade,
  receivedAt,
} from '../../model/make.js';
import type { Micros } from '../../model/time.js';
import { BadData } from '../bad-data.js';
import type { BadDataPolicy, PullSource, ReportBadData } from '../source.js';
import { BACKWARDS, Timeline, WANTED } from './decoder.js';
import type { InstrumentLookup } from './instrument-lookup.js';

export interface RecordedReplayOptions {
  readonly source: string;
  /** Inputs as they were recorded, `at` included: from a journal. Anything but market data and gaps is left out. */
  readonly inputs: () => AsyncIterable<{ readonly kind: string }> | Iterable<{ readonly kind: string }>;
  readonly place: string;
  readonly lookup: InstrumentLookup;
  readonly pace: number;
  readonly from: Micros;
  readonly to: Micros;
  readonly onBad: BadDataPolicy;
  readonly report: ReportBadData;
}

const BATCH = 1_024;
/** A gap may concern a whole feed. */
const NO_INSTRUMENT = { symbol: '', ix: -1 };

/** The market data of a journal as a source: events get the name of this source and the topology's instruments. */
export function recordedReplay(options: RecordedReplayOptions): PullSource {
  return { type: 'pull', pace: options.pace, batches: () => recordedBatches(options) };
}

async function* recordedBatches(
  options: RecordedReplayOptions,
): AsyncGenerator<readonly InputEvent[], void, undefined> {
  const bad = new BadData(options.onBad, options.report);
  const timeline = new Timeline(options.from, options.to);
  let batch: InputEvent[] = [];
  let count = 0;
  for await (const recorded of options.inputs()) {
    count++;
    const event = recorded as InputEvent;
    if (!isMarket(event)) continue;
    const found = event.instrument === '' ? NO_INSTRUMENT : options.lookup.find(event.instrument);
    const verdict = found ? timeline.check(event.at) : WANTED;
    if (found === undefined || verdict === BACKWARDS) {
      bad.reject(
        found === undefined ? 'unknown_instrument' : 'time_backwards',
        `${options.place}:${count}`,
        event.instrument,
      );
    } else if (found !== null && verdict === WANTED) {
      batch.push(receivedAt(reissue(event, options.source, found), event.at));
    }
    if (timeline.finished) break;
    if (batch.length >= BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

type Replayed = Extract<InputEvent, { readonly kind: 'trade' | 'quote' | 'book' | 'bar' | 'status' | 'gap' }>;

function isMarket(event: InputEvent): event is Replayed {
  switch (event.kind) {
    case 'trade':
    case 'quote':
    case 'book':
    case 'bar':
    case 'status':
    case 'gap':
      return event.sub === 0;
    default:
      return false;
  }
}

/** A fresh, unstamped event: the turn stamps it anew. */
function reissue(e: Replayed, source: string, { symbol, ix }: Pick<Instrument, 'symbol' | 'ix'>): InputEvent {
  switch (e.kind) {
    case 'trade':
      return makeTrade(source, e.ts, symbol, ix, e.price, e.size, e.aggressor, e.tradeId);
    case 'quote':
      return makeQuote(source, e.ts, symbol, ix, e.bid, e.bidSize, e.ask, e.askSize);
    case 'book':
      return makeBook(source, e.ts, symbol, ix, e.snapshot, e.bids, e.asks, e.first, e.last, e.prev);
    case 'bar':
      return makeBar(source, e.ts, symbol, ix, e);
    case 'status':
      return makeStatus(source, e.ts, symbol, ix, e.status, e.reason);
    case 'gap':
      return makeGap(source, e.ts, symbol, ix, e.code, e.expected, e.received, e.reason);
  }
}
