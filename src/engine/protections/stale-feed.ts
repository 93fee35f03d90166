import type { Instrument } from '../../model/instrument.js';
import type { InputEvent } from '../../model/event.js';
import { SessionClock } from '../../model/session.js';
import type { Micros } from '../../model/time.js';
import type { CheckedSource } from '../../topology/checked.js';
import type { SafetySettings } from '../../topology/safety-schema.js';
import type { StateView } from '../../state/view.js';
import type { Protection } from './protection.js';

type Settings = NonNullable<SafetySettings['stale_feed']>;

const DATA: ReadonlySet<string> = new Set(['trade', 'quote', 'book', 'bar']);

/** Silence of live feeds, each instrument for itself, counted only while its session is open. */
export class StaleFeeds {
  readonly protections: readonly Protection[];
  /** Time of the newest market event by source and instrument index; 0: none yet. */
  readonly #last = new Map<string, Float64Array>();
  #source = '';
  #times: Float64Array | undefined;

  /** `start`: silence is counted from here where nothing has come yet. */
  constructor(settings: Settings, sources: readonly CheckedSource[], state: StateView, start: Micros) {
    this.protections = sources.flatMap((source) => {
      const limit = settings.feeds[source.name] ?? settings.limit;
      if (limit === 0 || !source.emits.some((kind) => DATA.has(kind))) return [];
      const times = new Float64Array(state.instruments.all.length);
      this.#last.set(source.name, times);
      return symbolsOf(source).flatMap((symbol): Protection[] => {
        const instrument = state.instruments.get(symbol);
        if (instrument === undefined || instrument.ix >= times.length) return [];
        return [staleFeed(settings, source.name, limit, instrument, times, state, start)];
      });
    });
  }

  saw(input: InputEvent): void {
    if (input.kind !== 'trade' && input.kind !== 'quote' && input.kind !== 'book' && input.kind !== 'bar')
      return;
    if (input.source !== this.#source) {
      this.#source = input.source;
      this.#times = this.#last.get(input.source);
    }
    if (this.#times !== undefined) this.#times[input.ix] = input.at;
  }
}

function staleFeed(
  settings: Settings,
  source: string,
  limit: Micros,
  instrument: Instrument,
  times: Float64Array,
  state: StateView,
  start: Micros,
): Protection {
  const session = instrument.session === undefined ? undefined : new SessionClock(instrument.session);
  const { ix, symbol } = instrument;
  return {
    name: `stale_feed/${source}/${symbol}`,
    limit: `${limit / 1e6} s`,
    action: settings.action,
    confirm: settings.confirm,
    resumeAfter: settings.resume === 'auto' ? settings.after : undefined,
    reset:
      settings.resume === 'auto'
        ? `trading resumes by itself after ${settings.after / 1e6} s of good data`
        : 'when data flows again: `resume`',
    byEvents: false,
    read(at) {
      const status = state.market.status(ix);
      if (status === 'halted' || status === 'closed') return undefined;
      let since = Math.max(times[ix] ?? 0, start);
      if (session !== undefined) {
        if (!session.contains(at)) return undefined;
        since = Math.max(since, session.open);
      }
      const age = Math.max(0, at - since);
      return { used: age / limit, text: `no data for ${(age / 1e6).toFixed(1)} s` };
    },
  };
}

/** Instruments a source was configured with: a list of names, or a map by name. */
function symbolsOf({ config }: CheckedSource): readonly string[] {
  const { instruments } = config;
  if (Array.isArray(instruments))
    return instruments.filter((name): name is string => typeof name === 'string');
  return typeof instruments === 'object' && instruments !== null ? Object.keys(instruments) : [];
}
