import type { Registry } from 'prom-client';
import type { EngineStats } from '../sink.js';
import { counter, gauge, powerHistogram, type Shown } from './instruments.js';

const CONNECTED: ReadonlySet<string> = new Set(['up', 'ready', 'degraded']);
const EMPTY = { count: 0, seconds: 0, counts: [] };

/** Age of the newest event: against the wall clock, or engine time where inputs bring theirs. Undefined before the first. */
export function feedAge(stats: EngineStats, source: EngineStats['sources'][number]): number | undefined {
  if (source.events === 0) return undefined;
  const age = source.lastWall > 0 ? stats.wall - source.lastWall : stats.at - source.lastAt;
  return Math.max(0, age / 1e6);
}

/** Metrics of intake, core, journal and sinks. Returns the function that takes a fresh snapshot. */
export function engineMetrics(registry: Registry): (stats: EngineStats) => void {
  const all: Shown<string>[] = [];
  const g = <L extends string>(name: string, help: string, labels: readonly L[] = []): Shown<L> => {
    const made = gauge(registry, name, help, labels);
    all.push(made);
    return made;
  };
  const c = <L extends string>(name: string, help: string, labels: readonly L[] = []): Shown<L> => {
    const made = counter(registry, name, help, labels);
    all.push(made);
    return made;
  };
  let now: EngineStats | undefined;
  let before: { readonly wall: number; readonly events: ReadonlyMap<string, number> } | undefined;

  const info = g('engine_info', 'Always 1; the labels say what runs.', ['name', 'mode', 'session']);
  const started = g('engine_start_time_seconds', 'When the engine started, in seconds since the epoch.');
  const engineTime = g('engine_time_seconds', 'Engine time, in seconds since the epoch.');
  const running = g('engine_running', '1 while the engine runs.');
  const ready = g('engine_ready', '1 while the engine may trade.');

  const records = c('events_total', 'Inputs and child records by kind.', ['kind']);
  const sourceEvents = c('source_events_total', 'Events received by source.', ['source']);
  const rate = g('source_events_per_second', 'Events a second since the scrape before.', ['source']);
  const bad = c('source_bad_data_total', 'Data a source could not use, by kind of fault.', [
    'source',
    'code',
  ]);
  const age = g('source_age_seconds', 'Age of the newest event of a source.', ['source']);
  const connected = g('source_connected', '1 while the connection of a source is up.', ['source']);

  const turns = c('turns_total', 'Turns of the engine: inputs taken from the sequencer.');
  const children = c('children_total', 'Child records of all turns.');
  const clockTurns = c('clock_turns_total', 'Turns made by a deadline.');
  powerHistogram(registry, 'turn_seconds', 'Time of one turn.', 8, 34, () => now?.turn ?? EMPTY);
  const depth = g('sequencer_depth_events', 'Inputs waiting in the sequencer.');
  const capacity = g('sequencer_capacity_events', 'Inputs the sequencer can hold.');
  const drops = c('sequencer_refused_total', 'Inputs the full sequencer refused.');
  const denials = c('denials_total', 'Denied intents by reason code.', ['code']);
  const evaluations = c('strategy_evaluations_total', 'Events given to a strategy.', ['strategy']);
  const busy = c('strategy_seconds_total', 'Time spent in a strategy.', ['strategy']);
  const errors = c('strategy_errors_total', 'Throws of a strategy.', ['strategy']);
  const intents = c('strategy_intents_total', 'Intents of a strategy.', ['strategy']);
  const enabled = g('strategy_enabled', '1 while a strategy is enabled.', ['strategy']);

  const armed = g('armed', '1 while new orders of a live account may leave.', ['account']);
  const latched = g('latched', '1 for each scope that is killed.', ['scope']);
  const protectionUsed = g(
    'protection_used_ratio',
    'Part of its limit a protection has used: 1 is the limit.',
    ['protection'],
  );
  const protectionFired = c('protection_fired_total', 'Times a protection fired.', ['protection']);

  const outcomes = c('order_requests_total', 'What became of requests at the edge.', ['outcome']);
  const reports = c('order_reports_total', 'Execution reports of brokers by type.', ['report']);
  powerHistogram(
    registry,
    'order_ack_seconds',
    'From dispatch to the acknowledgement.',
    16,
    36,
    () => now?.ack ?? EMPTY,
  );
  powerHistogram(
    registry,
    'order_fill_seconds',
    'From dispatch to the complete fill.',
    16,
    40,
    () => now?.fillLatency ?? EMPTY,
  );

  const journalRecords = c('journal_records_total', 'Records given to the journal.');
  const journalBytes = c('journal_bytes_total', 'Bytes given to the journal.');
  const journalPending = g('journal_pending_bytes', 'Bytes the journal has not written yet.');
  const journalSynced = g('journal_synced_seq', 'Last position that is safe to the configured durability.');
  const journalLag = g('journal_lag_events', 'Positions that are not safe yet.');
  const journalErrors = c('journal_errors_total', 'Failed writes of the journal.');

  const written = c('sink_records_total', 'Records given to a sink.', ['sink']);
  const dropped = c('sink_dropped_total', 'Records a best-effort sink lost.', ['sink']);
  const sinkDepth = g('sink_depth_events', 'Records waiting for a sink.', ['sink']);
  const sinkErrors = c('sink_errors_total', 'Throws of a sink.', ['sink']);

  return (s) => {
    now = s;
    for (const metric of all) metric.clear();
    info.set({ name: s.name, mode: s.mode, session: s.session }, 1);
    started.set({}, s.startedAt / 1e6);
    engineTime.set({}, s.at / 1e6);
    running.set({}, s.running ? 1 : 0);
    ready.set({}, s.ready ? 1 : 0);
    for (const [kind, n] of Object.entries(s.kinds)) records.set({ kind }, n);
    const elapsed = before === undefined ? 0 : (s.wall - before.wall) / 1e6;
    for (const source of s.sources) {
      const labels = { source: source.name };
      sourceEvents.set(labels, source.events);
      const last = before?.events.get(source.name);
      if (elapsed > 0 && last !== undefined) rate.set(labels, Math.max(0, source.events - last) / elapsed);
      for (const [code, n] of Object.entries(source.bad)) bad.set({ source: source.name, code }, n);
      age.set(labels, feedAge(s, source));
      connected.set(labels, CONNECTED.has(source.connection) ? 1 : 0);
    }
    before = { wall: s.wall, events: new Map(s.sources.map((source) => [source.name, source.events])) };
    turns.set({}, s.seq);
    children.set({}, s.children);
    clockTurns.set({}, s.clockTurns);
    depth.set({}, s.queueDepth);
    capacity.set({}, s.queueCapacity);
    drops.set({}, s.queueDrops);
    for (const [code, n] of Object.entries(s.denials)) denials.set({ code }, n);
    for (const strategy of s.strategies) {
      const labels = { strategy: strategy.name };
      evaluations.set(labels, strategy.evaluations);
      busy.set(labels, strategy.seconds);
      errors.set(labels, strategy.errors);
      intents.set(labels, strategy.intents);
      enabled.set(labels, strategy.enabled ? 1 : 0);
    }
    for (const [account, on] of Object.entries(s.armed ?? {})) armed.set({ account }, on ? 1 : 0);
    for (const scope of s.latched ?? []) latched.set({ scope }, 1);
    for (const { name, used, fired } of s.protections ?? []) {
      protectionUsed.set({ protection: name }, used);
      protectionFired.set({ protection: name }, fired);
    }
    for (const outcome of ['sent', 'not_sent', 'unknown'])
      outcomes.set({ outcome }, s.outcomes[outcome] ?? 0);
    for (const report of REPORTS) reports.set({ report }, s.outcomes[report] ?? 0);
    if (s.journal !== undefined) {
      journalRecords.set({}, s.journal.records);
      journalBytes.set({}, s.journal.bytes);
      journalPending.set({}, s.journal.pendingBytes);
      journalSynced.set({}, s.journal.syncedSeq);
      journalLag.set({}, Math.max(0, s.seq - s.journal.syncedSeq));
      journalErrors.set({}, s.journal.errors);
    }
    for (const sink of s.sinks) {
      const labels = { sink: sink.name };
      written.set(labels, sink.written);
      dropped.set(labels, sink.dropped);
      sinkDepth.set(labels, sink.depth);
      sinkErrors.set(labels, sink.errors);
    }
  };
}

const REPORTS = [
  'accepted',
  'rejected',
  'fill',
  'cancelled',
  'expired',
  'replaced',
  'cancel_rejected',
  'replace_rejected',
  'triggered',
  'inactive',
] as const;
